import { setStatus } from "./cells.ts";
import { cancelsPending, wantCancel } from "./calls.ts";
import { cutStep, settleStep } from "./close.ts";
import type { ChatContext } from "./context.ts";
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
  const call = context.modelCall;
  context.stream.commit((changes) => {
    const turn = readTurn(context.storage);
    writeTurn(context.storage, { fence: turn.fence + 1 });
    if (phase === "waiting_tools") {
      stopCalls(context, changes);
      return;
    }
    if (phase === "streaming" && call !== null) cutStep(context, changes, { ...call, reported: null }, REASON);
    endTurn(context, changes, { kind: "interrupted" });
  });
  if (call !== null && phase === "streaming") {
    context.modelCall = null;
    call.controller.abort();
  }
  context.advance();
}

function stopCalls(context: ChatContext, changes: Changes): void {
  for (const call of openCalls(context)) {
    wantCancel(context, call);
    storeResult(context, changes, call.tool_call_id, { error: REASON }, true);
  }
  settleStep(context, changes, readTurn(context.storage));
  if (!cancelsPending(context)) {
    endTurn(context, changes, { kind: "interrupted" });
    return;
  }
  const until = context.clock() + INTERRUPTING_MS;
  writeTurn(context.storage, { phase: "interrupting", interrupting_until: until });
  setStatus(context, changes, "interrupting");
  context.jobs.arm("interrupt_end", "", until);
}
