import type { ReactNode } from "react";
import type { AssignableSiteRole, SiteRole } from "../../../../src/contract/identity.ts";
import { ChoiceRow, ChoiceRows } from "../../ui/choice-row.tsx";

interface RoleRowsProps {
  roles: readonly AssignableSiteRole[];
  chosen: readonly SiteRole[];
  /** Roles that the account has now: shown also where they are not the person's to take. */
  fixed?: readonly SiteRole[];
  onChange: (chosen: SiteRole[]) => void;
}

/** The roles that the person may give, each with what it allows. */
export function RoleRows({ roles, chosen, fixed = [], onChange }: RoleRowsProps): ReactNode {
  const shown = roles.filter(({ name, assignable }) => assignable || fixed.includes(name));
  return (
    <ChoiceRows label="Roles">
      {shown.map(({ name, display_name: title, description, assignable }) => (
        <ChoiceRow
          key={name}
          type="checkbox"
          name="roles"
          title={title}
          description={description}
          checked={name === "member" || chosen.includes(name)}
          disabled={name === "member" || !assignable}
          onChange={(checked) => onChange(checked ? [...chosen, name] : chosen.filter((role) => role !== name))}
        />
      ))}
    </ChoiceRows>
  );
}
