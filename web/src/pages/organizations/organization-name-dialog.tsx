import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import {
  createOrganizationRequest,
  organization as organizationSchema,
  type Organization,
} from "../../../../src/contract/organizations.ts";
import { patch, post } from "../../api/client.ts";
import { organizationsQuery } from "../../api/organization-queries.ts";
import { rightsQuery } from "../../api/queries.ts";
import { NameDialog } from "./name-dialog.tsx";

interface OrganizationNameDialogProps {
  /** Absent: a new organisation. */
  organization?: Organization;
  onClose: () => void;
}

export function OrganizationNameDialog({ organization, onClose }: OrganizationNameDialogProps): ReactNode {
  const queryClient = useQueryClient();
  return (
    <NameDialog
      title={organization === undefined ? "Create an organisation" : "Rename the organisation"}
      description={organization === undefined ? "You become its first admin and add others afterwards." : undefined}
      action={organization === undefined ? "Create" : "Rename"}
      initial={{ name: organization?.name ?? "", display_name: organization?.display_name ?? "" }}
      nameHint="Small letters, digits and dashes."
      parse={(names) => createOrganizationRequest.safeParse(names)}
      submit={async (request) => {
        if (organization === undefined) await post("/organizations", request, organizationSchema);
        else await patch(`/organizations/${organization.id}`, request, organizationSchema);
        const changed = [organizationsQuery.queryKey, rightsQuery.queryKey];
        await Promise.all(changed.map((queryKey) => queryClient.invalidateQueries({ queryKey })));
      }}
      onClose={onClose}
    />
  );
}
