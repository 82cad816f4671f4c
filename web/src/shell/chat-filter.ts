import type { Chat } from "../../../src/contract/chats.ts";
import type { ChatNode, Shelf } from "./chat-list.ts";
import { isBusy } from "./chat-status.ts";

export const chatConditions = ["any", "unread", "working", "waiting", "failed"] as const;
export type ChatCondition = (typeof chatConditions)[number];

export interface ChatFilter {
  shelf: Shelf;
  condition: ChatCondition;
}

export const everyActiveChat: ChatFilter = { shelf: "active", condition: "any" };

export const shelfWords: Record<Shelf, string> = { active: "Active", archived: "Archived", all: "All" };
export const conditionWords: Record<ChatCondition, string> = {
  any: "Any status",
  unread: "Unread",
  working: "Working",
  waiting: "Waiting for you",
  failed: "Failed",
};

export function meets(condition: ChatCondition, chat: Chat): boolean {
  switch (condition) {
    case "any":
      return true;
    case "unread":
      return chat.has_unread && chat.parent_chat_id === null;
    case "working":
      return isBusy(chat.status);
    case "waiting":
      return chat.status === "requires_action";
    case "failed":
      return chat.status === "error";
  }
}

/** Chats that meet it, and parents of those that do, with only these under them. */
export function narrowed(nodes: readonly ChatNode[], condition: ChatCondition): ChatNode[] {
  return nodes.flatMap(function matching(node) {
    if (!node.only && meets(condition, node.chat)) return [node];
    const children = node.children.filter((child) => meets(condition, child));
    return children.length === 0 ? [] : [{ ...node, children, only: true }];
  });
}

/** What is chosen, in words; null when it is what is usual. */
export function filterWords({ shelf, condition }: ChatFilter, usual = everyActiveChat): string | null {
  const parts = [
    ...(shelf === usual.shelf ? [] : [shelfWords[shelf]]),
    ...(condition === usual.condition ? [] : [conditionWords[condition]]),
  ];
  return parts.length === 0 ? null : parts.join(" · ");
}
