import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchExpression, snippetOf, termsOf, wordsOf } from "../../src/users/search-words.ts";

describe("termsOf", () => {
  it("takes words for words, whatever stands around them", () => {
    expect(termsOf('  Fix "the* test NEAR(x) OR -y: ')).toEqual([
      ["fix"],
      ["the"],
      ["test"],
      ["near", "x"],
      ["or"],
      ["y"],
    ]);
    expect(termsOf("src/read-file.ts")).toEqual([["src", "read", "file", "ts"]]);
    expect(termsOf(" \u0000 *\"') -- 🌊 ")).toEqual([]);
  });

  it("makes no difference of case and accents, and one of the marks that make a letter", () => {
    expect(termsOf("Çédille ΆΛΦΑ ﬁne")).toEqual([["cedille"], ["αλφα"], ["fine"]]);
    expect(termsOf("ば")).not.toEqual(termsOf("は"));
  });

  it("reads scripts without spaces character by character", () => {
    expect(termsOf("修复test")).toEqual([["修", "复", "test"]]);
  });
});

describe("wordsOf", () => {
  it("knows no word without a letter or number, and none with more than those", () => {
    expect(termsOf("\u0300 x\u0300 ½")).toEqual([["x"], ["12"]]);
  });
});

describe("matchExpression", () => {
  it("has nothing in it but quoted words", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (question) => {
        const terms = termsOf(question);
        const expression = matchExpression(terms);
        expect(expression.replaceAll(/"[\p{L}\p{N}\p{M} ]+" \*/gu, "term")).toBe(terms.map(() => "term").join(" AND "));
      }),
    );
  });
});

describe("snippetOf", () => {
  const marked = (text: string, question: string) => {
    const snippet = snippetOf(text, termsOf(question));
    return snippet.marks.map(({ start, end }) => snippet.text.slice(start, end));
  };

  it("marks the words that were looked for, whole", () => {
    expect(marked("The Tests of the tester", "test")).toEqual(["Tests", "tester"]);
    expect(marked("open src/read-file.ts please", "read-fi")).toEqual(["read-file"]);
    expect(marked("Crème brûlée", "creme brulee")).toEqual(["Crème", "brûlée"]);
  });

  it("shows the part where most of the words stand together", () => {
    const text = `${"tide ".repeat(100)}. Then the tide met the line. ${"end ".repeat(200)}`;
    const { text: shown } = snippetOf(text, termsOf("tide line"));
    expect(shown).toContain("the tide met the line");
    expect(shown.startsWith("…")).toBe(true);
    expect(shown.endsWith("…")).toBe(true);
  });

  it("is short, whole and right about its marks for any text", () => {
    const piece = fc.oneof(fc.constantFrom("tide", "line", "🌊", " ", "\n", "é"), fc.string({ unit: "grapheme" }));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
        const snippet = snippetOf(pieces.join(""), termsOf("tide line"));
        expect(snippet.text.length).toBeLessThanOrEqual(162);
        expect(snippet.text.isWellFormed()).toBe(true);
        for (const { start, end } of snippet.marks) {
          const [word] = wordsOf(snippet.text.slice(start, end));
          expect(word?.folded).toMatch(/^(tide|line)/);
        }
      }),
    );
  });
});
