import type { ReactNode } from "react";
import { userStatuses } from "../../../../src/contract/identity.ts";
import type { AssignableSiteRole } from "../../../../src/contract/identity.ts";
import { SearchField } from "../../ui/search-field.tsx";
import { Select } from "../../ui/select.tsx";
import type { AccountFilters } from "./account-search.ts";
import { statusWords } from "./account-words.ts";

const statusOptions = [
  { value: "any", label: "Any status" },
  ...userStatuses.map((status) => ({ value: status, label: statusWords[status].label })),
];
const kindOptions = [
  { value: "any", label: "All accounts" },
  { value: "people", label: "People" },
  { value: "service", label: "Service accounts" },
];

interface FiltersProps {
  filters: AccountFilters;
  roles: readonly AssignableSiteRole[];
  onChange: (filters: AccountFilters) => void;
}

export function Filters({ filters, roles, onChange }: FiltersProps): ReactNode {
  const roleOptions = [
    { value: "any", label: "Any role" },
    // Everybody is a member: that would narrow nothing.
    ...roles.filter(({ name }) => name !== "member").map((role) => ({ value: role.name, label: role.display_name })),
  ];
  return (
    <search className="@container">
      <div className="grid grid-cols-2 gap-2 @2xl:grid-cols-[minmax(0,1fr)_repeat(3,9.5rem)]">
        <SearchField
          label="Search accounts"
          placeholder="Name, user name or e-mail"
          className="@max-2xl:col-span-2"
          value={filters.words}
          onChange={(words) => onChange({ ...filters, words })}
        />
        <Select
          aria-label="Status"
          value={filters.status}
          options={statusOptions}
          onValueChange={(status) => onChange({ ...filters, status })}
        />
        <Select
          aria-label="Role"
          value={filters.role}
          options={roleOptions}
          onValueChange={(role) => onChange({ ...filters, role })}
        />
        <div className="@max-2xl:col-span-2">
          <Select
            aria-label="Kind of account"
            value={filters.kind}
            options={kindOptions}
            onValueChange={(kind) => onChange({ ...filters, kind })}
          />
        </div>
      </div>
    </search>
  );
}
