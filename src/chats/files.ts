import { and, eq, exists, getTableColumns, isNull, or, sql, type SQL } from "drizzle-orm";
import type { Actor } from "../access/actor.ts";
import { groundFor } from "../access/check.ts";
import { filter } from "../access/filter.ts";
import type { ChatFile, FileType } from "../contract/files.ts";
import type { FilePort } from "../models/attachments.ts";
import { toWireTime } from "../platform/clock.ts";
import type { Database } from "../platform/d1.ts";
import { newId } from "../platform/ids.ts";
import { sha256Hex } from "../platform/sealing.ts";
import { chatFileRefs, chatFiles, chats, fileColumns } from "./schema.ts";
import type { StoredChat } from "./records.ts";
import { chatColumns, chatObject, sharesOfChat } from "./shares.ts";

export type StoredFile = typeof chatFiles.$inferSelect;

/** A file that nothing refers to is kept this long: as long as somebody may take to press send. */
const ORPHAN_LIFE_MS = 24 * 60 * 60_000;
/** R2 takes 1,000 keys in one delete. */
const FILES_PER_SWEEP = 500;

export function toChatFile(file: StoredFile): ChatFile {
  return {
    id: file.id,
    owner_id: file.ownerId,
    organization_id: file.organizationId,
    name: file.name,
    media_type: file.mediaType,
    size: file.size,
    created_at: toWireTime(file.createdAt),
  };
}

/** The bytes of a file in R2. */
export function fileKey(fileId: string): string {
  return `files/${fileId}`;
}

/** The bytes of files, as prompts need them. */
export function filePort(bucket: R2Bucket): FilePort {
  return {
    async read(fileId, maxBytes) {
      const stored = await bucket.get(fileKey(fileId));
      if (stored === null) return { state: "gone" };
      if (stored.size <= maxBytes) return { state: "read", bytes: await stored.bytes() };
      await stored.body.cancel();
      return { state: "too_large" };
    },
  };
}

export interface NewFile {
  ownerId: string;
  organizationId: string;
  name: string;
  mediaType: FileType;
  bytes: Uint8Array<ArrayBuffer>;
  createdAt: number;
}

/**
 * Keeps a file. Its row comes first, so that there are never bytes without a row. When the bytes then don't get
 * through, the row is given up: nobody can name it, and the next sweep takes it away with what came of the bytes.
 */
export async function storeFile(db: Database, bucket: R2Bucket, file: NewFile): Promise<StoredFile> {
  const { bytes, ...facts } = file;
  const row: StoredFile = {
    ...facts,
    id: newId(),
    size: bytes.byteLength,
    sha256: sha256Hex(bytes),
    discardedAt: null,
  };
  await db.insert(chatFiles).values(row);
  try {
    await bucket.put(fileKey(row.id), bytes, { sha256: row.sha256 });
  } catch (error) {
    // Should D1 be away as well, the row is an orphan that nothing refers to, and goes after a day.
    await db.update(chatFiles).set({ discardedAt: row.createdAt }).where(eq(chatFiles.id, row.id));
    throw error;
  }
  return row;
}

/** The file, for its owner and for everybody who may read a chat that refers to it; null for all others. */
export async function readVisibleFile(db: Database, actor: Actor, fileId: string): Promise<StoredFile | null> {
  const readableChat = filter(actor, "read", "chat", chatColumns);
  const referred = db
    .select({ one: sql`1` })
    .from(chatFileRefs)
    .innerJoin(chats, eq(chats.id, chatFileRefs.chatId))
    .where(and(eq(chatFileRefs.fileId, chatFiles.id), readableChat));
  const [file] = await db
    .select()
    .from(chatFiles)
    .where(
      and(
        eq(chatFiles.id, fileId),
        isNull(chatFiles.discardedAt),
        or(and(eq(chatFiles.ownerId, actor.userId), isOwnReadable(actor)), exists(referred)),
      ),
    )
    .limit(1);
  return file ?? null;
}

/**
 * The chat that only a role opens to the actor, where it is what lets them read the file; null when the file
 * is theirs, or in a chat that is theirs or shared with them.
 */
export async function chatEnteredFor(db: Database, actor: Actor, file: StoredFile): Promise<StoredChat | null> {
  if (file.ownerId === actor.userId) return null;
  const referring = await db
    .select({ ...getTableColumns(chats), shares: sharesOfChat })
    .from(chats)
    .innerJoin(chatFileRefs, eq(chatFileRefs.chatId, chats.id))
    .where(and(eq(chatFileRefs.fileId, file.id), filter(actor, "read", "chat", chatColumns)));
  const entered = referring.filter((chat) => {
    const ground = groundFor(actor, "read", chatObject(chat));
    return ground === "site" || ground === "organization";
  });
  return entered.length === referring.length ? (entered[0] ?? null) : null;
}

/** A credential whose scopes do not reach chats does not reach their files either. */
function isOwnReadable(actor: Actor): SQL {
  return filter(actor, "read", "chat", fileColumns);
}

/** Those of the files that are this person's, by id. */
export async function readOwnFiles(
  db: Database,
  ownerId: string,
  fileIds: readonly string[],
): Promise<Map<string, StoredFile>> {
  if (fileIds.length === 0) return new Map();
  const rows = await db.select().from(chatFiles).where(isOwnAmong(ownerId, fileIds));
  return new Map(rows.map((row) => [row.id, row]));
}

/**
 * Writes down that a chat refers to files, before its object takes the message that does. False: one of
 * them is not there any more, and no message may name it.
 */
export async function referToFiles(
  db: Database,
  chatId: string,
  ownerId: string,
  fileIds: readonly string[],
): Promise<boolean> {
  const wanted = new Set(fileIds);
  if (wanted.size === 0) return true;
  const [, present] = await db.batch([
    db
      .insert(chatFileRefs)
      .select(
        db
          .select({ chatId: sql<string>`${chatId}`.as("chat_id"), fileId: chatFiles.id })
          .from(chatFiles)
          .where(isOwnAmong(ownerId, fileIds)),
      )
      .onConflictDoNothing(),
    db.select({ id: chatFiles.id }).from(chatFiles).where(isOwnAmong(ownerId, fileIds)),
  ]);
  return present.length === wanted.size;
}

/** One JSON parameter however many ids there are. */
function isOwnAmong(ownerId: string, fileIds: readonly string[]): SQL | undefined {
  return and(
    sql`${chatFiles.id} in (select value from json_each(${JSON.stringify(fileIds)}))`,
    eq(chatFiles.ownerId, ownerId),
    isNull(chatFiles.discardedAt),
  );
}

/**
 * Removes files that no chat has referred to for a day. They are marked first, in the statement that
 * looks, so that no message can take one up meanwhile; the row goes when its bytes have gone, so that
 * the next sweep goes on where this one broke off.
 */
export async function sweepFiles(db: Database, bucket: R2Bucket, now: number): Promise<void> {
  await db
    .update(chatFiles)
    .set({ discardedAt: now })
    .where(sql`${chatFiles.id} in ${selectOrphans(db, now - ORPHAN_LIFE_MS)}`);
  const discarded = await db
    .select({ id: chatFiles.id })
    .from(chatFiles)
    .where(sql`${chatFiles.discardedAt} is not null`)
    .limit(FILES_PER_SWEEP);
  if (discarded.length === 0) return;
  await bucket.delete(discarded.map(({ id }) => fileKey(id)));
  const ids = JSON.stringify(discarded.map(({ id }) => id));
  await db
    .delete(chatFiles)
    .where(sql`${chatFiles.id} in (select value from json_each(${ids})) and ${chatFiles.discardedAt} is not null`);
}

/** Files from before that time to which nothing refers, the oldest first. */
export function selectOrphans(db: Database, before: number) {
  const referred = db
    .select({ one: sql`1` })
    .from(chatFileRefs)
    .where(eq(chatFileRefs.fileId, chatFiles.id));
  return db
    .select({ id: chatFiles.id })
    .from(chatFiles)
    .where(and(isNull(chatFiles.discardedAt), sql`${chatFiles.createdAt} < ${before}`, sql`not exists ${referred}`))
    .orderBy(chatFiles.createdAt)
    .limit(FILES_PER_SWEEP);
}
