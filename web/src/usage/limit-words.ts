import type { UsageLimitPeriod, UsageLimitStatus } from "../../../src/contract/usage.ts";

/** What somebody is told about their spend limit. */

/** From here on it is worth knowing. */
const NEAR_FROM = 0.85;

/** A limit that holds, with all that is known of it. */
export type Limited = UsageLimitStatus &
  Required<Pick<UsageLimitStatus, "period" | "spend_limit_micros">> & { period_start: string; period_end: string };

export function isLimited(status: UsageLimitStatus | undefined): status is Limited {
  return (
    status?.is_limited === true &&
    status.spend_limit_micros !== undefined &&
    status.period !== undefined &&
    status.period_start !== null &&
    status.period_end !== null
  );
}

/** How much of it is spent: 0 to 1, and above where calls that were under way went past it. */
export function spentShare({ current_spend, spend_limit_micros }: Limited): number {
  return current_spend / spend_limit_micros;
}

export type LimitLevel = "calm" | "near" | "reached";

export function limitLevel(limited: Limited): LimitLevel {
  const share = spentShare(limited);
  if (share >= 1) return "reached";
  return share >= NEAR_FROM ? "near" : "calm";
}

/** One notice a period and level: what was dismissed comes back with the next of either. */
export function noticeKey(limited: Limited): string {
  return `${limited.period_start}/${limitLevel(limited)}`;
}

export const periodWords: Record<UsageLimitPeriod, { now: string; each: string }> = {
  day: { now: "today", each: "a day" },
  week: { now: "this week", each: "a week" },
  month: { now: "this month", each: "a month" },
};

export const sourceWords: Record<NonNullable<UsageLimitStatus["source"]>, string> = {
  user: "A limit of your own",
  group: "The limit of your group",
  default: "The limit for everybody",
};

/** When the next period begins, in the reader's time zone: "Tue, Dec 1, 1:00 AM". */
export function resetMoment(at: string): string {
  const moment = new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    month: "short",
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
  });
  return moment.format(new Date(at));
}
