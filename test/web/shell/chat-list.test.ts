import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Chat } from "../../../src/contract/chats.ts";
import { applyWatchEvent, groupChats, listedChats } from "../../../web/src/shell/chat-list.ts";
import type { ChatPages } from "../../../web/src/shell/chat-list.ts";
import { chatOf } from "../chat-of.ts";

function pagesOf(...pages: { items: Chat[]; hasMore: boolean }[]): ChatPages {
  return { pages, pageParams: pages.map(() => undefined) };
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

  it("ignores a repeat and a late arrival", () => {
    expect(applyWatchEvent(two, { kind: "updated", chat: chatOf(2, { title: "same version" }) })).toBe(two);
    expect(applyWatchEvent(two, { kind: "updated", chat: chatOf(2, { version: 0, title: "older" }) })).toBe(two);
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
          expect(listedChats(shuffled.reduce(applyWatchEvent, start))).toEqual(
            listedChats(inOrder.reduce(applyWatchEvent, start)),
          );
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
});

describe("groupChats", () => {
  const noon = new Date(2026, 10, 22, 12).getTime();
  function at(...date: [number, number, number, number]): Chat {
    return chatOf(1, { updated_at: new Date(...date).toISOString() });
  }
  function labelOf(chat: Chat): string | undefined {
    return groupChats([chat], noon)[0]?.label;
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
