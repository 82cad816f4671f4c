import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import { group, organizationMembersResponse } from "../../../src/contract/organizations.ts";
import { chatPeople, chatSharingSetting, givenChatShare } from "../../../src/contract/sharing.ts";
import { get, getPage } from "./client.ts";

/** So many people a search for somebody shows: whoever is not among them needs another letter. */
const FOUND_PEOPLE = 8;
/** The most that the server gives at once; an organisation with more groups is searched by name of a person. */
const GROUPS = 200;
const GIVEN_PAGE = 50;

/** Members of an organisation whose name or user name has these words. */
export function memberSearchQuery(organizationId: string, words: string) {
  return queryOptions({
    queryKey: ["member-search", organizationId, words],
    queryFn: ({ signal }) =>
      get(`/organizations/${organizationId}/members`, organizationMembersResponse, {
        signal,
        query: { q: words === "" ? undefined : words, limit: FOUND_PEOPLE },
      }),
    staleTime: 30_000,
  });
}

/** The groups of an organisation, to share with. */
export function shareableGroupsQuery(organizationId: string) {
  return queryOptions({
    queryKey: ["shareable-groups", organizationId],
    queryFn: ({ signal }) =>
      get(`/organizations/${organizationId}/groups`, z.array(group), { signal, query: { limit: GROUPS } }),
    staleTime: 30_000,
  });
}

/** Who owns a chat or wrote in it; `authors` are those whose names are needed. */
export function chatPeopleQuery(chatId: string, authors: readonly string[]) {
  return queryOptions({
    queryKey: ["chat-people", chatId, authors],
    queryFn: ({ signal }) => get(`/chats/${chatId}/people`, chatPeople, { signal }),
    staleTime: 5 * 60_000,
  });
}

/** Every share of a chat that the person has given, newest first. */
export const givenSharesQuery = infiniteQueryOptions({
  queryKey: ["given-chat-shares"],
  queryFn: ({ signal, pageParam }) =>
    getPage("/chats/shares", z.array(givenChatShare), { signal, query: { limit: GIVEN_PAGE, after_id: pageParam } }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => (page.hasMore ? page.items.at(-1)?.id : undefined),
});

/** Whether chats may be shared in this deployment at all. */
export const chatSharingQuery = queryOptions({
  queryKey: ["chat-sharing"],
  queryFn: ({ signal }) => get("/chats/config/sharing", chatSharingSetting, { signal }),
});
