import {
  lastErrorDetail,
  messagePart,
  type ChatFacts,
  type ChatStatus,
  type LastErrorDetail,
  type QueuedMessage,
} from "../../contract/chats.ts";
import { chatUsage, retryState, type ChatUsage, type RetryState, type StreamEvent } from "../../contract/stream.ts";
import { toWireTime } from "../../platform/clock.ts";
import { firstRow, type ObjectStorage } from "../../platform/object-storage.ts";
import type { ChatRow } from "./ports.ts";

/** The chat's own row: identity, and the cells that viewers see beside messages. */
export interface ChatState {
  id: string;
  owner_id: string;
  organization_id: string;
  workspace_id: string | null;
  parent_chat_id: string | null;
  root_chat_id: string;
  title: string;
  status: ChatStatus;
  last_error: string | null;
  last_error_detail: string | null;
  retry: string | null;
  usage: string;
  last_model_config_id: string;
  mode: string | null;
  archived: 0 | 1;
  archived_version: number;
  version: number;
  epoch: string;
  reserved_seq: number;
  /** 1 while nothing that viewers have seen is in memory alone. */
  released: 0 | 1;
  next_id: number;
  status_seq: number;
  title_seq: number;
  usage_seq: number;
  queue_seq: number;
  cleared_seq: number;
  /** In a sub-agent: the run that its parent started last. */
  run: number;
  tree_version: number;
  created_at: number;
  updated_at: number;
}

export const EMPTY_USAGE: ChatUsage = {
  context_tokens: null,
  context_limit: null,
  compression_threshold: null,
  total_cost_micros: null,
  unpriced_calls: 0,
  last: null,
};

/** Null for an object that nobody created. */
export function readState(storage: ObjectStorage): ChatState | null {
  return firstRow(storage.exec<ChatState>("select * from chat"));
}

export function readUsage(state: Pick<ChatState, "usage">): ChatUsage {
  return chatUsage.parse(JSON.parse(state.usage));
}

function errorDetailOf(state: ChatState): LastErrorDetail | null {
  return state.last_error_detail === null ? null : lastErrorDetail.parse(JSON.parse(state.last_error_detail));
}

function retryOf(state: ChatState): RetryState | null {
  return state.retry === null ? null : retryState.parse(JSON.parse(state.retry));
}

export function toWireChat(state: ChatState): ChatFacts {
  return {
    id: state.id,
    owner_id: state.owner_id,
    organization_id: state.organization_id,
    workspace_id: state.workspace_id,
    parent_chat_id: state.parent_chat_id,
    root_chat_id: state.root_chat_id,
    last_model_config_id: state.last_model_config_id,
    title: state.title,
    status: state.status,
    last_error: state.last_error,
    last_error_detail: errorDetailOf(state),
    archived: state.archived === 1,
    version: state.version,
    created_at: toWireTime(state.created_at),
    updated_at: toWireTime(state.updated_at),
  };
}

/** The row that D1 keeps for lists. */
export function toChatRow(storage: ObjectStorage, state: ChatState): ChatRow {
  return {
    ...toWireChat(state),
    last_answer_id: lastAnswerId(storage),
    mode: state.mode,
    archived_version: state.archived_version,
    created_at: state.created_at,
    updated_at: state.updated_at,
  };
}

/** What makes a chat unread: the newest thing that a model said to people. A summary of the context is none. */
function lastAnswerId(storage: ObjectStorage): number | null {
  const row = firstRow(
    storage.exec<{ id: number }>(
      `select id from messages where role = 'assistant' and deleted = 0 and compressed = 0
         and visibility in ('user', 'both') order by id desc limit 1`,
    ),
  );
  return row?.id ?? null;
}

export function statusEvent(state: ChatState): StreamEvent {
  return {
    type: "status",
    status: state.status,
    last_error: state.last_error,
    last_error_detail: errorDetailOf(state),
    retry: retryOf(state),
  };
}

export interface QueueRow {
  id: number;
  seq: number;
  content: string;
  model_config_id: string | null;
  created_by: string;
  created_at: number;
  position: number;
}

/** In the order in which they start. */
export function readQueue(storage: ObjectStorage): QueueRow[] {
  return storage.exec<QueueRow>("select * from queue order by position, id");
}

export function toWireQueued(chatId: string, row: Omit<QueueRow, "position">): QueuedMessage {
  return {
    id: row.id,
    chat_id: chatId,
    seq: row.seq,
    content: messagePart.array().parse(JSON.parse(row.content)),
    model_config_id: row.model_config_id,
    created_by: row.created_by,
    created_at: toWireTime(row.created_at),
  };
}

export function queueEvent(storage: ObjectStorage, chatId: string): StreamEvent {
  return { type: "queue_update", queued_messages: readQueue(storage).map((row) => toWireQueued(chatId, row)) };
}
