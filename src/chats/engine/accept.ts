import {
  CONTENT_VERSION,
  type ChatFacts,
  type CreateMessageResponse,
  type MessagesResponse,
} from "../../contract/chats.ts";
import { randomText } from "../../platform/ids.ts";
import { firstRow } from "../../platform/object-storage.ts";
import { addMessages, allotId, requireState, setTitle, setWorkspace } from "./cells.ts";
import type { ChatContext } from "./context.ts";
import { enqueueChat } from "./outbox.ts";
import { ARCHIVED, CONTENT_MAX_LENGTH, refuse, tooLarge } from "./refusals.ts";
import type { Answer, CreateChatInput, SendInput } from "./rpc.ts";
import { EMPTY_USAGE, readQueue, readState, toWireChat, toWireQueued } from "./state.ts";
import type { Changes } from "./stream.ts";
import { newMessage, readPage, toWireMessage } from "./transcript.ts";
import { enqueueMessage, QUEUE_MAX } from "./queue.ts";
import { importedMessages } from "./transfer.ts";
import { startQueued, startTurn } from "./turn.ts";
import { readTurn } from "./turn-row.ts";

/** What people ask of a chat: make it, send to it, read it, rename it. Refusals are values. */

const REQUEST_KEPT_MS = 24 * 60 * 60_000;

/** Makes the chat with its first messages and starts the turn, in one transaction. Idempotent. */
export function createChat(context: ChatContext, input: CreateChatInput): Answer<ChatFacts> {
  const present = readState(context.storage);
  if (present !== null) return { ok: true, value: toWireChat(present) };
  if (JSON.stringify(input.content).length > CONTENT_MAX_LENGTH) return refuse(tooLarge());
  context.stream.commit((changes) => {
    insertChat(context, input);
    if (input.rows === undefined) {
      addMessages(context, changes, [systemMessage(context, changes, input), userMessage(context, changes, input)]);
    } else {
      // A file brings its own instructions, or gets those that a new chat would have.
      const instructed = input.rows.some((row) => row.role === "system");
      const before = instructed ? [] : [systemMessage(context, changes, input)];
      addMessages(context, changes, [...before, ...importedMessages(context, changes, input)]);
    }
    enqueueChat(context, "created");
    if (input.rows === undefined) startTurn(context, changes);
  });
  context.advance();
  return { ok: true, value: toWireChat(requireState(context)) };
}

function insertChat(context: ChatContext, input: CreateChatInput): void {
  context.storage.exec(
    `insert into chat (one, id, owner_id, organization_id, workspace_id, parent_chat_id, root_chat_id, run, title,
       status, usage, last_model_config_id, version, epoch, reserved_seq, created_at, updated_at)
     values (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?)`,
    input.chatId,
    input.ownerId,
    input.organizationId,
    input.workspaceId,
    input.parent?.chatId ?? null,
    input.parent?.rootId ?? input.chatId,
    input.parent?.run ?? 0,
    input.title,
    input.rows === undefined ? "pending" : "waiting",
    JSON.stringify(EMPTY_USAGE),
    input.modelConfigId,
    randomText(9),
    context.stamps.head,
    input.createdAt,
    input.createdAt,
  );
  context.storage.exec("insert into turn (one, phase) values (1, 'idle')");
}

function systemMessage(context: ChatContext, changes: Changes, input: CreateChatInput) {
  return newMessage({
    id: allotId(context),
    seq: changes.stamp(),
    createdAt: input.createdAt,
    role: "system",
    content: [{ type: "text", text: input.systemPrompt }],
    contentVersion: CONTENT_VERSION,
    visibility: "model",
    modelConfigId: input.modelConfigId,
  });
}

export function userMessage(
  context: ChatContext,
  changes: Changes,
  input: Pick<SendInput, "content" | "createdBy" | "modelConfigId">,
) {
  return newMessage({
    id: allotId(context),
    seq: changes.stamp(),
    createdAt: context.clock(),
    role: "user",
    content: input.content,
    contentVersion: CONTENT_VERSION,
    visibility: "both",
    modelConfigId: input.modelConfigId ?? requireState(context).last_model_config_id,
    createdBy: input.createdBy,
  });
}

/** Takes a message: at once when the chat is idle, into the queue when it is busy. */
export function acceptMessage(context: ChatContext, input: SendInput): Answer<CreateMessageResponse> {
  const state = requireState(context);
  const repeated = readRequest(context, input);
  if (repeated !== null) return repeated;
  if (state.archived === 1) {
    return refuse(ARCHIVED);
  }
  if (input.refusal != null) return refuse(input.refusal);
  if (JSON.stringify(input.content).length > CONTENT_MAX_LENGTH) return refuse(tooLarge());
  const busy = readTurn(context.storage).phase !== "idle";
  const queued = readQueue(context.storage).length;
  if ((busy || queued > 0) && queued >= QUEUE_MAX) {
    return refuse({
      status: 429,
      title: "The queue of this chat is full.",
      detail: `${QUEUE_MAX} messages wait already.`,
      retryAfterSeconds: 30,
    });
  }
  const answer = context.stream.commit((changes) => {
    const response = busy || queued > 0 ? enqueueMessage(context, changes, input) : startWith(context, changes, input);
    // After a failure the queue waits for this message, and its head goes first.
    if (!busy && queued > 0) startQueued(context, changes);
    rememberRequest(context, input, response);
    return response;
  });
  context.advance();
  return { ok: true, value: answer };
}

function startWith(context: ChatContext, changes: Changes, input: SendInput): CreateMessageResponse {
  const message = userMessage(context, changes, input);
  addMessages(context, changes, [message]);
  startTurn(context, changes);
  return { queued: false, message: toWireMessage(requireState(context).id, message) };
}

function readRequest(context: ChatContext, input: SendInput): Answer<CreateMessageResponse> | null {
  if (input.idempotencyKey === null) return null;
  const seen = firstRow(
    context.storage.exec<{ body_hash: string; answer: string }>(
      "select body_hash, answer from requests where key = ?",
      input.idempotencyKey,
    ),
  );
  if (seen === null) return null;
  if (seen.body_hash !== input.bodyHash) {
    return refuse({ status: 422, title: "This Idempotency-Key was used for another message." });
  }
  return { ok: true, value: JSON.parse(seen.answer) as CreateMessageResponse };
}

function rememberRequest(context: ChatContext, input: SendInput, response: CreateMessageResponse): void {
  context.storage.exec("delete from requests where created_at < ?", context.clock() - REQUEST_KEPT_MS);
  if (input.idempotencyKey === null) return;
  context.storage.exec(
    "insert into requests (key, body_hash, answer, created_at) values (?, ?, ?, ?)",
    input.idempotencyKey,
    input.bodyHash,
    JSON.stringify(response),
    context.clock(),
  );
}

export function readMessages(context: ChatContext, page: { beforeId: number | null; limit: number }): MessagesResponse {
  const state = requireState(context);
  const rows = readPage(context.storage, page.beforeId, page.limit);
  return {
    messages: rows.slice(0, page.limit).map((row) => toWireMessage(state.id, row)),
    queued_messages: page.beforeId === null ? readQueue(context.storage).map((row) => toWireQueued(state.id, row)) : [],
    has_more: rows.length > page.limit,
    seq: context.stamps.head,
    epoch: state.epoch,
  };
}

export function updateChat(context: ChatContext, change: { title?: string; workspaceId?: string | null }): ChatFacts {
  const { title, workspaceId } = change;
  context.stream.commit((changes) => {
    const state = requireState(context);
    if (title !== undefined && title !== state.title) setTitle(context, changes, title);
    if (workspaceId !== undefined && workspaceId !== state.workspace_id) setWorkspace(context, workspaceId);
  });
  context.advance();
  return toWireChat(requireState(context));
}

/** The hello of a stream: information only. */
export function helloOf(context: ChatContext) {
  const state = requireState(context);
  return { type: "hello" as const, epoch: state.epoch, seq: context.stamps.head, status: state.status };
}
