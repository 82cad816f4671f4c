import { z } from "zod";
import { Problem } from "../platform/problem.ts";

/** Milliseconds; `to` is excluded. */
export interface Range {
  from: number;
  to: number;
}

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
/** Ten years, leap days included: as much as anybody asks at once, and a figure a day is still a small answer. */
const LONGEST_MS = 3_653 * DAY_MS;
/** Before the clock of computers there is nothing, and behind the last year no calendar is written. */
const EARLIEST = 0;
const LATEST = Date.UTC(9999, 0);

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

/** The query parameters that `rangeOf` reads. */
export const rangeFields = {
  start_date: instant.optional().meta({
    description: "RFC 3339; this instant and later. 30 days before the end where it is left out.",
    format: "date-time",
  }),
  end_date: instant
    .optional()
    .meta({ description: "RFC 3339; before this instant. Now where it is left out.", format: "date-time" }),
};

/** The range that a query asks for. Throws a 400 Problem for one that ends before it begins, or is longer than ten years. */
export function rangeOf(query: { start_date?: number | undefined; end_date?: number | undefined }, now: number): Range {
  const to = query.end_date ?? now;
  const from = query.start_date ?? to - DEFAULT_DAYS * DAY_MS;
  if (from < EARLIEST) throw badRange("start_date", "Give a date of 1970 or later.");
  if (to > LATEST) throw badRange("end_date", "Give a date before the year 9999.");
  if (to < from) throw badRange("end_date", "It must not be before the start.");
  if (to - from > LONGEST_MS) throw badRange("end_date", "Ask for ten years at most.");
  return { from, to };
}

function badRange(parameter: string, detail: string): Problem {
  return new Problem(400, "The request is not valid.", {
    detail: `${parameter}: ${detail}`,
    errors: [{ parameter, detail }],
  });
}
