import type { RefObject } from "react";
import { useCallback, useEffect, useRef, useState } from "react";
import type { VirtualizerHandle } from "virtua";
import type { Timeline } from "../../../../src/contract/timeline.ts";
import { toast } from "../../ui/toaster.tsx";
import type { Row } from "../rows.ts";
import type { OlderPages } from "../use-older-pages.ts";
import { rowOf, whereabouts } from "./whereabouts.ts";

/** The largest page that the server gives: each one costs a journey. */
const PAGE = 200;
/** As many messages as a chat can be imported with. Whoever looks further back than that is told so. */
const MAX_PAGES = 100;
/** What stands above the message, so that one sees that there is something. */
const HEADROOM_PX = 32;
/** Rows are measured while they come into view; a place that stays for so many frames is the place. */
const STILL_FRAMES = 4;
/** About two seconds: on a page that never rests the message is marked where it is. */
const MAX_FRAMES = 120;
/** Long enough to be found by the eye. */
const MARKED_MS = 2_400;

/** A message to show, and what is to be done once it was: found or not, nobody looks for it any more. */
export interface JumpTarget {
  readonly messageId: number;
  over(): void;
}

interface JumpView {
  timeline: Timeline;
  rows: readonly Row[];
  /** How many empty ones the list has before them. */
  rowsAbove: number;
  older: OlderPages;
  scroller: RefObject<HTMLElement | null>;
  list: RefObject<VirtualizerHandle | null>;
  /** The view stops following the end: somebody wants to see something else. */
  letGo(): void;
}

interface Jump {
  /** Older pages are being read for it. */
  readonly looking: boolean;
  /** The row that was gone to last; it holds the focus. */
  readonly foundKey: string | null;
  readonly foundRow: RefObject<HTMLDivElement | null>;
  /** The row that stands out for a moment. */
  readonly markedKey: string | null;
}

/**
 * Leads to a message: reads older pages until it is there, goes to it, gives it the focus and marks it
 * for a moment. Until the older pages are read the newest messages stay in view.
 */
export function useJump(target: JumpTarget | null, view: JumpView): Jump {
  const { timeline, older } = view;
  const [foundKey, setFoundKey] = useState<string | null>(null);
  const [markedKey, mark] = useMark();
  const foundRow = useRef<HTMLDivElement>(null);
  const pages = useRef(0);
  const current = useRef(view);
  current.current = view;

  const messageId = target?.messageId ?? null;
  const over = target?.over;
  const place = messageId === null ? "unknown" : whereabouts(timeline, messageId);

  useEffect(() => {
    pages.current = 0;
  }, [messageId]);

  useEffect(() => {
    if (over === undefined) return;
    if (place === "gone") {
      toast("That message is not here any more", { description: "It was deleted, or replaced by an edit." });
      return over();
    }
    if (place !== "further-back" || older.state === "loading") return;
    if (pages.current > 0 && older.state === "failed") {
      toast.error("Could not load earlier messages", { description: "The message that you look for is among them." });
      return over();
    }
    if (pages.current === MAX_PAGES) {
      toast("That message is too far back to be shown here", { description: "An export of the chat has all of it." });
      return over();
    }
    pages.current += 1;
    older.load(PAGE);
  }, [place, older, over]);

  useEffect(() => {
    if (place !== "loaded" || messageId === null || over === undefined) return;
    const index = rowOf(current.current.rows, messageId);
    const key = current.current.rows[index]?.key;
    if (key === undefined) return over();
    const { scroller, list, rowsAbove, letGo } = current.current;
    const goThere = () => list.current?.scrollToIndex(rowsAbove + index, { align: "start", offset: -HEADROOM_PX });
    setFoundKey(key);
    letGo();
    goThere();
    return whenStill(foundRow, scroller, goThere, (row) => {
      // Whoever hears the page instead of seeing it goes on reading from here.
      row?.focus({ preventScroll: true });
      mark(key);
      over();
    });
  }, [place, messageId, over, mark]);

  return { looking: place === "further-back", foundKey, foundRow, markedKey };
}

/** Tells when the row is in view and has come to rest. Calls `again` where it rests out of sight. */
function whenStill(
  row: RefObject<HTMLElement | null>,
  scroller: RefObject<HTMLElement | null>,
  again: () => void,
  arrived: (row: HTMLElement | null) => void,
): () => void {
  let frames = 0;
  let still = 0;
  let before: number | null = null;
  let request = requestAnimationFrame(function look() {
    const top = topIn(scroller.current, row.current);
    still = top === before ? still + 1 : 0;
    before = top;
    frames += 1;
    const seen = top !== null && top >= 0 && top < (scroller.current?.clientHeight ?? 0);
    if ((still >= STILL_FRAMES && seen) || frames === MAX_FRAMES) return arrived(row.current);
    if (still >= STILL_FRAMES) {
      still = 0;
      again();
    }
    request = requestAnimationFrame(look);
  });
  return () => cancelAnimationFrame(request);
}

function topIn(view: HTMLElement | null, row: HTMLElement | null): number | null {
  if (view === null || row === null) return null;
  return Math.round(row.getBoundingClientRect().top - view.getBoundingClientRect().top);
}

function useMark(): [string | null, (key: string) => void] {
  const [marked, setMarked] = useState<{ key: string } | null>(null);
  useEffect(() => {
    if (marked === null) return;
    const timer = setTimeout(() => setMarked(null), MARKED_MS);
    return () => clearTimeout(timer);
  }, [marked]);
  const mark = useCallback((key: string) => setMarked({ key }), []);
  return [marked?.key ?? null, mark];
}
