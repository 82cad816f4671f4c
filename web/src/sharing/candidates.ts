import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { memberSearchQuery, shareableGroupsQuery } from "../api/sharing-queries.ts";
import { useMe } from "../shell/me.ts";
import { useRights } from "../shell/rights.ts";
import { useDebounced } from "../ui/debounced.ts";
import { groupSubject, personSubject, type ShareState, type Subject } from "./share-state.ts";

const GROUPS_SHOWN = 5;

export interface Candidates {
  /** Whether the person may look members up at all. */
  listed: boolean;
  subjects: readonly Subject[];
  searching: boolean;
  failed: boolean;
}

/** Who can be let in and is not yet: groups, then people, that the words fit. */
export function useCandidates(organizationId: string, words: string, state: ShareState): Candidates {
  const rights = useRights().organizations.find((each) => each.id === organizationId);
  const asked = useDebounced(words.trim());
  const members = useQuery({
    ...memberSearchQuery(organizationId, asked),
    enabled: rights?.read_members === true,
    placeholderData: keepPreviousData,
  });
  const groups = useQuery({ ...shareableGroupsQuery(organizationId), enabled: rights?.read_groups === true });
  const me = useMe();
  // Nobody gives themselves a role.
  const present = new Set([me.id, state.owner.id, ...state.entries.map((entry) => entry.id)]);

  const people = (members.data?.members ?? []).map((member) => personSubject({ ...member, id: member.user_id }));
  return {
    listed: rights?.read_members === true,
    subjects: [...fitting((groups.data ?? []).map(groupSubject), words).slice(0, GROUPS_SHOWN), ...people].filter(
      (subject) => !present.has(subject.id),
    ),
    searching: members.isFetching || asked !== words.trim(),
    failed: members.isError,
  };
}

/** Those whose name or second line has all of the words. */
export function fitting(subjects: readonly Subject[], words: string): Subject[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return subjects.filter(({ name, detail }) => {
    const text = `${name} ${detail}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
