import { useCallback, useEffect, useState } from "react";
import { remember, remembered } from "../shell/remembered.ts";
import { isTyping } from "../shell/shortcuts.ts";

export const PANEL_WIDTH_MIN = 320;
const WIDTH_FIRST = 560;
/** What the conversation keeps beside it. */
const CONVERSATION_MIN = 380;
/** The chats on the other side of it. */
const SIDEBAR_WIDTH = 280;

export interface ChangesPanelState {
  readonly open: boolean;
  toggle(): void;
  show(): void;
  hide(): void;
  readonly width: number;
  /** Within what is there. */
  setWidth(width: number): void;
  readonly widest: number;
}

/** Whether the panel of changes is open, and how wide: of this browser, for all chats. */
export function useChangesPanel(): ChangesPanelState {
  const [open, setOpen] = useState(() => remembered("changes.open") === "1" && roomy());
  const [wanted, setWanted] = useState(() => Number(remembered("changes.width")) || WIDTH_FIRST);
  const [room, setRoom] = useState(() => window.innerWidth);

  const change = useCallback((next: boolean) => {
    setOpen(next);
    remember("changes.open", next ? "1" : null);
  }, []);

  useEffect(() => {
    const measure = (): void => setRoom(window.innerWidth);
    window.addEventListener("resize", measure);
    return () => window.removeEventListener("resize", measure);
  }, []);

  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (event.key !== "]" || event.defaultPrevented || event.isComposing) return;
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      event.preventDefault();
      change(!open);
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [open, change]);

  const widest = Math.max(PANEL_WIDTH_MIN, room - CONVERSATION_MIN - SIDEBAR_WIDTH);
  return {
    open,
    toggle: () => change(!open),
    show: () => change(true),
    hide: () => change(false),
    width: Math.min(wanted, widest),
    setWidth: (width) => {
      const next = Math.round(Math.min(Math.max(width, PANEL_WIDTH_MIN), widest));
      setWanted(next);
      remember("changes.width", String(next));
    },
    widest,
  };
}

/** Wide enough that it stands beside the conversation; else it covers it, and does so only when asked. */
export function roomy(): boolean {
  return window.matchMedia("(min-width: 768px)").matches;
}
