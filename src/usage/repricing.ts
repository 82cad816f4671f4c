import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import { chatStub } from "../chats/object.ts";
import type { RepricedCall } from "../chats/engine/rpc.ts";
import type { ModelPrices, TokenUsage } from "../contract/models.ts";
import { askEach } from "../platform/ask-each.ts";
import { runBatch, type Database } from "../platform/d1.ts";
import { costMicros } from "./cost.ts";

/** A JSON parameter of that many rows is well under D1's 2 MB, and so many are priced in milliseconds. */
export const ROWS_PER_CALL = 2_000;
/** Each is a call to an object; a request may make a thousand. */
const CHATS_PER_CALL = 200;
const CHATS_AT_ONCE = 25;

/** The model whose rows are priced anew, with its prices as they stand. */
export interface RepricedModel {
  id: string;
  prices: ModelPrices;
  /** Its options as the row has them, so that prices that change meanwhile are noticed. Null = it has no row. */
  storedOptions: string | null;
}

export interface Repricing {
  model: RepricedModel;
  from: number;
  to: number;
  onlyUnpriced: boolean;
  after: RowKey | null;
}

const count = z.int().nullable();
const ledgerRow = z.object({
  chat_id: z.string(),
  id: z.int(),
  created_at: z.int(),
  input_tokens: count,
  output_tokens: count,
  total_tokens: count,
  reasoning_tokens: count,
  cache_creation_tokens: count,
  cache_read_tokens: count,
  cache_creation_1h_tokens: count,
  web_search_requests: count,
  total_cost_micros: count,
  repriced_at: count,
}) satisfies z.ZodType<TokenUsage>;
type LedgerRow = z.infer<typeof ledgerRow>;

/** Where a page of rows ends. */
export type RowKey = Pick<LedgerRow, "created_at" | "chat_id" | "id">;

/** A row with what it costs at the model's prices. */
interface PricedRow extends LedgerRow {
  costMicros: number | null;
  changes: boolean;
}

export interface RepricedPage {
  rows: PricedRow[];
  /** Null on the last page. */
  next: RowKey | null;
}

/**
 * The next rows of the model that reported tokens, oldest first, of every kind and deleted ones, too. With
 * `onlyUnpriced` rows that have a price of their own time are left out; those that were priced anew before are
 * there, since a chat may not have heard of it.
 */
export async function readRepricedPage(db: Database, repricing: Repricing): Promise<RepricedPage> {
  const [answer] = await runBatch(db, [repricedRows(repricing)]);
  const found = ledgerRow.array().parse(answer?.results);
  const rows = found.slice(0, ROWS_PER_CALL);
  const page = upToChats(rows);
  const last = page.at(-1);
  const isLast = found.length <= ROWS_PER_CALL && page.length === rows.length;
  return {
    rows: page.map((row) => {
      const kept = repricing.onlyUnpriced && row.total_cost_micros !== null;
      const cost = kept ? row.total_cost_micros : costMicros(row, repricing.model.prices);
      return { ...row, costMicros: cost, changes: cost !== row.total_cost_micros };
    }),
    next: isLast || last === undefined ? null : { created_at: last.created_at, chat_id: last.chat_id, id: last.id },
  };
}

/** Its plan: the index by time, and the rows themselves for the counts that no figure reads. */
export function repricedRows({ model, from, to, onlyUnpriced, after }: Repricing): SQL {
  const since =
    after === null
      ? sql`created_at >= ${from}`
      : sql`created_at >= ${Math.max(from, after.created_at)}
    and (created_at, chat_id, id) > (${after.created_at}, ${after.chat_id}, ${after.id})`;
  return sql`select chat_id, id, created_at, input_tokens, output_tokens, total_tokens, reasoning_tokens,
      cache_creation_tokens, cache_read_tokens, cache_creation_1h_tokens, web_search_requests, total_cost_micros,
      repriced_at
    from chat_messages indexed by chat_messages_usage
    where ${since} and created_at < ${to} and model_config_id = ${model.id}
      and coalesce(input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens, reasoning_tokens) is not null
      ${onlyUnpriced ? sql`and (total_cost_micros is null or repriced_at is not null)` : sql``}
    order by created_at, chat_id, id limit ${ROWS_PER_CALL + 1}`;
}

/** As many rows from the beginning as so many chats hold. */
function upToChats(rows: readonly LedgerRow[]): LedgerRow[] {
  const chats = new Set<string>();
  const end = rows.findIndex(({ chat_id }) => chats.add(chat_id).size > CHATS_PER_CALL);
  return end === -1 ? [...rows] : rows.slice(0, end);
}

/**
 * Writes the new costs, in one batch with the line of the audit log, and answers which rows it changed. Two at once
 * agree: tokens never change, and costs are written only while the prices are those that they were made with; so
 * both write the same, and the later one finds nothing left to do. Null = the prices have changed meanwhile.
 */
export async function writeCosts(
  db: Database,
  { model, onlyUnpriced }: Repricing,
  rows: readonly PricedRow[],
  now: number,
  audit: SQL,
): Promise<PricedRow[] | null> {
  const changing = rows.filter(({ changes }) => changes);
  if (changing.length === 0) return [];
  const costs = JSON.stringify(changing.map(({ chat_id, id, costMicros: cost }) => [chat_id, id, cost]));
  const stillPriced =
    model.storedOptions === null
      ? sql`true`
      : sql`(select options from chat_model_configs c where c.id = ${model.id}) = ${model.storedOptions}`;
  const [written, , options] = await runBatch(db, [
    sql`update chat_messages set total_cost_micros = fresh.cost, repriced_at = ${now}
      from (select json_extract(value, '$[0]') as chat, json_extract(value, '$[1]') as call,
          json_extract(value, '$[2]') as cost from json_each(${costs})) as fresh
      where chat_messages.chat_id = fresh.chat and chat_messages.id = fresh.call
        and chat_messages.total_cost_micros is not fresh.cost and ${stillPriced}
        ${onlyUnpriced ? sql`and chat_messages.total_cost_micros is null` : sql``}
      returning chat_messages.chat_id, chat_messages.id`,
    audit,
    sql`select ${stillPriced} as valid`,
  ]);
  if (z.object({ valid: z.int() }).array().parse(options?.results)[0]?.valid !== 1) return null;
  const keys = new Set(
    z
      .object({ chat_id: z.string(), id: z.int() })
      .array()
      .parse(written?.results)
      .map(({ chat_id, id }) => `${chat_id} ${id}`),
  );
  return changing.filter(({ chat_id, id }) => keys.has(`${chat_id} ${id}`));
}

/**
 * Tells the chats what their calls cost now, those that were told before, too: they take it once. Answers how many
 * could not be reached, each of which is in the log; the next recompute of the same range tells them.
 */
export async function tellChats(chats: Env["CHATS"], rows: readonly PricedRow[]): Promise<number> {
  const repriced = rows.filter(({ changes, repriced_at }) => changes || repriced_at !== null);
  const told = [...Map.groupBy(repriced, ({ chat_id }) => chat_id)];
  let untold = 0;
  async function tell([chatId, own]: (typeof told)[number]): Promise<void> {
    const calls = own.map(toRepricedCall);
    try {
      await chatStub(chats, chatId).repriced(calls);
    } catch {
      // An object that was moved or reset is there again at once.
      await chatStub(chats, chatId)
        .repriced(calls)
        .catch((error: unknown) => {
          untold += 1;
          throw error;
        });
    }
  }
  for (let start = 0; start < told.length; start += CHATS_AT_ONCE) {
    const some = told.slice(start, start + CHATS_AT_ONCE);
    await askEach(some, tell, "repricing.untold", ([chatId]) => ({ chatId }));
  }
  return untold;
}

function toRepricedCall(row: PricedRow): RepricedCall {
  return { id: row.id, beforeMicros: row.total_cost_micros, costMicros: row.costMicros };
}

/** A cursor for the wire, and back; null for what is none. */
export function writeCursor({ created_at, chat_id, id }: RowKey): string {
  return `${created_at}.${chat_id}.${id}`;
}
export function readCursor(text: string): RowKey | null {
  const [, at, chat, id] = /^(\d{1,15})\.([0-9a-f-]{36})\.(\d{1,15})$/.exec(text) ?? [];
  if (at === undefined || chat === undefined || id === undefined) return null;
  return { created_at: Number(at), chat_id: chat, id: Number(id) };
}
