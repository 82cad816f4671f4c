import { and, eq, getTableColumns, lt, sql, type SQL } from "drizzle-orm";
import type { AnySQLiteColumn } from "drizzle-orm/sqlite-core";
import type { Chat, ChatFacts, chatStandings } from "../contract/chats.ts";
import type { Database } from "../platform/d1.ts";
import { diffStatusOfChat } from "../git/diff-status.ts";
import { chatReads, chats } from "./schema.ts";

/** What a person has read of which chat. */

/** Whether a chat has an answer after the mark that `marksOf` joins; without a mark every answer is. */
export const unread = sql<boolean>`coalesce(${chats.lastAnswerId} > coalesce(${chatReads.lastReadId}, 0), 0)`.mapWith(
  Boolean,
);

/** The condition of `leftJoin(chatReads, …)`: a person's mark on each chat. One look into its primary key a row. */
export function marksOf(userId: string | AnySQLiteColumn): SQL | undefined {
  return and(eq(chatReads.chatId, chats.id), eq(chatReads.userId, userId));
}

/** Whether a person is one of those to whom a share goes: themselves, a group of theirs, all of an organisation. */
const sharedWith = (userId: string | AnySQLiteColumn) => sql`(
  s.subject_id = ${userId}
  or exists (select 1 from group_members g where g.group_id = s.subject_id and g.user_id = ${userId})
  or exists (select 1 from organization_members m where m.organization_id = s.subject_id and m.user_id = ${userId})
)`;

/** The columns of a `SeenChat`; the query joins `marksOf` the same person. */
export function seenColumns(userId: string | AnySQLiteColumn) {
  return {
    ...getTableColumns(chats),
    hasUnread: unread,
    shared: sql<boolean>`exists (select 1 from chat_shares s where s.root_chat_id = ${chats.rootChatId})`.mapWith(
      Boolean,
    ),
    // Of two shares the stronger counts: `min`, since the alphabet happens to agree.
    standing: sql<(typeof chatStandings)[number]>`case when ${chats.ownerId} = ${userId} then 'owner' else coalesce(
      (select min(s.role) from chat_shares s where s.root_chat_id = ${chats.rootChatId} and ${sharedWith(userId)}), 'site'
    ) end`,
    ownerName: sql<string>`(select coalesce(nullif(o.name, ''), o.username) from users o where o.id = ${chats.ownerId})`,
    diffStatus: diffStatusOfChat,
  };
}

/** Chats with what they are to a person, or, given that column, each to its own owner. */
export function selectSeenBy(db: Database, userId: string | AnySQLiteColumn, where: SQL | undefined) {
  return db.select(seenColumns(userId)).from(chats).leftJoin(chatReads, marksOf(userId)).where(where);
}

/** A chat as its object knows it, with what it is to this person. */
export async function asSeenBy(db: Database, userId: string, facts: ChatFacts): Promise<Chat> {
  const [row] = await selectSeenBy(db, userId, eq(chats.id, facts.id)).limit(1);
  return {
    ...facts,
    has_unread: row?.hasUnread ?? false,
    ...(row === undefined ? {} : { shared: row.shared, your_role: row.standing, owner_name: row.ownerName }),
    ...(row?.diffStatus == null ? {} : { diff_status: row.diffStatus }),
  };
}

/** Moves a person's mark forward. False: it was there already, or further. */
export async function markRead(
  db: Database,
  mark: { userId: string; chatId: string; messageId: number },
): Promise<boolean> {
  const moved = await db
    .insert(chatReads)
    .values({ userId: mark.userId, chatId: mark.chatId, lastReadId: mark.messageId })
    .onConflictDoUpdate({
      target: [chatReads.userId, chatReads.chatId],
      set: { lastReadId: mark.messageId },
      setWhere: lt(chatReads.lastReadId, mark.messageId),
    })
    .returning({ chatId: chatReads.chatId });
  return moved.length > 0;
}
