import { useInfiniteQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import type { OrganizationRights } from "../../../../src/contract/rights.ts";
import { groupsQuery } from "../../api/organization-queries.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { GroupNameDialog } from "./group-name-dialog.tsx";
import { GroupRow } from "./group-row.tsx";
import { OrganizationPage } from "./organization-page.tsx";

/** People who are named together where something is shared. */
export function GroupsPage(): ReactNode {
  return (
    <OrganizationPage
      title="Groups"
      lead="What is shared with a group is there for whoever is in it, as long as they are."
      allowed={(organization) => organization.read_groups}
      forbidden="Its admins make groups and choose who is in them. Where you share something, you can pick from them."
      actions={(organization) => organization.manage_groups && <CreateButton organizationId={organization.id} />}
    >
      {(organization) => <Groups key={organization.id} organization={organization} />}
    </OrganizationPage>
  );
}

function CreateButton({ organizationId }: { organizationId: string }): ReactNode {
  const [creating, setCreating] = useState(false);
  return (
    <>
      <Button variant="primary" onClick={() => setCreating(true)}>
        <Plus size={14} aria-hidden />
        Create a group
      </Button>
      {creating && <GroupNameDialog organizationId={organizationId} onClose={() => setCreating(false)} />}
    </>
  );
}

function Groups({ organization }: { organization: OrganizationRights }): ReactNode {
  const lists = useInfiniteQuery(groupsQuery(organization.id));
  if (lists.isPending) return <Skeleton className="h-40 rounded-lg" />;
  if (lists.data === undefined) {
    return <ErrorState error={lists.error} doing="load the groups" onRetry={() => void lists.refetch()} />;
  }
  const groups = lists.data.pages.flatMap((page) => page.items);
  const onlyEveryone = groups.every((group) => group.is_everyone);
  return (
    <section aria-label="Groups" className="flex flex-col gap-3">
      <Card>
        <ul className="divide-y divide-line">
          {groups.map((group) => (
            <GroupRow key={group.id} group={group} manages={organization.manage_groups} />
          ))}
        </ul>
      </Card>
      {onlyEveryone && (
        <p className="text-sm text-muted">
          {organization.manage_groups
            ? "There is no other group yet. Create one for a team that works on the same code."
            : "There is no other group yet."}
        </p>
      )}
      {lists.hasNextPage && (
        <Button
          size="sm"
          className="self-start"
          busy={lists.isFetchingNextPage}
          onClick={() => void lists.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </section>
  );
}
