import { describe, expect, it } from "vitest";
import { firstTitle } from "../../src/contract/title.ts";

const text = (words: string) => [{ type: "text" as const, text: words }];

describe("firstTitle", () => {
  it("is the whole text when it has six words or fewer", () => {
    expect(firstTitle(text("Fix  the\nfailing test"))).toBe("Fix the failing test");
    expect(firstTitle(text("one two three four five six"))).toBe("one two three four five six");
  });

  it("is the first six words and an ellipsis otherwise", () => {
    expect(firstTitle(text("one two three four five six seven"))).toBe("one two three four five six…");
  });

  it("has no line breaks or other control characters", () => {
    expect(firstTitle(text("a\u0000b\u001b[1mc\r\nd"))).toBe("a b [1mc d");
  });

  it("joins parts, and names referenced files", () => {
    expect(
      firstTitle([...text("Explain"), { type: "file-reference", file_name: "src/a.ts", content: "a b c d e f g" }]),
    ).toBe("Explain src/a.ts");
  });

  it("is cut to 80 characters without breaking one", () => {
    const title = firstTitle(text("👩‍🚀".repeat(60)));
    expect(Array.from(title)).toHaveLength(80);
    expect(title.isWellFormed()).toBe(true);
    expect(title.endsWith("…")).toBe(true);
    expect(firstTitle(text("x".repeat(80)))).toBe("x".repeat(80));
  });

  it("is New Chat when there is no text", () => {
    expect(firstTitle([{ type: "file", file_id: "f", media_type: "image/png" }])).toBe("New Chat");
  });
});
