import { and, eq, gt, lt, sql } from "drizzle-orm";
import type { Database } from "../platform/d1.ts";
import { log } from "../platform/log.ts";
import { sweepFiles } from "./files.ts";
import { chatFileRefs, chats, idempotencyKeys } from "./schema.ts";

/** Longer than any creation that is still under way, and than a turn goes without a change of its own. */
const PATIENCE_MS = 10 * 60_000;
/** Keys of `POST /chats` live this long. */
const KEY_LIFE_MS = 24 * 60 * 60_000;
/** A sweep calls one object a row; what is left over, the next one finds. */
const ROWS_PER_SWEEP = 200;

/**
 * Looks after what should have looked after itself: chats whose creation broke off, and chats that
 * have been at work for long without a sign. An alarm wakes them as a rule; this is the net below it.
 * And files that nobody sent go.
 */
export async function sweepChats(env: Pick<Env, "CHATS" | "FILES">, db: Database, now: number): Promise<void> {
  await db.delete(idempotencyKeys).where(lt(idempotencyKeys.createdAt, now - KEY_LIFE_MS));
  const before = now - PATIENCE_MS;
  const [unborn, working] = await Promise.all([selectUnborn(db, before), selectWorking(db, before)]);
  const gone: string[] = [];
  for (const { id } of unborn) {
    if (!(await wake(env, id))) gone.push(id);
  }
  if (gone.length > 0) await removeRows(db, gone);
  for (const { id } of working) await wake(env, id);
  await sweepFiles(db, env.FILES, now);
}

/** The words of the index `chats_working`: SQLite uses a partial index only where it finds its condition again. */
const atWork = sql`${chats.status} in ('pending', 'running', 'interrupting')`;

/** Rows that were written before that time and whose object has never spoken. */
export function selectUnborn(db: Database, before: number) {
  return db
    .select({ id: chats.id })
    .from(chats)
    .where(and(atWork, eq(chats.status, "pending"), eq(chats.version, 0), lt(chats.updatedAt, before)))
    .limit(ROWS_PER_SWEEP);
}

/** Chats at work without a sign since that time, the longest silent first. */
export function selectWorking(db: Database, before: number) {
  return db
    .select({ id: chats.id })
    .from(chats)
    .where(and(atWork, gt(chats.version, 0), lt(chats.updatedAt, before)))
    .orderBy(chats.updatedAt)
    .limit(ROWS_PER_SWEEP);
}

/** False: nobody ever created it. One that does not answer counts as there: it is asked again by the next sweep. */
async function wake(env: Pick<Env, "CHATS">, id: string): Promise<boolean> {
  try {
    return await env.CHATS.getByName(id).wake();
  } catch (error) {
    log.warn("sweep.not_woken", { chatId: id, error });
    return true;
  }
}

/** Together, so that a key or a file never leads to a chat that is not there. One JSON parameter however many there are. */
async function removeRows(db: Database, ids: string[]): Promise<void> {
  const listed = JSON.stringify(ids);
  await db.batch([
    db.delete(idempotencyKeys).where(sql`${idempotencyKeys.chatId} in (select value from json_each(${listed}))`),
    db
      .delete(chatFileRefs)
      .where(
        sql`${chatFileRefs.chatId} in (select id from chats where version = 0 and id in (select value from json_each(${listed})))`,
      ),
    db.delete(chats).where(and(eq(chats.version, 0), sql`${chats.id} in (select value from json_each(${listed}))`)),
  ]);
}
