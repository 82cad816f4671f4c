import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { SiteRole } from "../../../../src/contract/identity.ts";
import { siteRolesQuery } from "../../api/account-queries.ts";
import { shownName } from "../../shell/names.ts";
import { useOrganization, useRights } from "../../shell/rights.ts";
import { Field } from "../../ui/field.tsx";
import { Select } from "../../ui/select.tsx";
import { RoleRows } from "./role-rows.tsx";

/** Where a new account stands: its roles and its first organisation. */
export interface Placement {
  roles: SiteRole[];
  /** Empty for the default one. */
  organization: string;
}

/** Where the page stands is where new people most likely belong. */
export function useFirstPlacement(): Placement {
  const [organization] = useOrganization();
  return { roles: [], organization: organization?.manage_members === true ? organization.id : "" };
}

/** As the contract has it. */
export function placementOf({ roles, organization }: Placement): { roles: SiteRole[]; organization_ids?: string[] } {
  return { roles, ...(organization === "" ? {} : { organization_ids: [organization] }) };
}

interface PlacementFieldsProps {
  placement: Placement;
  onChange: (placement: Placement) => void;
  error?: string | undefined;
}

/** Asks only where there is a choice. */
export function PlacementFields({ placement, onChange, error }: PlacementFieldsProps): ReactNode {
  const roles = useQuery(siteRolesQuery).data ?? [];
  const organizations = useRights().organizations.filter((each) => each.manage_members);
  const mayGiveMore = roles.some(({ name, assignable }) => assignable && name !== "member");
  return (
    <>
      {organizations.length > 1 && (
        <Field label="Organisation" error={error}>
          {(control) => (
            <Select
              {...control}
              value={placement.organization}
              options={organizations.map((each) => ({
                value: each.id,
                label: shownName(each),
              }))}
              onValueChange={(organization) => onChange({ ...placement, organization })}
            />
          )}
        </Field>
      )}
      {mayGiveMore && (
        <RoleRows
          roles={roles}
          chosen={placement.roles}
          onChange={(chosen) => onChange({ ...placement, roles: chosen })}
        />
      )}
    </>
  );
}
