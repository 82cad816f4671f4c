import type { PrInsights } from "../../../../src/contract/insights.ts";

/** A day of the reader's time zone. */
export interface ChartDay {
  start: number;
  created: number;
  merged: number;
}

/** Every day of the range, those without a pull request among them. */
export function chartDays(series: PrInsights["time_series"], from: number, to: number): ChartDay[] {
  const known = new Map(series.map((each) => [dayKey(Date.parse(each.date)), each]));
  const days: ChartDay[] = [];
  for (let day = new Date(from); ;) {
    // Through the calendar: a day has 23 or 25 hours when the clocks change.
    const start = new Date(day.getFullYear(), day.getMonth(), day.getDate());
    if (start.getTime() >= to) return days;
    const counted = known.get(dayKey(start.getTime()));
    days.push({ start: start.getTime(), created: counted?.prs_created ?? 0, merged: counted?.prs_merged ?? 0 });
    day = new Date(start.getFullYear(), start.getMonth(), start.getDate() + 1);
  }
}

function dayKey(instant: number): string {
  const day = new Date(instant);
  return `${day.getFullYear()}-${day.getMonth()}-${day.getDate()}`;
}
