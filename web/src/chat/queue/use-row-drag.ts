import type { CSSProperties, PointerEvent as ReactPointerEvent, RefObject } from "react";
import { useEffect, useRef, useState } from "react";

interface Drag {
  id: number;
  from: number;
  to: number;
  /** How far the pointer has gone since, in pixels. */
  offset: number;
  rowHeight: number;
}

export interface RowDrag {
  begin(id: number, event: ReactPointerEvent): void;
  styleOf(id: number): { style: CSSProperties; dragged: boolean };
}

/** Moves rows of one height by a handle, with mouse, pen or finger. Nothing is moved until the handle is let go. */
export function useRowDrag(
  list: RefObject<HTMLElement | null>,
  ids: readonly number[],
  onDrop: (id: number, to: number) => void,
): RowDrag {
  const [drag, setDrag] = useState<Drag | null>(null);
  const latest = useRef({ ids, onDrop });
  latest.current = { ids, onDrop };
  const end = useRef<(() => void) | null>(null);
  useEffect(() => () => end.current?.(), []);

  function begin(id: number, event: ReactPointerEvent): void {
    if (event.button !== 0) return;
    const rowHeight = list.current?.firstElementChild?.getBoundingClientRect().height ?? 0;
    const from = ids.indexOf(id);
    if (rowHeight === 0 || from === -1) return;
    const startY = event.clientY;
    let present: Drag = { id, from, to: from, offset: 0, rowHeight };
    setDrag(present);

    function move(moved: PointerEvent): void {
      const offset = moved.clientY - startY;
      const last = latest.current.ids.length - 1;
      const to = Math.min(last, Math.max(0, from + Math.round(offset / rowHeight)));
      present = { ...present, offset, to };
      setDrag(present);
    }
    function stop(drop: boolean): void {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", letGo);
      window.removeEventListener("pointercancel", giveUp);
      end.current = null;
      setDrag(null);
      // The queue may have moved on under the pointer; then the place meant is not known.
      if (drop && latest.current.ids[from] === id && present.to !== from) latest.current.onDrop(id, present.to);
    }
    const letGo = () => stop(true);
    const giveUp = () => stop(false);
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", letGo);
    window.addEventListener("pointercancel", giveUp);
    end.current = giveUp;
  }

  return {
    begin,
    styleOf: (id) => {
      if (drag === null) return { style: {}, dragged: false };
      if (id === drag.id) return { style: { transform: `translateY(${drag.offset}px)` }, dragged: true };
      const index = ids.indexOf(id);
      const passed = index > drag.from && index <= drag.to ? -1 : index < drag.from && index >= drag.to ? 1 : 0;
      return {
        style: { transform: `translateY(${passed * drag.rowHeight}px)`, transition: "transform 120ms" },
        dragged: false,
      };
    },
  };
}
