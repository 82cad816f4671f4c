import type { ChatStatus, LastErrorDetail } from "../../contract/chats.ts";
import type { RetryState } from "../../contract/stream.ts";
import type { TokenUsage } from "../../contract/models.ts";
import type { WatchEvent } from "../../contract/chats.ts";
import { firstRow, type SqlValue } from "../../platform/object-storage.ts";
import type { ChatContext } from "./context.ts";
import { enqueueChat } from "./outbox.ts";
import type { ResolvedModel } from "./ports.ts";
import { queueEvent, readState, readUsage, statusEvent, type ChatState } from "./state.ts";
import type { Changes } from "./stream.ts";
import { toWireMessage, insertMessages, type MessageRow } from "./transcript.ts";
import { enqueueMessages } from "./outbox.ts";

/** Changes to the chat's row and cells, each with its stamp, its event and its place in the outbox. */

export function requireState(context: ChatContext): ChatState {
  const state = readState(context.storage);
  if (state === null) throw new Error("The chat was not created.");
  return state;
}

/** The next id of a message, a queue entry or another model call: one counter for all. */
export function allotId(context: ChatContext): number {
  const row = firstRow(
    context.storage.exec<{ id: number }>("update chat set next_id = next_id + 1 returning next_id - 1 as id"),
  );
  if (row === null) throw new Error("The chat was not created.");
  return row.id;
}

export interface Failure {
  lastError: string;
  detail: LastErrorDetail;
}

export function setStatus(
  context: ChatContext,
  changes: Changes,
  status: ChatStatus,
  { failure = null, retry = null }: { failure?: Failure | null; retry?: RetryState | null } = {},
): void {
  updateChat(context, "status_change", {
    status,
    last_error: failure?.lastError ?? null,
    last_error_detail: failure === null ? null : JSON.stringify(failure.detail),
    retry: retry === null ? null : JSON.stringify(retry),
    status_seq: changes.stamp(),
  });
  changes.emit(statusEvent(requireState(context)));
}

export function setTitle(context: ChatContext, changes: Changes, title: string): void {
  updateChat(context, "title_change", { title, title_seq: changes.stamp() });
  changes.emit({ type: "title", title });
}

/** The columns that the root's job writes in D1; here and for this chat's own answers they are its copy. */
export function markArchived(context: ChatContext, change: { version: number; archived: boolean }): void {
  updateChat(context, "updated", { archived: change.archived ? 1 : 0, archived_version: change.version });
}

export function setWorkspace(context: ChatContext, workspaceId: string | null): void {
  updateChat(context, "updated", { workspace_id: workspaceId });
}

/** Changes columns that lists show: the version rises and D1 will hear of it. */
function updateChat(context: ChatContext, watch: WatchEvent["kind"], columns: Record<string, SqlValue>): void {
  const now = context.clock();
  const names = Object.keys(columns).map((name) => `${name} = ?`);
  context.storage.exec(
    `update chat set ${names.join(", ")}, version = version + 1, updated_at = max(updated_at, ?)`,
    ...Object.values(columns),
    now,
  );
  enqueueChat(context, watch);
}

/** Inserts message rows, tells viewers of those they may see, and books them for the ledger. */
export function addMessages(
  context: ChatContext,
  changes: Changes,
  rows: MessageRow[],
  { dueAt = context.clock(), hold = null }: { dueAt?: number; hold?: string | null } = {},
): void {
  const { id: chatId, last_model_config_id: before } = requireState(context);
  insertMessages(context.storage, rows);
  if (requireState(context).last_model_config_id !== before) {
    // Another model is no news for the order of a list: `updated_at` stays.
    context.storage.exec("update chat set version = version + 1");
    enqueueChat(context, "updated");
  }
  for (const row of rows) {
    if (row.visibility !== "model") changes.emit({ type: "message", message: toWireMessage(chatId, row) });
  }
  enqueueMessages(context, rows, dueAt, hold);
}

export function queueChanged(context: ChatContext, changes: Changes): void {
  context.storage.exec("update chat set queue_seq = ?", changes.stamp());
  changes.emit(queueEvent(context.storage, requireState(context).id));
}

export function clearPreviews(context: ChatContext, changes: Changes): void {
  if ([...context.previews.all()].length === 0) return;
  context.previews.drop();
  context.storage.exec("update chat set cleared_seq = ?", changes.stamp());
  changes.emit({ type: "preview_reset", message_id: null, attempt: 0 });
}

/** Adds a model call to what the chat has used. `usage` null: nothing is known of it. */
export function addUsage(
  context: ChatContext,
  changes: Changes,
  call: { usage: TokenUsage | null; costMicros: number | null; model: ResolvedModel | null; isStep: boolean },
): void {
  const used = readUsage(requireState(context));
  const { usage, model } = call;
  const unpriced = usage !== null && call.costMicros === null;
  const step =
    call.isStep && usage !== null && model !== null
      ? {
          context_tokens: contextTokens(usage),
          context_limit: model.contextLimit,
          compression_threshold: model.compressionThreshold,
          last: { ...usage, context_limit: model.contextLimit },
        }
      : {};
  const next = {
    ...used,
    ...step,
    total_cost_micros:
      call.costMicros === null
        ? used.total_cost_micros
        : // One number too large to be read back would shut the chat for ever.
          Math.min((used.total_cost_micros ?? 0) + call.costMicros, Number.MAX_SAFE_INTEGER),
    unpriced_calls: used.unpriced_calls + (unpriced ? 1 : 0),
  };
  context.storage.exec("update chat set usage = ?, usage_seq = ?", JSON.stringify(next), changes.stamp());
  changes.emit({ type: "usage", usage: next });
}

/** Tokens of the prompt as the model counted them; the total only where it counted nothing else. */
export function contextTokens(usage: TokenUsage): number | null {
  const sum = (usage.input_tokens ?? 0) + (usage.cache_read_tokens ?? 0) + (usage.cache_creation_tokens ?? 0);
  return sum > 0 ? sum : usage.total_tokens;
}
