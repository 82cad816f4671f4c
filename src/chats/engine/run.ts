import { CONTENT_VERSION } from "../../contract/chats.ts";
import { NotYet } from "../../platform/jobs.ts";
import { acceptMessage, createChat } from "./accept.ts";
import { requireState } from "./cells.ts";
import type { ChatContext } from "./context.ts";
import { interruptTurn } from "./interrupt.ts";
import type { RunReport, StartRunInput } from "./ports.ts";
import { readQueue, readState } from "./state.ts";
import { parseContent, textOf, type MessageRow } from "./transcript.ts";
import { readTurn } from "./turn-row.ts";

/** Sub-agents, from their own side: runs that a parent starts, and reports to it. */

/** Creates the chat, or gives it a further message; a run that was started before changes nothing. */
export function startRun(context: ChatContext, input: StartRunInput): RunReport {
  const content = [{ type: "text" as const, text: input.message }];
  if (readState(context.storage) === null) {
    createChat(context, {
      chatId: input.childId,
      ownerId: input.ownerId,
      organizationId: input.organizationId,
      workspaceId: input.workspaceId,
      modelConfigId: input.modelConfigId,
      title: input.title,
      content,
      systemPrompt: input.systemPrompt,
      createdBy: input.ownerId,
      createdAt: context.clock(),
      parent: { chatId: input.parentId, rootId: input.rootId, run: input.run },
    });
  } else if (input.run > requireState(context).run) {
    context.storage.exec("update chat set run = ?", input.run);
    if (input.interrupt) interruptTurn(context);
    acceptMessage(context, {
      content,
      createdBy: input.ownerId,
      modelConfigId: null,
      idempotencyKey: null,
      bodyHash: "",
    });
  }
  return readRun(context);
}

export function readRun(context: ChatContext): RunReport {
  const state = requireState(context);
  const settled = readTurn(context.storage).phase === "idle" && readQueue(context.storage).length === 0;
  return {
    childId: state.id,
    run: state.run,
    settled: settled || state.status === "error",
    status: state.status,
    report: state.status === "error" ? (state.last_error ?? "") : lastWords(context),
  };
}

/** The newest answer with text, as far as people may see it. */
function lastWords(context: ChatContext): string {
  const rows = context.storage.exec<MessageRow>(
    `select * from messages where role = 'assistant' and visibility != 'model' and deleted = 0
       and content_version = ? order by id desc limit 20`,
    CONTENT_VERSION,
  );
  for (const row of rows) {
    const text = textOf(parseContent(row));
    if (text !== "") return text;
  }
  return "";
}

export async function reportToParent(context: ChatContext): Promise<void> {
  const { parent_chat_id: parentId } = requireState(context);
  const report = readRun(context);
  if (parentId === null || !report.settled) return;
  try {
    await context.ports.relatives.reportTo(parentId, report);
  } catch (error) {
    throw new NotYet("The parent cannot be reached.", { cause: error });
  }
}
