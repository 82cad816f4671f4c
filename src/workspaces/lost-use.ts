import { sql, type SQL } from "drizzle-orm";
import { chatStub } from "../chats/object.ts";
import { askEach } from "../platform/ask-each.ts";
import type { Database } from "../platform/d1.ts";

/** Chats at work in other people's workspaces are few; whoever is left out asks by itself within half a minute. */
const ASKED_AT_MOST = 200;

/** Whose use of which workspaces may have ended: of all who were let into these, or of these people anywhere. */
export type LostUse = { workspaceIds: readonly string[] } | { userIds: readonly string[] };

/**
 * Call it once D1 has been written: chats that are at work in somebody else's workspace ask at once whether they
 * still may, and stop what runs there when they may not.
 */
export async function endLostUse(env: Pick<Env, "CHATS">, db: Database, lost: LostUse): Promise<void> {
  const [column, ids]: [SQL, readonly string[]] =
    "workspaceIds" in lost ? [sql`c.workspace_id`, lost.workspaceIds] : [sql`c.owner_id`, lost.userIds];
  if (ids.length === 0) return;
  const chats = await db.all<{ id: string }>(sql`select c.id from chats c join workspaces w on w.id = c.workspace_id
    where c.status in ('pending', 'running', 'interrupting') and c.owner_id <> w.owner_id
      and ${column} in (select value from json_each(${JSON.stringify(ids)})) limit ${ASKED_AT_MOST}`);
  const ask = ({ id }: { id: string }) => chatStub(env.CHATS, id).recheck({});
  await askEach(chats, ask, "lost_use.unreached", ({ id }) => ({ chatId: id }));
}
