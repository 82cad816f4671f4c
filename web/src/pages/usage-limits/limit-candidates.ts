import { keepPreviousData, queryOptions, useQueries, useQuery } from "@tanstack/react-query";
import { usersResponse } from "../../../../src/contract/identity.ts";
import type { UsageLimitConfig } from "../../../../src/contract/usage.ts";
import { get } from "../../api/client.ts";
import { shareableGroupsQuery } from "../../api/sharing-queries.ts";
import { fitting, type Candidates } from "../../sharing/candidates.ts";
import { groupSubject, personSubject } from "../../sharing/share-state.ts";
import { shownName } from "../../shell/names.ts";
import { useRights } from "../../shell/rights.ts";
import { useDebounced } from "../../ui/debounced.ts";

/** So many of each a search shows: whoever is not among them needs another letter. */
const PEOPLE_SHOWN = 8;
const GROUPS_SHOWN = 6;

function userSearchQuery(words: string) {
  return queryOptions({
    queryKey: ["user-search", words],
    queryFn: ({ signal }) =>
      get("/users", usersResponse, { signal, query: { q: words === "" ? undefined : words, limit: PEOPLE_SHOWN } }),
    staleTime: 30_000,
  });
}

/** People and groups of the whole deployment that the words fit and that have no limit of their own yet. */
export function useLimitCandidates(words: string, { overrides, group_overrides }: UsageLimitConfig): Candidates {
  const { organizations } = useRights();
  const asked = useDebounced(words.trim());
  const people = useQuery({ ...userSearchQuery(asked), placeholderData: keepPreviousData });
  const groups = useQueries({ queries: organizations.map(({ id }) => shareableGroupsQuery(id)) });
  const present = new Set([
    ...overrides.map(({ user_id }) => user_id),
    ...group_overrides.map(({ group_id }) => group_id),
  ]);
  const teams = groups.flatMap(({ data = [] }, index) => {
    const organization = organizations[index];
    return data.map((group) => {
      const subject = groupSubject(group);
      // With several organisations there are several groups of everybody.
      if (organization === undefined || organizations.length === 1) return subject;
      return { ...subject, detail: `${shownName(organization)} · ${subject.detail}` };
    });
  });
  const found = [...fitting(teams, words).slice(0, GROUPS_SHOWN), ...(people.data?.users ?? []).map(personSubject)];
  return {
    listed: true,
    subjects: found.filter(({ id }) => !present.has(id)),
    searching: people.isFetching || asked !== words.trim(),
    failed: people.isError,
  };
}
