import { CONTENT_VERSION, type MessagePart } from "../../contract/chats.ts";
import type { TokenUsage } from "../../contract/models.ts";
import { costMicros } from "../../usage/cost.ts";
import { findTool } from "../../tools/catalogue.ts";
import { createAnswer, type Answer, type AnswerCall } from "./answer.ts";
import { addMessages, addUsage, allotId, requireState } from "./cells.ts";
import type { ChatContext, ModelCall } from "./context.ts";
import { enqueueCall, enqueueMessages, LEDGER_PATIENCE_MS, releaseMessages } from "./outbox.ts";
import type { LedgerRow, ResolvedModel } from "./ports.ts";
import type { Changes } from "./stream.ts";
import { storeResult } from "./tool-results.ts";
import { releaseHold } from "./spend.ts";
import { newMessage, NO_USAGE, readMessage, toWireMessage } from "./transcript.ts";
import { modelOf } from "./turn-model.ts";
import { readTurn, writeTurn, type Turn } from "./turn-row.ts";

/** How a step's model call becomes rows: closed in order, cut off, or failed. Each in the caller's transaction. */

// A rule of thumb for English and code; only for calls whose provider told nothing.
const CHARACTERS_PER_TOKEN = 4;

/**
 * The answer is complete: the assistant row with usage and cost, and one row per call. What was paid
 * for is booked here, so that nothing later can lose it.
 */
export function closeAnswer(context: ChatContext, changes: Changes, call: ModelCall): void {
  const { answer, model } = call;
  const usage = answer.usage;
  const row = assistantRow(context, changes, call.messageId, answer.parts(), {
    usage,
    costMicros: usage === null ? null : costMicros(usage, model?.prices ?? null),
    model,
    estimated: false,
  });
  context.previews.drop(call.messageId);
  addMessages(context, changes, [row], { dueAt: context.clock() + LEDGER_PATIENCE_MS, hold: call.hold });
  addUsage(context, changes, { usage, costMicros: row.total_cost_micros, model, isStep: true });
  intendCalls(context, changes, call.messageId, answer.calls());
  writeTurn(context.storage, { phase: "waiting_tools", failures: 0, recoveries: 0, hold: null });
}

function intendCalls(context: ChatContext, changes: Changes, messageId: number, calls: AnswerCall[]): void {
  const { id: chatId, workspace_id: workspaceId } = requireState(context);
  const intended = calls.map((call) => ({ ...call, resultMessageId: allotId(context) }));
  for (const call of intended) {
    const tool = findTool(call.toolName);
    const deadline = context.clock() + (tool?.patienceMs(call.args) ?? 0);
    context.storage.exec(
      `insert into tool_calls (call_id, message_id, position, result_message_id, tool_call_id, tool_name, args, state, deadline_at)
       values (?, ?, ?, ?, ?, ?, ?, 'intended', ?)`,
      `${chatId}/${messageId}/${call.position}`,
      messageId,
      call.position,
      call.resultMessageId,
      call.toolCallId,
      call.toolName,
      JSON.stringify(call.args),
      deadline,
    );
    context.jobs.arm("deadline", call.toolCallId, deadline);
    const refusal = call.problem ?? refusalOf(tool, call, workspaceId);
    if (refusal !== null) storeResult(context, changes, call.toolCallId, { error: refusal }, true);
  }
}

function refusalOf(tool: ReturnType<typeof findTool>, call: AnswerCall, workspaceId: string | null): string | null {
  if (tool === undefined) return `There is no tool named ${call.toolName}.`;
  if (workspaceId === null && tool.runsIn === "workspace")
    return "This chat has no workspace, so its tools cannot run.";
  return tool.problemWith(call.args);
}

/** All calls have results: the step's time goes onto its row, and its rows to the ledger. */
export function settleStep(context: ChatContext, changes: Changes, turn: Turn): void {
  writeRuntime(context, changes, turn);
  releaseMessages(context);
}

export function writeRuntime(context: ChatContext, changes: Changes, turn: Turn): void {
  if (turn.message_id === null || turn.step_started_at === null) return;
  const row = readMessage(context.storage, turn.message_id);
  if (row === null || row.runtime_ms !== null) return;
  // A step that took less than a clock tick still ran.
  const runtimeMs = Math.max(1, context.clock() - turn.step_started_at);
  const settled = { ...row, runtime_ms: runtimeMs, seq: changes.stamp() };
  context.storage.exec("update messages set runtime_ms = ?, seq = ? where id = ?", runtimeMs, settled.seq, row.id);
  changes.emit({ type: "message", message: toWireMessage(requireState(context).id, settled) });
  enqueueMessages(context, [settled], context.clock());
}

/**
 * A step is cut off while its answer streams, by a person or by a failure that ends the turn: what is
 * there stays as a message, its complete calls get `reason` as their result, usage is what was
 * reported or an estimate.
 */
export function cutStep(context: ChatContext, changes: Changes, call: BrokenCall, reason: string): void {
  const turn = readTurn(context.storage);
  if (turn.message_id === null) return;
  const parts = call.answer.parts();
  if (parts.length === 0) {
    bookIfPaid(context, changes, call, "failed_attempt");
    return;
  }
  const booked = bookingOf(turn, call);
  const row = assistantRow(context, changes, turn.message_id, parts, { ...booked, model: call.model });
  context.previews.drop(turn.message_id);
  addMessages(context, changes, [row], { hold: call.hold });
  addUsage(context, changes, { usage: booked.usage, costMicros: booked.costMicros, model: call.model, isStep: false });
  const results = call.answer.calls().map((toolCall) =>
    newMessage({
      id: allotId(context),
      seq: changes.stamp(),
      createdAt: context.clock(),
      role: "tool",
      content: [
        {
          type: "tool-result",
          tool_call_id: toolCall.toolCallId,
          tool_name: toolCall.toolName,
          result: { error: reason },
          is_error: true,
        },
      ],
      contentVersion: CONTENT_VERSION,
      visibility: "both",
      modelConfigId: null,
    }),
  );
  addMessages(context, changes, results);
  writeRuntime(context, changes, turn);
}

/** A model call that did not come to its end. */
export interface BrokenCall {
  answer: Answer;
  model: ResolvedModel | null;
  /** What the provider had counted when it failed. */
  reported: TokenUsage | null;
  /** What its prompt is thought to have; left out where it is the turn's own call. */
  promptTokens?: number;
  /** Names the money that is set aside for it. */
  hold: string | null;
}

/** Books the call if something was paid for; else what was set aside for it is free again. */
export function bookIfPaid(
  context: ChatContext,
  changes: Changes,
  call: BrokenCall,
  kind: "failed_attempt" | "compaction" | "title",
): void {
  if (wasPaid(call)) bookCall(context, changes, call, kind);
  else releaseHold(context, call.hold);
}

/** Whether something was paid for: tokens were counted, or text had come. */
function wasPaid(call: BrokenCall): boolean {
  return call.reported !== null || call.answer.usage !== null || call.answer.length > 0;
}

/** A call that left no message is booked all the same, as far as its model is known. */
export function bookCall(
  context: ChatContext,
  changes: Changes,
  call: BrokenCall,
  kind: "failed_attempt" | "compaction" | "title",
): void {
  if (call.model === null) {
    releaseHold(context, call.hold);
    return;
  }
  const turn = readTurn(context.storage);
  const booked = bookingOf(turn, call);
  const row: LedgerRow = {
    ...NO_USAGE,
    ...booked.usage,
    chat_id: requireState(context).id,
    id: allotId(context),
    kind,
    role: "assistant",
    visibility: "model",
    content_version: CONTENT_VERSION,
    created_by: null,
    model_config_id: call.model.configId,
    context_limit: call.model.contextLimit,
    total_cost_micros: booked.costMicros,
    estimated: booked.estimated,
    runtime_ms: null,
    compressed: false,
    deleted: false,
    version: changes.stamp(),
    created_at: context.clock(),
  };
  enqueueCall(context, row, call.hold);
  addUsage(context, changes, { usage: booked.usage, costMicros: booked.costMicros, model: call.model, isStep: false });
}

/**
 * The turn's open call, whose instance is gone. Whether the provider had begun cannot be known; the books would
 * rather say too much than too little. A call that had not gone out has no model yet, and costs nothing.
 */
export function bookLostCall(
  context: ChatContext,
  changes: Changes,
  answer: Answer,
  kind: "failed_attempt" | "compaction",
): void {
  const turn = readTurn(context.storage);
  bookCall(context, changes, { answer, model: modelOf(turn), reported: null, hold: turn.hold }, kind);
}

function bookingOf(turn: Turn, call: BrokenCall): { usage: TokenUsage; costMicros: number | null; estimated: boolean } {
  const reported = call.answer.usage ?? call.reported;
  const usage = reported ?? {
    ...NO_USAGE,
    input_tokens: call.promptTokens ?? turn.prompt_tokens_estimate,
    output_tokens: Math.ceil(call.answer.length / CHARACTERS_PER_TOKEN),
  };
  return { usage, costMicros: costMicros(usage, call.model?.prices ?? null), estimated: reported === null };
}

export function estimateTokens(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

/** The answer of a call whose instance was lost, as far as it was checkpointed. Calls are never complete in it. */
export function answerFromPreview(context: ChatContext, messageId: number): Answer {
  const answer = createAnswer(messageId);
  for (const segment of context.previews.get(messageId)?.segments ?? []) {
    if (segment.type === "text") answer.apply({ type: "text-delta", text: segment.text });
    if (segment.type === "reasoning") answer.apply({ type: "reasoning-delta", text: segment.text });
    if (segment.type === "tool-call") {
      const key = segment.toolCallId ?? "";
      if (segment.start === 0) answer.apply({ type: "tool-call-start", key, toolName: segment.toolName ?? "" });
      answer.apply({ type: "tool-call-delta", key, argsDelta: segment.text });
    }
  }
  return answer;
}

function assistantRow(
  context: ChatContext,
  changes: Changes,
  id: number,
  content: MessagePart[],
  call: { usage: TokenUsage | null; costMicros: number | null; model: ResolvedModel | null; estimated: boolean },
) {
  return newMessage({
    id,
    seq: changes.stamp(),
    createdAt: context.clock(),
    role: "assistant",
    content,
    contentVersion: CONTENT_VERSION,
    visibility: "both",
    modelConfigId: call.model?.configId ?? requireState(context).last_model_config_id,
    usage: call.usage,
    contextLimit: call.model?.contextLimit ?? null,
    totalCostMicros: call.costMicros,
    estimated: call.estimated,
  });
}
