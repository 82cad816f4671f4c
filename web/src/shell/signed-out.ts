import { useSyncExternalStore } from "react";

/** Why the person who was in is out, in a sentence; null when nobody was, or they left by themselves. */
let why: string | null = null;
const watchers = new Set<() => void>();

function change(next: string | null): void {
  why = next;
  for (const watcher of watchers) watcher();
}

/** The server has said why. */
export function noteSignedOut(reason: string): void {
  change(reason);
}

/** A request was refused: that may be before the server has said why, or after. */
export function guessSignedOut(): void {
  if (why === null) change("You were signed out: your session has ended.");
}

export function signedOut(): string | null {
  return why;
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
  return useSyncExternalStore(subscribe, signedOut);
}
