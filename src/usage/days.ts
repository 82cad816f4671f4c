import type { Range } from "./ranges.ts";

/** A calendar day of a time zone: 23 or 25 hours, and other lengths, where its clocks change. */
export interface LocalDay {
  /** `2026-03-29`. */
  date: string;
  start: number;
  end: number;
}

const DAY_MS = 86_400_000;
/** Offsets that ever were lie within 16 hours of UTC, and one change of them within 24. */
const SEARCH_MS = 40 * 3_600_000;
/** Fine enough: clocks that fall back over midnight are not searched for but calculated. */
const SEARCH_STEP_MS = 15 * 60_000;

/** Whether this is the name of a time zone (IANA); offsets such as `+02:00` and `Local` are none. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/**
 * The days of a time zone that a range touches, in order and without gaps. A day begins at the first instant that
 * the zone's calendar shows it: where midnight is skipped later, where it comes twice at the first of them. Days
 * that a zone left out, when it moved across the date line, are not there.
 */
export function localDays(range: Range, timeZone: string): LocalDay[] {
  const shift = offsetIn(timeZone);
  const dayAt = (instant: number) => Math.floor((instant + shift(instant)) / DAY_MS);
  const days: LocalDay[] = [];
  let day = dayAt(range.from);
  let start = beginningOf(day, shift);
  while (start < range.to && range.from < range.to) {
    const end = beginningOf(day + 1, shift);
    // A day that was left out has no instant. And where clocks go back over midnight, they show a day that is over.
    if (start < end && range.from < end) {
      days.push({ date: new Date(day * DAY_MS).toISOString().slice(0, 10), start, end });
    }
    day += 1;
    start = end;
  }
  return days;
}

type Shift = (instant: number) => number;

/** The first instant of a day, counted from 1970, or of the next one that the zone has. */
function beginningOf(day: number, shift: Shift): number {
  const dayAt = (instant: number) => Math.floor((instant + shift(instant)) / DAY_MS);
  // With the clocks as they went at noon before: of two midnights that is the first.
  const noonBefore = day * DAY_MS - DAY_MS / 2;
  const guess = day * DAY_MS - shift(noonBefore - shift(noonBefore));
  if (dayAt(guess) === day && dayAt(guess - 1) < day) return guess;
  let before = day * DAY_MS - SEARCH_MS;
  while (dayAt(before + SEARCH_STEP_MS) < day) before += SEARCH_STEP_MS;
  let after = before + SEARCH_STEP_MS;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (dayAt(middle) < day) before = middle;
    else after = middle;
  }
  return after;
}

/** Milliseconds that a zone's clocks are ahead of UTC at an instant. */
function offsetIn(timeZone: string): Shift {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  return (instant) => {
    const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const at = (part: Intl.DateTimeFormatPartTypes) => parts.get(part) ?? 0;
    const shown = Date.UTC(at("year"), at("month") - 1, at("day"), at("hour"), at("minute"), at("second"));
    return shown - Math.floor(instant / 1000) * 1000;
  };
}
