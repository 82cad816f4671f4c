import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unifiedDiff } from "../../src/agent/diff.ts";

const lines = fc.array(fc.constantFrom("a", "b", "c", "d", "", "-", "+ x"), { maxLength: 30 });
const text = fc.tuple(lines, fc.boolean()).map(([all, end]) => all.join("\n") + (end ? "\n" : ""));

function splitLines(whole: string): string[] {
  return whole.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Applies a unified diff as patch(1) does, strictly: every context and removed line must be where it says. */
function patch(before: string, diff: string): string {
  const source = splitLines(before);
  const result: string[] = [];
  let at = 0;
  for (const hunk of diff.split(/^(?=@@ )/m).slice(1)) {
    const header = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@\n/.exec(hunk);
    if (!header) throw new Error("no hunk header");
    const start = header[2] === "0" ? Number(header[1]) : Number(header[1]) - 1;
    while (at < start) result.push(source[at++] ?? "");
    const body = hunk.slice(header[0].length).replace(/\n\\ No newline at end of file\n/g, "\u0000");
    for (const line of body.match(/[^\n\u0000]*(\n|\u0000)/g) ?? []) {
      const content = line.slice(1).replace("\u0000", "");
      if (line[0] !== "+") expect(source[at++]).toBe(content);
      if (line[0] !== "-") result.push(content);
    }
  }
  return [...result, ...source.slice(at)].join("");
}

/** Length of the longest common subsequence, by the book. */
function commonLines(a: string[], b: string[]): number {
  let row = Array.from({ length: b.length + 1 }, () => 0);
  for (const one of a) {
    const next = [0];
    for (const [j, other] of b.entries()) {
      next.push(one === other ? (row[j] ?? 0) + 1 : Math.max(row[j + 1] ?? 0, next[j] ?? 0));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

describe("unifiedDiff", () => {
  it("leads from one text to the other", () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(patch(before, unifiedDiff("f", before, after).diff)).toBe(after);
      }),
    );
  });

  it("is the shortest such way", () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const { additions, deletions } = unifiedDiff("f", before, after);
        const common = commonLines(splitLines(before), splitLines(after));
        expect(deletions).toBe(splitLines(before).length - common);
        expect(additions).toBe(splitLines(after).length - common);
      }),
    );
  });

  it("reads as people know it", () => {
    const before = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n";
    const after = "one\n2\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten";
    expect(unifiedDiff("src/n.txt", before, after)).toEqual({
      diff: [
        "--- a/src/n.txt",
        "+++ b/src/n.txt",
        "@@ -1,5 +1,5 @@",
        " one",
        "-two",
        "+2",
        " three",
        " four",
        " five",
        "@@ -7,4 +7,4 @@",
        " seven",
        " eight",
        " nine",
        "-ten",
        "+ten",
        "\\ No newline at end of file",
        "",
      ].join("\n"),
      additions: 2,
      deletions: 2,
    });
  });

  it("gives up on texts that share little, but not on its result", () => {
    const before = Array.from({ length: 6000 }, (_, n) => `a${n}\n`).join("");
    const after = Array.from({ length: 6000 }, (_, n) => (n % 7 === 0 ? `a${n}\n` : `b${n}\n`)).join("");
    const began = performance.now();
    const { diff } = unifiedDiff("f", before, after);
    expect(performance.now() - began).toBeLessThan(30_000);
    expect(patch(before, diff)).toBe(after);
  });
});
