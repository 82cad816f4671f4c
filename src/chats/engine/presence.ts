import type { ChatContext } from "./context.ts";

/**
 * Who watches, told to those who do. Nothing of it is stored: it is true of the sockets that are open, and a
 * viewer that comes back is told anew. One person with many tabs is one person, and somebody alone is told
 * nothing.
 */

/** People come and go in bursts, as when a team opens a link; more often than this nobody could read it. */
const TOLD_EVERY_MS = 1_000;

interface Telling {
  /** When the last list went out, by the object's own clock. */
  toldAt: number;
  timer: ReturnType<typeof setTimeout> | null;
}
const tellings = new WeakMap<ChatContext, Telling>();

/** The people who watch, each once. */
export function watching(context: ChatContext): Set<string> {
  return new Set([...context.fanout.viewers()].map(([, viewer]) => viewer.userId));
}

/** Somebody's socket has come or gone. `before` is who watched until then. */
export function presenceChanged(context: ChatContext, before: ReadonlySet<string>, joined: boolean): void {
  const now = watching(context);
  if (now.size <= 1 && before.size <= 1) return;
  // Another tab of somebody who is there is news to that tab alone, and one that closes to nobody.
  if (!joined && now.size === before.size) return;
  const telling = tellings.get(context) ?? { toldAt: -TOLD_EVERY_MS, timer: null };
  tellings.set(context, telling);
  if (telling.timer !== null) return;
  const delay = Math.max(0, telling.toldAt + TOLD_EVERY_MS - context.clock());
  // In a timer of its own even when it is due: those who come in one go are told together.
  telling.timer = setTimeout(() => {
    telling.timer = null;
    telling.toldAt = context.clock();
    context.background("presence", () => tell(context));
  }, delay);
}

async function tell(context: ChatContext): Promise<void> {
  const asked = [...watching(context)];
  const people = await context.ports.people.people(asked);
  // Who has left while names were looked up is not told of as there.
  const still = watching(context);
  context.fanout.mention({ type: "presence", people: people.filter((person) => still.has(person.id)) });
}
