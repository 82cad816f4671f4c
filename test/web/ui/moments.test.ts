import { describe, expect, it } from "vitest";
import { longAge, shortAge, waitWords } from "../../../web/src/ui/moments.ts";

const now = new Date(2026, 10, 22, 12).getTime();
const minute = 60_000;
const day = 24 * 60 * minute;

describe("ages", () => {
  it.each([
    [5_000, "now", "just now"],
    [-3_000, "now", "in a moment"],
    [59 * minute, "59m", "59 minutes ago"],
    [61 * minute, "1h", "1 hour ago"],
    [25 * 60 * minute, "1d", "yesterday"],
    [6 * day, "6d", "6 days ago"],
    [20 * day, "2 Nov", "20 days ago"],
    [400 * day, "18 Oct 2025", "last year"],
  ])("%i ms", (age, short, long) => {
    expect(shortAge(now - age, now)).toBe(short);
    expect(longAge(now - age, now)).toBe(long);
  });

  it("tells what is to come", () => {
    expect(longAge(now + 3 * day, now)).toBe("in 3 days");
  });
});

describe("waitWords", () => {
  it("never sends somebody back too early", () => {
    expect([1, 42, 89, 90, 121].map(waitWords)).toEqual([
      "1 second",
      "42 seconds",
      "89 seconds",
      "2 minutes",
      "3 minutes",
    ]);
  });
});
