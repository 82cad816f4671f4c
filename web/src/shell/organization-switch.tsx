import { Building2 } from "lucide-react";
import type { ReactNode } from "react";
import { Picker } from "../ui/picker.tsx";
import { shownName } from "./names.ts";
import { useOrganization, useRights } from "./rights.ts";

/**
 * Which organisation the pages speak of, and new chats and workspaces belong to; for who has the choice.
 */
export function OrganizationSwitch(): ReactNode {
  const { organizations } = useRights();
  const [organization, choose] = useOrganization();
  if (organization === undefined || organizations.length < 2) return null;
  return (
    <Picker
      label="Organisation"
      data-testid="organization-switch"
      value={organization.id}
      align="end"
      className="h-8.5 max-w-64 border border-line-strong bg-overlay px-3 text-base text-ink"
      options={organizations.map((each) => ({
        value: each.id,
        label: shownName(each),
        detail: each.is_member ? each.name : `${each.name} · you are not a member`,
        icon: <Building2 size={16} className="shrink-0 text-faint" aria-hidden />,
        keywords: [each.name],
      }))}
      onPick={choose}
    />
  );
}
