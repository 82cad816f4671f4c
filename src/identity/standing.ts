import type { Context } from "hono";
import { sql, type SQL } from "drizzle-orm";
import type { AppEnv } from "../access/router.ts";
import { auditStatement, diffOf } from "../audit/record.ts";
import type { SiteRole, UserStatus } from "../contract/identity.ts";
import { stopChatsOf } from "../chats/stop-chats.ts";
import { OIDC_LINK } from "../external-auth/settings.ts";
import { runBatch } from "../platform/d1.ts";
import { newId } from "../platform/ids.ts";
import { Problem } from "../platform/problem.ts";
import { storedRoles } from "./giving.ts";
import { recheckAccess, revokeAccess } from "./revocation.ts";
import { leavesAnOwner, statusChange } from "./status.ts";
import { readUser, stillAs, type UserRow } from "./users.ts";

/*
 * How an account stands: suspended or not, with which roles, there or gone. Each change is one batch that ends with
 * its audit line, and holds only while the roles are those that the caller was allowed to touch.
 */

/** Suspends the account and ends its sessions and all that it has open; its tokens stay, and open nothing. */
export async function suspendUser(c: Context<AppEnv>, row: UserRow): Promise<UserRow> {
  const changed = await changeStatus(c, row, "suspended", sql`status != 'suspended' and ${leavesAnOwner}`, [
    sql`delete from sessions where user_id = ${row.id}
        and exists (select 1 from users u where u.id = ${row.id} and u.status = 'suspended')`,
    // What they connected stays, and gives nothing; what came with a sign-in ends with it.
    sql`delete from external_auth_links where user_id = ${row.id} and provider_id = ${OIDC_LINK}
        and exists (select 1 from users u where u.id = ${row.id} and u.status = 'suspended')`,
  ]);
  await endWork(c, row.id, "You were signed out: your account was suspended.");
  return changed;
}

/** Makes a suspended or dormant account active. */
export async function activateUser(c: Context<AppEnv>, row: UserRow): Promise<UserRow> {
  return changeStatus(c, row, "active", sql`status != 'active'`, []);
}

async function changeStatus(
  c: Context<AppEnv>,
  row: UserRow,
  status: UserStatus,
  condition: SQL,
  more: readonly SQL[],
): Promise<UserRow> {
  const now = c.var.clock();
  await runBatch(c.var.db, [
    sql`update users set status = ${status}, updated_at = ${now} where ${stillAs(row)} and ${condition}`,
    statusChange(row.id, status, now, sql`changes() > 0`),
    auditStatement(c, {
      ...target(row),
      action: "write",
      diff: diffOf({ status: row.status }, { status }),
      when: done,
    }),
    ...more,
  ]);
  const after = await readUser(c.var.db, row.id);
  if (after?.status === status) return after;
  throw refusal(after, row);
}

/** Gives the account these roles, and closes what it may not have open any more. */
export async function changeRoles(c: Context<AppEnv>, row: UserRow, roles: SiteRole[]): Promise<UserRow> {
  if (JSON.stringify(roles) === JSON.stringify(storedRoles(row.roles))) return row;
  const now = c.var.clock();
  const isSafe = roles.includes("owner") ? sql`true` : leavesAnOwner;
  const [changed] = await runBatch(c.var.db, [
    sql`update users set roles = ${JSON.stringify(roles)}, updated_at = ${now} where ${stillAs(row)} and ${isSafe}`,
    auditStatement(c, { ...target(row), action: "write", diff: diffOf({ roles: row.roles }, { roles }), when: done }),
  ]);
  const after = await readUser(c.var.db, row.id);
  if (changed?.meta.changes === 0 || after === undefined) throw refusal(after, row);
  if (row.roles.some((role) => !roles.includes(role))) await recheckAccess(c.env, [row.id]);
  return after;
}

/** What opens a door to somebody: how they sign in, and where they belong. */
const OF_ONE_USER = [
  "sessions",
  "api_keys",
  "passkeys",
  "second_factors",
  "recovery_codes",
  "outside_accounts",
  "external_auth_links",
  "organization_members",
  "group_members",
];

/**
 * Deletes the account: its row stays as what old chats and audit lines speak of, its name and address are free
 * again, and everything that opened a door is gone.
 */
export async function deleteUser(c: Context<AppEnv>, row: UserRow): Promise<void> {
  const now = c.var.clock();
  const isGone = sql`exists (select 1 from users u where u.id = ${row.id} and u.deleted = 1)`;
  const [changed] = await runBatch(c.var.db, [
    sql`update users set deleted = 1, password_hash = null, updated_at = ${now}
        where ${stillAs(row)} and ${leavesAnOwner}`,
    sql`insert into user_deleted (id, user_id, deleted_at) select ${newId()}, ${row.id}, ${now} where changes() > 0`,
    auditStatement(c, { ...target(row), action: "delete", when: done }),
    ...OF_ONE_USER.map((table) => sql`delete from ${sql.raw(table)} where user_id = ${row.id} and ${isGone}`),
    sql`delete from account_links where used_at is null and ${isGone}
        and (user_id = ${row.id} or created_by = ${row.id})`,
    sql`delete from chat_shares where subject_id = ${row.id} and ${isGone}`,
    sql`update workspaces set user_acl = json_remove(user_acl, ${`$."${row.id}"`})
        where json_type(user_acl, ${`$."${row.id}"`}) is not null and ${isGone}`,
  ]);
  if (changed?.meta.changes === 0) throw refusal(await readUser(c.var.db, row.id), row);
  await endWork(c, row.id, "You were signed out: your account was deleted.");
}

/** Closes what they have open and stops what runs for them; what waits finds at its next step that it may not. */
async function endWork(c: Context<AppEnv>, userId: string, why: string): Promise<void> {
  await Promise.all([revokeAccess(c.env, userId, { why }), stopChatsOf(c.env, c.var.db, userId)]);
}

const done = sql`changes() > 0`;

const target = (row: UserRow) => ({ resourceType: "user", resourceId: row.id, target: row.username }) as const;

function refusal(after: UserRow | undefined, before: UserRow): Problem {
  if (JSON.stringify(after?.roles) !== JSON.stringify(before.roles)) {
    const detail = "Somebody else has changed this account meanwhile. Look at it again.";
    return new Problem(409, "The account has changed.", { detail });
  }
  const detail = "Make somebody else an owner first; without one nobody could manage this deployment.";
  return new Problem(409, "This is the last active owner.", { detail });
}
