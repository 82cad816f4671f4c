import type { ObjectMigration } from "../platform/migrator.ts";
import { firstRow, type ObjectStorage } from "../platform/object-storage.ts";
import type { RateCount } from "../platform/rate-limit.ts";

/** How often this user did something in the window that is open. */
export const USE_COUNTS_MIGRATION: ObjectMigration = {
  id: "0003_use_counts",
  statements: [
    `create table use_counts (
      kind text primary key,
      window_ends_at integer not null,
      count integer not null
    ) strict, without rowid`,
  ],
};

/** Counts one use. An object does one thing at a time, so a hundred at once are a hundred. */
export function countUse(storage: ObjectStorage, kind: string, windowMs: number, now: number): RateCount {
  const row = firstRow(
    storage.exec<{ count: number; window_ends_at: number }>(
      `insert into use_counts (kind, window_ends_at, count) values (?, ?, 1)
       on conflict (kind) do update set
         count = iif(window_ends_at <= ?, 1, count + 1),
         window_ends_at = iif(window_ends_at <= ?, excluded.window_ends_at, window_ends_at)
       returning count, window_ends_at`,
      kind,
      now + windowMs,
      now,
      now,
    ),
  );
  if (row === null) throw new Error("A use was not counted");
  return { count: row.count, windowEndsAt: row.window_ends_at };
}
