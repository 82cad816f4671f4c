import { sql, type SQL } from "drizzle-orm";
import type { Context } from "hono";
import { z } from "zod";
import type { AppEnv } from "../access/router.ts";
import { auditStatement } from "../audit/record.ts";
import type { AuditDiff } from "../contract/audit.ts";
import { runBatch, type Database } from "../platform/d1.ts";
import { Problem } from "../platform/problem.ts";
import { revokeAccess } from "./revocation.ts";
import { stillAs, type UserRow } from "./users.ts";

export interface PasswordChange {
  user: UserRow;
  passwordHash: string;
  /** The session that goes on; all others end. */
  keptSessionId: string | null;
  now: number;
  /** What uses up the right to do it; the password is set only if that changed a row. */
  ticket?: SQL;
  /** The line of the audit log; `changed` asks whether the password was set. */
  audit: (changed: SQL) => SQL;
}

/**
 * Sets a password, ends the sessions and voids the reset links of the account, in one batch, and closes what those
 * sessions have open. Its API tokens stay: they were made by name, and are listed to be deleted. False: it was not
 * set, since the ticket was used up, or the account was deleted or given other roles meanwhile.
 */
export async function setPassword(env: Env, db: Database, change: PasswordChange): Promise<boolean> {
  const { user, passwordHash, keptSessionId, now, ticket = sql`select 1`, audit } = change;
  // Hashes are salted: this one is only there if it has just been written.
  const changed = sql`exists (select 1 from users u where u.id = ${user.id} and u.password_hash = ${passwordHash})`;
  const results = await runBatch(db, [
    ticket,
    sql`update users set password_hash = ${passwordHash}, updated_at = ${now}
        where ${stillAs(user)} and ${change.ticket === undefined ? sql`true` : sql`changes() > 0`}`,
    audit(changed),
    sql`delete from account_links where user_id = ${user.id} and kind = 'password_reset' and used_at is null
        and ${changed}`,
    sql`delete from sessions where user_id = ${user.id} and id is not ${keptSessionId} and ${changed} returning id`,
  ]);
  const ended = endedSessions.parse(results.at(-1)?.results);
  await Promise.all(ended.map(({ id }) => revokeAccess(env, user.id, { sessionId: id, why: PASSWORD_CHANGED })));
  return results[1]?.meta.changes === 1;
}

const PASSWORD_CHANGED = "You were signed out: your password was changed.";

const endedSessions = z.array(z.object({ id: z.string() }));

/** For accounts that have no password to change. */
export function hasNoPassword(user: Pick<UserRow, "isServiceAccount" | "loginType">): Problem {
  const detail = user.isServiceAccount
    ? "A service account cannot sign in; it acts by API tokens."
    : `This person signs in with ${user.loginType}.`;
  return new Problem(400, "This account has no password.", { detail });
}

/** That a password was set, never which; by whom, where that is not the request's actor. */
export function passwordAudit(c: Context<AppEnv>, user: UserRow, when: SQL, by?: string): SQL {
  const diff: AuditDiff = { password: { secret: true } };
  return auditStatement(c, {
    action: "write",
    resourceType: "user",
    resourceId: user.id,
    target: user.username,
    diff,
    when,
    ...(by === undefined ? {} : { userId: by }),
  });
}
