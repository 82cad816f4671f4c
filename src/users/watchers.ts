import type { Chat, WatchEvent } from "../contract/chats.ts";

/** At most one frame per chat in this time: a sidebar needs the newest state, not each of them. */
export const WATCH_GATHER_MS = 250;

/**
 * Gathers what is to be told of each chat. The first change leaves at once; what follows within the
 * gather time leaves once, as the newest version.
 */
export interface WatchGather {
  /** The event to send now, or null when it waits. */
  take(event: WatchEvent, now: number): WatchEvent | null;
  /** Events whose time has come, and when the next one's comes. */
  due(now: number): { events: WatchEvent[]; nextAt: number | null };
}

interface Entry {
  sentAt: number;
  waiting: WatchEvent | null;
}

export function createWatchGather(): WatchGather {
  const entries = new Map<Chat["id"], Entry>();
  return {
    take(event, now) {
      const entry = entries.get(event.chat.id);
      if (entry === undefined || (entry.waiting === null && now - entry.sentAt >= WATCH_GATHER_MS)) {
        entries.set(event.chat.id, { sentAt: now, waiting: null });
        return event;
      }
      if (entry.waiting === null || entry.waiting.chat.version <= event.chat.version) {
        entry.waiting = { ...event, kind: mergeKinds(entry.waiting?.kind, event.kind) };
      }
      return null;
    },
    due(now) {
      const events: WatchEvent[] = [];
      let nextAt: number | null = null;
      for (const [id, entry] of entries) {
        const dueAt = entry.sentAt + WATCH_GATHER_MS;
        if (dueAt > now) {
          if (entry.waiting !== null) nextAt = Math.min(nextAt ?? dueAt, dueAt);
        } else if (entry.waiting === null) {
          entries.delete(id);
        } else {
          events.push(entry.waiting);
          entries.set(id, { sentAt: now, waiting: null });
        }
      }
      return { events, nextAt };
    },
  };
}

/** A chat that appears or goes is told as that, whatever else changed with it. */
function mergeKinds(before: WatchEvent["kind"] | undefined, after: WatchEvent["kind"]): WatchEvent["kind"] {
  if (after === "deleted" || after === "created" || before === undefined) return after;
  return before === "created" ? "created" : "updated";
}
