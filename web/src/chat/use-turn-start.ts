import { useRef } from "react";
import type { Timeline } from "../../../src/contract/timeline.ts";
import { isActive } from "./rows.ts";

/**
 * When the running turn began, on this machine's clock. A turn that begins while the page watches
 * is timed here; one that was running already is timed by its message, whose clock is the server's.
 */
export function useTurnStart(timeline: Timeline): number | null {
  const seen = useRef<{ active: boolean; ready: boolean; turn: number | null; at: number | null }>({
    active: false,
    ready: false,
    turn: null,
    at: null,
  });
  const active = isActive(timeline.status);
  const message = timeline.messages.findLast((each) => each.role === "user") ?? null;
  const turn = message?.id ?? null;
  if (!active) {
    seen.current = { active, ready: timeline.ready, turn, at: null };
  } else if (!seen.current.active || (seen.current.turn !== turn && turn !== null)) {
    const watched = seen.current.ready;
    const at = watched || message === null ? Date.now() : Math.min(Date.now(), Date.parse(message.created_at));
    seen.current = { active, ready: timeline.ready, turn, at };
  }
  return seen.current.at;
}
