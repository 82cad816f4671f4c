import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useId } from "react";
import { auditActions, auditResourceTypes } from "../../../../src/contract/audit.ts";
import { usersQuery } from "../../api/account-queries.ts";
import { useRights } from "../../shell/rights.ts";
import { useDebounced } from "../../ui/debounced.ts";
import { Field, Input } from "../../ui/field.tsx";
import { SearchField } from "../../ui/search-field.tsx";
import { Select } from "../../ui/select.tsx";
import { shownName } from "../../shell/names.ts";
import { ranges, type AuditFilters } from "./audit-search.ts";
import { actionWords, kindWords } from "./audit-words.ts";

const actionOptions = [
  { value: "any", label: "Any action" },
  ...auditActions.map((action) => ({ value: action, label: actionWords[action] })),
];
const kindOptions = [
  { value: "any", label: "Any object" },
  ...auditResourceTypes.map((kind) => ({ value: kind, label: kindWords[kind] })),
];
const rangeOptions = [
  { value: "any", label: "Any time" },
  ...Object.entries(ranges).map(([value, { label }]) => ({ value, label })),
  { value: "own", label: "From day to day…" },
];

interface AuditFiltersProps {
  filters: AuditFilters;
  onChange: (filters: AuditFilters) => void;
}

export function AuditFilterFields({ filters, onChange }: AuditFiltersProps): ReactNode {
  const { organizations } = useRights();
  const set = (part: Partial<AuditFilters>) => onChange({ ...filters, ...part });
  return (
    <search className="flex flex-col gap-2">
      <div className="grid grid-cols-1 gap-2 sm:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <SearchField
          label="Search the log"
          placeholder="Name of an object or a person, an id, an address"
          value={filters.words}
          onChange={(words) => set({ words })}
        />
        <PersonField person={filters.person} onChange={(person) => set({ person })} />
      </div>
      <div className="grid grid-cols-2 gap-2 sm:flex sm:flex-wrap sm:*:w-44">
        <Select
          aria-label="Action"
          value={filters.action}
          options={actionOptions}
          onValueChange={(action) => set({ action })}
        />
        <Select
          aria-label="Kind of object"
          value={filters.kind}
          options={kindOptions}
          onValueChange={(kind) => set({ kind })}
        />
        <Select
          aria-label="Time"
          value={filters.range}
          options={rangeOptions}
          onValueChange={(range) => set({ range, chosenAt: Date.now() })}
        />
        {organizations.length > 1 && (
          <Select
            aria-label="Organisation"
            value={filters.organization}
            options={[
              { value: "any", label: "Any organisation" },
              ...organizations.map((each) => ({ value: each.id, label: shownName(each) })),
            ]}
            onValueChange={(organization) => set({ organization })}
          />
        )}
      </div>
      {filters.range === "own" && (
        <div className="grid grid-cols-2 gap-2 sm:flex sm:*:w-44">
          <Field label="From">
            {(control) => (
              <Input
                {...control}
                type="date"
                max={filters.lastDay || undefined}
                value={filters.firstDay}
                onChange={(event) => set({ firstDay: event.target.value })}
              />
            )}
          </Field>
          <Field label="To and with">
            {(control) => (
              <Input
                {...control}
                type="date"
                min={filters.firstDay || undefined}
                value={filters.lastDay}
                onChange={(event) => set({ lastDay: event.target.value })}
              />
            )}
          </Field>
        </div>
      )}
    </search>
  );
}

/** A user name, with those that begin to fit for whoever may read them. */
function PersonField({ person, onChange }: { person: string; onChange: (person: string) => void }): ReactNode {
  const id = useId();
  const { read_users: seesEverybody } = useRights();
  const words = useDebounced(person.trim());
  const found = useInfiniteQuery({ ...usersQuery({ q: words }), enabled: seesEverybody && words !== "" });
  return (
    <>
      <Input
        aria-label="Who did it"
        placeholder="Who: a user name"
        list={id}
        maxLength={100}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={person}
        onChange={(event) => onChange(event.target.value)}
      />
      <datalist id={id}>
        {found.data?.pages[0]?.users.map((user) => (
          <option key={user.id} value={user.username}>
            {user.name}
          </option>
        ))}
      </datalist>
    </>
  );
}
