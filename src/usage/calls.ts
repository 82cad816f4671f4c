import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import { ledgerEntry, type LedgerEntry, type LedgerKind } from "../contract/usage.ts";
import type { ModelName } from "../models/names.ts";
import { toWireTime } from "../platform/clock.ts";
import type { Database } from "../platform/d1.ts";
import { unknownCursor } from "../platform/paging.ts";
import type { Range } from "./ranges.ts";
import { rowsOf, type UsageScope } from "./scope.ts";

/** Which model calls of a scope are listed. */
export interface CallsQuestion {
  scope: UsageScope;
  range: Range;
  kind: LedgerKind | null;
}

/** The last call of the page before. */
export interface CallCursor {
  createdAt: number;
  chatId: string;
  id: number;
}

const row = ledgerEntry
  .omit({ display_name: true })
  .extend({ created_at: z.int(), deleted: z.int(), estimated: z.int() });
export type CallRow = z.infer<typeof row>;

/** A page of rows of the ledger, newest first. The marks of a summary in the list of messages are no calls. */
export function callsStatement(question: CallsQuestion, after: CallCursor | null, limit: number): SQL {
  const { scope, range, kind } = question;
  const conditions = [
    rowsOf(scope, range),
    sql`(compressed = 0 or coalesce(total_cost_micros, input_tokens, output_tokens) is not null)`,
    ...(kind === null ? [] : [sql`kind = ${kind}`]),
    ...(after === null ? [] : [sql`(created_at, chat_id, id) < (${after.createdAt}, ${after.chatId}, ${after.id})`]),
  ];
  return sql`select chat_id, root_chat_id, id, kind, created_at, deleted, model_config_id, input_tokens, output_tokens,
      reasoning_tokens, cache_read_tokens, cache_creation_tokens, cache_creation_1h_tokens, web_search_requests,
      total_cost_micros, estimated, runtime_ms
    from chat_messages where ${sql.join(conditions, sql` and `)}
    order by created_at desc, chat_id desc, id desc limit ${limit}`;
}

export async function readCalls(
  db: Database,
  question: CallsQuestion,
  after: CallCursor | null,
  limit: number,
): Promise<CallRow[]> {
  return row.array().parse(await db.all(callsStatement(question, after, limit)));
}

export function toLedgerEntry(call: CallRow, nameOf: (id: string | null) => ModelName): LedgerEntry {
  return {
    ...call,
    created_at: toWireTime(call.created_at),
    deleted: call.deleted === 1,
    estimated: call.estimated === 1,
    display_name: nameOf(call.model_config_id).displayName,
  };
}

export function cursorOf({ created_at: createdAt, chat_id: chatId, id }: CallRow): CallCursor {
  return { createdAt, chatId, id };
}

/** A cursor as clients carry it: opaque to them. */
export function cursorText({ createdAt, chatId, id }: CallCursor): string {
  return `${createdAt}_${id}_${chatId}`;
}

/** Throws a 400 Problem for what `cursorText` did not write. */
export function readCursor(text: string): CallCursor {
  const [, createdAt, id, chatId] = /^(\d{1,15})_(\d{1,15})_([\da-f-]{36})$/.exec(text) ?? [];
  if (createdAt === undefined || id === undefined || chatId === undefined) throw unknownCursor("cursor");
  return { createdAt: Number(createdAt), chatId, id: Number(id) };
}
