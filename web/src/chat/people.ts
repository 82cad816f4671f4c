import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { createContext, useContext, useMemo } from "react";
import type { Chat } from "../../../src/contract/chats.ts";
import type { MinimalUser } from "../../../src/contract/identity.ts";
import type { Timeline } from "../../../src/contract/timeline.ts";
import { chatPeopleQuery } from "../api/sharing-queries.ts";
import { useMe } from "../shell/me.ts";
import { personName } from "../shell/names.ts";

/** Who wrote something: the reader themselves, or somebody with a name. */
export type Author = { readonly me: true } | { readonly me: false; readonly name: string; readonly service: boolean };

const ME: Author = { me: true };
/** Their name is on its way, or they are gone. */
const SOMEBODY: Author = { me: false, name: "Somebody else", service: false };

/** Says who an id is; without it, everything is the reader's own. */
export const PeopleContext = createContext<(userId: string | null) => Author>(() => ME);

export function useAuthor(userId: string | null): Author {
  return useContext(PeopleContext)(userId);
}

/** The authors of a chat, for {@link PeopleContext}. Only a chat with several people is asked about. */
export function usePeople(chat: Chat | undefined, timeline: Timeline): (userId: string | null) => Author {
  const me = useMe();
  const others = useMemo(
    () => [...new Set([...timeline.messages, ...timeline.queue].flatMap(({ created_by: by }) => by ?? []))].sort(),
    [timeline.messages, timeline.queue],
  ).filter((id) => id !== me.id);
  const { data } = useQuery({
    // Asked anew when somebody writes who has not before; who is known keeps their name meanwhile.
    ...chatPeopleQuery(chat?.id ?? "", others),
    placeholderData: keepPreviousData,
    enabled: chat !== undefined && others.length > 0,
  });
  const known = useMemo(() => {
    const people: readonly MinimalUser[] = [...timeline.watching, ...(data?.people ?? [])];
    return new Map(people.map((person) => [person.id, person]));
  }, [timeline.watching, data]);

  return useMemo(
    () => (userId: string | null) => {
      if (userId === null || userId === me.id) return ME;
      const person = known.get(userId);
      if (person === undefined) return SOMEBODY;
      return { me: false, name: personName(person), service: person.is_service_account };
    },
    [known, me.id],
  );
}
