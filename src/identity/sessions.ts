import { and, desc, eq, gt, lt, lte, or, sql, type SQL } from "drizzle-orm";
import type { Session } from "../contract/identity.ts";
import { toWireTime } from "../platform/clock.ts";
import { runBatch, type Database } from "../platform/d1.ts";
import { newId } from "../platform/ids.ts";
import { Problem } from "../platform/problem.ts";
import { sha256Hex } from "../platform/sealing.ts";
import { newSessionSecret } from "./credentials.ts";
import { sessions, users } from "./schema.ts";

const DAY_MS = 86_400_000;
/** A session ends when it is not used for this long … */
const SESSION_IDLE_MS = 14 * DAY_MS;
/** … and at the latest this long after the sign-in. */
export const SESSION_ABSOLUTE_MS = 90 * DAY_MS;
/** Writing at every request would make reads cost writes; a minute is exact enough for people. */
export const TOUCH_INTERVAL_MS = 60_000;
/** User agents are shown in a list; some are absurdly long. */
const USER_AGENT_LENGTH = 300;

export interface NewSession {
  id: string;
  secret: string;
  row: typeof sessions.$inferInsert;
}

/** A session that is not yet stored: the caller's batch inserts `row`. */
export function newSession(userId: string, from: { address: string; userAgent: string }, now: number): NewSession {
  const secret = newSessionSecret();
  const id = newId();
  const row = {
    id,
    userId,
    secretHash: sha256Hex(secret),
    createdAt: now,
    lastUsedAt: now,
    expiresAt: now + SESSION_IDLE_MS,
    absoluteExpiresAt: now + SESSION_ABSOLUTE_MS,
    ipAddress: from.address,
    userAgent: from.userAgent.slice(0, USER_AGENT_LENGTH),
  };
  return { id, secret, row };
}

/**
 * Stores a new session, drops the user's ended ones, and writes the line about it, all where the account may sign
 * in and still has the password that it was looked at with (absent: whichever): a sign-in that is under way when
 * somebody suspends the account or takes back a stolen password does not outlive that. Throws a 401 Problem then.
 */
export async function openSession(
  db: Database,
  user: { id: string; passwordHash?: string | null },
  from: { address: string; userAgent: string },
  now: number,
  line?: (opened: SQL) => SQL,
): Promise<NewSession> {
  const session = newSession(user.id, from, now);
  const { row } = session;
  const opened = sql`exists (select 1 from sessions where id = ${row.id})`;
  const [inserted] = await runBatch(db, [
    sql`insert into sessions (id, user_id, secret_hash, created_at, last_used_at, expires_at, absolute_expires_at,
          ip_address, user_agent)
        select ${row.id}, id, ${row.secretHash}, ${row.createdAt}, ${row.lastUsedAt}, ${row.expiresAt},
          ${row.absoluteExpiresAt}, ${row.ipAddress ?? ""}, ${row.userAgent ?? ""}
        from users where id = ${user.id} and deleted = 0 and status != 'suspended' and is_service_account = 0
          and ${user.passwordHash === undefined ? sql`true` : sql`password_hash is ${user.passwordHash}`}`,
    sql`delete from sessions where user_id = ${user.id} and expires_at <= ${now} and ${opened}`,
    sql`update users set last_seen_at = ${now} where id = ${user.id} and ${opened}`,
    ...(line === undefined ? [] : [line(opened)]),
  ]);
  if (inserted?.meta.changes === 1) return session;
  throw new Problem(401, "The account has changed meanwhile.", { detail: "Sign in again." });
}

/** Notes the use of a session and moves its end, unless somebody did so within the last minute. */
export async function touchSession(db: Database, id: string, userId: string, now: number): Promise<void> {
  await db.batch([
    db
      .update(sessions)
      .set({ lastUsedAt: now, expiresAt: sql`min(${now + SESSION_IDLE_MS}, ${sessions.absoluteExpiresAt})` })
      .where(and(eq(sessions.id, id), lte(sessions.lastUsedAt, now - TOUCH_INTERVAL_MS))),
    db.update(users).set({ lastSeenAt: now }).where(eq(users.id, userId)),
  ]);
}

/** A page of the user's live sessions, newest first, after the given one. */
export async function listSessions(
  db: Database,
  userId: string,
  page: { after: { id: string; createdAt: number } | null; limit: number },
  now: number,
): Promise<(typeof sessions.$inferSelect)[]> {
  const { after } = page;
  const older: SQL | undefined =
    after === null
      ? undefined
      : or(
          lt(sessions.createdAt, after.createdAt),
          and(eq(sessions.createdAt, after.createdAt), lt(sessions.id, after.id)),
        );
  return db
    .select()
    .from(sessions)
    .where(and(eq(sessions.userId, userId), gt(sessions.expiresAt, now), older))
    .orderBy(desc(sessions.createdAt), desc(sessions.id))
    .limit(page.limit);
}

/** The session of this user, live or ended. */
export async function readSession(db: Database, userId: string, id: string) {
  return db
    .select()
    .from(sessions)
    .where(and(eq(sessions.id, id), eq(sessions.userId, userId)))
    .get();
}

/** Statement that ends one session of the user. */
export function endSession(db: Database, userId: string, id: string) {
  return db.delete(sessions).where(and(eq(sessions.id, id), eq(sessions.userId, userId)));
}

export function toSession(row: typeof sessions.$inferSelect, currentId: string | null): Session {
  return {
    id: row.id,
    created_at: toWireTime(row.createdAt),
    last_used_at: toWireTime(row.lastUsedAt),
    expires_at: toWireTime(row.expiresAt),
    ip_address: row.ipAddress,
    user_agent: row.userAgent,
    current: row.id === currentId,
  };
}
