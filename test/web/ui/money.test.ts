import { describe, expect, it } from "vitest";
import { formatMicros } from "../../../web/src/ui/money.ts";

describe("formatMicros", () => {
  it.each([
    [null, "not priced"],
    [0, "$0.00"],
    [1, "<$0.01"],
    [9_999, "<$0.01"],
    [10_000, "$0.01"],
    [1_234_567, "$1.23"],
    [1_235_000, "$1.24"],
    [1_234_567_890_000, "$1,234,567.89"],
  ])("says %s as %s", (micros, text) => expect(formatMicros(micros)).toBe(text));
});
