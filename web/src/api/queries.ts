import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import { compactionThresholds, systemPromptSetting, userPromptSetting } from "../../../src/contract/chat-settings.ts";
import { chat } from "../../../src/contract/chats.ts";
import { buildInfo, session, setupState, user } from "../../../src/contract/identity.ts";
import { modelCatalogue, modelConfig, provider } from "../../../src/contract/models.ts";
import { rights } from "../../../src/contract/rights.ts";
import { searchResult } from "../../../src/contract/search.ts";
import { workspace, workspacesResponse } from "../../../src/contract/workspaces.ts";
import { get, getPage } from "./client.ts";

/** Keys begin with the resource, in kebab-case, so that a whole resource can be refreshed by its first word. */

/** How many chats a page of the sidebar has. */
export const CHATS_PAGE = 50;
/** How often a page that waits for a workspace agent asks again. */
const WORKSPACES_EVERY_MS = 3_000;

export const setupQuery = queryOptions({
  queryKey: ["setup"],
  queryFn: ({ signal }) => get("/setup", setupState, { signal, anonymous: true }),
  staleTime: Infinity,
});

/** Who is signed in. The first answer may be 401, for nobody; later a 401 means that the session has ended. */
export const meQuery = queryOptions({
  queryKey: ["user", "me"],
  queryFn: ({ signal, client, queryKey }) =>
    get("/users/me", user, { signal, anonymous: client.getQueryData(queryKey) === undefined }),
  staleTime: 5 * 60_000,
  retry: false,
});

/** What the person may do here; for menus, the server decides. */
export const rightsQuery = queryOptions({
  queryKey: ["rights"],
  queryFn: ({ signal }) => get("/users/me/rights", rights, { signal }),
  staleTime: 60_000,
});

export const sessionsQuery = queryOptions({
  queryKey: ["user-sessions", "me"],
  queryFn: ({ signal }) => get("/users/me/sessions", z.array(session), { signal }),
});

/** All lists of chats begin with it. */
export const CHATS_KEY = ["chats"] as const;
const archivedOf = { active: false, archived: true, all: undefined, shared: false } as const;

/** A list of chats: one's own in use, in the archive, or both; or those in use that others have shared. */
export function chatListQuery(list: keyof typeof archivedOf) {
  return infiniteQueryOptions({
    queryKey: [...CHATS_KEY, list],
    queryFn: ({ signal, pageParam }) =>
      getPage("/chats", z.array(chat), {
        signal,
        query: {
          limit: CHATS_PAGE,
          after_id: pageParam,
          archived: archivedOf[list],
          shared: list === "shared" ? true : undefined,
        },
      }),
    initialPageParam: undefined as string | undefined,
    // The watch socket moves chats between pages but keeps them in order, so the last one is the oldest known.
    getNextPageParam: (page) => (page.hasMore ? page.items.at(-1)?.id : undefined),
    // The watch socket keeps it fresh, and reads it anew whenever it connects.
    staleTime: Infinity,
  });
}
export const chatsQuery = chatListQuery("active");

/** How many chats a search answers with. */
const FOUND_CHATS = 20;

/** Chats with these words in the title or in a message. */
export function chatSearchQuery(words: string, shelf: keyof typeof archivedOf) {
  return queryOptions({
    queryKey: ["chat-search", words, shelf],
    queryFn: ({ signal }) =>
      get("/chats/search", z.array(searchResult), {
        signal,
        query: { q: words, limit: FOUND_CHATS, archived: archivedOf[shelf] },
      }),
    // Another message may have been written since.
    staleTime: 2_000,
  });
}

/** All single chats begin with it. */
export const CHAT_KEY = ["chat"] as const;

export function chatQuery(chatId: string) {
  return queryOptions({
    queryKey: [...CHAT_KEY, chatId],
    queryFn: ({ signal }) => get(`/chats/${chatId}`, chat, { signal }),
    staleTime: 30_000,
  });
}

export const modelsQuery = queryOptions({
  queryKey: ["chat-models"],
  queryFn: ({ signal }) => get("/chats/models", modelCatalogue, { signal }),
  staleTime: 60_000,
});

export const providersQuery = queryOptions({
  queryKey: ["chat-providers"],
  queryFn: ({ signal }) => get("/chats/providers", z.array(provider), { signal }),
});

export const modelConfigsQuery = queryOptions({
  queryKey: ["chat-model-configs"],
  queryFn: ({ signal }) => get("/chats/model-configs", z.array(modelConfig), { signal }),
});

export const workspacesQuery = queryOptions({
  queryKey: ["workspaces"],
  queryFn: ({ signal }) => get("/workspaces", workspacesResponse, { signal, query: { limit: 200 } }),
  staleTime: 10_000,
});

/** The same list, asked again and again: for pages that show who is connected. */
export const liveWorkspacesQuery = queryOptions({ ...workspacesQuery, refetchInterval: WORKSPACES_EVERY_MS });

export function workspaceQuery(workspaceId: string) {
  return queryOptions({
    queryKey: ["workspace", workspaceId],
    queryFn: ({ signal }) => get(`/workspaces/${workspaceId}`, workspace, { signal }),
  });
}

/** What every new chat begins with; empty where the built-in prompt serves. */
export const systemPromptQuery = queryOptions({
  queryKey: ["chat-system-prompt"],
  queryFn: ({ signal }) => get("/chats/config/system-prompt", systemPromptSetting, { signal }),
});

export const userPromptQuery = queryOptions({
  queryKey: ["chat-user-prompt"],
  queryFn: ({ signal }) => get("/chats/config/user-prompt", userPromptSetting, { signal }),
});

/** Where the reader's own compaction thresholds differ from the models'. */
export const thresholdsQuery = queryOptions({
  queryKey: ["chat-compaction-thresholds"],
  queryFn: ({ signal }) => get("/chats/config/user-compaction-thresholds", compactionThresholds, { signal }),
});

export const buildInfoQuery = queryOptions({
  queryKey: ["build-info"],
  queryFn: ({ signal }) => get("/buildinfo", buildInfo, { signal, anonymous: true }),
  staleTime: Infinity,
});
