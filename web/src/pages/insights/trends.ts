import type { PrInsights } from "../../../../src/contract/insights.ts";
import { counted } from "../../shell/names.ts";
import { formatMicros } from "../../ui/money.ts";

type Summary = PrInsights["summary"];

/** How a figure stands to that of the time before. */
export interface Trend {
  /** "+4", "−12%". */
  short: string;
  /** "4 more than in the 30 days before". */
  words: string;
  meaning: "better" | "worse" | "neither";
}

/** What the page says first. */
export function headline(summary: Summary, days: number): string {
  const { total_prs_merged: merged, total_prs_created: created } = summary;
  if (created === 0) return `No pull request came out of the chats of the last ${days} days.`;
  const said = merged === 0 ? "None" : String(merged);
  const of = `${said} of ${counted(created, "pull request")} from the last ${days} days ${merged === 1 ? "is" : "are"} merged`;
  const trend = mergedTrend(summary, days);
  return trend === null ? `${of}.` : `${of}, ${trend.words}.`;
}

/** Null where there is nothing to compare with. */
export function mergedTrend(summary: Summary, days: number): Trend | null {
  if (summary.prev_total_prs_created === 0) return null;
  const difference = summary.total_prs_merged - summary.prev_total_prs_merged;
  return trendOf(
    difference,
    String(Math.abs(difference)),
    { more: "more", less: "fewer", same: "as many as" },
    days,
    "more is better",
  );
}

export function mergeRateTrend(summary: Summary, days: number): Trend | null {
  if (summary.prev_total_prs_created === 0 || summary.total_prs_created === 0) return null;
  const difference = percent(summary.merge_rate) - percent(summary.prev_merge_rate);
  const size = counted(Math.abs(difference), "point");
  return trendOf(difference, size, { more: "more", less: "less", same: "the same as" }, days, "more is better");
}

export function costTrend(summary: Summary, days: number): Trend | null {
  const { cost_per_merged_pr_micros: now, prev_cost_per_merged_pr_micros: before } = summary;
  if (summary.total_prs_merged === 0 || summary.prev_total_prs_merged === 0) return null;
  const size = before === 0 ? formatMicros(now) : `${Math.round((Math.abs(now - before) / before) * 100)}%`;
  const difference = size === "0%" ? 0 : now - before;
  return trendOf(difference, size, { more: "more", less: "less", same: "the same as" }, days, "less is better");
}

function trendOf(
  difference: number,
  size: string,
  words: { more: string; less: string; same: string },
  days: number,
  wanted: "more is better" | "less is better",
): Trend {
  if (difference === 0) return { short: "±0", words: `${words.same} in the ${days} days before`, meaning: "neither" };
  const grew = difference > 0;
  return {
    short: `${grew ? "+" : "−"}${size}`,
    words: `${size} ${grew ? words.more : words.less} than in the ${days} days before`,
    meaning: grew === (wanted === "more is better") ? "better" : "worse",
  };
}

/** A share from 0 to 1 as a whole number of hundredths. */
export function percent(share: number): number {
  return Math.round(share * 100);
}

/** "6 minutes", "5 hours", "3 days": the largest unit of which there are at least two, or minutes. */
export function durationWords(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  if (minutes < 1) return "less than a minute";
  if (minutes < 120) return counted(minutes, "minute");
  if (minutes < 48 * 60) return counted(Math.round(minutes / 60), "hour");
  return counted(Math.round(minutes / 1_440), "day");
}
