import type { QueuedMessage } from "../../../../src/contract/chats.ts";

/**
 * What this page asked of the queue and the stream has not shown yet. A wish names the stamp that it
 * was made on: as soon as the entry has another one, the stream tells how it went and the wish lapses.
 */
export type QueueWish =
  | { readonly kind: "delete"; readonly id: number; readonly seq: number }
  /** In front of the entry `before`, or at the end. */
  | { readonly kind: "move"; readonly id: number; readonly seq: number; readonly before: number | null };

/** The queue as it will be, once every wish has come true. */
export function wishedQueue(queue: readonly QueuedMessage[], wishes: readonly QueueWish[]): readonly QueuedMessage[] {
  let shown = queue;
  for (const wish of wishes) {
    const entry = shown.find((each) => each.id === wish.id && each.seq === wish.seq);
    if (entry === undefined) continue;
    const others = shown.filter((each) => each !== entry);
    shown = wish.kind === "delete" ? others : insertBefore(others, entry, wish.before);
  }
  return shown;
}

function insertBefore(others: readonly QueuedMessage[], entry: QueuedMessage, before: number | null): QueuedMessage[] {
  const at = before === null ? -1 : others.findIndex((each) => each.id === before);
  return at === -1 ? [...others, entry] : others.toSpliced(at, 0, entry);
}

/** Wishes that still say something about this queue. */
export function livingWishes(queue: readonly QueuedMessage[], wishes: readonly QueueWish[]): readonly QueueWish[] {
  const living = wishes.filter((wish) => queue.some((entry) => entry.id === wish.id && entry.seq === wish.seq));
  return living.length === wishes.length ? wishes : living;
}

/** The entry before which `ids[from]` must go to stand at `to`; null for the end, undefined when nothing moves. */
export function beforeAt(ids: readonly number[], from: number, to: number): number | null | undefined {
  if (from === to || to < 0 || to >= ids.length) return undefined;
  const others = ids.filter((_id, index) => index !== from);
  return others[to] ?? null;
}
