import { Building2 } from "lucide-react";
import type { ReactNode } from "react";
import type { OrganizationRights } from "../../../../src/contract/rights.ts";
import { Picker } from "../../ui/picker.tsx";
import { shownName } from "./names.ts";

interface OrganizationPickerProps {
  organizations: readonly OrganizationRights[];
  chosen: OrganizationRights;
  onChoose: (id: string) => void;
}

/** Which organisation the pages speak of, and new chats and workspaces belong to. */
export function OrganizationPicker({ organizations, chosen, onChoose }: OrganizationPickerProps): ReactNode {
  return (
    <Picker
      label="Organisation"
      data-testid="organization-picker"
      value={chosen.id}
      align="end"
      className="h-8.5 max-w-64 border border-line-strong bg-overlay px-3 text-base text-ink"
      options={organizations.map((each) => ({
        value: each.id,
        label: shownName(each),
        detail: each.is_member ? each.name : `${each.name} · you are not a member`,
        icon: <Building2 size={16} className="shrink-0 text-faint" aria-hidden />,
        keywords: [each.name],
      }))}
      onPick={onChoose}
    />
  );
}
