import { eq, sql, type SQL } from "drizzle-orm";
import type { SetupRequest } from "../contract/identity.ts";
import { DEFAULT_ORGANIZATION_ID, SYSTEM_USER_ID } from "../organizations/schema.ts";
import { runBatch, type Database } from "../platform/d1.ts";
import { newId } from "../platform/ids.ts";
import { Problem } from "../platform/problem.ts";
import { siteConfigs, users } from "./schema.ts";
import { newSession, type NewSession } from "./sessions.ts";

const COMPLETED = "setup_completed";

/** Whether the first person has been here. */
export async function isSetupCompleted(db: Database): Promise<boolean> {
  const row = await db.select().from(siteConfigs).where(eq(siteConfigs.key, COMPLETED)).get();
  return row !== undefined;
}

export function setupIsDone(): Problem {
  return new Problem(409, "Setup is already done.", { detail: "Sign in instead." });
}

/**
 * Makes the first person the owner: user, membership, status history, the system user's workspaces and
 * a session, in one batch. Every statement depends on the setup not being completed and the last one
 * completes it, so of two at once exactly one comes through. Throws 409 when it is done already and a
 * 400 when the user name is the system's.
 */
export async function completeSetup(
  db: Database,
  request: SetupRequest,
  passwordHash: string,
  from: { address: string; userAgent: string },
  now: number,
  audit: (userId: string, isMade: SQL) => SQL,
): Promise<{ userId: string; session: NewSession }> {
  const userId = newId();
  const session = newSession(userId, from, now);
  const { row } = session;
  const isOpen = sql`not exists (select 1 from site_configs where key = ${COMPLETED})`;
  const isFree = sql`not exists (select 1 from users where deleted = 0 and lower(username) = lower(${request.username}))`;
  // What follows the first statement asks for the user that it made.
  const isMade = sql`exists (select 1 from users where id = ${userId})`;
  await runBatch(db, [
    sql`insert into users (id, username, email, name, login_type, password_hash, roles, status, last_seen_at, created_at, updated_at)
        select ${userId}, ${request.username}, ${request.email}, ${request.name}, 'password', ${passwordHash},
          ${JSON.stringify(["owner", "member"])}, 'active', ${now}, ${now}, ${now}
        where ${isOpen} and ${isFree}`,
    sql`insert into organization_members (organization_id, user_id, roles, created_at, updated_at)
        select ${DEFAULT_ORGANIZATION_ID}, ${userId}, '[]', ${now}, ${now} where ${isMade}`,
    sql`insert into user_status_changes (id, user_id, new_status, changed_at)
        select ${newId()}, ${userId}, 'active', ${now} where ${isMade}`,
    sql`update workspaces set owner_id = ${userId}, updated_at = ${now} where owner_id = ${SYSTEM_USER_ID} and ${isMade}`,
    sql`insert into sessions (id, user_id, secret_hash, created_at, last_used_at, expires_at, absolute_expires_at, ip_address, user_agent)
        select ${row.id}, ${userId}, ${row.secretHash}, ${row.createdAt}, ${row.lastUsedAt}, ${row.expiresAt},
          ${row.absoluteExpiresAt}, ${row.ipAddress ?? ""}, ${row.userAgent ?? ""}
        where ${isMade}`,
    audit(userId, isMade),
    sql`insert into site_configs (key, value, updated_at) select ${COMPLETED}, 'true', ${now} where ${isMade}`,
  ]);
  const made = await db.select({ id: users.id }).from(users).where(eq(users.id, userId)).get();
  if (made !== undefined) return { userId, session };
  if (await isSetupCompleted(db)) throw setupIsDone();
  throw new Problem(400, "That user name is taken.", {
    errors: [{ pointer: "/username", detail: "Tideline uses this name itself; choose another." }],
  });
}
