import { sql, type SQL } from "drizzle-orm";
import type { UserStatus } from "../contract/identity.ts";
import { runBatch, type Database } from "../platform/d1.ts";
import { newId } from "../platform/ids.ts";

/**
 * The line of a user's status history, for the batch of the change; written where `when` holds. A user's lines have
 * strictly rising times, whatever the clocks of two isolates say: that is the order in which they happened.
 */
export function statusChange(userId: string, status: UserStatus, now: number, when: SQL): SQL {
  return sql`insert into user_status_changes (id, user_id, new_status, changed_at)
    select ${newId()}, ${userId}, ${status}, ${nextChange(sql`${userId}`, now)} where ${when}`;
}

/** Now, or just after the user's last change. */
export function nextChange(userId: SQL, now: number): SQL {
  return sql`max(${now}, coalesce((
    select max(c.changed_at) + 1 from user_status_changes c where c.user_id = ${userId}), 0))`;
}

/** A dormant user who signs in or sends a token is active again, once, with a line in the history. */
export async function wakeUser(db: Database, userId: string, now: number): Promise<void> {
  await runBatch(db, [
    sql`update users set status = 'active', last_seen_at = ${now}, updated_at = ${now}
        where id = ${userId} and status = 'dormant'`,
    statusChange(userId, "active", now, sql`changes() > 0`),
  ]);
}

/** Whether this row of `users` has the role of an owner. */
export const isOwner = (alias: string) =>
  sql`exists (select 1 from json_each(${sql.raw(alias)}.roles) where value = 'owner')`;

/**
 * Whether a deployment would still have an active owner without this row of `users`. In the statement itself, so
 * that two owners who end each other do not both succeed. A service account is none: it cannot sign in.
 */
export const leavesAnOwner = sql`(not ${isOwner("users")} or exists (
  select 1 from users o where o.id != users.id and o.deleted = 0 and o.is_system = 0 and o.status = 'active'
    and o.is_service_account = 0 and ${isOwner("o")}))`;
