import { useSyncExternalStore } from "react";

/** Why the person who was in is out, in a sentence; null when nobody was, or they left by themselves. */
let why: string | null = null;
const watchers = new Set<() => void>();

function change(next: string | null): void {
  why = next;
  for (const watcher of watchers) watcher();
}

/** The first to know says it: the server's own words come before the guess of whoever was refused later. */
export function noteSignedOut(reason: string): void {
  if (why === null) change(reason);
}

/** For who is in, or went out by themselves. */
export function forgetSignedOut(): void {
  change(null);
}

function subscribe(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function useSignedOut(): string | null {
  return useSyncExternalStore(subscribe, () => why);
}
