import { sql } from "drizzle-orm";
import { askEach } from "../../platform/ask-each.ts";
import type { Database } from "../../platform/d1.ts";

/** An alarm that is so late was lost. */
const OVERDUE_MS = 10 * 60_000;
/** One call to an object each; who is left, the next sweep finds. */
const OWNERS_PER_SWEEP = 200;

/**
 * Has the git sync of these people look at once for what is due of their chats. D1 has been written. Never fails:
 * one that is not reached is woken by the next sweep.
 */
export async function wakeGitSync(env: Pick<Env, "USERS">, ownerIds: readonly string[]): Promise<void> {
  await askEach(
    [...new Set(ownerIds)],
    (userId) => env.USERS.getByName(userId).wakeGitSync({ userId }),
    "git_sync.not_woken",
    (userId) => ({ userId }),
  );
}

/** The net below the alarms: wakes those with chats that have been due for long. */
export async function sweepGitSync(env: Pick<Env, "USERS">, db: Database, now: number): Promise<void> {
  await wakeGitSync(env, await readOverdueOwners(db, now - OVERDUE_MS));
}

/** Whose chats have been due since before that time: not archived, and of somebody who may act. */
export async function readOverdueOwners(db: Database, before: number): Promise<string[]> {
  const rows = await db.all<{ owner_id: string }>(sql`
    select distinct d.owner_id from chat_diff_statuses d
    join chats c on c.id = d.chat_id and c.archived = 0
    join users u on u.id = d.owner_id and u.deleted = 0 and u.status != 'suspended'
    where d.stale_at < ${before} and d.git_branch != '' and d.git_remote_origin != ''
    limit ${OWNERS_PER_SWEEP}`);
  return rows.map((row) => row.owner_id);
}

/** What was not answered for in so long may be waiting for a token. */
const UNANSWERED_MS = 10 * 60_000;

/** The person has connected a provider: what nobody could be asked about until now is looked at. */
export async function syncUnanswered(
  env: Pick<Env, "USERS">,
  db: Database,
  ownerId: string,
  now: number,
): Promise<void> {
  await db.run(sql`update chat_diff_statuses set stale_at = ${now}
    where owner_id = ${ownerId} and stale_at > ${now} and coalesce(refreshed_at, 0) < ${now - UNANSWERED_MS}`);
  await wakeGitSync(env, [ownerId]);
}
