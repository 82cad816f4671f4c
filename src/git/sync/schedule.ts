const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long an answer, or an ordinary failure, is good for. */
export const FRESH_MS = 120 * SECOND_MS;
/** Nobody can do anything before the person connects the provider, which wakes the sync itself. */
export const NO_TOKEN_MS = 10 * MINUTE_MS;
/** No provider is set up for the remote: only a new configuration changes that. */
export const NO_PROVIDER_MS = 6 * HOUR_MS;
/** Longer than any claimed set takes; then another instance may try. */
export const LEASE_MS = 5 * MINUTE_MS;
/** A provider that says "later" without a time. */
export const RATE_LIMIT_MS = 5 * MINUTE_MS;
/** However soon it would take us back. */
export const SOONEST_RETRY_MS = 5 * SECOND_MS;
/** Limits are by the hour; a time beyond a day is a mistake of the provider. */
export const LONGEST_HOLD_MS = DAY_MS;

/** Right after a branch was pushed its pull request is opened as a rule. */
const JUST_REPORTED_MS = 2 * MINUTE_MS;
const JUST_REPORTED_WAIT_MS = 15 * SECOND_MS;
const LONGEST_WAIT_AT_WORK_MS = 10 * MINUTE_MS;

export interface ChatProgress {
  /** Of its newest branch. */
  reportedAt: number;
  workedAt: number;
  anyOpen: boolean;
  any: boolean;
}

/** Whether nothing was done in a chat for a day. */
export function isLeft(now: number, { reportedAt, workedAt }: Pick<ChatProgress, "reportedAt" | "workedAt">): boolean {
  return now - Math.max(workedAt, reportedAt) >= DAY_MS;
}

/**
 * How long after an answer the provider is asked again. A chat at work: every two minutes while a pull request is
 * open; ever more slowly, up to ten minutes, while none is. One in which nothing was done for a day or a week is
 * looked at less and less, and one whose pull requests are all over hardly ever. A webhook, a report from the
 * workspace and a person who asks are not bound by it.
 */
export function waitAfterAnswer(now: number, { reportedAt, workedAt, anyOpen, any }: ChatProgress): number {
  const idle = Math.max(0, now - Math.max(workedAt, reportedAt));
  if (anyOpen) return idle < DAY_MS ? FRESH_MS : idle < 7 * DAY_MS ? 10 * MINUTE_MS : HOUR_MS;
  if (!any && now - reportedAt < JUST_REPORTED_MS) return JUST_REPORTED_WAIT_MS;
  if (idle < DAY_MS) return Math.min(LONGEST_WAIT_AT_WORK_MS, Math.max(FRESH_MS, idle / 2));
  if (!any && idle < 7 * DAY_MS) return HOUR_MS;
  return idle < 30 * DAY_MS ? 6 * HOUR_MS : 7 * DAY_MS;
}
