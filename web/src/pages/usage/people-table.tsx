import { useQuery } from "@tanstack/react-query";
import { Bot } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import type { UserUsage } from "../../../../src/contract/usage.ts";
import { PEOPLE, usagePeopleQuery, type UsageQuestion } from "../../api/usage-queries.ts";
import { counted, personName } from "../../shell/names.ts";
import { Button } from "../../ui/button.tsx";
import { Section } from "../../ui/card.tsx";
import { useDebounced } from "../../ui/debounced.ts";
import { SearchField } from "../../ui/search-field.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import type { TeamLead } from "./lead-to.ts";
import type { TeamUsageSearch } from "./usage-search.ts";
import { UsageTable } from "./usage-table.tsx";

interface PeopleTableProps {
  search: TeamUsageSearch;
  question: UsageQuestion;
  leadTo: TeamLead;
  go: (part: TeamUsageSearch) => void;
}

/** Who spent how much, the dearest first; each leads to what it was spent on. */
export function PeopleTable({ search, question, leadTo, go }: PeopleTableProps): ReactNode {
  const words = useDebounced((search.q ?? "").trim());
  const page = search.page ?? 1;
  const people = useQuery(usagePeopleQuery(question, words, page));
  const count = people.data?.count ?? 0;
  const pages = Math.max(1, Math.ceil(count / PEOPLE));
  const [typed, setTyped] = useState(search.q ?? "");
  return (
    <Section
      title="By person"
      actions={
        <SearchField
          label="Find somebody"
          placeholder="Name or user name"
          maxLength={100}
          value={typed}
          className="w-full sm:w-64"
          onChange={(text) => {
            setTyped(text);
            go({ q: text.trim() === "" ? undefined : text, page: undefined });
          }}
        />
      }
    >
      {people.isPending && <Skeleton className="h-56 rounded-lg" />}
      {people.isError && (
        <ErrorState error={people.error} doing="load the people" onRetry={() => void people.refetch()} />
      )}
      {!people.isError && people.data !== undefined && (
        <div aria-busy={people.isPlaceholderData} className="flex min-w-0 flex-col gap-3">
          {people.data.users.length === 0 ? (
            <p role="status" className="text-muted">
              {words === "" ? "Nobody else is on this page." : "Nobody with usage in this time has this in their name."}
            </p>
          ) : (
            <UsageTable
              label="By person"
              of="Name"
              rows={people.data.users}
              keyOf={(row) => row.user_id}
              name={(row) => <PersonCell person={row} leadTo={leadTo} />}
              counts={[{ name: "Chats", value: (row) => row.chat_count }]}
              sortable={count <= PEOPLE}
            />
          )}
          {(pages > 1 || page > 1) && (
            <div className="flex flex-wrap items-center gap-3">
              <Button size="sm" disabled={page <= 1} onClick={() => go({ page: page <= 2 ? undefined : page - 1 })}>
                Previous
              </Button>
              <span role="status" className="tabular text-sm text-muted">
                Page {page} of {pages}, {counted(count, "person", "people")}
              </span>
              <Button size="sm" disabled={page >= pages} onClick={() => go({ page: page + 1 })}>
                Next
              </Button>
            </div>
          )}
        </div>
      )}
    </Section>
  );
}

function PersonCell({ person, leadTo }: { person: UserUsage; leadTo: TeamLead }): ReactNode {
  const name = personName(person);
  return (
    <span className="block min-w-0" title={name}>
      {leadTo({ user: person.user_id, chat: undefined }, <bdi>{name}</bdi>)}
      <span className="flex min-w-0 items-center gap-1 text-xs text-muted">
        <bdi className="truncate">{person.username}</bdi>
        {person.is_service_account && (
          <>
            <Bot size={12} className="shrink-0" aria-hidden />
            <span className="sr-only">service account</span>
          </>
        )}
      </span>
    </span>
  );
}
