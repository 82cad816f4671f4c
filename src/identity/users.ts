import { and, eq, sql, type SQL } from "drizzle-orm";
import type { Context } from "hono";
import { z } from "zod";
import type { Actor } from "../access/actor.ts";
import { requirePermission, type Action, type ResourceType } from "../access/check.ts";
import type { AppEnv } from "../access/router.ts";
import { auditStatement, diffOf } from "../audit/record.ts";
import type { updateUserRequest, User } from "../contract/identity.ts";
import { toWireTime, toWireTimeOrNull } from "../platform/clock.ts";
import { runBatch, type Database } from "../platform/d1.ts";
import { notFound, Problem } from "../platform/problem.ts";
import { requireSway } from "./giving.ts";
import { users } from "./schema.ts";

export type UserRow = typeof users.$inferSelect;

/**
 * The user that `{user}` in a path names ("me", an id or a user name), once the actor may act on what
 * is theirs. Foreign and unknown users are the same 404; what is more than reading needs sway over the account.
 */
export async function requireUser(
  db: Database,
  actor: Actor,
  reference: string,
  action: Action,
  type: ResourceType = "user",
): Promise<UserRow> {
  const row = await readUser(db, reference === "me" ? actor.userId : reference);
  if (row === undefined) throw notFound();
  requirePermission(actor, "read", { type: "user", ownerId: row.id });
  requirePermission(actor, action, { type, ownerId: row.id });
  if (action !== "read") requireSway(actor, row);
  return row;
}

/**
 * The user, for themselves and for those who may change the account: how, with what and from where somebody signs in
 * is nothing for everybody who may know that they are there.
 */
export async function requireWatchedUser(db: Database, actor: Actor, reference: string): Promise<UserRow> {
  const row = await requireUser(db, actor, reference, "read");
  return row.id === actor.userId ? row : requireUser(db, actor, row.id, "update");
}

/** The user whose id or name this is. An id wins: names of other users can look like one. */
export async function readUser(db: Database, reference: string): Promise<UserRow | undefined> {
  const byId = await db
    .select()
    .from(users)
    .where(and(eq(users.id, reference), isPerson))
    .get();
  if (byId !== undefined) return byId;
  return db
    .select()
    .from(users)
    .where(and(sql`lower(${users.username}) = lower(${reference})`, isPerson))
    .get();
}

/** The user who signs in with this name or e-mail address. */
export async function readUserByLogin(db: Database, login: string): Promise<UserRow | undefined> {
  // No user name has an @ and every address has one.
  const named = login.includes("@")
    ? sql`lower(${users.email}) = lower(${login}) and ${users.email} != ''`
    : sql`lower(${users.username}) = lower(${login})`;
  return db.select().from(users).where(and(named, isPerson)).get();
}

/** Changes what the request names. Throws a 409 Problem when the name or address is another user's. */
export async function updateUser(
  c: Context<AppEnv>,
  row: UserRow,
  change: z.infer<typeof updateUserRequest>,
): Promise<UserRow> {
  const { db } = c.var;
  if (row.isServiceAccount && change.email !== undefined) {
    const detail = "A service account has no e-mail address.";
    throw new Problem(400, "The request is not valid.", { detail, errors: [{ pointer: "/email", detail }] });
  }
  const fields = { name: change.name, username: change.username, email: change.email };
  const before = { name: row.name, username: row.username, email: row.email };
  const diff = diffOf(before, { ...before, ...withoutAbsent(fields) });
  if (Object.keys(diff).length === 0) return row;
  const [written] = await runBatch(db, [
    changeOf(db, row.id, fields, c.var.clock()).getSQL(),
    auditStatement(c, {
      action: "write",
      resourceType: "user",
      resourceId: row.id,
      target: row.username,
      diff,
      when: sql`changes() > 0`,
    }),
  ]);
  const changed = written?.meta.changes === 0 ? undefined : await readUser(db, row.id);
  if (changed === undefined) throw nameTaken();
  return changed;
}

/** Statement that changes these fields, where nobody else has the name or address. */
export function changeOf(db: Database, userId: string, fields: z.infer<typeof updateUserRequest>, now: number) {
  return db
    .update(users)
    .set({ ...fields, updatedAt: now })
    .where(and(eq(users.id, userId), isPerson, isFree(userId, fields)));
}

function withoutAbsent(fields: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

export function nameTaken(): Problem {
  return new Problem(409, "That user name or e-mail address is taken.", { detail: "Choose another." });
}

/** Whether nobody else has the name or address. In the statement itself, so that of two at once one gets it. */
function isFree(userId: string, change: { username?: string | undefined; email?: string | undefined }) {
  const others = sql`select 1 from users other where other.id != ${userId} and other.deleted = 0`;
  const named = sql`${others} and lower(other.username) = lower(${change.username ?? null})`;
  const reached = sql`${others} and other.email != '' and lower(other.email) = lower(${change.email ?? null})`;
  return sql`not exists (${named}) and not exists (${reached})`;
}

/**
 * The row of `users` as it was read, with the same roles: what somebody was allowed to do to a member, they may not
 * do to whoever has just been made an owner. For `update users` and queries of that table alone.
 */
export function stillAs(row: UserRow): SQL {
  return sql`id = ${row.id} and deleted = 0 and json(roles) = json(${JSON.stringify(row.roles)})`;
}

// Literals, since SQLite uses an index of part of a table only where the query says that part in so many words.
export const isPerson = sql`${users.deleted} = 0 and ${users.isSystem} = 0`;

/**
 * The organisations of a row of `users`, as a JSON array beside it. The columns stand in so many words: of a query
 * of one table drizzle leaves the table's name out.
 */
export const organizationsOfUser = sql<string>`(
  select json_group_array(m.organization_id) from (
    select organization_members.organization_id from organization_members
    join organizations on organizations.id = organization_members.organization_id and organizations.deleted = 0
    where organization_members.user_id = users.id order by organization_members.organization_id
  ) m
)`;

/** The user as the API shows them. */
export async function toUser(db: Database, row: UserRow): Promise<User> {
  const found = await db.select({ ids: organizationsOfUser }).from(users).where(eq(users.id, row.id)).get();
  return shownUser(row, found?.ids ?? "[]");
}

/** The user as the API shows them, of a row that was read with `organizationsOfUser` beside it. */
export function shownUser(row: UserRow, organizationIds: string): User {
  return {
    id: row.id,
    username: row.username,
    email: row.email,
    name: row.name,
    avatar_url: row.avatarUrl,
    status: row.status,
    login_type: row.loginType,
    roles: row.roles,
    organization_ids: ids.parse(JSON.parse(organizationIds)),
    is_service_account: row.isServiceAccount,
    created_at: toWireTime(row.createdAt),
    updated_at: toWireTime(row.updatedAt),
    last_seen_at: toWireTimeOrNull(row.lastSeenAt),
  };
}

const ids = z.array(z.string());
