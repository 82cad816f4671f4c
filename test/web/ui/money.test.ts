import { describe, expect, it } from "vitest";
import { formatMicros, formatMicrosSum, formatScaleMicros, formatTokens } from "../../../web/src/ui/money.ts";

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

describe("formatMicrosSum", () => {
  it("never counts a call without a price as nothing", () => {
    expect(formatMicrosSum([10_000, null, 20_000])).toBe("$0.03 and 1 not priced");
    expect(formatMicrosSum([null, null])).toBe("not priced");
    expect(formatMicrosSum([0, 0])).toBe("$0.00");
  });
});

describe("formatScaleMicros", () => {
  it.each([
    [0, "$0"],
    [20_000, "$0.02"],
    [500_000, "$0.50"],
    [2_000_000, "$2"],
    [1_500_000_000, "$1,500"],
  ])("says %s as %s", (micros, text) => expect(formatScaleMicros(micros)).toBe(text));
});

describe("formatTokens", () => {
  it.each([
    [0, "0"],
    [1_234, "1,234"],
    [9_999, "9,999"],
    [10_000, "10k"],
    [12_399, "12.3k"],
    [999_999, "999k"],
    [1_000_000, "1M"],
    [4_560_000, "4.5M"],
    [128_900_000, "128M"],
    [1_200_000_000, "1.2B"],
  ])("says %s as %s", (tokens, text) => expect(formatTokens(tokens)).toBe(text));
});
