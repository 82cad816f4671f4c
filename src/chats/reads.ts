import { and, eq, getTableColumns, lt, sql, type SQL } from "drizzle-orm";
import type { AnySQLiteColumn } from "drizzle-orm/sqlite-core";
import type { Chat, ChatFacts } from "../contract/chats.ts";
import type { Database } from "../platform/d1.ts";
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

/** Chats with what they are to a person, or, given that column, each to its own owner. */
export function selectSeenBy(db: Database, userId: string | AnySQLiteColumn, where: SQL | undefined) {
  return db
    .select({ ...getTableColumns(chats), hasUnread: unread })
    .from(chats)
    .leftJoin(chatReads, marksOf(userId))
    .where(where);
}

/** A chat as its object knows it, with what it is to this person. */
export async function asSeenBy(db: Database, userId: string, facts: ChatFacts): Promise<Chat> {
  const [row] = await db
    .select({ hasUnread: unread })
    .from(chats)
    .leftJoin(chatReads, marksOf(userId))
    .where(eq(chats.id, facts.id))
    .limit(1);
  return { ...facts, has_unread: row?.hasUnread ?? false };
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
