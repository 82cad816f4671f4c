import type { RefObject } from "react";
import { useCallback, useEffect, useRef, useState } from "react";

/** Closer to the end than this counts as being there: about two lines. */
const NEAR_PX = 48;

interface Stick {
  /** The reader is at the end, so the view follows it. */
  stuck: boolean;
  /** Goes to the end and follows it from there. */
  toBottom(): void;
  /** Stays where it is, until the reader comes to the end. */
  letGo(): void;
}

/**
 * Keeps a scrolling view at its end while it grows, exactly as long as the reader is there: one
 * movement up lets go, reaching the end takes hold again.
 */
export function useStickToBottom(
  scroller: RefObject<HTMLElement | null>,
  content: RefObject<HTMLElement | null>,
): Stick {
  const [stuck, setStuck] = useState(true);
  const holding = useRef(true);

  const hold = useCallback((next: boolean) => {
    holding.current = next;
    setStuck(next);
  }, []);

  useEffect(() => {
    const view = scroller.current;
    const inner = content.current;
    if (view === null || inner === null) return;
    let lastTop = view.scrollTop;
    let lastHeight = view.scrollHeight;

    function follow(): void {
      if (view === null) return;
      if (holding.current) view.scrollTop = view.scrollHeight;
      lastTop = view.scrollTop;
      lastHeight = view.scrollHeight;
    }
    function onScroll(): void {
      if (view === null) return;
      const gap = view.scrollHeight - view.scrollTop - view.clientHeight;
      // Content that shrank also moves the view up; that is no wish of the reader's.
      const movedUp = view.scrollTop < lastTop - 1 && view.scrollHeight >= lastHeight;
      if (movedUp && gap > 1) hold(false);
      else if (gap <= NEAR_PX && !holding.current && view.scrollTop > lastTop) hold(true);
      lastTop = view.scrollTop;
      lastHeight = view.scrollHeight;
    }
    // The wheel speaks before the scroll does: the next token must not win against it.
    function onWheel(event: WheelEvent): void {
      if (view !== null && event.deltaY < 0 && view.scrollHeight > view.clientHeight) hold(false);
    }
    const observer = new ResizeObserver(follow);
    observer.observe(inner);
    observer.observe(view);
    view.addEventListener("scroll", onScroll, { passive: true });
    view.addEventListener("wheel", onWheel, { passive: true });
    follow();
    return () => {
      observer.disconnect();
      view.removeEventListener("scroll", onScroll);
      view.removeEventListener("wheel", onWheel);
    };
  }, [scroller, content, hold]);

  const toBottom = useCallback(() => {
    hold(true);
    const view = scroller.current;
    if (view !== null) view.scrollTop = view.scrollHeight;
  }, [scroller, hold]);

  const letGo = useCallback(() => hold(false), [hold]);

  return { stuck, toBottom, letGo };
}
