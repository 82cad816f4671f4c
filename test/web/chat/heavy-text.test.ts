import { describe, expect, it } from "vitest";
import { isHeavy, withoutDirectionMarks } from "../../../web/src/chat/heavy-text.ts";

describe("isHeavy", () => {
  it.each([
    ["60,000 brackets", "[".repeat(60_000)],
    ["20,000 changing markers", "**_`".repeat(5_000)],
    ["600,000 characters without a space", "x".repeat(600_000)],
    ["a line without an end", `one\n${"word ".repeat(5_000)}\ntwo`],
    ["a book", "A sentence of a book.\n".repeat(5_000)],
  ])("shows %s plainly", (_, text) => expect(isHeavy(text)).toBe(true));

  it.each([
    ["an answer", "# Title\n\n- **bold** and `code`\n\n```ts\nconst a = { b: [1, 2] };\n```\n".repeat(200)],
    ["a rule of dashes", "-".repeat(2_000)],
    ["a table", "| a | b |\n|---|---|\n".repeat(500)],
  ])("formats %s", (_, text) => expect(isHeavy(text)).toBe(false));
});

describe("withoutDirectionMarks", () => {
  it("keeps what is written in the order in which it is written", () => {
    expect(withoutDirectionMarks("safe\u202etxt.exe")).toBe("safetxt.exe");
    expect(withoutDirectionMarks("שלום and hello")).toBe("שלום and hello");
  });
});
