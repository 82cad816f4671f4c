import { queryOptions } from "@tanstack/react-query";
import { chatDiff, chatPullRequest, localChanges } from "../../../src/contract/git.ts";
import { get } from "./client.ts";

/** A provider is asked at each call: going back and forth between pages asks once. */
const FRESH_MS = 30_000;

export function chatDiffQuery(chatId: string) {
  return queryOptions({
    queryKey: ["chat-diff", chatId],
    queryFn: ({ signal }) => get(`/chats/${chatId}/diff`, chatDiff, { signal }),
    staleTime: FRESH_MS,
  });
}

export function localChangesQuery(chatId: string) {
  return queryOptions({
    queryKey: ["chat-local-changes", chatId],
    queryFn: ({ signal }) => get(`/chats/${chatId}/local-changes`, localChanges, { signal }),
    staleTime: FRESH_MS,
  });
}

export function chatPullRequestsQuery(chatId: string) {
  return queryOptions({
    queryKey: ["chat-pull-requests", chatId],
    queryFn: ({ signal }) => get(`/chats/${chatId}/pull-requests`, chatPullRequest.array(), { signal }),
    staleTime: FRESH_MS,
  });
}
