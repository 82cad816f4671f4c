import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Building2, Lock } from "lucide-react";
import type { ReactNode } from "react";
import type { OrganizationRights } from "../../../../src/contract/rights.ts";
import { rightsQuery } from "../../api/queries.ts";
import { OrganizationSwitch } from "../../shell/organization-switch.tsx";
import { useOrganization } from "../../shell/rights.ts";
import { SettingsPage } from "../../shell/settings-page.tsx";
import { Button } from "../../ui/button.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";

interface OrganizationPageProps {
  title: string;
  lead: ReactNode;
  /** Who sees more than a sentence. */
  allowed: (organization: OrganizationRights) => boolean;
  /** That sentence: who does this here. */
  forbidden: string;
  actions?: (organization: OrganizationRights) => ReactNode;
  wide?: boolean;
  children: (organization: OrganizationRights) => ReactNode;
}

/** A page of the organisation that is chosen, with the choice where there are several. */
export function OrganizationPage(props: OrganizationPageProps): ReactNode {
  const { title, lead, allowed, forbidden, actions, wide = false, children } = props;
  const rights = useQuery(rightsQuery);
  const [organization] = useOrganization();
  const permitted = organization !== undefined && allowed(organization);

  function content(): ReactNode {
    if (rights.isPending) return <Skeleton className="h-64 rounded-lg" />;
    if (rights.data === undefined) {
      return <ErrorState error={rights.error} doing="load your rights" onRetry={() => void rights.refetch()} />;
    }
    if (organization === undefined) return <NoOrganization />;
    if (!permitted) return <Forbidden>{forbidden}</Forbidden>;
    return children(organization);
  }

  return (
    <SettingsPage
      title={title}
      lead={lead}
      wide={wide}
      actions={
        organization !== undefined && (
          <>
            <OrganizationSwitch />
            {permitted && actions?.(organization)}
          </>
        )
      }
    >
      {content()}
    </SettingsPage>
  );
}

function Forbidden({ children }: { children: ReactNode }): ReactNode {
  return (
    <EmptyState
      icon={<Lock size={24} aria-hidden />}
      title="This page is for those who run the organisation"
      action={
        <Button asChild>
          <Link to="/settings/account">Go to your account</Link>
        </Button>
      }
    >
      {children}
    </EmptyState>
  );
}

function NoOrganization(): ReactNode {
  return (
    <EmptyState icon={<Building2 size={24} aria-hidden />} title="You are in no organisation">
      Chats and workspaces belong to one. Ask whoever runs this deployment to add you.
    </EmptyState>
  );
}
