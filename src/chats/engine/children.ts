import type { z } from "zod";
import type { Json } from "../../contract/common.ts";
import type { ChatStatus } from "../../contract/chats.ts";
import { newId } from "../../platform/ids.ts";
import { NotYet } from "../../platform/jobs.ts";
import { firstRow } from "../../platform/object-storage.ts";
import { closeAgentParams, messageAgentParams, spawnAgentParams, waitAgentParams } from "../../tools/agents.ts";
import { firstTitle } from "../../contract/title.ts";
import { requireState } from "./cells.ts";
import type { ChatContext } from "./context.ts";
import type { RunReport } from "./ports.ts";
import type { Changes } from "./stream.ts";
import { openCalls, runsIn, storeResult, type ToolCallRow } from "./tool-results.ts";
import { parseContent, type MessageRow } from "./transcript.ts";

/**
 * Sub-agents, from the parent's side. They are chats of their own and report like tools do: the parent
 * writes what it wants, a job tells the child, and the child's report ends whoever waits for it.
 */

interface ChildRow {
  chat_id: string;
  title: string;
  /** The newest run; its number tells a report from an older one. */
  run: number;
  /** What that run was started with. */
  message: string;
  state: "starting" | "running" | "settled";
  status: ChatStatus;
  report: string | null;
  /** The message whose call spawned it. */
  spawned_by: number;
  /** That call; it is answered once the sub-agent is there. */
  call_id: string | null;
}

/** While a call waits, the child is asked again: covers a report that was lost. */
const RECONCILE_MS = 5_000;

const SUB_AGENT_INSTRUCTION =
  "You are a sub-agent: another agent gave you the task below and reads your last message as the report. Do the task " +
  "yourself, ask nothing back, and end with a message that says what you did, what you found and what is open.";

/** Runs the calls of this step that are the chat's own. Each ends here, or waits for a report. */
export function runChatCalls(context: ChatContext): void {
  for (const call of openCalls(context).filter((open) => open.state === "intended" && runsIn(open) === "chat")) {
    const args: Json = JSON.parse(call.args);
    context.stream.commit((changes) => {
      context.storage.exec("update tool_calls set state = 'dispatched' where tool_call_id = ?", call.tool_call_id);
      const outcome = runCall(context, call, args);
      if (outcome !== "waits") storeResult(context, changes, call.tool_call_id, outcome.result, outcome.isError);
    });
  }
}

type Outcome = { result: Json; isError: boolean } | "waits";
const problem = (error: string): Outcome => ({ result: { error }, isError: true });

function runCall(context: ChatContext, call: ToolCallRow, args: Json): Outcome {
  if (requireState(context).parent_chat_id !== null) return problem("A sub-agent cannot delegate further.");
  switch (call.tool_name) {
    case "spawn_agent":
      return spawn(context, call, spawnAgentParams.parse(args));
    case "wait_agent":
      return wait(context, waitAgentParams.parse(args));
    case "message_agent":
      return message(context, messageAgentParams.parse(args));
    case "close_agent":
      return close(context, closeAgentParams.parse(args));
    default:
      return problem(`There is no tool named ${call.tool_name}.`);
  }
}

/** The child's id is allotted here, in the parent's transaction; a job starts it and answers the call. */
function spawn(context: ChatContext, call: ToolCallRow, args: z.infer<typeof spawnAgentParams>): Outcome {
  if (requireState(context).archived === 1) return problem("This chat is archived.");
  const chatId = newId();
  const title = args.title ?? firstTitle([{ type: "text", text: args.prompt }]);
  context.storage.exec(
    `insert into children (chat_id, title, run, message, state, status, spawned_by, call_id)
     values (?, ?, 1, ?, 'starting', 'pending', ?, ?)`,
    chatId,
    title,
    args.prompt,
    call.message_id,
    call.tool_call_id,
  );
  context.jobs.arm("child_start", chatId, context.clock());
  return "waits";
}

/** A chat that is no descendant of this one is not there. Depth is 1, so its children are all of them. */
function findChild(context: ChatContext, chatId: string): ChildRow | null {
  return firstRow(context.storage.exec<ChildRow>("select * from children where chat_id = ?", chatId));
}

const noSuchChild = (chatId: string): Outcome => problem(`${chatId} is no sub-agent of this chat.`);

function wait(context: ChatContext, args: z.infer<typeof waitAgentParams>): Outcome {
  const child = findChild(context, args.chat_id);
  if (child === null) return noSuchChild(args.chat_id);
  if (child.state === "settled") return reportOutcome(child);
  context.jobs.arm("children", "", context.clock() + RECONCILE_MS);
  return "waits";
}

function reportOutcome(child: ChildRow): Outcome {
  const { chat_id, title, status } = child;
  const report = child.report ?? "";
  if (status === "error") return problem(report === "" ? "The sub-agent ended with an error." : report);
  return { result: { chat_id, title, report, status }, isError: false };
}

function message(context: ChatContext, args: z.infer<typeof messageAgentParams>): Outcome {
  const child = findChild(context, args.chat_id);
  if (child === null) return noSuchChild(args.chat_id);
  if (child.state === "starting") {
    return problem("The sub-agent has not started yet. Send the message in a moment.");
  }
  const interrupted = args.interrupt === true && child.state === "running";
  context.storage.exec(
    "update children set run = run + 1, message = ?, state = 'starting', status = 'pending', report = null where chat_id = ?",
    args.message,
    child.chat_id,
  );
  context.jobs.arm(interrupted ? "child_restart" : "child_start", child.chat_id, context.clock());
  return {
    result: { chat_id: child.chat_id, title: child.title, status: "pending", interrupted },
    isError: false,
  };
}

function close(context: ChatContext, args: z.infer<typeof closeAgentParams>): Outcome {
  const child = findChild(context, args.chat_id);
  if (child === null) return noSuchChild(args.chat_id);
  stopChild(context, child);
  return {
    result: { chat_id: child.chat_id, title: child.title, terminated: true, status: "waiting" },
    isError: false,
  };
}

function stopChild(context: ChatContext, child: Pick<ChildRow, "chat_id" | "state">): void {
  if (child.state === "settled") return;
  context.jobs.disarm("child_restart", child.chat_id);
  context.jobs.arm("child_interrupt", child.chat_id, context.clock());
}

/** A person stopped the parent, or its rows from `fromId` on were said anew: its children stop, too. */
export function stopChildren(context: ChatContext, fromId = 0): void {
  const working = context.storage.exec<ChildRow>(
    "select * from children where state != 'settled' and spawned_by >= ?",
    fromId,
  );
  for (const child of working) stopChild(context, child);
}

/** The job behind spawn and message. */
export async function startChild(context: ChatContext, chatId: string, interrupt: boolean): Promise<void> {
  const child = findChild(context, chatId);
  if (child === null || child.state !== "starting") return;
  const state = requireState(context);
  const report = await reached(
    context.ports.relatives.startRun({
      childId: chatId,
      parentId: state.id,
      rootId: state.root_chat_id,
      ownerId: state.owner_id,
      organizationId: state.organization_id,
      workspaceId: state.workspace_id,
      modelConfigId: state.last_model_config_id,
      title: child.title,
      systemPrompt: `${systemPromptOf(context)}\n\n${SUB_AGENT_INSTRUCTION}`,
      run: child.run,
      message: child.message,
      interrupt,
    }),
  );
  context.storage.exec(
    "update children set state = 'running', status = ? where chat_id = ? and run = ? and state = 'starting'",
    report.status,
    chatId,
    child.run,
  );
  answerSpawn(context, child);
  takeReport(context, report);
}

/** Whoever reads the answer finds the sub-agent: it is stored and listed by now. */
function answerSpawn(context: ChatContext, child: ChildRow): void {
  const { call_id: callId, chat_id, title } = child;
  if (callId === null) return;
  context.stream.commit((changes) =>
    storeResult(context, changes, callId, { chat_id, title, status: "pending" }, false),
  );
  context.advance();
}

function systemPromptOf(context: ChatContext): string {
  const row = firstRow(
    context.storage.exec<MessageRow>(
      "select * from messages where role = 'system' and deleted = 0 order by id limit 1",
    ),
  );
  const [part] = row === null ? [] : parseContent(row);
  return part?.type === "text" ? part.text : "";
}

export async function interruptChild(context: ChatContext, chatId: string): Promise<void> {
  const child = findChild(context, chatId);
  if (child === null || child.state === "settled") return;
  if (child.state === "starting") {
    // It may have been made already, its answer lost: made or not, it must not go on.
    await startChild(context, chatId, false);
  }
  takeReport(context, await reached(context.ports.relatives.interruptChild(chatId)));
}

/** Asks after every child that a call waits for. */
export async function reconcileChildren(context: ChatContext): Promise<void> {
  const waitedFor = new Set(waits(context).map(({ chatId }) => chatId));
  if (waitedFor.size === 0) return;
  context.jobs.arm("children", "", context.clock() + RECONCILE_MS);
  for (const chatId of waitedFor) {
    const child = findChild(context, chatId);
    if (child?.state === "running") takeReport(context, await reached(context.ports.relatives.readRun(chatId)));
  }
}

/** A child's object that cannot be reached is asked again, as long as it takes. */
async function reached<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw new NotYet("The sub-agent cannot be reached.", { cause: error });
  }
}

function waits(context: ChatContext): { call: ToolCallRow; chatId: string }[] {
  return openCalls(context)
    .filter((call) => call.tool_name === "wait_agent" && call.state === "dispatched")
    .flatMap((call) => {
      const args = waitAgentParams.safeParse(JSON.parse(call.args));
      return args.success ? [{ call, chatId: args.data.chat_id }] : [];
    });
}

/** Takes a report; of an older run, or of a chat that is no child, nothing is taken. */
export function takeReport(context: ChatContext, report: RunReport): void {
  const child = findChild(context, report.childId);
  if (child === null || !report.settled || report.run < child.run || child.state === "settled") return;
  context.stream.commit((changes) => {
    context.storage.exec(
      "update children set state = 'settled', status = ?, report = ? where chat_id = ?",
      report.status,
      report.report,
      report.childId,
    );
    endWaits(context, changes, report.childId);
  });
  context.advance();
}

function endWaits(context: ChatContext, changes: Changes, chatId: string): void {
  const child = findChild(context, chatId);
  if (child === null) return;
  const outcome = reportOutcome(child);
  if (outcome === "waits") return;
  for (const { call } of waits(context).filter((waiting) => waiting.chatId === chatId)) {
    storeResult(context, changes, call.tool_call_id, outcome.result, outcome.isError);
  }
}
