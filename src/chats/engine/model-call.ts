import type { LastErrorDetail } from "../../contract/chats.ts";
import { toWireTime } from "../../platform/clock.ts";
import { log } from "../../platform/log.ts";
import { isTransient } from "../../platform/transient.ts";
import { offeredTools } from "../../tools/catalogue.ts";
import { createAnswer } from "./answer.ts";
import { clearPreviews, requireState, setStatus } from "./cells.ts";
import { answerFromPreview, bookIfPaid, bookLostCall, closeAnswer, cutStep, estimateTokens } from "./close.ts";
import { mayCompactAgain, startCompaction } from "./compaction.ts";
import type { ChatContext, ModelCall } from "./context.ts";
import { ModelError, type ResolvedModel } from "./ports.ts";
import { assemblePrompt, promptLength } from "./prompt.ts";
import { FAILURES_MAX, RECOVERIES_MAX, retryDelayMs } from "./retry.ts";
import { silenceProblem, watchSilence } from "./silence.ts";
import { holdFor, isLimited } from "./spend.ts";
import type { Changes } from "./stream.ts";
import { UnreadableContentError } from "./transcript.ts";
import { endTurn, startAttempt } from "./turn.ts";
import { isCurrent, resolveModel } from "./turn-model.ts";
import { readTurn, writeTurn } from "./turn-row.ts";

/** The one model call that a chat has open: how it starts, writes, fails and is recovered. */

/** Starts the call of the step that storage says is due. The handle is taken before the first await. */
export function startModelCall(context: ChatContext): void {
  const turn = readTurn(context.storage);
  if (turn.message_id === null) throw new Error("There is no step to call a model for.");
  const call: ModelCall = {
    fence: turn.fence,
    messageId: turn.message_id,
    attempt: turn.attempt,
    controller: new AbortController(),
    answer: createAnswer(turn.message_id),
    model: null,
    hold: null,
  };
  context.modelCall = call;
  const firstPiece = Promise.withResolvers<void>();
  context.goFirst(firstPiece.promise);
  context.background("model-call", () => runModelCall(context, call, firstPiece.resolve));
}

async function runModelCall(context: ChatContext, call: ModelCall, begun: () => void): Promise<void> {
  try {
    await stream(context, call, begun).finally(begun);
  } catch (error) {
    failAttempt(context, call, error);
    context.advance();
    return;
  }
  const closed = commitAs(context, call, (changes) => closeAnswer(context, changes, call));
  release(context, call);
  if (!closed) return;
  await context.barrier("closed");
  context.advance();
}

async function stream(context: ChatContext, call: ModelCall, begun: () => void): Promise<void> {
  // All ask D1, and a person waits for the first word.
  const [model, messages, limited] = await Promise.all([
    resolveModel(context, readTurn(context.storage).model_config_id ?? ""),
    assemblePrompt(context),
    isLimited(context),
  ]);
  if (model === null)
    throw new ModelError(problem("config", "This chat's model is not available, and there is no other."));
  call.model = model;
  if (!isCurrent(context, call)) return;
  const promptTokens = estimateTokens(promptLength(messages));
  if (limited) {
    await holdFor(context, call, { hold: `step/${call.messageId}/${call.attempt}`, promptTokens });
    if (!isCurrent(context, call)) return;
  }
  noteCall(context, model, promptTokens);
  const silence = watchSilence(call);
  try {
    const events = context.ports.models.stream({
      configId: model.configId,
      messages,
      tools: offeredTools(toolScope(context)).map(({ name, description, parameters }) => ({
        name,
        description,
        parameters,
      })),
      signal: call.controller.signal,
      onBytes: silence.onBytes,
    });
    for await (const event of events) {
      if (context.modelCall !== call) return;
      for (const { index, ...piece } of call.answer.apply(event)) context.stream.write(call.messageId, index, piece);
      begun();
      if (call.answer.length > 0) await context.barrier("streaming");
    }
  } catch (error) {
    throw silence.expired() ? silenceProblem(model.provider) : error;
  } finally {
    silence.stop();
  }
}

function toolScope(context: ChatContext) {
  const { workspace_id, parent_chat_id } = requireState(context);
  return { workspaceId: workspace_id, isSubAgent: parent_chat_id !== null };
}

/** A write of a stream counts only while its fence does. */
function commitAs(context: ChatContext, call: ModelCall, work: (changes: Changes) => void): boolean {
  if (!isCurrent(context, call)) return false;
  return context.stream.commit((changes) => {
    const { fence } = readTurn(context.storage);
    if (fence !== call.fence) return false;
    work(changes);
    return true;
  });
}

function release(context: ChatContext, call: ModelCall): void {
  if (context.modelCall === call) context.modelCall = null;
}

/** Written before the call goes out: should this instance be lost, the next one books it. */
function noteCall(context: ChatContext, model: ResolvedModel, promptTokens: number): void {
  writeTurn(context.storage, { model: JSON.stringify(model), prompt_tokens_estimate: promptTokens });
}

function failAttempt(context: ChatContext, call: ModelCall, error: unknown): void {
  // Stopped by us: the transaction that raised the fence has kept what there was.
  if (!isCurrent(context, call)) return;
  const failure = toModelError(error);
  const reported = failure.usage;
  const { detail } = failure;
  commitAs(context, call, (changes) => {
    const failures = readTurn(context.storage).failures + 1;
    if (detail.kind === "context_length" && mayCompactAgain(context)) {
      bookIfPaid(context, changes, { ...call, reported }, "failed_attempt");
      clearPreviews(context, changes);
      startCompaction(context, changes, { source: "automatic", next: "step", otherwise: "step" });
      return;
    }
    if (!detail.retryable || failures >= FAILURES_MAX) {
      cutStep(context, changes, { ...call, reported }, "The model call failed before this call could run.");
      endTurn(context, changes, { kind: "failed", lastError: detail.message, detail });
      return;
    }
    bookIfPaid(context, changes, { ...call, reported }, "failed_attempt");
    clearPreviews(context, changes);
    const delayMs = retryDelayMs(failures, context.random(), failure.retryAfterMs);
    const retryAt = context.clock() + delayMs;
    writeTurn(context.storage, { phase: "backoff", failures, retry_at: retryAt });
    setStatus(context, changes, "running", {
      retry: { attempt: failures, delay_ms: delayMs, retrying_at: toWireTime(retryAt), error: detail.message },
    });
    context.jobs.arm("retry", "", retryAt);
  });
  release(context, call);
}

/**
 * The instance that streamed is gone. The same step starts again as the next attempt, under a new
 * fence; what the lost call cost is booked. The count is written before anything is loaded.
 */
export function recoverStep(context: ChatContext): void {
  context.stream.commit((changes) => {
    const turn = readTurn(context.storage);
    const answer = answerFromPreview(context, turn.message_id ?? 0);
    const recoveries = answer.length > 0 ? 1 : turn.recoveries + 1;
    writeTurn(context.storage, { fence: turn.fence + 1, recoveries });
    log.warn("turn.recovered", { chatId: requireState(context).id, attempt: turn.attempt, recoveries });
    bookLostCall(context, changes, answer, "failed_attempt");
    if (recoveries > RECOVERIES_MAX) {
      const detail = problem("generic", "This step stopped the chat's object again and again, so it was given up.");
      endTurn(context, changes, { kind: "failed", lastError: detail.message, detail });
      return;
    }
    startAttempt(context, changes);
  });
}

function toModelError(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  if (error instanceof UnreadableContentError)
    return new ModelError(problem("generic", error.message), { cause: error });
  log.error("model-call.failed", { error });
  // D1 knows the models, and a turn that was admitted outlives its absence.
  if (isTransient(error)) {
    const message = "A part of the platform is away for a moment.";
    return new ModelError(
      { kind: "generic", provider: null, status: null, retryable: true, message },
      { cause: error },
    );
  }
  return new ModelError(
    problem("generic", "The model call failed for a reason that Tideline does not know. The server's log has it."),
    { cause: error },
  );
}

function problem(kind: "config" | "generic", message: string): LastErrorDetail {
  return { kind, provider: null, status: null, retryable: false, message };
}
