import { describe, expect, it } from "vitest";
import { z } from "zod";
import { rangeFields, rangeOf } from "../../src/usage/ranges.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
const query = z.strictObject(rangeFields);
const asked = (start_date?: string, end_date?: string) => rangeOf(query.parse({ start_date, end_date }), NOW);
const day = (text: string) => Date.parse(`${text}T00:00:00Z`);

describe("rangeOf", () => {
  it("is the last 30 days where nothing is said", () => {
    expect(asked()).toEqual({ from: NOW - 30 * 86_400_000, to: NOW });
  });

  it("reaches to now from a start, and 30 days back from an end", () => {
    expect(asked("2026-11-01T00:00:00Z")).toEqual({ from: day("2026-11-01"), to: NOW });
    expect(asked(undefined, "2020-01-31T00:00:00Z")).toEqual({ from: day("2020-01-01"), to: day("2020-01-31") });
  });

  it("reads offsets", () => {
    expect(asked("2026-01-01T01:00:00+01:00", "2026-01-02T00:00:00.000Z").from).toBe(day("2026-01-01"));
  });

  it("may be empty", () => {
    expect(asked("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z")).toEqual({
      from: day("2026-01-01"),
      to: day("2026-01-01"),
    });
  });

  it.each([
    ["2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z"],
    ["2016-01-01T00:00:00Z", "2026-01-02T00:00:00Z"],
    ["1969-12-31T23:59:59Z", "1971-01-01T00:00:00Z"],
    ["9999-12-30T00:00:00Z", "9999-12-31T00:00:00Z"],
    ["2027-01-01T00:00:00Z", undefined],
  ])("refuses %s to %s", (from, to) => {
    expect(() => asked(from, to)).toThrow("The request is not valid.");
  });

  it("takes ten whole years", () => {
    expect(asked("2016-01-01T00:00:00Z", "2026-01-01T00:00:00Z").from).toBe(day("2016-01-01"));
  });

  it.each(["yesterday", "2026-01-01", "2026-02-30T00:00:00Z", "", "2026-01-01T00:00:00"])("refuses %j", (text) => {
    expect(query.safeParse({ start_date: text }).success).toBe(false);
  });
});
