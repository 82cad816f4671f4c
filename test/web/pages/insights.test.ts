import { describe, expect, it } from "vitest";
import type { PrInsights } from "../../../src/contract/insights.ts";
import { chartDays } from "../../../web/src/pages/insights/chart-days.ts";
import {
  costTrend,
  durationWords,
  headline,
  mergedTrend,
  mergeRateTrend,
} from "../../../web/src/pages/insights/trends.ts";
import { namedPoints, scaleTicks } from "../../../web/src/ui/chart-scale.ts";

function summaryOf(now: [created: number, merged: number, cost: number], before = now): PrInsights["summary"] {
  const rate = ([created, merged]: typeof now) => (created === 0 ? 0 : merged / created);
  return {
    total_prs_created: now[0],
    total_prs_merged: now[1],
    total_prs_closed: 0,
    merge_rate: rate(now),
    total_additions: 0,
    total_deletions: 0,
    total_cost_micros: 0,
    cost_per_merged_pr_micros: now[2],
    approval_rate: 0,
    reviewed_count: 0,
    prev_total_prs_created: before[0],
    prev_total_prs_merged: before[1],
    prev_merge_rate: rate(before),
    prev_cost_per_merged_pr_micros: before[2],
    chats_cost_micros: 0,
    sub_agents_cost_micros: 0,
    unpriced_call_count: 0,
    sub_agents_unpriced_call_count: 0,
    merged_unpriced_call_count: 0,
  };
}

describe("the sentence above the figures", () => {
  it.each([
    [[0, 0, 0], [5, 5, 1], "No pull request came out of the chats of the last 30 days."],
    [[3, 0, 0], [0, 0, 0], "None of 3 pull requests from the last 30 days are merged."],
    [[1, 1, 1], [0, 0, 0], "1 of 1 pull request from the last 30 days is merged."],
    [[9, 4, 1], [9, 3, 1], "4 of 9 pull requests from the last 30 days are merged, 1 more than in the 30 days before."],
    [
      [9, 2, 1],
      [9, 4, 1],
      "2 of 9 pull requests from the last 30 days are merged, 2 fewer than in the 30 days before.",
    ],
    [[9, 4, 1], [5, 4, 1], "4 of 9 pull requests from the last 30 days are merged, as many as in the 30 days before."],
  ] as const)("of %j after %j", (now, before, text) => {
    expect(headline(summaryOf([...now], [...before]), 30)).toBe(text);
  });
});

describe("trends", () => {
  it("say whether it is better or worse: more merged is, more money is not", () => {
    const grown = summaryOf([10, 8, 1_200], [10, 5, 1_000]);
    expect(mergedTrend(grown, 7)).toMatchObject({ short: "+3", meaning: "better" });
    expect(mergeRateTrend(grown, 7)).toEqual({
      short: "+30 points",
      words: "30 points more than in the 7 days before",
      meaning: "better",
    });
    expect(costTrend(grown, 7)).toMatchObject({ short: "+20%", meaning: "worse" });
    const shrunk = summaryOf([10, 5, 900], [10, 8, 1_000]);
    expect(mergedTrend(shrunk, 7)).toMatchObject({ short: "−3", meaning: "worse" });
    expect(costTrend(shrunk, 7)).toMatchObject({ short: "−10%", meaning: "better" });
  });

  it("are none where there was nothing, and no percentage of nothing", () => {
    const first = summaryOf([4, 2, 500], [0, 0, 0]);
    expect([mergedTrend(first, 7), mergeRateTrend(first, 7), costTrend(first, 7)]).toEqual([null, null, null]);
    expect(costTrend(summaryOf([4, 2, 50_000], [4, 2, 0]), 7)).toMatchObject({ short: "+$0.05", meaning: "worse" });
    expect(costTrend(summaryOf([4, 2, 1_000_001], [4, 2, 1_000_000]), 7)).toMatchObject({ meaning: "neither" });
  });
});

describe("the days of the chart", () => {
  it("are all of the range, with nothing where there was nothing", () => {
    const day = (date: number) => new Date(2026, 2, date).getTime();
    const series = [{ date: new Date(day(29)).toISOString(), prs_created: 3, prs_merged: 2, prs_closed: 1 }];
    const days = chartDays(series, day(27) + 3_600_000, day(30) + 1);
    expect(days).toEqual([
      { start: day(27), created: 0, merged: 0 },
      { start: day(28), created: 0, merged: 0 },
      { start: day(29), created: 3, merged: 2 },
      { start: day(30), created: 0, merged: 0 },
    ]);
    expect(chartDays([], day(27), day(28))).toHaveLength(1);
  });
});

describe("the scale of a chart", () => {
  it.each([
    [0, [0, 1]],
    [1, [0, 1]],
    [3, [0, 1, 2, 3]],
    [6, [0, 2, 4, 6]],
    [17, [0, 5, 10, 15, 20]],
    [1_000, [0, 500, 1_000]],
  ])("for %i goes %j", (max, ticks) => expect(scaleTicks(max)).toEqual(ticks));

  it("names points evenly, and the last one always", () => {
    expect(namedPoints(8, 3)).toEqual([1, 4, 7]);
    expect(namedPoints(2, 9)).toEqual([0, 1]);
  });
});

it.each([
  [10_000, "less than a minute"],
  [3_600_000, "60 minutes"],
  [7_200_000, "2 hours"],
  [5 * 86_400_000, "5 days"],
])("%i ms is %s", (milliseconds, words) => expect(durationWords(milliseconds)).toBe(words));
