import {
  chatMessage,
  createMessageResponse,
  queuedMessage,
  type ChatMessage,
  type CreateMessageResponse,
  type InputPart,
  type QueuedMessage,
} from "../../../src/contract/chats.ts";
import { patch, post, send } from "../api/client.ts";
import { inputOf } from "./content.ts";

/** What the page asks of a chat, besides sending. */

type Entry = Pick<QueuedMessage, "chat_id" | "id" | "seq">;

const queuePath = (entry: Entry) => `/chats/${entry.chat_id}/queue/${entry.id}`;

export function updateQueued(
  entry: Entry,
  change: { content?: InputPart[]; model_config_id?: string | null; before?: number | null },
): Promise<QueuedMessage> {
  return patch(queuePath(entry), change, queuedMessage, { ifMatch: entry.seq });
}

export function deleteQueued(entry: Entry): Promise<void> {
  return send("DELETE", queuePath(entry));
}

export function promoteQueued(entry: Entry): Promise<CreateMessageResponse> {
  return post(`${queuePath(entry)}/promote`, undefined, createMessageResponse, { ifMatch: entry.seq });
}

/** Puts a deleted entry back where it was: in front of `nextId`, or at the end. */
export async function restoreQueued(entry: QueuedMessage, nextId: number | null): Promise<void> {
  const body = {
    content: inputOf(entry.content),
    ...(entry.model_config_id === null ? {} : { model_config_id: entry.model_config_id }),
  };
  const key = crypto.randomUUID();
  const answer = await post(`/chats/${entry.chat_id}/messages`, body, createMessageResponse, { idempotencyKey: key });
  const back = answer.queued_message;
  if (back !== undefined && nextId !== null) await updateQueued(back, { before: nextId });
}

export function editMessage(message: ChatMessage, content: InputPart[]): Promise<ChatMessage> {
  return patch(`/chats/${message.chat_id}/messages/${message.id}`, { content }, chatMessage);
}
