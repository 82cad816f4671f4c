import { sql, type SQL } from "drizzle-orm";
import { runBatch, type Database } from "../platform/d1.ts";
import { newId } from "../platform/ids.ts";
import { log } from "../platform/log.ts";
import { isOwner, nextChange } from "./status.ts";

const DAY_MS = 86_400_000;
/** A quarter: longer than any holiday, shorter than most leaves. */
const DORMANT_AFTER_MS = 90 * DAY_MS;
/** What is left over, the next sweep finds. */
const USERS_PER_SWEEP = 500;

/**
 * Calls accounts dormant that nobody has used for long, with a line in their history; signing in wakes them.
 *
 * Not service accounts: a yearly job is no person who has left, and nobody would sign in to wake it. And not the
 * owner who was here last: what keeps the last active owner from being suspended counts on there being one.
 */
export async function sweepDormant(db: Database, now: number): Promise<void> {
  const idle = await db.all<{ id: string }>(
    sql`select id from users where ${isIdle(now)} order by ${lastUse("users")} limit ${USERS_PER_SWEEP}`,
  );
  if (idle.length === 0) return;
  const changes = JSON.stringify(idle.map(({ id }) => ({ user: id, change: newId() })));
  const chosen = sql`id in (select json_extract(value, '$.user') from json_each(${changes}))`;
  const [, updated] = await runBatch(db, [
    // Who came back in between is not idle any more; both statements see the same.
    sql`insert into user_status_changes (id, user_id, new_status, changed_at)
        select json_extract(chosen.value, '$.change'), users.id, 'dormant', ${nextChange(sql`users.id`, now)}
        from json_each(${changes}) chosen join users on users.id = json_extract(chosen.value, '$.user')
        where ${isIdle(now)}`,
    sql`update users set status = 'dormant', updated_at = ${now} where ${chosen} and ${isIdle(now)}`,
  ]);
  log.info("users.dormant", { count: updated?.meta.changes });
}

function isIdle(now: number): SQL {
  return sql`users.status = 'active' and users.deleted = 0 and users.is_system = 0 and users.is_service_account = 0
    and ${lastUse("users")} <= ${now - DORMANT_AFTER_MS}
    and (not ${isOwner("users")} or exists (
      select 1 from users later where later.status = 'active' and later.deleted = 0 and later.is_system = 0
        and later.is_service_account = 0 and ${isOwner("later")}
        and (${lastUse("later")}, later.id) > (${lastUse("users")}, users.id)))`;
}

const lastUse = (alias: string) => sql.raw(`coalesce(${alias}.last_seen_at, ${alias}.created_at)`);
