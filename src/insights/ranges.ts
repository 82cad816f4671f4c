import type { Range } from "../usage/ranges.ts";

const DEFAULT_DAYS = 30;
const DAY_MS = 86_400_000;

/**
 * The range that a query asks for: what it leaves out ends now, or began 30 days before the end. One that ends
 * before it begins is no mistake here; nothing is in it, nor in the one before it.
 */
export function insightRange(
  query: { start_date?: number | undefined; end_date?: number | undefined },
  now: number,
): Range {
  const to = query.end_date ?? now;
  return { from: query.start_date ?? to - DEFAULT_DAYS * DAY_MS, to };
}

/** The range of the same length right before it, for trends. */
export function rangeBefore({ from, to }: Range): Range {
  return { from: from - (to - from), to: from };
}
