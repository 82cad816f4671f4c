import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SearchResult } from "../../../src/contract/search.ts";
import { foundMessages, foundTitles, markedPieces } from "../../../web/src/shell/found.ts";
import { FOUND, paletteScore } from "../../../web/src/shell/palette-rows.tsx";
import { chatOf } from "../chat-of.ts";

const snippet = { text: "a resume cursor", marks: [{ start: 2, end: 8 }] };
const results: SearchResult[] = [
  {
    chat: chatOf(1),
    matches: [
      { message_id: null, role: "title", snippet },
      { message_id: 4, role: "assistant", snippet },
      { message_id: 3, role: "user", snippet },
      { message_id: 2, role: "user", snippet },
    ],
  },
  { chat: chatOf(2), matches: [{ message_id: 9, role: "user", snippet }] },
];

describe("markedPieces", () => {
  it("cuts a text at its marks", () => {
    expect(markedPieces(snippet)).toEqual([
      { text: "a ", marked: false },
      { text: "resume", marked: true },
      { text: " cursor", marked: false },
    ]);
  });

  it("is the whole text, in order, whatever the marks say", () => {
    const mark = fc.record({ start: fc.integer({ min: -3, max: 20 }), end: fc.integer({ min: -3, max: 20 }) });
    fc.assert(
      fc.property(fc.string({ maxLength: 15 }), fc.array(mark), (text, marks) => {
        expect(
          markedPieces({ text, marks })
            .map((piece) => piece.text)
            .join(""),
        ).toBe(text);
      }),
    );
  });
});

describe("what a search found", () => {
  it("leads to messages, a few of each chat, and says who wrote them", () => {
    expect(foundMessages(results).map((found) => [found.chat.title, found.messageId, found.by])).toEqual([
      ["Chat 1", 4, "agent"],
      ["Chat 1", 3, "you"],
      ["Chat 2", 9, "you"],
    ]);
  });

  it("names chats by their titles only where they are not listed already", () => {
    expect(foundTitles(results, []).map((chat) => chat.title)).toEqual(["Chat 1"]);
    expect(foundTitles(results, [chatOf(1)])).toEqual([]);
  });
});

describe("paletteScore", () => {
  it("keeps what the server found, below what is found by its own name", () => {
    const found = paletteScore(`${FOUND}1/2`, "resume", undefined);
    expect(found).toBeGreaterThan(0);
    expect(paletteScore(chatOf(1).id, "resume", ["Fix the resume test"])).toBeGreaterThan(found);
  });

  it("finds a chat by its words, not by letters of its id", () => {
    expect(paletteScore("deadbeef-0000", "dead", ["Fix the parser"])).toBe(0);
    // Rows without keywords come with an empty list of them.
    expect(paletteScore("New chat", "new", [])).toBeGreaterThan(0);
  });
});
