import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Chat, WatchEvent } from "../../../src/contract/chats.ts";
import {
  applyWatchEvent,
  chatTree,
  groupChats,
  listedChats,
  loadedChats,
  missingParents,
} from "../../../web/src/shell/chat-list.ts";
import type { ChatPages } from "../../../web/src/shell/chat-list.ts";
import { chatOf } from "../chat-of.ts";

function pagesOf(...pages: { items: Chat[]; hasMore: boolean }[]): ChatPages {
  return { pages, pageParams: pages.map(() => undefined) };
}
function after(pages: ChatPages, event: WatchEvent): ChatPages {
  return applyWatchEvent(pages, event);
}
function titles(pages: ChatPages): string[] {
  return listedChats(pages).map((chat) => chat.title);
}

describe("applyWatchEvent", () => {
  const two = pagesOf(
    { items: [chatOf(1), chatOf(2)], hasMore: true },
    { items: [chatOf(3), chatOf(4)], hasMore: true },
  );

  it("moves a changed chat to its new place and keeps each chat once", () => {
    const chat = chatOf(4, { version: 2, status: "running", updated_at: chatOf(0).updated_at });
    const after = applyWatchEvent(two, { kind: "status_change", chat });
    expect(titles(after)).toEqual(["Chat 4", "Chat 1", "Chat 2", "Chat 3"]);
    expect(listedChats(after)[0]?.status).toBe("running");
  });

  it("ignores a late arrival and changes nothing with a repeat", () => {
    expect(applyWatchEvent(two, { kind: "updated", chat: chatOf(2, { version: 0, title: "older" }) })).toBe(two);
    expect(applyWatchEvent(two, { kind: "updated", chat: chatOf(2) })).toEqual(two);
  });

  it("takes the later of one version: what a person has read has no version", () => {
    const unread = applyWatchEvent(two, { kind: "updated", chat: chatOf(2, { has_unread: true }) });
    expect(listedChats(unread)[1]?.has_unread).toBe(true);
    const read = applyWatchEvent(unread, { kind: "updated", chat: chatOf(2, { has_unread: false }) });
    expect(listedChats(read)[1]?.has_unread).toBe(false);
  });

  it("keeps the last loaded chat when it changes and stays where it was", () => {
    const read = chatOf(4, { version: 2, title: "read" });
    expect(titles(applyWatchEvent(two, { kind: "updated", chat: read }))).toEqual([
      "Chat 1",
      "Chat 2",
      "Chat 3",
      "read",
    ]);
  });

  it("adds a new chat at the top", () => {
    expect(titles(applyWatchEvent(two, { kind: "created", chat: chatOf(0) }))[0]).toBe("Chat 0");
  });

  it("adds to an empty list", () => {
    const after = applyWatchEvent(pagesOf({ items: [], hasMore: false }), { kind: "created", chat: chatOf(0) });
    expect(titles(after)).toEqual(["Chat 0"]);
  });

  it("takes away what was archived or deleted, whatever its version", () => {
    const archived = applyWatchEvent(two, { kind: "updated", chat: chatOf(1, { version: 2, archived: true }) });
    expect(titles(archived)).not.toContain("Chat 1");
    expect(titles(applyWatchEvent(two, { kind: "deleted", chat: chatOf(2) }))).not.toContain("Chat 2");
  });

  it("takes a root and all under it away with one event, of whatever kind, and with a child only that child", () => {
    const root = chatOf(1);
    const children = [2, 3].map((n) => chatOf(n, { parent_chat_id: root.id, root_chat_id: root.id }));
    const [first, second] = children;
    const pages = pagesOf({ items: [root, ...children, chatOf(4)], hasMore: false });
    const left = (kind: "deleted" | "updated", chat: Chat) =>
      loadedChats(applyWatchEvent(pages, { kind, chat })).map((each) => each.title);
    expect(left("deleted", { ...root, archived: true })).toEqual(["Chat 4"]);
    expect(left("deleted", root)).toEqual(["Chat 4"]);
    expect(left("updated", { ...root, archived: true })).toEqual(["Chat 4"]);
    if (first === undefined || second === undefined) throw new Error("two children");
    expect(left("deleted", { ...first, archived: true })).toEqual(["Chat 1", "Chat 3", "Chat 4"]);
    expect(left("updated", { ...second, archived: true })).toEqual(["Chat 1", "Chat 2", "Chat 4"]);
  });

  it("moves a tree from the active ones to the archived ones and marks it among all", () => {
    const root = chatOf(1, { version: 5, title: "newer" });
    const child = chatOf(2, { parent_chat_id: root.id, root_chat_id: root.id });
    const pages = pagesOf({ items: [root, child], hasMore: false });
    // The row that the event carries may be older than what the list has; where the chat stands is not.
    const event = { kind: "deleted" as const, chat: chatOf(1, { version: 4, archived: true }) };
    const all = loadedChats(applyWatchEvent(pages, event, "all"));
    expect(all.map((each) => [each.title, each.archived])).toEqual([
      ["newer", true],
      ["Chat 2", true],
    ]);
    const archived = applyWatchEvent(pagesOf({ items: [], hasMore: false }), event, "archived");
    expect(titles(archived)).toEqual(["Chat 1"]);
    const back = { kind: "created" as const, chat: chatOf(1) };
    expect(titles(applyWatchEvent(archived, back, "archived"))).toEqual([]);
    expect(titles(applyWatchEvent(pagesOf({ items: [], hasMore: false }), back))).toEqual(["Chat 1"]);
  });

  it("leaves out what sorts below the last page while there are more pages, so that none is skipped", () => {
    expect(titles(applyWatchEvent(two, { kind: "updated", chat: chatOf(9) }))).not.toContain("Chat 9");
    const all = pagesOf({ items: [chatOf(1)], hasMore: false });
    expect(titles(applyWatchEvent(all, { kind: "updated", chat: chatOf(9) }))).toEqual(["Chat 1", "Chat 9"]);
  });

  it("ends in the same list whatever the order of the events", () => {
    const event = fc.record({ n: fc.integer({ min: 0, max: 5 }), age: fc.integer({ min: 0, max: 9 }) });
    fc.assert(
      fc.property(
        fc
          .array(event, { maxLength: 12 })
          .map((events) =>
            events.map(({ n, age }, index) => ({
              kind: "updated" as const,
              chat: chatOf(n, { version: index + 2, updated_at: chatOf(age).updated_at }),
            })),
          )
          .chain((events) =>
            fc.tuple(
              fc.constant(events),
              fc.shuffledSubarray(events, { minLength: events.length, maxLength: events.length }),
            ),
          ),
        ([inOrder, shuffled]) => {
          const start = pagesOf({ items: [chatOf(1), chatOf(2)], hasMore: false });
          expect(listedChats(shuffled.reduce(after, start))).toEqual(listedChats(inOrder.reduce(after, start)));
        },
      ),
    );
  });
});

describe("listedChats", () => {
  it("shows a chat that two pages hold once, in its newer version, and no sub-agents", () => {
    const pages = pagesOf(
      {
        items: [chatOf(1, { version: 3, title: "newer" }), chatOf(5, { parent_chat_id: chatOf(1).id })],
        hasMore: true,
      },
      { items: [chatOf(1)], hasMore: false },
    );
    expect(titles(pages)).toEqual(["newer"]);
  });

  it("believes the later read of one version", () => {
    const pages = pagesOf(
      { items: [chatOf(1)], hasMore: true },
      { items: [chatOf(1, { title: "later" })], hasMore: false },
    );
    expect(titles(pages)).toEqual(["later"]);
  });
});

describe("chatTree", () => {
  const root = chatOf(1);
  const child = (n: number, parent: Chat) => chatOf(n, { parent_chat_id: parent.id, root_chat_id: parent.id });

  it("puts sub-agents under their parents, in the order in which they were made", () => {
    const [node, other] = chatTree([child(3, root), chatOf(4), root, child(2, root)], []);
    expect(node?.chat.title).toBe("Chat 1");
    expect(node?.children.map((each) => each.title)).toEqual(["Chat 2", "Chat 3"]);
    expect([other?.chat.title, other?.children]).toEqual(["Chat 4", []]);
  });

  it("leaves a child out until its parent is here, and never lets it stand as a root", () => {
    const orphan = child(2, chatOf(9));
    expect(missingParents([root, orphan, child(3, root)])).toEqual([chatOf(9).id]);
    expect(chatTree([root, orphan], []).map((node) => node.chat.title)).toEqual(["Chat 1"]);
    const found = chatTree([root, orphan], [chatOf(9)]);
    expect(found.map((node) => [node.chat.title, node.only, node.children.length])).toEqual([
      ["Chat 1", false, 0],
      ["Chat 9", true, 1],
    ]);
  });

  it("shows a fetched parent no longer than it has a child here, and a loaded one only once", () => {
    expect(chatTree([root], [chatOf(9), root]).map((node) => node.chat.title)).toEqual(["Chat 1"]);
  });
});

describe("groupChats", () => {
  const noon = new Date(2026, 10, 22, 12).getTime();
  function at(...date: [number, number, number, number]): Chat {
    return chatOf(1, { updated_at: new Date(...date).toISOString() });
  }
  function labelOf(chat: Chat): string | undefined {
    return groupChats([{ chat, children: [], only: false }], noon)[0]?.label;
  }

  it("divides by the calendar of the reader, not by hours", () => {
    expect(labelOf(at(2026, 10, 22, 0))).toBe("Today");
    expect(labelOf(at(2026, 10, 21, 23))).toBe("Yesterday");
    expect(labelOf(at(2026, 10, 20, 23))).toBe("Last 7 days");
    expect(labelOf(at(2026, 10, 1, 1))).toBe("Last 30 days");
    expect(labelOf(at(2026, 8, 5, 1))).toBe("September 2026");
  });

  it("calls what a faster clock dates into the future today", () => {
    expect(labelOf(at(2026, 10, 22, 13))).toBe("Today");
  });
});
