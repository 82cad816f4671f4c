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
import { useTyped } from "../../ui/typed.ts";
import { shownName } from "../../shell/names.ts";
import { auditPageSearch, ranges, type AuditFilters } from "./audit-search.ts";
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
  /** `typing`: more of it may follow at once. */
  onChange: (filters: AuditFilters, typing?: boolean) => void;
}

export function AuditFilterFields({ filters, onChange }: AuditFiltersProps): ReactNode {
  const { organizations } = useRights();
  const set = (part: AuditFilters, typing = false) => onChange({ ...filters, ...part }, typing);
  const [words, setWords] = useTyped(filters.q, (q) => set({ q }, true));
  return (
    <search className="flex flex-col gap-2">
      <div className="grid grid-cols-1 gap-2 sm:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <SearchField
          label="Search the log"
          placeholder="Name of an object or a person, an id, an address"
          value={words}
          onChange={setWords}
        />
        <PersonField person={filters.user} onChange={(user) => set({ user }, true)} />
      </div>
      <div className="grid grid-cols-2 gap-2 sm:flex sm:flex-wrap sm:*:w-44">
        <Select
          aria-label="Action"
          value={filters.action ?? "any"}
          options={actionOptions}
          onValueChange={(value) => set({ action: auditActions.find((action) => action === value) })}
        />
        <Select
          aria-label="Kind of object"
          value={filters.kind ?? "any"}
          options={kindOptions}
          onValueChange={(value) => set({ kind: auditResourceTypes.find((kind) => kind === value) })}
        />
        <Select
          aria-label="Time"
          value={filters.range ?? "any"}
          options={rangeOptions}
          onValueChange={(range) => set(auditPageSearch.pick({ range: true, from: true, to: true }).parse({ range }))}
        />
        {organizations.length > 1 && (
          <Select
            aria-label="Organisation"
            value={filters.organization ?? "any"}
            options={[
              { value: "any", label: "Any organisation" },
              ...organizations.map((each) => ({ value: each.id, label: shownName(each) })),
            ]}
            onValueChange={(value) => set({ organization: value === "any" ? undefined : value })}
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
                max={filters.to}
                value={filters.from ?? ""}
                onChange={(event) => set({ from: event.target.value || undefined }, true)}
              />
            )}
          </Field>
          <Field label="To and with">
            {(control) => (
              <Input
                {...control}
                type="date"
                min={filters.from}
                value={filters.to ?? ""}
                onChange={(event) => set({ to: event.target.value || undefined }, true)}
              />
            )}
          </Field>
        </div>
      )}
    </search>
  );
}

interface PersonFieldProps {
  person: string | undefined;
  onChange: (person: string | undefined) => void;
}

/** A user name, with those that begin to fit for whoever may read them. */
function PersonField({ person, onChange }: PersonFieldProps): ReactNode {
  const id = useId();
  const [typed, setTyped] = useTyped(person, onChange);
  const { read_users: seesEverybody } = useRights();
  const words = useDebounced(typed.trim());
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
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
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
