import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { OrganizationRights } from "../../../../src/contract/rights.ts";
import { sharingQuery } from "../../api/organization-queries.ts";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { OrganizationPage } from "./organization-page.tsx";
import { SharingForm } from "./sharing-form.tsx";

/** Whose workspaces may be shared in the organisation. */
export function SharingPage(): ReactNode {
  return (
    <OrganizationPage
      title="Sharing"
      lead="Whose workspaces may be shared with other people and groups of the organisation."
      allowed={() => true}
      forbidden=""
    >
      {(organization) => <Sharing key={organization.id} organization={organization} />}
    </OrganizationPage>
  );
}

function Sharing({ organization }: { organization: OrganizationRights }): ReactNode {
  const settings = useQuery(sharingQuery(organization.id));
  if (settings.isPending) return <Skeleton className="h-64 rounded-lg" />;
  if (settings.data === undefined) {
    return <ErrorState error={settings.error} doing="load the setting" onRetry={() => void settings.refetch()} />;
  }
  return (
    <SharingForm
      // Another admin's change begins the form anew: what was chosen was chosen against something else.
      key={settings.data.shareable_workspace_owners}
      organization={organization}
      settings={settings.data}
    />
  );
}
