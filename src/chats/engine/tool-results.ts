import { CONTENT_VERSION } from "../../contract/chats.ts";
import type { Json } from "../../contract/common.ts";
import { firstRow } from "../../platform/object-storage.ts";
import { findTool } from "../../tools/catalogue.ts";
import { addMessages } from "./cells.ts";
import type { ChatContext } from "./context.ts";
import { LEDGER_PATIENCE_MS } from "./outbox.ts";
import type { Changes } from "./stream.ts";
import { newMessage } from "./transcript.ts";

/** The calls of the current step, and how a result becomes a message. */

export interface ToolCallRow {
  call_id: string;
  message_id: number;
  position: number;
  result_message_id: number;
  tool_call_id: string;
  tool_name: string;
  args: string;
  state: "intended" | "dispatched" | "done";
  /** Above 1 when a call that only reads was sent again under a new id. */
  run: number;
  agent_id: string | null;
  boot_id: string | null;
  first_tried_at: number | null;
  deadline_at: number;
  cancel: "none" | "wanted" | "acknowledged";
}

// A stored value may not exceed 2 MB, and half of that leaves room for its row.
const RESULT_MAX_LENGTH = 900_000;

export function openCalls(context: ChatContext): ToolCallRow[] {
  return context.storage.exec<ToolCallRow>(
    "select * from tool_calls where state != 'done' order by message_id, position",
  );
}

/** Who runs a call: the workspace's agent, or the chat itself. */
export function runsIn(call: Pick<ToolCallRow, "tool_name">): "workspace" | "chat" {
  return findTool(call.tool_name)?.runsIn ?? "workspace";
}

/** The id under which the agent knows a call: a run of its own for each time that it may run. */
export function journalId(call: Pick<ToolCallRow, "call_id" | "run">): string {
  return call.run === 1 ? call.call_id : `${call.call_id}~${call.run}`;
}

/** The call behind a journal's id, open or done; null when this chat has none such. */
export function findCall(context: ChatContext, id: string): ToolCallRow | null {
  const [callId = "", run = "1"] = id.split("~");
  return firstRow(
    context.storage.exec<ToolCallRow>("select * from tool_calls where call_id = ? and run = ?", callId, Number(run)),
  );
}

/** Stores the result of an open call as its message. False when the call is done already: nothing happens. */
export function storeResult(
  context: ChatContext,
  changes: Changes,
  toolCallId: string,
  result: Json,
  isError: boolean,
): boolean {
  const call = firstRow(
    context.storage.exec<ToolCallRow>(
      "update tool_calls set state = 'done' where tool_call_id = ? and state != 'done' returning *",
      toolCallId,
    ),
  );
  if (call === null) return false;
  context.jobs.disarm("deadline", toolCallId);
  context.previews.drop(call.result_message_id);
  const fits = JSON.stringify(result).length <= RESULT_MAX_LENGTH;
  const row = newMessage({
    id: call.result_message_id,
    seq: changes.stamp(),
    createdAt: context.clock(),
    role: "tool",
    content: [
      {
        type: "tool-result",
        tool_call_id: call.tool_call_id,
        tool_name: call.tool_name,
        result: fits ? result : { error: "The result was larger than a chat can store." },
        ...(isError || !fits ? { is_error: true } : {}),
      },
    ],
    contentVersion: CONTENT_VERSION,
    visibility: "both",
    modelConfigId: null,
  });
  addMessages(context, changes, [row], { dueAt: context.clock() + LEDGER_PATIENCE_MS });
  return true;
}
