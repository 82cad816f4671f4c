import { inArray, sql } from "drizzle-orm";
import type { WatchEvent } from "../../contract/chats.ts";
import { selectSeenBy } from "../../chats/reads.ts";
import { toChat } from "../../chats/records.ts";
import { chats } from "../../chats/schema.ts";
import { tellSharers } from "../../chats/shared-sidebars.ts";
import type { Database } from "../../platform/d1.ts";

/**
 * Tells sidebars what has become of the branches and pull requests of these chats: their owner's through
 * `tellOwner`, and those with whom they are shared.
 */
export async function tellDiffStatus(
  hubs: Env["USERS"],
  db: Database,
  chatIds: readonly string[],
  tellOwner: (event: WatchEvent) => Promise<void> | void,
): Promise<void> {
  const listed = sql`(select value from json_each(${JSON.stringify(chatIds)}))`;
  const rows = await selectSeenBy(db, chats.ownerId, inArray(chats.id, listed));
  for (const row of rows) {
    await tellOwner({ kind: "diff_status_change", chat: toChat(row) });
    if (row.shared) await tellSharers(hubs, db, "diff_status_change", { id: row.id, root_chat_id: row.rootChatId });
  }
}
