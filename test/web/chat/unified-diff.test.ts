import { describe, expect, it } from "vitest";
import { parseDiff, sideBySide } from "../../../web/src/chat/unified-diff.ts";

const diff = `--- a/x.ts
+++ b/x.ts
@@ -1,4 +1,4 @@ function x()
 one
-two
--- three
+TWO
+++ plus
 four
@@ -20 +20,2 @@
-last
\\ No newline at end of file
+last
+more
`;

describe("parseDiff", () => {
  it("numbers both sides and keeps lines that look like headers", () => {
    const [first, second] = parseDiff(diff);
    expect(first?.heading).toBe("function x()");
    expect(first?.lines).toEqual([
      { kind: "same", text: "one", before: 1, after: 1 },
      { kind: "removed", text: "two", before: 2, after: null },
      { kind: "removed", text: "-- three", before: 3, after: null },
      { kind: "added", text: "TWO", before: null, after: 2 },
      { kind: "added", text: "++ plus", before: null, after: 3 },
      { kind: "same", text: "four", before: 4, after: 4 },
    ]);
    expect(second?.lines.map((line) => [line.kind, line.before, line.after])).toEqual([
      ["removed", 20, null],
      ["added", null, 20],
      ["added", null, 21],
    ]);
  });

  it("reads a new file, and nothing from what is no diff", () => {
    expect(parseDiff("--- /dev/null\n+++ b/new\n@@ -0,0 +1,2 @@\n+a\n+b\n")[0]?.lines).toHaveLength(2);
    expect(parseDiff("no diff at all")).toEqual([]);
    expect(parseDiff("")).toEqual([]);
  });

  it("reads several files in one text, each with its own headers", () => {
    const two = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-c\n+d\n";
    expect(parseDiff(two).map((hunk) => hunk.lines.map((line) => line.text))).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
  });
});

describe("sideBySide", () => {
  it("puts what was removed beside what replaced it", () => {
    const pairs = sideBySide(parseDiff(diff)[0]?.lines ?? []);
    expect(pairs.map((pair) => [pair.before?.text ?? null, pair.after?.text ?? null])).toEqual([
      ["one", "one"],
      ["two", "TWO"],
      ["-- three", "++ plus"],
      ["four", "four"],
    ]);
  });
  it("leaves gaps where one side has more", () => {
    const pairs = sideBySide(parseDiff("@@ -1,1 +1,2 @@\n-a\n+b\n+c\n")[0]?.lines ?? []);
    expect(pairs.map((pair) => [pair.before?.text ?? null, pair.after?.text ?? null])).toEqual([
      ["a", "b"],
      [null, "c"],
    ]);
  });
});
