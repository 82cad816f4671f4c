import { and, isNull, lte } from "drizzle-orm";
import type { Database } from "../platform/d1.ts";
import { sweepRateCounters } from "../platform/rate-limit.ts";
import { sweepDormant } from "./dormancy.ts";
import { accountLinks } from "./schema.ts";

/** Ended links are shown nowhere; a day is for whoever asks why one does not work. */
const LINK_KEPT_MS = 86_400_000;

/** Looks after accounts: who has not been here for long, links that nobody used, counters whose window has ended. */
export async function sweepAccounts(db: Database, now: number): Promise<void> {
  await sweepDormant(db, now);
  await db
    .delete(accountLinks)
    .where(and(isNull(accountLinks.usedAt), lte(accountLinks.expiresAt, now - LINK_KEPT_MS)));
  await sweepRateCounters(db, now);
}
