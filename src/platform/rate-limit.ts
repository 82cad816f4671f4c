import { sql } from "drizzle-orm";
import type { Database } from "./d1.ts";
import { Problem } from "./problem.ts";

/** How often something may be done within a window of time. The window begins with the first use. */
export interface RateLimit {
  limit: number;
  windowMs: number;
}

/** How often it was done in the window that is open. */
export interface RateCount {
  count: number;
  windowEndsAt: number;
}

/** A sweep takes so many ended rows at once; the next one finds the rest. */
const ROWS_PER_SWEEP = 5_000;

/**
 * Counts one use under each key and says how many there have been; throws no Problem. One upsert a key, so that
 * a hundred at once are a hundred, in however many isolates.
 */
export async function countUses(
  db: Database,
  keys: readonly string[],
  windowMs: number,
  now: number,
): Promise<RateCount[]> {
  const counted = await db.all<{ key: string; count: number; window_ends_at: number }>(sql`
    insert into rate_counters (key, window_ends_at, count)
    select value, ${now + windowMs}, 1 from json_each(${JSON.stringify(keys)}) where true
    on conflict (key) do update set
      count = iif(window_ends_at <= ${now}, 1, count + 1),
      window_ends_at = iif(window_ends_at <= ${now}, excluded.window_ends_at, window_ends_at)
    returning key, count, window_ends_at`);
  return keys.map((key) => {
    const row = counted.find((candidate) => candidate.key === key);
    if (row === undefined) throw new Error("A use was not counted");
    return { count: row.count, windowEndsAt: row.window_ends_at };
  });
}

/** Counts one use under a key and throws a 429 Problem when that is one too many. */
export async function limitRate(db: Database, key: string, rate: RateLimit, now: number): Promise<void> {
  const [counted] = await countUses(db, [key], rate.windowMs, now);
  refuseAbove(counted, rate.limit, now);
}

/** Throws a 429 Problem with `Retry-After` for what was done more often than the limit says. */
export function refuseAbove(
  counted: RateCount | undefined,
  limit: number,
  now: number,
  title = "Too many attempts.",
): void {
  if (counted === undefined || counted.count <= limit) return;
  const seconds = Math.max(1, Math.ceil((counted.windowEndsAt - now) / 1000));
  const wait = seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
  throw new Problem(429, title, {
    detail: `Wait ${wait} and try again.`,
    headers: { "retry-after": String(seconds) },
  });
}

/** Removes counters whose window has ended. They count for nothing any more; only their room is wanted. */
export async function sweepRateCounters(db: Database, now: number): Promise<void> {
  await db.run(sql`delete from rate_counters where key in (
    select key from rate_counters where window_ends_at <= ${now} limit ${ROWS_PER_SWEEP})`);
}
