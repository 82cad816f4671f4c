import type { InfiniteData } from "@tanstack/react-query";
import type { Chat, WatchEvent } from "../../../src/contract/chats.ts";

export type ChatPages = InfiniteData<{ items: Chat[]; hasMore: boolean }, unknown>;

/** The server's order: newest change first, then the higher id. */
function compareChats(a: Chat, b: Chat): number {
  return Date.parse(b.updated_at) - Date.parse(a.updated_at) || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

/**
 * The list after an event of the watch socket. Of two versions of a chat the higher counts, so repeats
 * and late arrivals change nothing. What sorts below the last loaded page stays out until it is loaded.
 */
export function applyWatchEvent(pages: ChatPages, event: WatchEvent): ChatPages {
  const { chat } = event;
  const known = pages.pages.flatMap((page) => page.items).find((each) => each.id === chat.id);
  const gone = event.kind === "deleted" || chat.archived;
  if (known === undefined ? gone : known.version >= chat.version && event.kind !== "deleted") return pages;
  const without = pages.pages.map((page) =>
    page.items.some((each) => each.id === chat.id)
      ? { ...page, items: page.items.filter((each) => each.id !== chat.id) }
      : page,
  );
  if (gone) return { ...pages, pages: without };
  const last = without.length - 1;
  const place = without.findIndex(function holds(page, index) {
    const end = page.items.at(-1);
    if (end !== undefined && compareChats(chat, end) < 0) return true;
    return index === last && !page.hasMore;
  });
  if (place === -1) return { ...pages, pages: without };
  return {
    ...pages,
    pages: without.map((page, index) =>
      index === place ? { ...page, items: [...page.items, chat].sort(compareChats) } : page,
    ),
  };
}

/** All loaded chats that stand in the sidebar, each once, in order. Sub-agents stand under their parents. */
export function listedChats(pages: ChatPages): Chat[] {
  const byId = new Map<string, Chat>();
  for (const chat of pages.pages.flatMap((page) => page.items)) {
    const present = byId.get(chat.id);
    if (present === undefined || present.version < chat.version) byId.set(chat.id, chat);
  }
  return [...byId.values()].filter((chat) => chat.parent_chat_id === null && !chat.archived).sort(compareChats);
}

export interface ChatGroup {
  label: string;
  chats: Chat[];
}

/** By the reader's own calendar days, not by hours: "Yesterday" begins at midnight. */
export function groupChats(chats: readonly Chat[], now: number): ChatGroup[] {
  const today = startOfDay(now, 0);
  const bounds = [
    { from: today, label: "Today" },
    { from: startOfDay(now, 1), label: "Yesterday" },
    { from: startOfDay(now, 7), label: "Last 7 days" },
    { from: startOfDay(now, 30), label: "Last 30 days" },
  ];
  const groups = new Map<string, Chat[]>();
  for (const chat of chats) {
    const at = Date.parse(chat.updated_at);
    const label = bounds.find((bound) => at >= bound.from)?.label ?? monthLabel(at);
    const group = groups.get(label);
    if (group === undefined) groups.set(label, [chat]);
    else group.push(chat);
  }
  return [...groups].map(([label, members]) => ({ label, chats: members }));
}

/** Midnight `daysBefore` days ago. Through the calendar, since a day with a clock change has no 24 hours. */
function startOfDay(now: number, daysBefore: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() - daysBefore).getTime();
}

function monthLabel(at: number): string {
  return new Intl.DateTimeFormat("en", { month: "long", year: "numeric" }).format(at);
}
