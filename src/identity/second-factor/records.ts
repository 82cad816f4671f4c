import { and, count, eq, lt, sql, type SQL } from "drizzle-orm";
import type { Database } from "../../platform/d1.ts";
import { Problem } from "../../platform/problem.ts";
import { unseal } from "../../platform/sealing.ts";
import { plainCode, recoveryCodeHash } from "./recovery-codes.ts";
import { recoveryCodes, secondFactors } from "./schema.ts";
import { stepOfCode } from "./totp.ts";

/** So many wrong codes cost nothing: a clock that goes wrong, the next code, another account of the app. */
const FREE_FAILURES = 5;
/** The first wait after them; each further one is twice as long … */
const FIRST_LOCK_MS = 60_000;
/** … up to here. Who goes on guessing has a chance of one in 12,000 a day, and it is written down. */
const LONGEST_LOCK_MS = 60 * 60_000;

export type CodeKind = "totp" | "recovery_code";

/** What is asked for after the password; undefined where nothing is. */
export async function readSecondFactor(db: Database, userId: string) {
  return db.select().from(secondFactors).where(eq(secondFactors.userId, userId)).get();
}

export async function countRecoveryCodes(db: Database, userId: string): Promise<number> {
  const [row] = await db.select({ left: count() }).from(recoveryCodes).where(eq(recoveryCodes.userId, userId));
  return row?.left ?? 0;
}

/**
 * Uses a code up: which kind it was, or null when it is wrong, was used before, or nothing is asked for. A failure is
 * counted before the code is looked at, so that a hundred at once are a hundred. Throws a 429 Problem with
 * `Retry-After` after too many.
 */
export async function useCode(
  db: Database,
  secretKey: string,
  { userId, code, now }: { userId: string; code: string; now: number },
): Promise<CodeKind | null> {
  const [factor] = await db
    .update(secondFactors)
    .set({ failures: sql`${secondFactors.failures} + 1`, lockedUntil: lockAfter(now) })
    .where(and(eq(secondFactors.userId, userId), sql`${secondFactors.lockedUntil} <= ${now}`))
    .returning();
  if (factor === undefined) {
    const locked = await readSecondFactor(db, userId);
    if (locked === undefined) return null;
    throw tooManyCodes(locked.lockedUntil, now);
  }
  const plain = plainCode(code);
  if (!/^\d{6}$/.test(plain)) return (await useRecoveryCode(db, userId, plain)) ? "recovery_code" : null;
  const step = stepOfCode(await unseal(factor.sealedSecret, secretKey), plain, now, factor.lastStep);
  if (step === null) return null;
  // The condition again: of two who send the same code at once one is first.
  const used = await db
    .update(secondFactors)
    .set({ lastStep: step, failures: 0, lockedUntil: 0 })
    .where(and(eq(secondFactors.userId, userId), lt(secondFactors.lastStep, step)))
    .returning({ userId: secondFactors.userId });
  return used.length > 0 ? "totp" : null;
}

async function useRecoveryCode(db: Database, userId: string, code: string): Promise<boolean> {
  const used = await db
    .delete(recoveryCodes)
    .where(and(eq(recoveryCodes.userId, userId), eq(recoveryCodes.codeHash, recoveryCodeHash(code))))
    .returning({ hash: recoveryCodes.codeHash });
  if (used.length === 0) return false;
  await db.update(secondFactors).set({ failures: 0, lockedUntil: 0 }).where(eq(secondFactors.userId, userId));
  return true;
}

/** Statements that put these codes in the place of the old ones, where `when` holds. */
export function replaceRecoveryCodes(userId: string, codes: readonly string[], when: SQL): SQL[] {
  return [
    sql`delete from recovery_codes where user_id = ${userId} and ${when}`,
    sql`insert into recovery_codes (user_id, code_hash)
        select ${userId}, value from json_each(${JSON.stringify(codes.map(recoveryCodeHash))}) where ${when}`,
  ];
}

/** In the statement that counts: what stands in the row there is from before. */
function lockAfter(now: number): SQL {
  const beyond = sql`${secondFactors.failures} + 1 - ${FREE_FAILURES}`;
  // Shifting further than this would be longer than the longest anyway, and overflow in the end.
  const wait = sql`min(${FIRST_LOCK_MS} << min(${beyond} - 1, 10), ${LONGEST_LOCK_MS})`;
  return sql`iif(${beyond} <= 0, 0, ${now} + ${wait})`;
}

function tooManyCodes(lockedUntil: number, now: number): Problem {
  const seconds = Math.max(1, Math.ceil((lockedUntil - now) / 1000));
  return new Problem(429, "Too many wrong codes.", {
    detail: `Wait ${Math.ceil(seconds / 60)} min and try again.`,
    headers: { "retry-after": String(seconds) },
  });
}
