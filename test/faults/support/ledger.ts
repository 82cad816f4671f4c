import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import type { OwnTideline } from "../../support/own-tideline.ts";

const chatRow = z.object({ status: z.string(), title: z.string() });
const ledgerRow = z.object({ id: z.int(), kind: z.string(), role: z.string() });
const fileRow = z.object({ id: z.string(), discarded_at: z.int().nullable() });

/** What D1 holds, read from its file past the Worker. */
export interface Ledger {
  chat: z.infer<typeof chatRow> | null;
  /** Every booked model call and message of the chat. */
  rows: z.infer<typeof ledgerRow>[];
}

export function readLedger(ground: { tideline: OwnTideline }, chatId: string): Ledger {
  const chat = chatRow.array().parse(query(ground, "select status, title from chats where id = ?", chatId));
  const rows = query(ground, "select id, kind, role from chat_messages where chat_id = ? order by id", chatId);
  return { chat: chat[0] ?? null, rows: ledgerRow.array().parse(rows) };
}

/** The sub-agents of a chat. */
export function readChildren(ground: { tideline: OwnTideline }, parentId: string): string[] {
  const rows = query(ground, "select id from chats where parent_chat_id = ? order by id", parentId);
  return z
    .object({ id: z.string() })
    .array()
    .parse(rows)
    .map(({ id }) => id);
}

/** Uploads, with the time at which they were given up. */
export function readUploads(ground: { tideline: OwnTideline }): z.infer<typeof fileRow>[] {
  return fileRow.array().parse(query(ground, "select id, discarded_at from chat_files order by id"));
}

function query(ground: { tideline: OwnTideline }, sql: string, ...parameters: string[]): unknown[] {
  const database = new DatabaseSync(databaseFile(ground), { readOnly: true, timeout: 5_000 });
  try {
    return database.prepare(sql).all(...parameters);
  } finally {
    database.close();
  }
}

function databaseFile({ tideline }: { tideline: OwnTideline }): string {
  const folder = join(tideline.folder, "state", "state", "v3", "d1", "miniflare-D1DatabaseObject");
  const file = readdirSync(folder).find((name) => /^[0-9a-f]+\.sqlite$/.test(name));
  if (file === undefined) throw new Error(`There is no database in ${folder}.`);
  return join(folder, file);
}
