import { and, desc, eq, getTableColumns, gt, sql, type Placeholder, type SQL } from "drizzle-orm";
import type { Chat, chatStandings } from "../contract/chats.ts";
import type { ChatDiffStatus } from "../contract/git.ts";
import { toWireTime } from "../platform/clock.ts";
import type { Database } from "../platform/d1.ts";
import { marksOf, seenColumns } from "./reads.ts";
import { chatReads, chats, idempotencyKeys } from "./schema.ts";
import { sharesOfChat } from "./shares.ts";

export type StoredChat = typeof chats.$inferSelect;
/** A row with whom it is shared with, as JSON text. */
export type SharedChat = StoredChat & { shares: string };
/** A row with what it is to one person. */
export type SeenChat = StoredChat & {
  hasUnread: boolean;
  shared: boolean;
  standing: (typeof chatStandings)[number];
  ownerName: string;
  diffStatus: ChatDiffStatus | null;
};

/** A row of the projection as clients see a chat. */
export function toChat(row: SeenChat): Chat {
  return {
    id: row.id,
    owner_id: row.ownerId,
    organization_id: row.organizationId,
    workspace_id: row.workspaceId,
    parent_chat_id: row.parentChatId,
    root_chat_id: row.rootChatId,
    last_model_config_id: row.lastModelConfigId,
    title: row.title,
    status: row.status,
    last_error: row.lastError,
    last_error_detail: row.lastErrorDetail,
    archived: row.archived,
    version: row.version,
    created_at: toWireTime(row.createdAt),
    updated_at: toWireTime(row.updatedAt),
    has_unread: row.hasUnread,
    shared: row.shared,
    your_role: row.standing,
    owner_name: row.ownerName,
    ...(row.diffStatus === null ? {} : { diff_status: row.diffStatus }),
  };
}

/** The row of a chat with its shares, or null. Rows whose object is not there yet (version 0) are among them. */
export async function readStoredChat(db: Database, id: string): Promise<SharedChat | null> {
  const [row] = await selectStoredChat(db, id);
  return row ?? null;
}

export function selectStoredChat(db: Database, id: string | Placeholder) {
  return db
    .select({ ...getTableColumns(chats), shares: sharesOfChat })
    .from(chats)
    .where(eq(chats.id, id))
    .limit(1);
}

export interface ChatPage {
  /** Whose unread marks and standing the rows show. */
  seenBy: string;
  /** Whose chats. Null = those that were shared with `seenBy`, whoever's they are. */
  ownerId: string | null;
  /** What the actor may read, as `filter` says it. */
  readable: SQL;
  archived: boolean | null;
  after: { id: string; updatedAt: number } | null;
  offset: number;
  limit: number;
}

/** Which chats a list is of, before what its reader may see of them. */
function listed(page: Pick<ChatPage, "ownerId" | "seenBy">): SQL {
  if (page.ownerId !== null) return eq(chats.ownerId, page.ownerId);
  // From the shares to the chats, never the other way: most chats are none of this person's.
  return sql`${chats.ownerId} != ${page.seenBy} and ${chats.rootChatId} in (
    select s.root_chat_id from chat_shares s where s.subject_id = ${page.seenBy}
    union select s.root_chat_id from group_members g join chat_shares s on s.subject_id = g.group_id
      where g.user_id = ${page.seenBy}
    union select s.root_chat_id from organization_members m join chat_shares s on s.subject_id = m.organization_id
      where m.user_id = ${page.seenBy}
  )`;
}

/**
 * One page of chats, the last changed first. A chat whose creation did not get as far as its object
 * (version 0) is not one yet.
 */
export function selectChats(db: Database, page: ChatPage) {
  const { after } = page;
  return db
    .select(seenColumns(page.seenBy))
    .from(chats)
    .leftJoin(chatReads, marksOf(page.seenBy))
    .where(
      and(
        listed(page),
        page.readable,
        gt(chats.version, 0),
        page.archived === null ? undefined : eq(chats.archived, page.archived),
        // A row value: the index of (owner, updated_at, id) begins right at the cursor.
        after === null ? undefined : sql`(${chats.updatedAt}, ${chats.id}) < (${after.updatedAt}, ${after.id})`,
      ),
    )
    .orderBy(desc(chats.updatedAt), desc(chats.id))
    .limit(page.limit)
    .offset(page.offset);
}

/** Where the page after this chat begins; null when it is no chat of this list that `readable` lets through. */
export async function chatCursor(
  db: Database,
  page: Pick<ChatPage, "ownerId" | "seenBy" | "readable">,
  id: string,
): Promise<{ id: string; updatedAt: number } | null> {
  const [row] = await db
    .select({ id: chats.id, updatedAt: chats.updatedAt })
    .from(chats)
    .where(and(eq(chats.id, id), listed(page), page.readable))
    .limit(1);
  return row ?? null;
}

export interface NewChat {
  id: string;
  ownerId: string;
  organizationId: string;
  workspaceId: string | null;
  lastModelConfigId: string;
  title: string;
  createdAt: number;
}

/** An `Idempotency-Key` with the hash of the request that it came with. */
export interface CreationKey {
  key: string;
  bodyHash: string;
}

/** The chat that this key made, with the hash of the request that made it, or null. */
export async function readCreation(
  db: Database,
  userId: string,
  key: string,
): Promise<{ chat: StoredChat; bodyHash: string } | null> {
  const [row] = await db
    .select({ chat: getTableColumns(chats), bodyHash: idempotencyKeys.bodyHash })
    .from(idempotencyKeys)
    .innerJoin(chats, eq(chats.id, idempotencyKeys.chatId))
    .where(and(eq(idempotencyKeys.userId, userId), eq(idempotencyKeys.key, key)))
    .limit(1);
  return row ?? null;
}

/**
 * Writes the first row of a chat (version 0) together with the key that it was asked for with.
 * False: another request with the same key came first, and nothing was written.
 */
export async function insertChat(db: Database, chat: NewChat, creation: CreationKey | null): Promise<boolean> {
  const { id, ownerId, organizationId, workspaceId, lastModelConfigId, title, createdAt } = chat;
  const keyIsOurs =
    creation === null
      ? sql`true`
      : sql`exists (select 1 from idempotency_keys where user_id = ${ownerId} and key = ${creation.key} and chat_id = ${id})`;
  // `insert … select` names every column in the order of the schema.
  const insert = db
    .insert(chats)
    .select(
      sql`select ${id}, ${ownerId}, ${organizationId}, ${workspaceId}, null, ${id}, ${title}, 'pending', null, null,
        ${lastModelConfigId}, null, 0, 0, 0, ${createdAt}, ${createdAt}, null where ${keyIsOurs}`,
    )
    .returning({ id: chats.id });
  if (creation === null) return (await insert).length === 1;
  const [, inserted] = await db.batch([
    db
      .insert(idempotencyKeys)
      .values({ userId: ownerId, key: creation.key, bodyHash: creation.bodyHash, chatId: id, createdAt })
      .onConflictDoNothing(),
    insert,
  ]);
  return inserted.length === 1;
}
