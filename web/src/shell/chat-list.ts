import type { InfiniteData } from "@tanstack/react-query";
import type { Chat, WatchEvent } from "../../../src/contract/chats.ts";

export type ChatPages = InfiniteData<{ items: Chat[]; hasMore: boolean }, unknown>;

/** Which chats a list is of: those in use, those put away, or both. */
export const shelves = ["active", "archived", "all"] as const;
export type Shelf = (typeof shelves)[number];
/** All lists of chats: one's own on their shelves, and those in use that others have shared. */
export const chatLists = [...shelves, "shared"] as const;
export type ChatList = (typeof chatLists)[number];

/** Whether somebody else's chat was opened to this person. */
export function isSharedWithMe({ your_role: role }: Chat): boolean {
  return role !== undefined && role !== "owner";
}

function belongsOn(list: ChatList, chat: Chat): boolean {
  if (isSharedWithMe(chat) !== (list === "shared")) return false;
  if (chat.your_role === "site") return false;
  return list === "all" || chat.archived === (list === "archived");
}

/** The server's order: newest change first, then the higher id. */
function compareChats(a: Chat, b: Chat): number {
  return Date.parse(b.updated_at) - Date.parse(a.updated_at) || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

/** A chat and, with a root, all that stands under it. */
export function isInTree(of: Chat, chat: Chat): boolean {
  return chat.id === of.id || (of.parent_chat_id === null && chat.root_chat_id === of.id);
}

/**
 * A list after an event of the watch socket. Of two versions of a chat the higher counts, so late arrivals
 * change nothing; of one version the later counts, since what a person has read of it has no version.
 * A root that is archived or gone takes its tree along at once, so that no child is left to stand alone.
 * What sorts below the last loaded page stays out until it is loaded.
 */
export function applyWatchEvent(pages: ChatPages, event: WatchEvent, list: ChatList = "active"): ChatPages {
  const { chat } = event;
  if (event.kind === "deleted" && !chat.archived) return without(pages, (each) => isInTree(chat, each));
  const known = pages.pages.flatMap((page) => page.items).find((each) => each.id === chat.id);
  // Whether it is archived comes from its root's object, under a version of its own.
  const moved = event.kind === "deleted" || event.kind === "created";
  const late = known !== undefined && known.version > chat.version;
  if (late && !moved) return pages;
  const newest = late ? { ...known, archived: chat.archived } : chat;
  return placed(chat.archived ? treeArchived(pages, chat, list) : pages, newest, list);
}

function treeArchived(pages: ChatPages, root: Chat, list: ChatList): ChatPages {
  if (root.parent_chat_id !== null) return pages;
  if (list === "active" || list === "shared") return without(pages, (each) => isInTree(root, each));
  return mapped(pages, (each) => (isInTree(root, each) && !each.archived ? { ...each, archived: true } : each));
}

function placed(pages: ChatPages, chat: Chat, list: ChatList): ChatPages {
  const rest = without(pages, (each) => each.id === chat.id);
  if (!belongsOn(list, chat)) return rest;
  // One that sorts where it did stays, the last of a page, too: what comes after it is not known.
  const stays = pages.pages.some((page) => page.items.some((each) => compareChats(each, chat) === 0));
  if (stays) return mapped(pages, (each) => (each.id === chat.id ? chat : each));
  const last = rest.pages.length - 1;
  const place = rest.pages.findIndex(function holds(page, index) {
    const end = page.items.at(-1);
    if (end !== undefined && compareChats(chat, end) < 0) return true;
    return index === last && !page.hasMore;
  });
  if (place === -1) return rest;
  return {
    ...rest,
    pages: rest.pages.map((page, index) =>
      index === place ? { ...page, items: [...page.items, chat].sort(compareChats) } : page,
    ),
  };
}

function without(pages: ChatPages, leaves: (chat: Chat) => boolean): ChatPages {
  if (!pages.pages.some((page) => page.items.some(leaves))) return pages;
  return {
    ...pages,
    pages: pages.pages.map((page) => ({ ...page, items: page.items.filter((each) => !leaves(each)) })),
  };
}

function mapped(pages: ChatPages, change: (chat: Chat) => Chat): ChatPages {
  return { ...pages, pages: pages.pages.map((page) => ({ ...page, items: page.items.map(change) })) };
}

/** All loaded chats, each once: of two pages that hold one, the newer version. */
export function loadedChats(pages: ChatPages): Chat[] {
  const byId = new Map<string, Chat>();
  for (const chat of pages.pages.flatMap((page) => page.items)) {
    const present = byId.get(chat.id);
    if (present === undefined || present.version <= chat.version) byId.set(chat.id, chat);
  }
  return [...byId.values()].sort(compareChats);
}

/** All loaded chats that have no parent, in order. */
export function listedChats(pages: ChatPages): Chat[] {
  return loadedChats(pages).filter((chat) => chat.parent_chat_id === null);
}

/** A chat with its sub-agents, in the order in which they were made. */
export interface ChatNode {
  chat: Chat;
  children: Chat[];
  /** True for a parent that is there only so that its children have a place. */
  only: boolean;
}

/** Parents of loaded chats that no loaded page holds. */
export function missingParents(chats: readonly Chat[]): string[] {
  const loaded = new Set(chats.map((chat) => chat.id));
  const parents = chats.flatMap((chat) => (chat.parent_chat_id === null ? [] : [chat.parent_chat_id]));
  return [...new Set(parents)].filter((id) => !loaded.has(id));
}

/**
 * Roots with their sub-agents under them. `fetched` are parents from outside of the list. A child whose
 * parent is not here yet is left out: it never stands as a root, not even for a moment.
 */
export function chatTree(chats: readonly Chat[], fetched: readonly Chat[]): ChatNode[] {
  const loaded = new Set(chats.map((chat) => chat.id));
  const outside = fetched.filter((chat) => !loaded.has(chat.id));
  const children = Map.groupBy(chats, (chat) => chat.parent_chat_id);
  return [...chats, ...outside]
    .filter((chat) => chat.parent_chat_id === null)
    .map((chat) => ({
      chat,
      children: (children.get(chat.id) ?? []).sort((a, b) => (a.id < b.id ? -1 : 1)),
      only: !loaded.has(chat.id),
    }))
    .filter((node) => !node.only || node.children.length > 0)
    .sort((a, b) => compareChats(a.chat, b.chat));
}

export interface ChatGroup {
  label: string;
  nodes: ChatNode[];
}

/** By the reader's own calendar days, not by hours: "Yesterday" begins at midnight. */
export function groupChats(nodes: readonly ChatNode[], now: number): ChatGroup[] {
  const today = startOfDay(now, 0);
  const bounds = [
    { from: today, label: "Today" },
    { from: startOfDay(now, 1), label: "Yesterday" },
    { from: startOfDay(now, 7), label: "Last 7 days" },
    { from: startOfDay(now, 30), label: "Last 30 days" },
  ];
  const groups = Map.groupBy(nodes, function labelOf({ chat }) {
    const at = Date.parse(chat.updated_at);
    return bounds.find((bound) => at >= bound.from)?.label ?? monthLabel(at);
  });
  return [...groups].map(([label, members]) => ({ label, nodes: members }));
}

/** Midnight `daysBefore` days ago. Through the calendar, since a day with a clock change has no 24 hours. */
function startOfDay(now: number, daysBefore: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() - daysBefore).getTime();
}

function monthLabel(at: number): string {
  return new Intl.DateTimeFormat("en", { month: "long", year: "numeric" }).format(at);
}
