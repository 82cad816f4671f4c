import type { QueryClient } from "@tanstack/react-query";
import type { Chat, WatchEvent } from "../../../src/contract/chats.ts";
import { CHAT_KEY, chatListQuery, chatQuery, CHATS_KEY } from "../api/queries.ts";
import { applyWatchEvent, chatLists, isInTree, loadedChats } from "./chat-list.ts";

/** What the lists of one page keep beside themselves. */
interface ChatCache {
  /**
   * Roots that were archived or went away. A late word of one of their children would bring it back
   * alone: it is not heard until the root itself is back.
   */
  gone: Set<string>;
  /** By list or chat that is being read: events that came meanwhile, since its answer may be older than they are. */
  duringRead: Map<string, WatchEvent[]>;
}

const caches = new WeakMap<QueryClient, ChatCache>();

/** Writes what became of a chat into every list, and into the chat itself where it is loaded. */
export function tellChats(queryClient: QueryClient, event: WatchEvent): void {
  const { gone, duringRead } = cacheOf(queryClient);
  const { chat } = event;
  if (event.kind === "created") gone.delete(chat.root_chat_id);
  else if (gone.has(chat.root_chat_id) && !chat.archived && event.kind !== "deleted") return;
  if (chat.parent_chat_id === null && isGone(event)) gone.add(chat.id);

  for (const list of chatLists) {
    queryClient.setQueryData(chatListQuery(list).queryKey, (pages) => pages && applyWatchEvent(pages, event, list));
  }
  const { queryKey } = chatQuery(chat.id);
  for (const asked of [CHATS_KEY, queryKey]) {
    for (const query of queryClient.getQueryCache().findAll({ queryKey: asked, fetchStatus: "fetching" })) {
      duringRead.set(query.queryHash, [...(duringRead.get(query.queryHash) ?? []), event]);
    }
  }
  queryClient.setQueryData(queryKey, (known) => known && newer(known, event));
  if (!chat.archived || chat.parent_chat_id !== null) return;
  for (const query of queryClient.getQueryCache().findAll({ queryKey: CHAT_KEY })) {
    const [, id] = query.queryKey;
    if (query.queryKey.length !== 2 || typeof id !== "string") continue;
    queryClient.setQueryData(chatQuery(id).queryKey, (known) =>
      known !== undefined && isInTree(chat, known) ? { ...known, archived: true } : known,
    );
  }
}

/** Every chat of this one's tree that some list holds, itself included: what an undo brings back. */
export function loadedTree(queryClient: QueryClient, chat: Chat): Chat[] {
  const found = new Map([[chat.id, chat]]);
  for (const list of chatLists) {
    const pages = queryClient.getQueryData(chatListQuery(list).queryKey);
    for (const each of pages === undefined ? [] : loadedChats(pages)) {
      if (isInTree(chat, each)) found.set(each.id, each);
    }
  }
  return [...found.values()];
}

function newer(known: Chat, { kind, chat }: WatchEvent): Chat {
  if (known.version <= chat.version) return chat;
  return kind === "created" || kind === "deleted" ? { ...known, archived: chat.archived } : known;
}

function isGone({ kind, chat }: WatchEvent): boolean {
  return kind === "deleted" || chat.archived;
}

function cacheOf(queryClient: QueryClient): ChatCache {
  const present = caches.get(queryClient);
  if (present !== undefined) return present;
  const cache: ChatCache = { gone: new Set(), duringRead: new Map() };
  caches.set(queryClient, cache);
  queryClient.getQueryCache().subscribe(function afterRead(change) {
    if (change.type !== "updated" || change.action.type !== "success" || change.action.manual === true) return;
    const events = cache.duringRead.get(change.query.queryHash) ?? [];
    cache.duringRead.delete(change.query.queryHash);
    const one = events.find(({ chat }) => chatQuery(chat.id).queryKey.join() === change.query.queryKey.join());
    if (one !== undefined) {
      for (const event of events) {
        queryClient.setQueryData(chatQuery(one.chat.id).queryKey, (known) => known && newer(known, event));
      }
      return;
    }
    const list = chatLists.find((each) => chatListQuery(each).queryKey.join() === change.query.queryKey.join());
    if (list === undefined) return;
    const { queryKey } = chatListQuery(list);
    for (const chat of loadedChats(queryClient.getQueryData(queryKey) ?? { pages: [], pageParams: [] })) {
      if (!chat.archived) cache.gone.delete(chat.id);
    }
    for (const event of events) {
      queryClient.setQueryData(queryKey, (pages) => pages && applyWatchEvent(pages, event, list));
      if (event.chat.parent_chat_id === null && isGone(event)) cache.gone.add(event.chat.id);
    }
  });
  return cache;
}
