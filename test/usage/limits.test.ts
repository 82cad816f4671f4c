import { describe, expect, it } from "vitest";
import { dollars, effectiveLimit, limitReached, periodAround } from "../../src/usage/limits.ts";

const at = (text: string) => Date.parse(text);
const shown = (period: "day" | "week" | "month", now: string) => {
  const { start, end } = periodAround(period, at(now));
  return [new Date(start).toISOString().slice(0, 16), new Date(end).toISOString().slice(0, 16)];
};

describe("the period of a limit", () => {
  it.each([
    ["day", "2026-03-01T00:00:00Z", "2026-03-01T00:00", "2026-03-02T00:00"],
    ["day", "2026-02-28T23:59:59.999Z", "2026-02-28T00:00", "2026-03-01T00:00"],
    ["day", "2028-02-28T12:00:00Z", "2028-02-28T00:00", "2028-02-29T00:00"],
    ["day", "2026-12-31T23:00:00Z", "2026-12-31T00:00", "2027-01-01T00:00"],
    // A Monday begins its week, a Sunday ends it.
    ["week", "2026-11-23T00:00:00Z", "2026-11-23T00:00", "2026-11-30T00:00"],
    ["week", "2026-11-22T23:59:59.999Z", "2026-11-16T00:00", "2026-11-23T00:00"],
    ["week", "2026-01-01T10:00:00Z", "2025-12-29T00:00", "2026-01-05T00:00"],
    ["week", "2028-03-01T10:00:00Z", "2028-02-28T00:00", "2028-03-06T00:00"],
    ["month", "2026-01-31T23:59:59.999Z", "2026-01-01T00:00", "2026-02-01T00:00"],
    ["month", "2028-02-29T12:00:00Z", "2028-02-01T00:00", "2028-03-01T00:00"],
    ["month", "2026-12-31T12:00:00Z", "2026-12-01T00:00", "2027-01-01T00:00"],
  ] as const)("of a %s at %s", (period, now, start, end) => {
    expect(shown(period, now)).toEqual([start, end]);
  });

  it("has every instant in it, and the next one begins where it ends", () => {
    for (const period of ["day", "week", "month"] as const) {
      for (let now = at("2027-12-20T05:00:00Z"); now < at("2028-03-10T00:00:00Z"); now += 7 * 3_600_000) {
        const { start, end } = periodAround(period, now);
        expect(start <= now && now < end).toBe(true);
        expect(periodAround(period, end).start).toBe(end);
        expect(periodAround(period, end - 1)).toEqual({ start, end });
      }
    }
  });
});

describe("the limit that counts", () => {
  it.each([
    [
      { own: 5, group: 3, everybodys: 1 },
      { limitMicros: 5, source: "user" },
    ],
    [
      { own: null, group: 3, everybodys: 1 },
      { limitMicros: 3, source: "group" },
    ],
    [
      { own: null, group: null, everybodys: 1 },
      { limitMicros: 1, source: "default" },
    ],
    [
      { own: 9, group: null, everybodys: 1 },
      { limitMicros: 9, source: "user" },
    ],
  ] as const)("of %j is %j", (set, expected) => {
    expect(effectiveLimit(set)).toEqual(expected);
  });

  it("is reached when all of it is spent, and says when the next period begins", () => {
    const state = { limitMicros: 100, source: "default", period: "month" } as const;
    const now = at("2026-11-22T12:00:00Z");
    expect(limitReached(null, now)).toBeNull();
    expect(limitReached({ ...state, spentMicros: 99 }, now)).toBeNull();
    const reached = { limit_micros: 100, resets_at: "2026-12-01T00:00:00.000Z" };
    expect(limitReached({ ...state, spentMicros: 100 }, now)).toEqual({ ...reached, spent_micros: 100 });
    expect(limitReached({ ...state, spentMicros: 140 }, now)).toEqual({ ...reached, spent_micros: 140 });
  });

  it("is written in dollars", () => {
    expect([0, 1, 9_999, 10_000, 1_234_567_890].map(dollars)).toEqual([
      "$0.00",
      "less than $0.01",
      "less than $0.01",
      "$0.01",
      "$1,234.57",
    ]);
  });
});
