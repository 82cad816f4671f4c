import { useInfiniteQuery } from "@tanstack/react-query";
import { Building2, Plus } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { organizationsQuery } from "../../api/organization-queries.ts";
import { useRights } from "../../shell/rights.ts";
import { SettingsPage } from "../../shell/settings-page.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { OrganizationNameDialog } from "./organization-name-dialog.tsx";
import { OrganizationRow } from "./organization-row.tsx";

/** The organisations of this deployment. */
export function OrganizationsPage(): ReactNode {
  const [creating, setCreating] = useState(false);
  const { create_organizations: mayCreate } = useRights();
  return (
    <SettingsPage
      title="Organisations"
      lead="Each has its own members, groups, chats and workspaces. Nobody reaches from one into another without being a member of both."
      actions={
        mayCreate && (
          <Button variant="primary" onClick={() => setCreating(true)}>
            <Plus size={14} aria-hidden />
            Create an organisation
          </Button>
        )
      }
    >
      <Organizations mayDelete={mayCreate} />
      {creating && <OrganizationNameDialog onClose={() => setCreating(false)} />}
    </SettingsPage>
  );
}

function Organizations({ mayDelete }: { mayDelete: boolean }): ReactNode {
  const lists = useInfiniteQuery(organizationsQuery);
  if (lists.isPending) return <Skeleton className="h-32 rounded-lg" />;
  if (lists.data === undefined) {
    return <ErrorState error={lists.error} doing="load the organisations" onRetry={() => void lists.refetch()} />;
  }
  const organizations = lists.data.pages.flatMap((page) => page.items);
  if (organizations.length === 0) {
    return (
      <EmptyState icon={<Building2 size={24} aria-hidden />} title="You are in no organisation">
        Chats and workspaces belong to one. Ask whoever runs this deployment to add you.
      </EmptyState>
    );
  }
  return (
    <section aria-label="Organisations" className="flex flex-col gap-3">
      <Card>
        <ul className="divide-y divide-line">
          {organizations.map((organization) => (
            <OrganizationRow key={organization.id} organization={organization} mayDelete={mayDelete} />
          ))}
        </ul>
      </Card>
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
