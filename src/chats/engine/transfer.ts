import type { ExportedMessage } from "../../contract/chat-export.ts";
import { CONTENT_VERSION } from "../../contract/chats.ts";
import { json } from "../../contract/common.ts";
import { allotId, requireState } from "./cells.ts";
import type { ChatContext } from "./context.ts";
import type { CreateChatInput, ExportPage } from "./rpc.ts";
import { readUsage, toWireChat } from "./state.ts";
import type { Changes } from "./stream.ts";
import { newMessage, toWireMessage, type MessageRow } from "./transcript.ts";

/** A chat's way into a file and out of one. */

/** A page ends after the message that passes this: a call between Worker and object takes 32 MB. */
const PAGE_LENGTH = 2_000_000;
const PAGE_ROWS = 200;

/** Oldest first, after `afterId`; rows for the model alone are among them. */
export function exportPage(context: ChatContext, afterId: number): ExportPage {
  const state = requireState(context);
  const rows = context.storage.exec<MessageRow>(
    "select * from messages where id > ? and deleted = 0 order by id limit ?",
    afterId,
    PAGE_ROWS + 1,
  );
  const messages: ExportedMessage[] = [];
  let length = 0;
  for (const row of rows.slice(0, PAGE_ROWS)) {
    if (length > PAGE_LENGTH) break;
    length += row.content.length;
    messages.push(exportRow(state.id, row));
  }
  return { chat: toWireChat(state), usage: readUsage(state), messages, hasMore: messages.length < rows.length };
}

function exportRow(chatId: string, row: MessageRow): ExportedMessage {
  const { chat_id: _, seq: __, content, ...message } = toWireMessage(chatId, row);
  return {
    ...message,
    visibility: row.visibility,
    content_version: row.content_version,
    // Of another version as it is stored, so that the file says what the chat knows.
    content: json.parse(row.content_version === CONTENT_VERSION ? content : JSON.parse(row.content)),
    compressed: row.compressed === 1,
  };
}

/** The rows of an imported chat, with new ids in their order. */
export function importedMessages(context: ChatContext, changes: Changes, input: CreateChatInput): MessageRow[] {
  return (input.rows ?? []).map((row) => ({
    ...newMessage({
      id: allotId(context),
      seq: changes.stamp(),
      createdAt: row.createdAt,
      role: row.role,
      content: [],
      contentVersion: row.contentVersion,
      visibility: row.visibility,
      modelConfigId: null,
      createdBy: row.role === "user" && row.visibility !== "model" ? input.createdBy : null,
      compressed: row.compressed,
    }),
    content: row.content,
  }));
}
