import { CONTENT_VERSION, type ChatFacts, type LastErrorDetail, type MessagePart } from "../../contract/chats.ts";
import { newId } from "../../platform/ids.ts";
import { log } from "../../platform/log.ts";
import { createAnswer } from "./answer.ts";
import { addMessages, allotId, requireState, setStatus } from "./cells.ts";
import { bookIfPaid, bookLostCall, estimateTokens } from "./close.ts";
import {
  chunkPrompt,
  compactionState,
  SUMMARY_MAX_TOKENS,
  summaryContent,
  transcriptChunks,
  unansweredMessages,
  type CompactionState,
} from "./compaction-text.ts";
import type { ChatContext, ModelCall } from "./context.ts";
import { ModelError, type PromptMessage, type ResolvedModel } from "./ports.ts";
import { promptLength } from "./prompt.ts";
import { RECOVERIES_MAX } from "./retry.ts";
import { ARCHIVED, refuse } from "./refusals.ts";
import type { Answer } from "./rpc.ts";
import { silenceProblem, watchSilence } from "./silence.ts";
import { holdFor, isLimited } from "./spend.ts";
import { readUsage, toWireChat } from "./state.ts";
import type { Changes } from "./stream.ts";
import { newMessage, parseContent, readPromptRows } from "./transcript.ts";
import { endTurn, startTurn } from "./turn.ts";
import { isCurrent, modelOf, resolveModel } from "./turn-model.ts";
import { readTurn, writeTurn } from "./turn-row.ts";

/**
 * Compaction is a phase of the turn. Its calls summarise the context chunk by chunk; each one's cost is
 * booked when it arrives, and only the last becomes rows: the summary for the model, and a tool call
 * with its result for people to open.
 */

/** After so many summaries in one turn the context does not get smaller; the turn goes on without. */
const COMPACTIONS_MAX = 3;
const TOOL_NAME = "chat_summarized";

/** Whether the context has reached the threshold. 100 means never. */
export function isFull(usage: { context_tokens: number | null }, model: ResolvedModel): boolean {
  if (model.compressionThreshold >= 100 || usage.context_tokens === null) return false;
  return usage.context_tokens * 100 >= model.contextLimit * model.compressionThreshold;
}

/** Whether the step that settles should be followed by a summary. */
export function shouldCompact(context: ChatContext): boolean {
  const turn = readTurn(context.storage);
  const model = modelOf(turn);
  if (model === null || turn.compactions >= COMPACTIONS_MAX) return false;
  return isFull(readUsage(requireState(context)), model);
}

export function mayCompactAgain(context: ChatContext): boolean {
  return readTurn(context.storage).compactions < COMPACTIONS_MAX && newestPromptId(context) !== null;
}

function newestPromptId(context: ChatContext): number | null {
  return readPromptRows(context.storage).findLast((row) => row.role !== "system")?.id ?? null;
}

/** Enters the phase. The caller advances. */
export function startCompaction(
  context: ChatContext,
  changes: Changes,
  how: Pick<CompactionState, "source" | "next" | "otherwise">,
): void {
  const used = readUsage(requireState(context));
  const percent =
    used.context_tokens === null || used.context_limit === null
      ? null
      : Math.round((used.context_tokens * 1_000) / used.context_limit) / 10;
  const state: CompactionState = {
    ...how,
    upToId: newestPromptId(context) ?? 0,
    summary: null,
    done: 0,
    usagePercent: percent,
    contextTokens: used.context_tokens,
  };
  const { compactions } = readTurn(context.storage);
  writeTurn(context.storage, {
    phase: "compacting",
    compaction: JSON.stringify(state),
    compactions: compactions + 1,
    recoveries: 0,
    model: null,
    hold: null,
    retry_at: null,
  });
  setStatus(context, changes, "running");
}

/** A person asks for it. Clears an error, as any turn does. */
export function compactChat(context: ChatContext): Answer<ChatFacts> {
  const state = requireState(context);
  if (state.archived === 1) return refuse(ARCHIVED);
  if (readTurn(context.storage).phase !== "idle") {
    return refuse({ status: 409, title: "The chat is busy.", detail: "Stop it, or wait until it has answered." });
  }
  if (newestPromptId(context) === null) return refuse({ status: 409, title: "There is nothing to summarise yet." });
  context.stream.commit((changes) => {
    startTurn(context, changes);
    startCompaction(context, changes, { source: "manual", next: "end", otherwise: "fail" });
  });
  context.advance();
  return { ok: true, value: toWireChat(requireState(context)) };
}

/** Opens the call for the next chunk. Also the way back after a lost instance. */
export function continueCompaction(context: ChatContext): void {
  const turn = readTurn(context.storage);
  const isGivenUp = turn.recoveries > RECOVERIES_MAX;
  context.stream.commit((changes) => {
    bookLostCall(context, changes, createAnswer(0), "compaction");
    // Counted before anything is loaded; a chunk that arrives sets it back.
    const recoveries = turn.recoveries + 1;
    writeTurn(context.storage, { fence: turn.fence + 1, recoveries, model: null, hold: null });
    if (isGivenUp) goOnWithout(context, changes);
  });
  if (isGivenUp) {
    context.advance();
    return;
  }
  const call: ModelCall = {
    fence: turn.fence + 1,
    messageId: 0,
    attempt: 1,
    controller: new AbortController(),
    answer: createAnswer(0),
    model: null,
    hold: null,
  };
  context.modelCall = call;
  context.background("compaction", () => summarise(context, call));
}

async function summarise(context: ChatContext, call: ModelCall): Promise<void> {
  try {
    await summariseChunks(context, call);
  } catch (error) {
    if (!isCurrent(context, call)) return;
    // The turn goes on without; the next step meets the limit itself if it must.
    log.warn("compaction.failed", { chatId: requireState(context).id, error });
    context.stream.commit((changes) => {
      bookSummaryCall(context, changes, call);
      goOnWithout(context, changes, error);
    });
  }
  if (context.modelCall === call) context.modelCall = null;
  context.advance();
}

async function summariseChunks(context: ChatContext, call: ModelCall): Promise<void> {
  const [model, limited] = await Promise.all([
    resolveModel(context, requireState(context).last_model_config_id),
    isLimited(context),
  ]);
  if (model === null) throw new Error("There is no model to summarise with.");
  call.model = model;
  const state = readCompaction(context);
  const messages = coveredMessages(context, state.upToId);
  const chunks = transcriptChunks(messages, model.contextLimit);
  for (let index = state.done; index < chunks.length; index += 1) {
    await context.barrier("compacting");
    const prompt = chunkPrompt(chunks[index] ?? "", readCompaction(context).summary);
    const promptTokens = estimateTokens(promptLength(prompt));
    if (limited) {
      await holdFor(context, call, { hold: `compaction/${call.fence}/${index}`, promptTokens });
      if (!isCurrent(context, call)) return;
    }
    writeTurn(context.storage, { model: JSON.stringify(model), prompt_tokens_estimate: promptTokens });
    const summary = await summariseChunk(context, call, model, prompt);
    if (!isCurrent(context, call)) return;
    context.stream.commit((changes) => {
      bookSummaryCall(context, changes, call);
      const next = { ...readCompaction(context), summary, done: index + 1 };
      writeTurn(context.storage, { compaction: JSON.stringify(next), recoveries: 0, model: null, hold: null });
      if (next.done === chunks.length) finishCompaction(context, changes, next, messages, model);
    });
    call.answer = createAnswer(0);
    call.hold = null;
  }
}

async function summariseChunk(
  context: ChatContext,
  call: ModelCall,
  model: ResolvedModel,
  messages: PromptMessage[],
): Promise<string> {
  const silence = watchSilence(call);
  try {
    for await (const event of context.ports.models.stream({
      configId: model.configId,
      messages,
      tools: [],
      signal: call.controller.signal,
      onBytes: silence.onBytes,
      maxOutputTokens: Math.min(SUMMARY_MAX_TOKENS, Math.floor(model.contextLimit / 4)),
    })) {
      call.answer.apply(event);
    }
  } catch (error) {
    throw silence.expired() ? silenceProblem(model.provider) : error;
  } finally {
    silence.stop();
  }
  const summary = call.answer
    .parts()
    .map((part) => (part.type === "text" ? part.text : ""))
    .join("")
    .trim();
  if (summary === "") throw new Error("The summary is empty.");
  return summary;
}

function readCompaction(context: ChatContext): CompactionState {
  return compactionState.parse(JSON.parse(readTurn(context.storage).compaction ?? "{}"));
}

function coveredMessages(context: ChatContext, upToId: number): PromptMessage[] {
  return readPromptRows(context.storage)
    .filter((row) => row.id <= upToId && row.role !== "system")
    .map((row) => ({ role: row.role, parts: parseContent(row) }));
}

/** What a summary call cost, reported or estimated. It is no step: the context's size stays as it was. */
function bookSummaryCall(context: ChatContext, changes: Changes, call: ModelCall): void {
  bookIfPaid(context, changes, { ...call, reported: call.answer.usage }, "compaction");
}

function finishCompaction(
  context: ChatContext,
  changes: Changes,
  state: CompactionState,
  messages: PromptMessage[],
  model: ResolvedModel,
): void {
  const toolCallId = `${TOOL_NAME}_${newId()}`;
  const row = (role: "user" | "assistant" | "tool", visibility: "model" | "user" | "both", content: MessagePart[]) =>
    newMessage({
      id: allotId(context),
      seq: changes.stamp(),
      createdAt: context.clock(),
      role,
      content,
      contentVersion: CONTENT_VERSION,
      visibility,
      modelConfigId: null,
      compressed: true,
    });
  const details = { source: state.source, threshold_percent: model.compressionThreshold };
  addMessages(context, changes, [
    row("user", "model", summaryContent(state.summary ?? "", unansweredMessages(messages))),
    row("assistant", "user", [{ type: "tool-call", tool_call_id: toolCallId, tool_name: TOOL_NAME, args: details }]),
    row("tool", "both", [
      {
        type: "tool-result",
        tool_call_id: toolCallId,
        tool_name: TOOL_NAME,
        result: {
          ...details,
          summary: state.summary ?? "",
          usage_percent: state.usagePercent,
          context_tokens: state.contextTokens,
          context_limit_tokens: model.contextLimit,
        },
      },
    ]),
  ]);
  goOn(context, changes, state.next);
}

/** No summary came of it; what there was before stays. If the owner has spent all that they may, the next step says so. */
function goOnWithout(context: ChatContext, changes: Changes, error: unknown = null): void {
  const limit = error instanceof ModelError && error.kind === "usage_limit" ? error.detail : null;
  goOn(context, changes, readCompaction(context).otherwise, limit);
}

function goOn(
  context: ChatContext,
  changes: Changes,
  how: CompactionState["otherwise"],
  why: LastErrorDetail | null = null,
): void {
  if (how === "step") {
    writeTurn(context.storage, { phase: "pending", compaction: null });
  } else if (how === "end") {
    endTurn(context, changes, { kind: "done" });
  } else {
    const message = "The summary could not be made. Nothing was changed; try again, or go on without it.";
    const detail = why ?? { kind: "generic" as const, provider: null, status: null, retryable: true, message };
    endTurn(context, changes, { kind: "failed", lastError: detail.message, detail });
  }
}
