import type { Json } from "../../contract/common.ts";
import type { CallState, CallStatuses } from "../../contract/workspace.ts";
import { NotYet } from "../../platform/jobs.ts";
import { findTool } from "../../tools/catalogue.ts";
import { requireState } from "./cells.ts";
import type { ChatContext } from "./context.ts";
import type { AgentUnavailable } from "./ports.ts";
import { findCall, journalId, openCalls, runsIn, storeResult, type ToolCallRow } from "./tool-results.ts";

/**
 * Sends the calls of a step to the workspace and takes their results. Nothing here is awaited by the
 * turn: the agent reports, and the chat may sleep meanwhile.
 *
 * Exactly once: the agent's id is written before a call goes out, and the agent's journal knows what
 * it has seen. Whatever was lost in between, the two tell whether the call may have run.
 */

/** So long an agent that is away may take to come back. */
const AWAY_PATIENCE_MS = 20_000;
const AWAY_RETRY_MS = 1_000;
/** A dispatch that was not accepted is sent again after this. */
const ACCEPT_RETRY_MS = 5_000;

const UNKNOWN_OUTCOME =
  "This call was interrupted and its outcome is not known: it may have run in part or whole. Check before you repeat it.";

const dispatching = new WeakSet<ChatContext>();

/** Brings every open call forward. Safe to call at any time and by several events at once. */
export async function dispatchCalls(context: ChatContext): Promise<void> {
  if (dispatching.has(context)) {
    context.jobs.armBy("dispatch", "", context.clock() + AWAY_RETRY_MS);
    return;
  }
  dispatching.add(context);
  try {
    await dispatchRound(context);
  } finally {
    dispatching.delete(context);
  }
}

async function dispatchRound(context: ChatContext): Promise<void> {
  const calls = workspaceCalls(context);
  const { workspace_id: workspaceId } = requireState(context);
  if (calls.length === 0) return;
  if (workspaceId === null) {
    refuseAll(context, calls, "This chat has no workspace any more.");
    return;
  }
  noteFirstTry(context, calls);
  const status = await askStatus(context, workspaceId, calls);
  if ("state" in status) {
    waitForAgent(context, status);
    return;
  }
  for (const call of workspaceCalls(context)) {
    const next = nextFor(call, status);
    if (next === "unknown-outcome") {
      finish(context, call, { error: UNKNOWN_OUTCOME }, true);
    } else if (next === "cancelled") {
      finish(context, call, { error: "This call was cancelled." }, true);
    } else if (next !== "wait") {
      await send(context, workspaceId, next === "run-again" ? renew(context, call) : call, status);
    }
  }
}

function workspaceCalls(context: ChatContext): ToolCallRow[] {
  return openCalls(context).filter((call) => runsIn(call) === "workspace");
}

type Next = "send" | "run-again" | "wait" | "unknown-outcome" | "cancelled";

/** What to do with an open call, from what was written before its dispatch and what the journal says. Pure. */
export function nextFor(call: ToolCallRow, status: Pick<CallStatuses, "calls"> & { agentId: string }): Next {
  if (call.agent_id === null) return "send";
  const mayRepeat = findTool(call.tool_name)?.changes === false;
  // Another agent took it: nobody can say any more what came of it.
  if (call.agent_id !== status.agentId) return mayRepeat ? "run-again" : "unknown-outcome";
  const known = status.calls.find((item) => item.call_id === journalId(call));
  const state: CallState = known?.state ?? "unknown";
  switch (state) {
    case "unknown":
      return "send";
    case "accepted":
    case "running":
    case "done":
      return "wait";
    case "interrupted":
    // Its result was acknowledged and is not here: what was done cannot be told.
    case "acknowledged":
      return mayRepeat ? "run-again" : "unknown-outcome";
    case "cancelled":
      return "cancelled";
  }
}

async function askStatus(
  context: ChatContext,
  workspaceId: string,
  calls: ToolCallRow[],
): Promise<(CallStatuses & { agentId: string }) | AgentUnavailable> {
  try {
    return await context.ports.workspaces.status(workspaceId, calls.map(journalId), requireState(context).owner_id);
  } catch {
    // The relay, or the way there, is down for the moment. That is an agent who is away.
    return { state: "away" };
  }
}

async function send(
  context: ChatContext,
  workspaceId: string,
  call: ToolCallRow,
  agent: { agentId: string; boot_id: string },
): Promise<void> {
  const { id: chatId, owner_id: ownerId } = requireState(context);
  context.storage.exec(
    "update tool_calls set state = 'dispatched', agent_id = ?, boot_id = ? where tool_call_id = ? and state != 'done'",
    agent.agentId,
    agent.boot_id,
    call.tool_call_id,
  );
  // If the answer is lost, the next round asks the journal.
  context.jobs.armBy("dispatch", "", context.clock() + ACCEPT_RETRY_MS);
  let accepted;
  try {
    accepted = await context.ports.workspaces.dispatch(
      workspaceId,
      { call_id: journalId(call), reply_to: chatId, tool: call.tool_name, args: JSON.parse(call.args) as Json },
      ownerId,
    );
  } catch {
    return;
  }
  await context.barrier("dispatched");
  if (!("agentId" in accepted)) {
    // It was never sent: the agent left between the question and the call.
    context.storage.exec(
      "update tool_calls set agent_id = null, boot_id = null where tool_call_id = ? and state != 'done'",
      call.tool_call_id,
    );
    waitForAgent(context, accepted);
    return;
  }
  context.storage.exec(
    "update tool_calls set agent_id = ?, boot_id = ? where tool_call_id = ? and state != 'done'",
    accepted.agentId,
    accepted.boot_id,
    call.tool_call_id,
  );
}

/** A call that only reads runs again under a new id, since the journal holds the old one. */
function renew(context: ChatContext, call: ToolCallRow): ToolCallRow {
  context.storage.exec(
    "update tool_calls set run = run + 1, agent_id = null, boot_id = null where tool_call_id = ?",
    call.tool_call_id,
  );
  return { ...call, run: call.run + 1, agent_id: null, boot_id: null };
}

function noteFirstTry(context: ChatContext, calls: ToolCallRow[]): void {
  if (calls.every((call) => call.first_tried_at !== null)) return;
  context.storage.exec(
    "update tool_calls set first_tried_at = ? where state != 'done' and first_tried_at is null",
    context.clock(),
  );
}

/** Waits for a reconnect; then the result says that the agent is away, and the turn goes on. */
function waitForAgent(context: ChatContext, unavailable: AgentUnavailable): void {
  const calls = workspaceCalls(context);
  if (unavailable.state === "gone") {
    refuseAll(context, calls, "The workspace does not exist any more.");
    return;
  }
  if (unavailable.state === "forbidden") {
    for (const call of calls) shutOut(context, call);
    return;
  }
  const now = context.clock();
  const tooLong = calls.filter(
    (call) => now - (call.first_tried_at ?? now) >= AWAY_PATIENCE_MS && call.agent_id === null,
  );
  refuseAll(
    context,
    tooLong,
    "The workspace's agent is not connected, so this call did not run. Ask the person to start it, or go on without it.",
  );
  if (workspaceCalls(context).length > 0) context.jobs.arm("dispatch", "", now + AWAY_RETRY_MS);
}

/** The chat's owner has lost the workspace: what runs there for them ends, too. */
function shutOut(context: ChatContext, call: ToolCallRow): void {
  const outcome = wantCancel(context, call)
    ? "this call was stopped; it may have run in part"
    : "this call did not run";
  const error = `The owner of this chat may not use the workspace any more, so ${outcome}.`;
  finish(context, call, { error }, true);
}

function refuseAll(context: ChatContext, calls: ToolCallRow[], reason: string): void {
  for (const call of calls) finish(context, call, { error: reason }, true);
}

function finish(context: ChatContext, call: ToolCallRow, result: Json, isError: boolean): void {
  context.stream.commit((changes) => storeResult(context, changes, call.tool_call_id, result, isError));
  context.advance();
}

/** A result from the workspace. Always to be acknowledged: it is stored now, or not wanted any more. */
export function takeResult(
  context: ChatContext,
  report: { callId: string; agentId: string; result: Json; isError: boolean },
): void {
  const call = findCall(context, report.callId);
  if (call === null || call.state === "done") return;
  // A result from another agent than the one that the call went to is not its result.
  if (call.agent_id !== null && call.agent_id !== report.agentId) return;
  finish(context, call, report.result, report.isError);
}

/** Live output, for whoever watches. */
export function takeOutput(
  context: ChatContext,
  report: { callId: string; agentId: string; offset: number; text: string },
): void {
  const call = findCall(context, report.callId);
  if (call === null || call.state === "done" || call.agent_id !== report.agentId) return;
  const messageId = call.result_message_id;
  if (context.previews.get(messageId) === undefined) {
    context.stream.commit((changes) => {
      context.previews.open(messageId, call.run, "tool", changes.stamp());
      changes.emit({ type: "preview_reset", message_id: messageId, attempt: call.run });
    });
  }
  context.stream.write(messageId, 0, {
    type: "tool-result",
    text: report.text,
    start: report.offset,
    toolCallId: call.tool_call_id,
    toolName: call.tool_name,
  });
}

/** The deadline of a call has passed without a result. */
export function giveUpCall(context: ChatContext, toolCallId: string): void {
  const call = openCalls(context).find((open) => open.tool_call_id === toolCallId);
  if (call === undefined) return;
  if (runsIn(call) === "chat") {
    const error =
      call.tool_name === "spawn_agent"
        ? "The sub-agent could not be started in time. It may still start."
        : "The sub-agent is still at work. Wait for it again, or go on without it.";
    finish(context, call, { error }, true);
    return;
  }
  wantCancel(context, call);
  finish(context, call, { error: "The workspace gave no result in time. The call was cancelled." }, true);
}

/** A call that went out is cancelled in the workspace by a job, until the agent has acknowledged it. */
export function wantCancel(context: ChatContext, call: ToolCallRow): boolean {
  if (call.agent_id === null) return false;
  context.storage.exec("update tool_calls set cancel = 'wanted' where tool_call_id = ?", call.tool_call_id);
  context.jobs.arm("cancel", call.call_id, context.clock());
  return true;
}

/** The job behind `wantCancel`. Throws NotYet while the agent is away. */
export async function cancelCall(context: ChatContext, callId: string): Promise<void> {
  const call = context.storage.exec<ToolCallRow>(
    "select * from tool_calls where call_id = ? and cancel = 'wanted'",
    callId,
  )[0];
  const { id: chatId, workspace_id: workspaceId } = requireState(context);
  if (call === undefined) return;
  if (workspaceId !== null && call.agent_id !== null) {
    const answer = await context.ports.workspaces.cancel(workspaceId, call.agent_id, journalId(call), chatId);
    if (answer.state === "away") throw new NotYet("The agent is away.");
  }
  context.storage.exec("update tool_calls set cancel = 'acknowledged' where call_id = ?", callId);
  context.advance();
}

export function cancelsPending(context: ChatContext): boolean {
  return context.storage.exec("select 1 from tool_calls where cancel = 'wanted' limit 1").length > 0;
}
