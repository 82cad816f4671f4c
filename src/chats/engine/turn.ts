import { CONTENT_VERSION, messagePart, type LastErrorDetail } from "../../contract/chats.ts";
import { addMessages, allotId, clearPreviews, queueChanged, requireState, setStatus } from "./cells.ts";
import type { ChatContext } from "./context.ts";
import { readQueue } from "./state.ts";
import type { Changes } from "./stream.ts";
import { newMessage } from "./transcript.ts";
import { readTurn, writeTurn } from "./turn-row.ts";

/** The transitions that every turn makes: start, next step, end. Each stands in the caller's transaction. */

/** Judges a turn while it is not over: a fixed tick, which nothing that happens moves. */
export const WATCHDOG_MS = 30_000;
export const STEPS_MAX = 1_200;

export function startTurn(context: ChatContext, changes: Changes): void {
  const { fence } = readTurn(context.storage);
  writeTurn(context.storage, {
    phase: "pending",
    fence: fence + 1,
    steps: 0,
    message_id: null,
    attempt: 0,
    failures: 0,
    recoveries: 0,
    step_started_at: null,
    retry_at: null,
    interrupting_until: null,
    compaction: null,
    compactions: 0,
  });
  setStatus(context, changes, "pending");
  context.jobs.arm("watchdog", "", context.clock() + WATCHDOG_MS);
}

/** Allots the step's message before its call, so that a recovery never writes into another message. */
export function startStep(context: ChatContext, changes: Changes): void {
  const turn = readTurn(context.storage);
  const messageId = allotId(context);
  writeTurn(context.storage, {
    phase: "streaming",
    steps: turn.steps + 1,
    message_id: messageId,
    attempt: 1,
    failures: 0,
    recoveries: 0,
    step_started_at: context.clock(),
    model_config_id: requireState(context).last_model_config_id,
    model: null,
    prompt_tokens_estimate: null,
    hold: null,
    retry_at: null,
  });
  openPreview(context, changes, messageId, 1);
  if (requireState(context).status !== "running") setStatus(context, changes, "running");
}

/** The same step once more, after a failure or a lost instance. Its parts start over. */
export function startAttempt(context: ChatContext, changes: Changes): void {
  const turn = readTurn(context.storage);
  if (turn.message_id === null) throw new Error("There is no step to try again.");
  const attempt = turn.attempt + 1;
  writeTurn(context.storage, {
    phase: "streaming",
    attempt,
    model: null,
    prompt_tokens_estimate: null,
    hold: null,
    retry_at: null,
  });
  openPreview(context, changes, turn.message_id, attempt);
  if (requireState(context).retry !== null) setStatus(context, changes, "running");
}

function openPreview(context: ChatContext, changes: Changes, messageId: number, attempt: number): void {
  context.previews.open(messageId, attempt, "assistant", changes.stamp());
  changes.emit({ type: "preview_reset", message_id: messageId, attempt });
}

export type Outcome =
  | { kind: "done" }
  | { kind: "interrupted" }
  | { kind: "failed"; lastError: string; detail: LastErrorDetail };

/**
 * The one way a turn ends. After done or interrupted the head of the queue starts at once; after a
 * failure the queue waits for the next message.
 */
export function endTurn(context: ChatContext, changes: Changes, outcome: Outcome): void {
  clearPreviews(context, changes);
  context.storage.exec("delete from tool_calls where state = 'done' and cancel != 'wanted'");
  context.jobs.disarm("retry");
  context.jobs.disarm("dispatch");
  context.jobs.disarm("interrupt_end");
  writeTurn(context.storage, {
    phase: "idle",
    message_id: null,
    retry_at: null,
    interrupting_until: null,
    compaction: null,
  });
  if (outcome.kind !== "failed" && startQueued(context, changes)) return;
  context.jobs.disarm("watchdog");
  oweReport(context);
  if (outcome.kind === "failed") {
    setStatus(context, changes, "error", { failure: { lastError: outcome.lastError, detail: outcome.detail } });
  } else {
    setStatus(context, changes, "waiting");
  }
}

/**
 * Turns the head of the queue into a message and starts a turn with it. False when the queue is empty;
 * that of an archived chat waits until somebody goes on with it.
 */
export function startQueued(context: ChatContext, changes: Changes): boolean {
  if (requireState(context).archived === 1) return false;
  const head = readQueue(context.storage)[0];
  if (head === undefined) return false;
  context.storage.exec("delete from queue where id = ?", head.id);
  queueChanged(context, changes);
  addMessages(context, changes, [
    newMessage({
      id: allotId(context),
      seq: changes.stamp(),
      createdAt: context.clock(),
      role: "user",
      content: messagePart.array().parse(JSON.parse(head.content)),
      contentVersion: CONTENT_VERSION,
      visibility: "both",
      modelConfigId: head.model_config_id ?? requireState(context).last_model_config_id,
      createdBy: head.created_by,
    }),
  ]);
  startTurn(context, changes);
  return true;
}

/** A sub-agent's turn has ended: its parent must hear of it, however long that takes. */
function oweReport(context: ChatContext): void {
  if (requireState(context).parent_chat_id !== null) context.jobs.arm("report", "", context.clock());
}
