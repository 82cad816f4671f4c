import { useInfiniteQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { useId, useState } from "react";
import { usersQuery } from "../../api/account-queries.ts";
import { shownName } from "../../shell/names.ts";
import { useRights } from "../../shell/rights.ts";
import { IconButton } from "../../ui/button.tsx";
import { useDebounced } from "../../ui/debounced.ts";
import { Input } from "../../ui/field.tsx";
import { Select } from "../../ui/select.tsx";
import type { InsightsSearch } from "./insights-search.ts";

type Narrowing = Pick<InsightsSearch, "owner" | "organization" | "repository">;

interface NarrowingProps {
  chosen: Narrowing;
  onChange: (part: Narrowing) => void;
}

/** Whose chats, and of which organisation. */
export function NarrowingFields({ chosen, onChange }: NarrowingProps): ReactNode {
  const { organizations } = useRights();
  return (
    <search aria-label="Narrow the figures" className="grid gap-3 sm:grid-cols-2">
      <OwnerField key={chosen.owner ?? ""} owner={chosen.owner} onChange={onChange} />
      <Select
        aria-label="Organisation"
        value={chosen.organization ?? "any"}
        onValueChange={(organization) => onChange({ organization: organization === "any" ? undefined : organization })}
        options={[
          { value: "any", label: "Any organisation" },
          ...organizations.map((each) => ({ value: each.id, label: shownName(each) })),
        ]}
      />
    </search>
  );
}

/** A whole user name; those that begin to fit are offered. */
function OwnerField({ owner, onChange }: Pick<NarrowingProps, "onChange"> & { owner: string | undefined }): ReactNode {
  const id = useId();
  const [typed, setTyped] = useState(owner ?? "");
  const words = useDebounced(typed.trim());
  const found = useInfiniteQuery({ ...usersQuery({ q: words }), enabled: words !== "" && words !== owner });
  const users = found.data?.pages[0]?.users ?? [];
  const apply = (name: string) => {
    const wanted = name.trim() === "" ? undefined : name.trim();
    if (wanted !== owner) onChange({ owner: wanted });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        apply(typed);
      }}
    >
      <Input
        aria-label="Whose chats"
        placeholder="Whose chats: a user name"
        list={id}
        maxLength={100}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={typed}
        onBlur={() => apply(typed)}
        onChange={(event) => {
          setTyped(event.target.value);
          // One that was picked from the list is whole.
          if (users.some(({ username }) => username === event.target.value)) apply(event.target.value);
        }}
      />
      <datalist id={id}>
        {users.map((user) => (
          <option key={user.id} value={user.username}>
            {user.name}
          </option>
        ))}
      </datalist>
    </form>
  );
}

/** What the figures are narrowed to, each to be taken away again. */
export function Narrowed({ chosen, onChange }: NarrowingProps): ReactNode {
  const { organizations } = useRights();
  const { owner, organization, repository } = chosen;
  const known = organizations.find(({ id }) => id === organization);
  const parts = [
    owner === undefined ? null : { name: "Chats of", value: owner, without: { owner: undefined } },
    organization === undefined
      ? null
      : {
          name: "Organisation",
          value: known === undefined ? "one that is not known" : shownName(known),
          without: { organization: undefined },
        },
    repository === undefined
      ? null
      : {
          name: "Repository",
          value: repository === "" ? "not known" : repository,
          without: { repository: undefined },
        },
  ].filter((part) => part !== null);
  if (parts.length === 0) return null;
  return (
    <ul aria-label="Only" className="flex flex-wrap gap-2">
      {parts.map(({ name, value, without }) => (
        <li
          key={name}
          className="flex h-8 max-w-full min-w-0 items-center gap-1.5 rounded-md border border-line-strong pl-2.5 text-sm"
        >
          <span className="shrink-0 text-muted">{name}</span>
          <bdi className="truncate">{value}</bdi>
          <IconButton label={`Not only: ${name} ${value}`} onClick={() => onChange(without)}>
            <X size={14} aria-hidden />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}
