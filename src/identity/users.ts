import { and, asc, eq, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Actor } from "../access/actor.ts";
import { requirePermission, type Action, type ResourceType } from "../access/check.ts";
import type { updateUserRequest, User } from "../contract/identity.ts";
import { organizationMembers } from "../organizations/schema.ts";
import { toWireTime, toWireTimeOrNull } from "../platform/clock.ts";
import type { Database } from "../platform/d1.ts";
import { newId } from "../platform/ids.ts";
import { notFound, Problem } from "../platform/problem.ts";
import { userStatusChanges, users } from "./schema.ts";

export type UserRow = typeof users.$inferSelect;

/**
 * The user that `{user}` in a path names ("me", an id or a user name), once the actor may act on what
 * is theirs. Foreign and unknown users are the same 404.
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
  return row;
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

/** A dormant user who signs in is active again, once, with a line in the history. */
export async function wakeUser(db: Database, userId: string, now: number): Promise<void> {
  const isDormant = and(eq(users.id, userId), eq(users.status, "dormant"));
  await db.batch([
    db.insert(userStatusChanges).select(
      db
        .select({
          id: sql<string>`${newId()}`.as("id"),
          userId: users.id,
          newStatus: sql<"active">`'active'`.as("new_status"),
          changedAt: sql<number>`${now}`.as("changed_at"),
        })
        .from(users)
        .where(isDormant),
    ),
    db.update(users).set({ status: "active", updatedAt: now }).where(isDormant),
  ]);
}

/** Changes what the request names. Throws a 409 Problem when the name or address is another user's. */
export async function updateUser(
  db: Database,
  userId: string,
  change: z.infer<typeof updateUserRequest>,
  now: number,
): Promise<UserRow> {
  const changed = await db
    .update(users)
    .set({ name: change.name, username: change.username, email: change.email, updatedAt: now })
    .where(and(eq(users.id, userId), isPerson, isFree(userId, change)))
    .returning();
  if (changed[0] !== undefined) return changed[0];
  throw new Problem(409, "That user name or e-mail address is taken.", { detail: "Choose another." });
}

/** In the statement itself, so that two who want the same name at once do not both get it. */
function isFree(userId: string, change: { username?: string | undefined; email?: string | undefined }) {
  const others = sql`select 1 from users other where other.id != ${userId} and other.deleted = 0`;
  const named = sql`${others} and lower(other.username) = lower(${change.username ?? null})`;
  const reached = sql`${others} and other.email != '' and lower(other.email) = lower(${change.email ?? null})`;
  return sql`not exists (${named}) and not exists (${reached})`;
}

// Literals, since SQLite uses an index of part of a table only where the query says that part in so many words.
const isPerson = sql`${users.deleted} = 0 and ${users.isSystem} = 0`;

/** The user as the API shows them. */
export async function toUser(db: Database, row: UserRow): Promise<User> {
  const memberships = await db
    .select({ id: organizationMembers.organizationId })
    .from(organizationMembers)
    .where(eq(organizationMembers.userId, row.id))
    .orderBy(asc(organizationMembers.organizationId));
  return {
    id: row.id,
    username: row.username,
    email: row.email,
    name: row.name,
    avatar_url: row.avatarUrl,
    status: row.status,
    login_type: row.loginType,
    roles: row.roles,
    organization_ids: memberships.map((membership) => membership.id),
    is_service_account: row.isServiceAccount,
    created_at: toWireTime(row.createdAt),
    updated_at: toWireTime(row.updatedAt),
    last_seen_at: toWireTimeOrNull(row.lastSeenAt),
  };
}
