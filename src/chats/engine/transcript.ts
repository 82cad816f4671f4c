import {
  CONTENT_VERSION,
  messagePart,
  type ChatMessage,
  type MessagePart,
  type MessageRole,
  type MessageVisibility,
} from "../../contract/chats.ts";
import { json } from "../../contract/common.ts";
import type { TokenUsage } from "../../contract/models.ts";
import { toWireTime } from "../../platform/clock.ts";
import { firstRow, type ObjectStorage } from "../../platform/object-storage.ts";
import { parseVersion0 } from "./content-v0.ts";
import type { LedgerRow } from "./ports.ts";

/** The message rows of a chat: how they are made, written and read. Nothing is ever deleted for good. */

export interface MessageRow extends TokenUsage {
  id: number;
  seq: number;
  role: MessageRole;
  visibility: MessageVisibility;
  content: string;
  content_version: number;
  created_by: string | null;
  model_config_id: string | null;
  context_limit: number | null;
  total_cost_micros: number | null;
  estimated: 0 | 1;
  compressed: 0 | 1;
  deleted: 0 | 1;
  runtime_ms: number | null;
  created_at: number;
}

export const NO_USAGE: TokenUsage = {
  input_tokens: null,
  output_tokens: null,
  total_tokens: null,
  reasoning_tokens: null,
  cache_creation_tokens: null,
  cache_read_tokens: null,
  cache_creation_1h_tokens: null,
  web_search_requests: null,
};

interface NewMessage {
  id: number;
  seq: number;
  createdAt: number;
  role: MessageRole;
  content: MessagePart[];
  visibility: MessageVisibility;
  modelConfigId: string | null;
  contentVersion: number;
  createdBy?: string | null;
  compressed?: boolean;
  usage?: TokenUsage | null;
  contextLimit?: number | null;
  totalCostMicros?: number | null;
  estimated?: boolean;
  runtimeMs?: number | null;
}

/** The one way to make a message row. What is not given is null: not reported, not priced, not settled. */
export function newMessage(fields: NewMessage): MessageRow {
  return {
    ...NO_USAGE,
    ...fields.usage,
    id: fields.id,
    seq: fields.seq,
    role: fields.role,
    visibility: fields.visibility,
    content: JSON.stringify(fields.content),
    content_version: fields.contentVersion,
    created_by: fields.createdBy ?? null,
    model_config_id: fields.modelConfigId,
    context_limit: fields.contextLimit ?? null,
    total_cost_micros: fields.totalCostMicros ?? null,
    estimated: fields.estimated === true ? 1 : 0,
    compressed: fields.compressed === true ? 1 : 0,
    deleted: 0,
    runtime_ms: fields.runtimeMs ?? null,
    created_at: fields.createdAt,
  };
}

/**
 * Inserts the rows of one step and moves the chat's model to the last one named among them, if that
 * is another.
 */
export function insertMessages(storage: ObjectStorage, rows: readonly MessageRow[]): void {
  for (const row of rows) {
    storage.exec(
      `insert into messages (id, seq, role, visibility, content, content_version, created_by, model_config_id,
         input_tokens, output_tokens, total_tokens, reasoning_tokens, cache_creation_tokens, cache_read_tokens,
         cache_creation_1h_tokens, web_search_requests,
         context_limit, total_cost_micros, estimated, compressed, deleted, runtime_ms, created_at)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      row.id,
      row.seq,
      row.role,
      row.visibility,
      row.content,
      row.content_version,
      row.created_by,
      row.model_config_id,
      row.input_tokens,
      row.output_tokens,
      row.total_tokens,
      row.reasoning_tokens,
      row.cache_creation_tokens,
      row.cache_read_tokens,
      row.cache_creation_1h_tokens,
      row.web_search_requests,
      row.context_limit,
      row.total_cost_micros,
      row.estimated,
      row.compressed,
      row.deleted,
      row.runtime_ms,
      row.created_at,
    );
  }
  const model = rows.findLast((row) => row.model_config_id !== null)?.model_config_id;
  if (model !== undefined && model !== null) {
    storage.exec("update chat set last_model_config_id = ? where last_model_config_id is not ?", model, model);
  }
}

export function readMessage(storage: ObjectStorage, id: number): MessageRow | null {
  return firstRow(storage.exec<MessageRow>("select * from messages where id = ? and deleted = 0", id));
}

/** Newest first; one row more than `limit` tells that there are more. */
export function readPage(storage: ObjectStorage, beforeId: number | null, limit: number): MessageRow[] {
  return storage.exec<MessageRow>(
    `select * from messages where id < ? and deleted = 0 and visibility in ('user', 'both')
     order by id desc limit ?`,
    beforeId ?? Number.MAX_SAFE_INTEGER,
    limit + 1,
  );
}

/**
 * What the model reads, oldest first: system rows, the newest summary, and what came after it. A
 * summary is a row that is compressed and visible to the model alone.
 */
export function readPromptRows(storage: ObjectStorage): MessageRow[] {
  const summary = firstRow(
    storage.exec<{ id: number | null }>(
      "select max(id) as id from messages where compressed = 1 and visibility = 'model' and deleted = 0",
    ),
  );
  const boundary = summary?.id ?? 0;
  // Two reads, each along an index: one condition for both would read all of a long history.
  const system = storage.exec<MessageRow>(
    `select * from messages where role = 'system' and id < ? and compressed = 0 and deleted = 0
       and visibility in ('model', 'both') order by id`,
    boundary,
  );
  const since = storage.exec<MessageRow>(
    `select * from messages where id >= ? and (id = ? or compressed = 0) and deleted = 0
       and visibility in ('model', 'both') order by id`,
    boundary,
    boundary,
  );
  return [...system, ...since];
}

/** Content that we cannot read is an error for whoever must understand the row; nobody may drop it silently. */
export class UnreadableContentError extends Error {
  constructor(messageId: number, version: number) {
    super(`Message ${messageId} has content of version ${version}, which this version of Tideline cannot read.`);
    this.name = "UnreadableContentError";
  }
}

const parts = messagePart.array();

/** The parts of a message, whichever version wrote them. */
export function parseContent(row: Pick<MessageRow, "id" | "role" | "content" | "content_version">): MessagePart[] {
  const content = readVersion(row);
  if (content === null) throw new UnreadableContentError(row.id, row.content_version);
  return content;
}

function readVersion(row: Pick<MessageRow, "role" | "content" | "content_version">): MessagePart[] | null {
  switch (row.content_version) {
    case CONTENT_VERSION:
      return parts.parse(JSON.parse(row.content));
    case 0:
      return parseVersion0(row.role, json.parse(JSON.parse(row.content)));
    default:
      return null;
  }
}

/** `textOf` for readers who need not understand every row: nothing of one that nobody can read. */
export function readableText(row: MessageRow): string {
  return textOf(readVersion(row) ?? []);
}

/** What is written in a message, without reasoning and tools. */
export function textOf(content: readonly MessagePart[]): string {
  return content
    .flatMap((part) => (part.type === "text" ? [part.text] : []))
    .join("\n")
    .trim();
}

/** A row as clients see it: signatures and the like stay here. */
export function toWireMessage(chatId: string, row: MessageRow): ChatMessage {
  return {
    id: row.id,
    chat_id: chatId,
    seq: row.seq,
    created_by: row.created_by,
    model_config_id: row.model_config_id,
    created_at: toWireTime(row.created_at),
    role: row.role,
    content: readableContent(row),
    usage: usageOf(row),
    total_cost_micros: row.total_cost_micros,
    estimated: row.estimated === 1,
    runtime_ms: row.runtime_ms,
  };
}

function readableContent(row: MessageRow): MessagePart[] {
  const content = readVersion(row);
  if (content !== null) return content.map(withoutMetadata);
  return [
    { type: "text", text: `This message cannot be shown: its format (version ${row.content_version}) is unknown.` },
  ];
}

/** Signatures and the like are between us and the provider. */
function withoutMetadata(part: MessagePart): MessagePart {
  if (part.type !== "reasoning" && part.type !== "tool-call") return part;
  const { provider_metadata: _, ...visible } = part;
  return visible;
}

function usageOf(row: MessageRow): ChatMessage["usage"] {
  const usage: TokenUsage = {
    input_tokens: row.input_tokens,
    output_tokens: row.output_tokens,
    total_tokens: row.total_tokens,
    reasoning_tokens: row.reasoning_tokens,
    cache_creation_tokens: row.cache_creation_tokens,
    cache_read_tokens: row.cache_read_tokens,
    cache_creation_1h_tokens: row.cache_creation_1h_tokens,
    web_search_requests: row.web_search_requests,
  };
  return Object.values(usage).every((tokens) => tokens === null)
    ? null
    : { ...usage, context_limit: row.context_limit };
}

/** The row as the ledger in D1 keeps it: everything but the content. */
export function toLedgerRow(chatId: string, row: MessageRow): LedgerRow {
  const { seq, content: _, estimated, compressed, deleted, ...rest } = row;
  return {
    ...rest,
    chat_id: chatId,
    kind: "message",
    estimated: estimated === 1,
    compressed: compressed === 1,
    deleted: deleted === 1,
    version: seq,
  };
}
