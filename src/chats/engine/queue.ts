import type { ChatMessage, CreateMessageResponse, QueuedMessage } from "../../contract/chats.ts";
import { firstRow } from "../../platform/object-storage.ts";
import { allotId, queueChanged, requireState } from "./cells.ts";
import type { ChatContext } from "./context.ts";
import { interruptTurn } from "./interrupt.ts";
import type { Answer, QueueChange, SendInput } from "./rpc.ts";
import { ARCHIVED, CONTENT_MAX_LENGTH, refuse, tooLarge } from "./refusals.ts";
import { readQueue, toWireQueued, type QueueRow } from "./state.ts";
import type { Changes } from "./stream.ts";
import { readMessage, toWireMessage } from "./transcript.ts";
import { startQueued } from "./turn.ts";
import { readTurn } from "./turn-row.ts";

/**
 * Messages that wait for the turn to end. Each has a stamp; whoever changes one says which stamp they
 * saw, so that two browsers never send one entry twice.
 */

export const QUEUE_MAX = 20;

const GONE = refuse({
  status: 409,
  title: "This message does not wait any more.",
  detail: "It was started or deleted meanwhile.",
});
const UNKNOWN = refuse({ status: 404, title: "There is no such queued message." });
const STALE = refuse({
  status: 409,
  title: "This message was changed meanwhile.",
  detail: "Look at it again before you change it.",
});

/** Shown to everybody in the chat, and nobody else's to change but its owner's. */
const ANOTHERS = refuse({
  status: 403,
  title: "This message is somebody else's.",
  detail: "In a chat that is shared with you, you change what you wrote yourself.",
});

/** Null: whoever asks may change every entry. */
type WrittenBy = string | null | undefined;

function isAnothers(entry: QueueRow, writtenBy: WrittenBy): boolean {
  return writtenBy != null && entry.created_by !== writtenBy;
}

export function enqueueMessage(
  context: ChatContext,
  changes: Changes,
  input: Pick<SendInput, "content" | "modelConfigId" | "createdBy">,
): CreateMessageResponse {
  const last = readQueue(context.storage).at(-1);
  const row: QueueRow = {
    id: allotId(context),
    seq: changes.stamp(),
    content: JSON.stringify(input.content),
    model_config_id: input.modelConfigId,
    created_by: input.createdBy,
    created_at: context.clock(),
    position: (last?.position ?? 0) + 1,
  };
  context.storage.exec(
    `insert into queue (id, seq, content, model_config_id, created_by, created_at, position)
     values (?, ?, ?, ?, ?, ?, ?)`,
    row.id,
    row.seq,
    row.content,
    row.model_config_id,
    row.created_by,
    row.created_at,
    row.position,
  );
  queueChanged(context, changes);
  return { queued: true, queued_message: toWireQueued(requireState(context).id, row) };
}

/** Changes content, model or place of an entry, and keeps the rest. */
export function updateQueued(context: ChatContext, change: QueueChange): Answer<QueuedMessage> {
  const entry = find(context, change.id);
  if (entry === null) return absent(context, change.id);
  if (isAnothers(entry, change.writtenBy)) return ANOTHERS;
  if (requireState(context).archived === 1) return refuse(ARCHIVED);
  if (entry.seq !== change.ifSeq) return STALE;
  const content = change.content === undefined ? entry.content : JSON.stringify(change.content);
  if (content.length > CONTENT_MAX_LENGTH) return refuse(tooLarge());
  const { beforeId } = change;
  const stays = beforeId === undefined || beforeId === entry.id;
  const position = stays ? entry.position : placeBefore(context, beforeId, entry.id);
  if (position === null) return absent(context, beforeId ?? 0);
  const row = context.stream.commit((changes) => {
    const next: QueueRow = {
      ...entry,
      content,
      position,
      model_config_id: change.modelConfigId === undefined ? entry.model_config_id : change.modelConfigId,
      seq: changes.stamp(),
    };
    context.storage.exec(
      "update queue set content = ?, model_config_id = ?, position = ?, seq = ? where id = ?",
      next.content,
      next.model_config_id,
      next.position,
      next.seq,
      next.id,
    );
    queueChanged(context, changes);
    return next;
  });
  return { ok: true, value: toWireQueued(requireState(context).id, row) };
}

function find(context: ChatContext, id: number): QueueRow | null {
  return firstRow(context.storage.exec<QueueRow>("select * from queue where id = ?", id));
}

/** An entry that waited here once is not as foreign as one that never did. */
function absent(context: ChatContext, id: number): typeof GONE {
  const left = context.storage.exec("select 1 from left_queue where id = ?", id);
  return left.length === 0 ? UNKNOWN : GONE;
}

/** Halfway between neighbours; null when the neighbour is not there any more. */
function placeBefore(context: ChatContext, beforeId: number | null, movedId: number): number | null {
  const others = readQueue(context.storage).filter((row) => row.id !== movedId);
  if (beforeId === null) return (others.at(-1)?.position ?? 0) + 1;
  const index = others.findIndex((row) => row.id === beforeId);
  const next = others[index];
  if (next === undefined) return null;
  const previous = others[index - 1];
  return previous === undefined ? next.position - 1 : (previous.position + next.position) / 2;
}

/** A repeat is no error, and neither is it when the entry was started meanwhile. */
export function deleteQueued(context: ChatContext, id: number, writtenBy?: WrittenBy): Answer<null> {
  const entry = find(context, id);
  if (entry === null) {
    const answer = absent(context, id);
    return answer === UNKNOWN ? answer : { ok: true, value: null };
  }
  if (isAnothers(entry, writtenBy)) return ANOTHERS;
  if (requireState(context).archived === 1) return refuse(ARCHIVED);
  context.stream.commit((changes) => {
    context.storage.exec("delete from queue where id = ?", id);
    queueChanged(context, changes);
  });
  return { ok: true, value: null };
}

/**
 * "Send now": the entry goes to the head, and what runs is interrupted properly first. While the
 * workspace takes its cancels, the entry is still queued; it starts by itself right after.
 */
export function promoteQueued(
  context: ChatContext,
  request: { id: number; ifSeq: number | null; writtenBy?: WrittenBy },
): Answer<CreateMessageResponse> {
  const entry = find(context, request.id);
  if (entry === null) return absent(context, request.id);
  if (isAnothers(entry, request.writtenBy)) return ANOTHERS;
  if (requireState(context).archived === 1) return refuse(ARCHIVED);
  if (request.ifSeq !== null && entry.seq !== request.ifSeq) return STALE;
  const before = newestMessageId(context);
  context.stream.commit((changes) => {
    const head = readQueue(context.storage)[0];
    const position = head === undefined ? entry.position : head.position - 1;
    context.storage.exec("update queue set position = ?, seq = ? where id = ?", position, changes.stamp(), entry.id);
    queueChanged(context, changes);
    if (readTurn(context.storage).phase === "idle") startQueued(context, changes);
  });
  if (find(context, entry.id) === null) context.advance();
  else interruptTurn(context);
  const waiting = find(context, entry.id);
  const { id: chatId } = requireState(context);
  if (waiting !== null) return { ok: true, value: { queued: true, queued_message: toWireQueued(chatId, waiting) } };
  const message = startedMessage(context, before);
  return { ok: true, value: message === null ? { queued: false } : { queued: false, message } };
}

function newestMessageId(context: ChatContext): number {
  return firstRow(context.storage.exec<{ id: number | null }>("select max(id) as id from messages"))?.id ?? 0;
}

/** The message that the entry has become: the first one of a person after what was there before. */
function startedMessage(context: ChatContext, after: number): ChatMessage | null {
  const started = firstRow(
    context.storage.exec<{ id: number }>(
      "select id from messages where id > ? and role = 'user' and deleted = 0 order by id limit 1",
      after,
    ),
  );
  const row = started === null ? null : readMessage(context.storage, started.id);
  return row === null ? null : toWireMessage(requireState(context).id, row);
}
