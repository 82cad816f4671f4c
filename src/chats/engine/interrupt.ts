import { clearPreviews, setStatus } from "./cells.ts";
import { cancelsPending, wantCancel } from "./calls.ts";
import { stopChildren } from "./children.ts";
import { bookIfPaid, cutStep, settleStep } from "./close.ts";
import type { ChatContext } from "./context.ts";
import { releaseHold } from "./spend.ts";
import type { Changes } from "./stream.ts";
import { openCalls, storeResult } from "./tool-results.ts";
import { endTurn } from "./turn.ts";
import { readTurn, writeTurn } from "./turn-row.ts";

/** So long `interrupting` waits for the workspace to take its cancels; they go on as jobs after it. */
const INTERRUPTING_MS = 5_000;
const REASON = "Interrupted by a person before it produced a result.";

/** Stops the turn, keeping what there is. Nothing happens when none is under way. */
export function interruptTurn(context: ChatContext): void {
  const { phase } = readTurn(context.storage);
  if (phase === "idle" || phase === "interrupting") return;
  stopTurn(context, (changes) => {
    stopChildren(context);
    if (!cancelsPending(context)) {
      endTurn(context, changes, { kind: "interrupted" });
      return;
    }
    const until = context.clock() + INTERRUPTING_MS;
    writeTurn(context.storage, { phase: "interrupting", interrupting_until: until });
    setStatus(context, changes, "interrupting");
    context.jobs.arm("interrupt_end", "", until);
  });
  context.advance();
}

/**
 * In one transaction: raises the fence, closes the step that is cut off, wants its calls cancelled,
 * and does what comes instead. The caller advances.
 */
export function stopTurn<T>(context: ChatContext, instead: (changes: Changes) => T): T {
  const call = context.modelCall;
  const value = context.stream.commit((changes) => {
    const turn = readTurn(context.storage);
    writeTurn(context.storage, { fence: turn.fence + 1 });
    if (turn.phase === "streaming" && call !== null) cutStep(context, changes, { ...call, reported: null }, REASON);
    if (turn.phase === "compacting" && call !== null) {
      bookIfPaid(context, changes, { ...call, reported: null }, "compaction");
    }
    // Of an instance that was lost, and nobody has looked since.
    if (call === null && (turn.phase === "streaming" || turn.phase === "compacting")) releaseHold(context, turn.hold);
    if (turn.phase === "waiting_tools") stopCalls(context, changes);
    clearPreviews(context, changes);
    return instead(changes);
  });
  context.modelCall = null;
  call?.controller.abort();
  return value;
}

function stopCalls(context: ChatContext, changes: Changes): void {
  for (const call of openCalls(context)) {
    wantCancel(context, call);
    storeResult(context, changes, call.tool_call_id, { error: REASON }, true);
  }
  settleStep(context, changes, readTurn(context.storage));
}
