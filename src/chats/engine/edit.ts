import type { ChatMessage, MessagePart } from "../../contract/chats.ts";
import { userMessage } from "./accept.ts";
import { addMessages, queueChanged, requireState } from "./cells.ts";
import { stopChildren } from "./children.ts";
import type { ChatContext } from "./context.ts";
import { stopTurn } from "./interrupt.ts";
import { enqueueMessages } from "./outbox.ts";
import { ARCHIVED, CONTENT_MAX_LENGTH, refuse, tooLarge } from "./refusals.ts";
import type { Answer } from "./rpc.ts";
import type { Changes } from "./stream.ts";
import { readMessage, toWireMessage } from "./transcript.ts";
import { startTurn } from "./turn.ts";

/**
 * Says a message anew: it and all that followed is deleted for every reader, the compaction that came
 * after it included, so that the prompt has its whole context back. Rows, tokens and cost stay in the
 * record.
 */
export function editMessage(
  context: ChatContext,
  edit: { messageId: number; content: MessagePart[]; editorId: string; ownWordsOnly?: boolean },
): Answer<ChatMessage> {
  const state = requireState(context);
  const row = readMessage(context.storage, edit.messageId);
  if (row === null || row.visibility === "model") return refuse({ status: 404, title: "There is no such message." });
  if (row.role !== "user" || row.created_by !== edit.editorId) {
    return refuse({ status: 400, title: "Only your own messages can be edited." });
  }
  if (edit.ownWordsOnly && wouldTakeOthersWords(context, row.id, edit.editorId)) {
    const detail = "It would delete what others have written after it. Say it in a new message.";
    return refuse({ status: 403, title: "You may not do this.", detail });
  }
  if (state.archived === 1) return refuse(ARCHIVED);
  if (JSON.stringify(edit.content).length > CONTENT_MAX_LENGTH) return refuse(tooLarge());
  const message = stopTurn(context, (changes) => {
    softDeleteFrom(context, changes, row.id);
    stopChildren(context, row.id);
    context.storage.exec("delete from queue");
    queueChanged(context, changes);
    const anew = userMessage(context, changes, {
      content: edit.content,
      createdBy: edit.editorId,
      modelConfigId: row.model_config_id,
    });
    addMessages(context, changes, [anew]);
    startTurn(context, changes);
    return anew;
  });
  context.advance();
  return { ok: true, value: toWireMessage(state.id, message) };
}

/** Whether somebody else has said something after it, or waits to. */
function wouldTakeOthersWords(context: ChatContext, messageId: number, editorId: string): boolean {
  const [found] = context.storage.exec(
    `select 1 from messages
       where id > ? and deleted = 0 and role = 'user' and visibility <> 'model' and created_by <> ?
     union all select 1 from queue where created_by <> ? limit 1`,
    messageId,
    editorId,
    editorId,
  );
  return found !== undefined;
}

function softDeleteFrom(context: ChatContext, changes: Changes, fromId: number): void {
  const rows = context.storage.exec<{ id: number; visibility: string }>(
    "select id, visibility from messages where id >= ? and deleted = 0 order by id",
    fromId,
  );
  const deleted = rows.map(({ id, visibility }) => ({ id, visibility, seq: changes.stamp() }));
  for (const { id, seq } of deleted) {
    context.storage.exec("update messages set deleted = 1, seq = ? where id = ?", seq, id);
  }
  enqueueMessages(context, deleted, context.clock());
  const ids = deleted.filter(({ visibility }) => visibility !== "model").map(({ id }) => id);
  changes.emit({ type: "messages_deleted", ids });
}
