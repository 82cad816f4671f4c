import { describe, expect, it } from "vitest";
import { changedRange, markPieces } from "../../../web/src/chat/intraline.ts";

const marked = (text: string, other: string): string | null => {
  const range = changedRange(text, other);
  return range === null ? null : text.slice(...range);
};

describe("changedRange", () => {
  it.each([
    ["if (a < b)", "if (a <= b)", null, "="],
    ["const total = 1;", "const sum = 1;", "total", "sum"],
    ["same", "same", null, null],
    ["return nothing of the kind;", "for (;;) {}", null, null],
    ["  indented(a)", "    indented(a)", null, "  "],
    ["aaa", "aaaa", null, "a"],
  ])("between %j and %j it is %j and %j", (before, after, removed, added) => {
    expect([marked(before, after), marked(after, before)]).toEqual([removed, added]);
  });
});

describe("markPieces", () => {
  const pieces = [
    { text: "const ", color: "k" },
    { text: "total", color: "v" },
    { text: " = 1;", color: undefined },
  ];
  it("cuts pieces where the range begins and ends", () => {
    expect(markPieces(pieces, [3, 8])).toEqual([
      { text: "con", color: "k", marked: false },
      { text: "st ", color: "k", marked: true },
      { text: "to", color: "v", marked: true },
      { text: "tal", color: "v", marked: false },
      { text: " = 1;", color: undefined, marked: false },
    ]);
  });
  it("keeps the text whole whatever the range", () => {
    for (let start = 0; start < 16; start += 1) {
      for (let end = start + 1; end <= 16; end += 1) {
        const cut = markPieces(pieces, [start, end]);
        expect(cut.map((piece) => piece.text).join("")).toBe("const total = 1;");
        expect(
          cut
            .filter((piece) => piece.marked)
            .map((piece) => piece.text)
            .join(""),
        ).toBe("const total = 1;".slice(start, end));
      }
    }
  });
});
