import type { QueryClient } from "@tanstack/react-query";
import { queryOptions } from "@tanstack/react-query";
import type { Chat } from "../../../src/contract/chats.ts";
import { usageLimitConfig, usageLimitStatus } from "../../../src/contract/usage.ts";
import { get } from "../api/client.ts";

/** How much of their own limit the person has spent. */
export const limitStatusQuery = queryOptions({
  queryKey: ["usage-limit-status"],
  queryFn: ({ signal }) => get("/chats/usage-limits/status", usageLimitStatus, { signal }),
  staleTime: 60_000,
});

/** Every limit of the deployment, for admins. */
export const limitConfigQuery = queryOptions({
  queryKey: ["usage-limits"],
  queryFn: ({ signal }) => get("/chats/usage-limits", usageLimitConfig, { signal }),
});

/** A chat has changed: when its turn has ended, more may be spent. Nobody is asked while nothing limits the person. */
export function refreshLimitAfter(queryClient: QueryClient, chat: Pick<Chat, "status">): void {
  const { queryKey } = limitStatusQuery;
  if (chat.status !== "waiting" && chat.status !== "error") return;
  if (queryClient.getQueryData(queryKey)?.is_limited === true) void queryClient.invalidateQueries({ queryKey });
}
