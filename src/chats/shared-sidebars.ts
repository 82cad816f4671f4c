import { and, desc, eq, gt, ne, sql, type SQL } from "drizzle-orm";
import type { WatchEvent } from "../contract/chats.ts";
import { users } from "../identity/schema.ts";
import type { Database } from "../platform/d1.ts";
import { log } from "../platform/log.ts";
import { marksOf, seenColumns } from "./reads.ts";
import { toChat } from "./records.ts";
import { chatReads, chats } from "./schema.ts";
import { sharingIsOn } from "./shares.ts";

/**
 * What the sidebars of people hear of chats that were shared with them. Unlike its owner's they may miss an
 * event: every list that is read anew tells the same.
 */

/** So many people are told of a change at most, those first who were here last; the others read lists. */
const TOLD_AT_MOST = 100;

/** Those with whom a tree is shared, whether by name, in a group, or as one of an organisation. */
export function selectSharers(db: Database, rootChatId: string, where?: SQL) {
  return db
    .select({ userId: users.id, seen: seenColumns(users.id) })
    .from(users)
    .innerJoin(chats, eq(chats.rootChatId, rootChatId))
    .leftJoin(chatReads, marksOf(users.id))
    .where(
      and(
        sql`${users.id} in (
          select s.subject_id from chat_shares s where s.root_chat_id = ${rootChatId}
          union select g.user_id from chat_shares s join group_members g on g.group_id = s.subject_id
            where s.root_chat_id = ${rootChatId}
          union select m.user_id from chat_shares s join organization_members m on m.organization_id = s.subject_id
            where s.root_chat_id = ${rootChatId}
        )`,
        eq(users.deleted, false),
        ne(users.status, "suspended"),
        ne(users.id, chats.ownerId),
        gt(chats.version, 0),
        sharingIsOn,
        where,
      ),
    )
    .orderBy(desc(users.lastSeenAt), users.id)
    .limit(TOLD_AT_MOST);
}

type Hubs = Env["USERS"];

/** Tells those with whom a chat is shared what it has become. */
export async function tellSharers(
  hubs: Hubs,
  db: Database,
  kind: WatchEvent["kind"],
  chat: { id: string; root_chat_id: string },
): Promise<void> {
  const rows = await selectSharers(db, chat.root_chat_id, eq(chats.id, chat.id));
  await tell(
    hubs,
    rows.map(({ userId, seen }) => ({ userId, event: { kind, chat: toChat(seen) } })),
  );
}

/** Who has the root of a tree in their sidebar, and what they see there. */
export async function readSharers(db: Database, rootChatId: string): Promise<Map<string, WatchEvent["chat"]>> {
  const rows = await selectSharers(db, rootChatId, eq(chats.id, rootChatId));
  return new Map(rows.map(({ userId, seen }) => [userId, toChat(seen)]));
}

/** Shares have changed: the chat comes into the sidebars of some and goes from those of others. */
export async function tellShareChange(
  hubs: Hubs,
  before: ReadonlyMap<string, WatchEvent["chat"]>,
  after: ReadonlyMap<string, WatchEvent["chat"]>,
): Promise<void> {
  const gone = [...before].filter(([userId]) => !after.has(userId));
  const there = [...after].map(([userId, chat]) => ({
    userId,
    event: { kind: before.has(userId) ? ("updated" as const) : ("created" as const), chat },
  }));
  await tell(hubs, [
    ...there,
    ...gone.map(([userId, chat]) => ({ userId, event: { kind: "deleted" as const, chat } })),
  ]);
}

async function tell(hubs: Hubs, told: readonly { userId: string; event: WatchEvent }[]): Promise<void> {
  const outcomes = await Promise.allSettled(
    told.map(({ userId, event }) => hubs.getByName(userId).sharedChatChanged(event)),
  );
  const failed = outcomes.filter((outcome) => outcome.status === "rejected");
  if (failed.length > 0) log.info("sidebars.untold", { people: failed.length, error: failed[0]?.reason });
}
