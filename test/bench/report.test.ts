import { describe, expect, it } from "vitest";
import { maximum, median, percentile } from "./figures/statistics.ts";
import { orderText, readOrder } from "./order.ts";
import { report, type Figure } from "./report.ts";

const figure: Figure = {
  key: "resume",
  title: "resume, ms",
  ours: 12.3456,
  peer: 60,
  bare: null,
  ratio: 0.20576,
  bar: "≤ ¼ of peer",
  met: true,
};

describe("report", () => {
  it("ends with one line of JSON, a key per figure", () => {
    const last = report([figure]).split("\n").at(-1) ?? "";
    expect(JSON.parse(last)).toEqual({
      resume: { ours: 12.35, peer: 60, bare: null, ratio: 0.2058, bar: "≤ ¼ of peer", met: true },
    });
  });

  it("says how many bars are missed", () => {
    expect(report([figure])).toContain("Every bar is met.");
    expect(report([figure, { ...figure, key: "other", met: false }])).toContain("1 of 2 bars are not met.");
  });
});

describe("statistics", () => {
  it("takes percentiles of what was measured, never between two values", () => {
    const values = [30, 10, 20, 40];
    expect(median(values)).toBe(20);
    expect(percentile(values, 0.95)).toBe(40);
    expect(maximum(values)).toBe(40);
  });
});

describe("an order", () => {
  it("is found in what a contestant makes of it, the newest one", () => {
    const text = `${orderText({ tokens: 3 })}\n\n${orderText({ tokens: 7, hold: "x" })}`;
    expect(readOrder(text)).toMatchObject({ tokens: 7, hold: "x", perSecond: 0 });
    expect(readOrder("nothing of the kind")).toBeNull();
  });
});
