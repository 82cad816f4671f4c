import { describe, expect, it } from "vitest";
import { applyEdits } from "../../src/agent/text-edits.ts";

describe("applyEdits", () => {
  it("makes edits one after the other", () => {
    const edits = [
      { search: "a", replace: "b" },
      { search: "b\n", replace: "c\n" },
    ];
    expect(applyEdits("f", "a\n", edits)).toBe("c\n");
  });

  it("takes the replacement as it is", () => {
    expect(applyEdits("f", "x", [{ search: "x", replace: "$& $1 \\" }])).toBe("$& $1 \\");
  });

  it("names the file and the count when a search fits not once", () => {
    expect(() => applyEdits("src/f.ts", "a a a", [{ search: "a", replace: "b" }])).toThrow(/^src\/f\.ts: .*3 times/);
    expect(() => applyEdits("src/f.ts", "a", [{ search: "z", replace: "b" }])).toThrow(/^src\/f\.ts: .*0 matches/);
    expect(() => applyEdits("f", "a", [{ search: "a", replace: "a" }])).toThrow("the same");
    const two = [
      { search: "a", replace: "b" },
      { search: "a", replace: "c" },
    ];
    expect(() => applyEdits("f", "a", two)).toThrow("edit 2");
  });

  it("replaces all when asked", () => {
    expect(applyEdits("f", "a a", [{ search: "a", replace: "aa", replace_all: true }])).toBe("aa aa");
  });

  it("keeps CRLF in a file that has only that, however the edit is written", () => {
    const text = "one\r\ntwo\r\nthree\r\n";
    const edited = "one\r\n2\r\n2b\r\nthree\r\n";
    expect(applyEdits("f", text, [{ search: "one\ntwo\n", replace: "one\n2\n2b\n" }])).toBe(edited);
    expect(applyEdits("f", text, [{ search: "one\r\ntwo", replace: "one\r\n2\n2b" }])).toBe(edited);
  });

  it("leaves mixed line ends alone", () => {
    expect(applyEdits("f", "a\r\nb\nc", [{ search: "b", replace: "x\ny" }])).toBe("a\r\nx\ny\nc");
  });
});
