import { describe, expect, it } from "vitest";
import {
  commentParts,
  excerptOf,
  placeOf,
  readComments,
  type LineComment,
} from "../../../web/src/git/line-comments.ts";
import { parseDiff } from "../../../web/src/chat/unified-diff.ts";

const hunks = parseDiff("@@ -1,3 +1,3 @@\n one\n-two\n+zwei\n three\n");
const comment = (change: Partial<LineComment> = {}): LineComment => ({
  id: "1",
  path: "src/a.ts",
  side: "after",
  start: 2,
  end: 3,
  excerpt: "+zwei\n three",
  text: "Keep English.",
  ...change,
});

describe("comments on lines", () => {
  it("quote the lines of their side", () => {
    expect(excerptOf(hunks, "after", 2, 3)).toBe("+zwei\n three");
    expect(excerptOf(hunks, "before", 1, 2)).toBe(" one\n-two");
    expect(excerptOf(hunks, "after", 9, 9)).toBe("");
  });

  it("go out as the place with its lines, then what is said of it", () => {
    expect(
      commentParts([comment(), comment({ side: "before", start: 2, end: 2, excerpt: "-two", text: "Why?" })]),
    ).toEqual([
      { type: "file-reference", file_name: "src/a.ts", start_line: 2, end_line: 3, content: "+zwei\n three" },
      { type: "text", text: "Keep English." },
      {
        type: "file-reference",
        file_name: "src/a.ts (before the change)",
        start_line: 2,
        end_line: 2,
        content: "-two",
      },
      { type: "text", text: "Why?" },
    ]);
  });

  it("say where they stand", () => {
    expect(placeOf(comment())).toBe("src/a.ts:2–3");
    expect(placeOf(comment({ end: 2, side: "before" }))).toBe("src/a.ts:2 (removed)");
  });

  it("come back from storage, and nothing else does", () => {
    expect(readComments(JSON.stringify([comment()]))).toEqual([comment()]);
    for (const text of [null, "", "{}", "[1]", '[{"id":"1"}]', "nonsense"]) expect(readComments(text)).toEqual([]);
  });
});
