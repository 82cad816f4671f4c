import { z } from "zod";

/** The ranges that the pages offer, in days up to and with today. */
export const dayRanges = [7, 14, 30, 90] as const;
export const DEFAULT_DAYS = 30;
/** As many as the server answers at once: ten years, leap days included. */
const LONGEST_DAYS = 3_653;

const day = z.iso.date().optional().catch(undefined);
const reference = z.uuid().optional().catch(undefined);

/** What the address of one's own page says: the range, and what the figures are narrowed to. */
export const ownUsageSearch = z.object({
  days: z.literal(dayRanges).optional().catch(undefined),
  /** `month` is this one so far; `own` goes from day to day. */
  range: z.enum(["month", "own"]).optional().catch(undefined),
  from: day,
  /** The last day, which is part of the range. */
  to: day,
  model: reference,
  chat: reference,
});
export type OwnUsageSearch = z.infer<typeof ownUsageSearch>;

export const teamViews = ["people", "models", "organizations", "groups"] as const;

export const teamUsageSearch = ownUsageSearch.extend({
  view: z.enum(teamViews).optional().catch(undefined),
  organization: reference,
  group: reference,
  user: reference,
  /** Part of a name. */
  q: z.string().max(100).optional().catch(undefined),
  page: z.int().min(1).optional().catch(undefined),
});
export type TeamUsageSearch = z.infer<typeof teamUsageSearch>;

/** What the choice of a range changes in the address. */
export type RangeSearch = Pick<OwnUsageSearch, "days" | "range" | "from" | "to">;

/** Instants in epoch milliseconds, both at midnight of the reader; `to` is excluded. */
export interface UsageRange {
  from: number;
  to: number;
  /** In a sentence: "in the last 30 days", "this month", "from 1 to 3 Nov 2026". */
  words: string;
}

const shortDay = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

/** Whole days of the reader's calendar: the same question all day, and one bar for each day. */
export function usageRange({ days, range, from, to }: RangeSearch, now: number): UsageRange {
  const today = new Date(now);
  const tomorrow = dayAfter(today, 1);
  if (range === "month") {
    const first = new Date(today.getFullYear(), today.getMonth(), 1);
    return { from: first.getTime(), to: tomorrow.getTime(), words: "this month" };
  }
  const first = from === undefined ? null : localDay(from);
  const last = to === undefined ? null : localDay(to);
  if (range === "own" && first !== null && last !== null && isRange(first, last)) {
    const words =
      from === to ? `on ${shortDay.format(first)}` : `from ${shortDay.format(first)} to ${shortDay.format(last)}`;
    return { from: first.getTime(), to: dayAfter(last, 1).getTime(), words };
  }
  const count = days ?? DEFAULT_DAYS;
  return { from: dayAfter(today, 1 - count).getTime(), to: tomorrow.getTime(), words: `in the last ${count} days` };
}

/** `2026-11-03` as a day of the reader, for a date field. */
export function dayText(instant: number): string {
  const at = new Date(instant);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

function isRange(first: Date, last: Date): boolean {
  const length = (last.getTime() - first.getTime()) / 86_400_000;
  return length >= 0 && length < LONGEST_DAYS - 1 && first.getFullYear() >= 1970 && last.getFullYear() < 9999;
}

function localDay(text: string): Date {
  const [year = 0, month = 1, date = 1] = text.split("-").map(Number);
  return new Date(year, month - 1, date);
}

/** Through the calendar: a day has 23 or 25 hours when the clocks change. */
function dayAfter(day: Date, count: number): Date {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + count);
}
