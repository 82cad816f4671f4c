import { useSyncExternalStore } from "react";
import { remember, remembered } from "./remembered.ts";

export const SIDEBAR_MIN_PX = 216;
export const SIDEBAR_MAX_PX = 440;
const SIDEBAR_DEFAULT_PX = 272;

interface SidebarState {
  /** Beside the page on a wide screen. */
  readonly open: boolean;
  readonly width: number;
  /** Over the page on a narrow one; never remembered. */
  readonly drawerOpen: boolean;
}

let state: SidebarState = {
  open: remembered("sidebar") !== "closed",
  width: clampWidth(Number(remembered("sidebar-width")) || SIDEBAR_DEFAULT_PX),
  drawerOpen: false,
};
const watchers = new Set<() => void>();

export function clampWidth(width: number): number {
  return Math.round(Math.min(SIDEBAR_MAX_PX, Math.max(SIDEBAR_MIN_PX, width)));
}

export function changeSidebar(change: Partial<SidebarState>): void {
  state = { ...state, ...change, width: clampWidth(change.width ?? state.width) };
  remember("sidebar", state.open ? "open" : "closed");
  remember("sidebar-width", String(state.width));
  for (const watcher of watchers) watcher();
}

/** Below Tailwind's `md` the sidebar is a drawer. */
export const narrow = window.matchMedia("(width < 48rem)");

export function toggleSidebar(): void {
  if (narrow.matches) changeSidebar({ drawerOpen: !state.drawerOpen });
  else changeSidebar({ open: !state.open });
}

function subscribe(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function useSidebar(): SidebarState {
  return useSyncExternalStore(subscribe, () => state);
}

function subscribeNarrow(watcher: () => void): () => void {
  narrow.addEventListener("change", watcher);
  return () => narrow.removeEventListener("change", watcher);
}

export function useNarrow(): boolean {
  return useSyncExternalStore(subscribeNarrow, () => narrow.matches);
}
