import { useSyncExternalStore } from "react";
import { everyActiveChat, type ChatFilter } from "./chat-filter.ts";

/** The sidebar's filter. It stays while the sidebar is away, as it is on a phone after each choice. */
let filter = everyActiveChat;
const watchers = new Set<() => void>();

export function chooseFilter(next: ChatFilter): void {
  filter = next;
  for (const watcher of watchers) watcher();
}

function subscribe(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function useChosenFilter(): ChatFilter {
  return useSyncExternalStore(subscribe, () => filter);
}
