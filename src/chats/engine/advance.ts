import { cancelsPending, dispatchCalls } from "./calls.ts";
import { runChatCalls } from "./children.ts";
import { settleStep } from "./close.ts";
import { continueCompaction, shouldCompact, startCompaction } from "./compaction.ts";
import type { ChatContext } from "./context.ts";
import { recoverStep, startModelCall } from "./model-call.ts";
import { wantTitle } from "./title.ts";
import { openCalls, runsIn } from "./tool-results.ts";
import { endTurn, startAttempt, startStep, STEPS_MAX } from "./turn.ts";
import { readTurn, type Turn } from "./turn-row.ts";

/**
 * Reads the phase from storage and does what is due, until nothing is. Synchronous: what takes time
 * is started and comes back as an event of its own, which calls this again.
 */
export function advanceTurn(context: ChatContext): void {
  while (makeOneStep(context, readTurn(context.storage)));
}

/** Answers whether there may be more to do at once. */
function makeOneStep(context: ChatContext, turn: Turn): boolean {
  switch (turn.phase) {
    case "idle":
      return false;
    case "pending":
      context.stream.commit((changes) => startStep(context, changes));
      startModelCall(context);
      return false;
    case "streaming":
      return continueStreaming(context, turn);
    case "compacting":
      if (context.modelCall === null || context.modelCall.fence !== turn.fence) continueCompaction(context);
      return false;
    case "waiting_tools":
      return continueWithTools(context, turn);
    case "backoff":
      return retryWhenDue(context, turn);
    case "interrupting":
      return endInterrupt(context, turn);
  }
}

/** A call of this instance goes on by itself. One that is not in memory was lost with its instance. */
function continueStreaming(context: ChatContext, turn: Turn): boolean {
  if (context.modelCall !== null && context.modelCall.fence === turn.fence) return false;
  recoverStep(context);
  if (readTurn(context.storage).phase === "streaming") startModelCall(context);
  return false;
}

function continueWithTools(context: ChatContext, turn: Turn): boolean {
  const open = openCalls(context);
  if (open.length > 0) {
    const intended = open.filter((call) => call.state === "intended");
    if (intended.some((call) => runsIn(call) === "chat")) {
      runChatCalls(context);
      return true;
    }
    if (intended.length > 0) context.background("dispatch", () => dispatchCalls(context));
    return false;
  }
  const answered = context.storage.exec("select 1 from tool_calls where message_id = ?", turn.message_id).length > 0;
  context.stream.commit((changes) => {
    settleStep(context, changes, turn);
    // A summary after the last step, too: the turn goes on from it.
    if (shouldCompact(context)) {
      startCompaction(context, changes, { source: "automatic", next: "step", otherwise: answered ? "step" : "end" });
      return;
    }
    if (!answered) {
      // Before the head of the queue becomes the chat's second question.
      wantTitle(context);
      endTurn(context, changes, { kind: "done" });
    } else if (turn.steps >= STEPS_MAX) endTurn(context, changes, stepsUsedUp());
    else startStep(context, changes);
  });
  if (readTurn(context.storage).phase === "streaming") startModelCall(context);
  return true;
}

function stepsUsedUp() {
  const message = `This turn reached ${STEPS_MAX.toLocaleString("en")} steps and was stopped. Send a message to go on.`;
  return {
    kind: "failed" as const,
    lastError: message,
    detail: { kind: "generic" as const, provider: null, status: null, retryable: false, message },
  };
}

function retryWhenDue(context: ChatContext, turn: Turn): boolean {
  const due = turn.retry_at ?? 0;
  if (context.clock() < due) {
    context.jobs.armBy("retry", "", due);
    return false;
  }
  context.stream.commit((changes) => startAttempt(context, changes));
  startModelCall(context);
  return false;
}

function endInterrupt(context: ChatContext, turn: Turn): boolean {
  if (cancelsPending(context) && context.clock() < (turn.interrupting_until ?? 0)) return false;
  context.stream.commit((changes) => endTurn(context, changes, { kind: "interrupted" }));
  return true;
}
