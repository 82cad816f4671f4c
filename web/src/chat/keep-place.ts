import type { RefObject } from "react";
import { useEffect, useMemo, useRef } from "react";

/** Marks what somebody reads, row by row and step by step: one of these shall stay where it is. */
export const placeMark = { "data-place": "" };

interface KeptPlace {
  /** The list has measured rows and moved the view for them. */
  measured(): void;
  /** The list has come to rest. */
  rested(): void;
  /** Somebody wants to see something else. */
  letGo(): void;
}

interface Place {
  readonly element: Element;
  readonly top: number;
}

/**
 * Once older rows came in above, the list keeps its distance from the end until scrolling is over. That is right
 * for rows that turn out higher or lower above the view, and wrong for those below it: an answer that grows there
 * would push away what somebody reads. Where it did, this puts the view back before it is painted.
 */
export function useKeptPlace(
  scroller: RefObject<HTMLElement | null>,
  grewAtTop: boolean,
  following: boolean,
): KeptPlace {
  const place = useRef<Place | null>(null);
  const keeping = useRef(false);
  // A view that follows the end is meant to move.
  const mayMove = useRef(following);
  mayMove.current = following;

  // Before the rows are in the page: what is in view now is what was read.
  if (grewAtTop) {
    keeping.current = true;
    place.current = firstInView(scroller.current);
  }
  useEffect(() => {
    const view = scroller.current;
    if (view === null) return;
    // Where the reader went to is what shall stay from here on.
    function onScroll(): void {
      if (keeping.current) place.current = sameInView(view, place.current) ?? firstInView(view);
    }
    view.addEventListener("scroll", onScroll, { passive: true });
    return () => view.removeEventListener("scroll", onScroll);
  }, [scroller]);

  return useMemo(() => {
    function letGo(): void {
      keeping.current = false;
      place.current = null;
    }
    return {
      measured() {
        const view = scroller.current;
        if (!keeping.current || mayMove.current || view === null || place.current === null) return;
        const { element, top } = place.current;
        const moved = element.isConnected ? element.getBoundingClientRect().top - top : 0;
        // Less is what the browser rounds.
        if (Math.abs(moved) >= 1) view.scrollTop += moved;
      },
      rested: letGo,
      letGo,
    };
  }, [scroller]);
}

/** The same as long as it is in view: rows that have just come in are not measured yet, and move. */
function sameInView(view: HTMLElement | null, place: Place | null): Place | null {
  if (view === null || place === null || !place.element.isConnected) return null;
  const frame = view.getBoundingClientRect();
  const { top, bottom } = place.element.getBoundingClientRect();
  return bottom > frame.top && top < frame.bottom ? { ...place, top } : null;
}

/**
 * The first of them in view that was measured; the place of any other is a guess. Of a run that is open a step: the
 * older rows may bring its beginning, and it grows upwards.
 */
function firstInView(view: HTMLElement | null): Place | null {
  if (view === null) return null;
  const frame = view.getBoundingClientRect();
  for (const element of view.querySelectorAll("[data-place]:not(:has([data-place]))")) {
    const { top, bottom } = element.getBoundingClientRect();
    if (top >= frame.bottom) return null;
    if (bottom > frame.top && getComputedStyle(element).visibility !== "hidden") return { element, top };
  }
  return null;
}
