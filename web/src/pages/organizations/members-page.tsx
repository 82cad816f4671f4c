import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Plus, UserRoundSearch } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import type { OrganizationRights } from "../../../../src/contract/rights.ts";
import { membersQuery, organizationRolesQuery } from "../../api/organization-queries.ts";
import { Button } from "../../ui/button.tsx";
import { useDebounced } from "../../ui/debounced.ts";
import { SearchField } from "../../ui/search-field.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { AddMemberDialog } from "./add-member-dialog.tsx";
import { MemberTable } from "./member-table.tsx";
import { counted } from "../../shell/names.ts";
import { OrganizationPage } from "./organization-page.tsx";

/** Who is in the organisation, and with which roles. */
export function MembersPage(): ReactNode {
  return (
    <OrganizationPage
      title="Members"
      lead="Who belongs to the organisation and what they may do in it."
      wide
      allowed={(organization) => organization.read_members}
      forbidden="Its admins see all members. You see the people whom you share with, in the dialogs where you share."
      actions={(organization) => organization.manage_members && <AddButton organization={organization} />}
    >
      {(organization) => <Members key={organization.id} organization={organization} />}
    </OrganizationPage>
  );
}

function AddButton({ organization }: { organization: OrganizationRights }): ReactNode {
  const [adding, setAdding] = useState(false);
  return (
    <>
      <Button variant="primary" onClick={() => setAdding(true)}>
        <Plus size={14} aria-hidden />
        Add people
      </Button>
      {adding && <AddMemberDialog organization={organization} onClose={() => setAdding(false)} />}
    </>
  );
}

function Members({ organization }: { organization: OrganizationRights }): ReactNode {
  const [typed, setTyped] = useState("");
  const words = useDebounced(typed.trim());
  const roles = useQuery(organizationRolesQuery(organization.id)).data ?? [];
  const lists = useInfiniteQuery({
    ...membersQuery(organization.id, words),
    // What was there stays until the narrower list has come: the page does not jump under whoever types.
    placeholderData: (before) => before,
  });

  function content(): ReactNode {
    if (lists.isPending) return <Skeleton className="h-64 rounded-lg" />;
    if (lists.data === undefined) {
      return <ErrorState error={lists.error} doing="load the members" onRetry={() => void lists.refetch()} />;
    }
    const members = lists.data.pages.flatMap((page) => page.members);
    if (members.length === 0) return <Nobody searched={typed !== ""} onShowAll={() => setTyped("")} />;
    const count = lists.data.pages[0]?.count ?? 0;
    return (
      <div className="flex flex-col gap-3" aria-busy={lists.isPlaceholderData}>
        <MemberTable organization={organization} members={members} roles={roles} />
        <div className="flex flex-wrap items-center justify-between gap-3">
          <p role="status" className="tabular text-sm text-muted">
            {members.length < count && `${members.length} of `}
            {counted(count, "member")}
          </p>
          {lists.hasNextPage && (
            <Button size="sm" busy={lists.isFetchingNextPage} onClick={() => void lists.fetchNextPage()}>
              Show more
            </Button>
          )}
        </div>
      </div>
    );
  }

  return (
    <section aria-label="Members" className="flex flex-col gap-4">
      <search>
        <SearchField
          label="Search members"
          placeholder="Name, user name or e-mail"
          className="max-w-md"
          value={typed}
          onChange={setTyped}
        />
      </search>
      {content()}
    </section>
  );
}

function Nobody({ searched, onShowAll }: { searched: boolean; onShowAll: () => void }): ReactNode {
  const icon = <UserRoundSearch size={24} aria-hidden />;
  if (!searched) {
    return (
      <EmptyState icon={icon} title="Nobody is here yet">
        Members can chat, connect workspaces and share in this organisation. Begin with Add people, above.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={icon} title="Nobody matches" action={<Button onClick={onShowAll}>Show everybody</Button>}>
      The search looks at user names, names and e-mail addresses of members of this organisation.
    </EmptyState>
  );
}
