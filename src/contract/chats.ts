import { z } from "zod";
import { id, json, timestamp } from "./common.ts";
import { chatDiffStatus } from "./git.ts";
import { modelErrorKind, tokenUsage } from "./models.ts";
import { usageLimitExceeded } from "./usage.ts";

/** `paused` and `completed` are kept for older clients and never written. */
export const chatStatuses = [
  "waiting",
  "pending",
  "running",
  "interrupting",
  "requires_action",
  "error",
  "paused",
  "completed",
] as const;
export const chatStatus = z.enum(chatStatuses);
export type ChatStatus = z.infer<typeof chatStatus>;

export const messageRoles = ["system", "user", "assistant", "tool"] as const;
export const messageRole = z.enum(messageRoles);
export type MessageRole = z.infer<typeof messageRole>;

/** Who sees a row: clients read `user` and `both`, the prompt reads `model` and `both`. */
export const messageVisibilities = ["user", "model", "both"] as const;
export type MessageVisibility = (typeof messageVisibilities)[number];

/** The version of `content` that is written today: an array of parts for every role. */
export const CONTENT_VERSION = 1;

export const textPart = z.object({ type: z.literal("text"), text: z.string() });
export const reasoningPart = z.object({
  type: z.literal("reasoning"),
  text: z.string(),
  /** Signatures and the like, opaque. Stored for the next prompt, stripped from every answer. */
  provider_metadata: json.optional(),
});
export const toolCallPart = z.object({
  type: z.literal("tool-call"),
  /** Ours, unique within the chat: `call_<message id>_<index>`. Providers repeat theirs. */
  tool_call_id: z.string(),
  tool_name: z.string(),
  args: json,
  provider_metadata: json.optional(),
});
export const toolResultPart = z.object({
  type: z.literal("tool-result"),
  tool_call_id: z.string(),
  tool_name: z.string(),
  result: json,
  is_error: z.boolean().optional(),
});
export const sourcePart = z.object({
  type: z.literal("source"),
  source_id: z.string(),
  url: z.string(),
  title: z.string(),
});
export const filePart = z.object({
  type: z.literal("file"),
  /** Its bytes are at `/chats/files/{file}`. */
  file_id: id,
  media_type: z.string(),
  /** Absent when the upload named none. */
  file_name: z.string().optional(),
});
export const fileReferencePart = z.object({
  type: z.literal("file-reference"),
  file_name: z.string(),
  start_line: z.int().optional(),
  end_line: z.int().optional(),
  content: z.string().optional(),
});

export const messagePart = z
  .discriminatedUnion("type", [
    textPart,
    reasoningPart,
    toolCallPart,
    toolResultPart,
    sourcePart,
    filePart,
    fileReferencePart,
  ])
  .meta({ id: "ChatMessagePart" });
export type MessagePart = z.infer<typeof messagePart>;
export type ToolCallPart = z.infer<typeof toolCallPart>;
export type ToolResultPart = z.infer<typeof toolResultPart>;

export const messageUsage = tokenUsage.extend({ context_limit: z.int().nullable() });

export const chatMessage = z
  .object({
    /** Ascending within a chat; `(chat, id)` is the identity. */
    id: z.int(),
    chat_id: id,
    /** The stamp of the newest change to this message; of two versions the one with the higher stamp counts. */
    seq: z.int(),
    created_by: id.nullable(),
    model_config_id: id.nullable(),
    created_at: timestamp,
    role: messageRole,
    content: z.array(messagePart),
    usage: messageUsage.nullable(),
    /** Micro-dollars; null = could not be priced, 0 = free. */
    total_cost_micros: z.int().nullable(),
    /** True where usage and cost were estimated because the call ended before the provider reported them. */
    estimated: z.boolean(),
    /** Milliseconds from the step's start to its last tool result; null until the step has settled. */
    runtime_ms: z.int().nullable(),
  })
  .meta({ id: "ChatMessage" });
export type ChatMessage = z.infer<typeof chatMessage>;

export const queuedMessage = z
  .object({
    id: z.int(),
    chat_id: id,
    /** The stamp of its newest change; edit, reorder and promote send it as `If-Match`. */
    seq: z.int(),
    content: z.array(messagePart),
    model_config_id: id.nullable(),
    created_by: id,
    created_at: timestamp,
  })
  .meta({ id: "ChatQueuedMessage" });
export type QueuedMessage = z.infer<typeof queuedMessage>;

export const lastErrorDetail = z
  .object({
    kind: modelErrorKind,
    provider: z.string().nullable(),
    status: z.int().nullable(),
    retryable: z.boolean(),
    message: z.string(),
    /** Of kind `usage_limit`: when the next period begins. Everybody in the chat sees it, so it has none of its owner's figures. */
    usage_limit: usageLimitExceeded.pick({ resets_at: true }).optional(),
  })
  .meta({ id: "ChatErrorDetail" });
export type LastErrorDetail = z.infer<typeof lastErrorDetail>;

/** What a chat is to everybody. */
export const chatFacts = z.object({
  id,
  owner_id: id,
  organization_id: id,
  workspace_id: id.nullable(),
  parent_chat_id: id.nullable(),
  /** Its own id for a chat that has no parent. */
  root_chat_id: id,
  last_model_config_id: id,
  title: z.string(),
  status: chatStatus,
  last_error: z.string().nullable(),
  last_error_detail: lastErrorDetail.nullable(),
  archived: z.boolean(),
  /** Rises with each change; of two versions of a chat the higher counts, of one version the later. */
  version: z.int(),
  created_at: timestamp,
  updated_at: timestamp,
});
export type ChatFacts = z.infer<typeof chatFacts>;

/** A chat as one person sees it. */
/** `collaborator` and `viewer` are names of shares. */
export const chatStandings = ["owner", "collaborator", "viewer", "site"] as const;

export const chat = chatFacts
  .extend({
    /** Whether its newest answer came after what this person has read, on any device. */
    has_unread: z.boolean(),
    /** Whether anybody but its owner was let in. */
    shared: z.boolean().optional(),
    /** What this person is in it; `site`: only a role lets them in. */
    your_role: z.enum(chatStandings).optional(),
    /** How its owner is called. */
    owner_name: z.string().optional(),
    /** The branch and pull request that came of it; absent while there is none. */
    diff_status: chatDiffStatus.optional(),
  })
  .meta({ id: "Chat" });
export type Chat = z.infer<typeof chat>;

/** What a person may put into a message. `type` is matched without regard to case; text is trimmed. */
export const inputPart = z
  .object({
    type: z.preprocess(
      (value) => (typeof value === "string" ? value.trim().toLowerCase() : value),
      z.enum(["text", "file", "file-reference"]),
    ),
    text: z.string().optional(),
    file_id: id.optional(),
    file_name: z.string().max(1_000).optional(),
    start_line: z.int().min(0).optional(),
    end_line: z.int().min(0).optional(),
    content: z.string().optional(),
  })
  .meta({ id: "ChatInputPart" });
export type InputPart = z.infer<typeof inputPart>;

export const createChatRequest = z
  .object({
    content: z.array(inputPart).min(1, { error: "Content is required." }).max(100),
    workspace_id: id.nullable().optional(),
    model_config_id: id.optional(),
    /** Absent = the default organisation, or the caller's first. */
    organization_id: id.optional(),
  })
  .meta({ id: "CreateChatRequest" });
export type CreateChatRequest = z.infer<typeof createChatRequest>;

export const createMessageRequest = z
  .object({
    content: z.array(inputPart).min(1, { error: "Content is required." }).max(100),
    model_config_id: id.optional(),
  })
  .meta({ id: "CreateChatMessageRequest" });
export type CreateMessageRequest = z.infer<typeof createMessageRequest>;

export const createMessageResponse = z
  .object({
    queued: z.boolean(),
    message: chatMessage.optional(),
    queued_message: queuedMessage.optional(),
  })
  .meta({ id: "CreateChatMessageResponse" });
export type CreateMessageResponse = z.infer<typeof createMessageResponse>;

/** Newest first. `queued_messages` is filled on the first page only. */
export const messagesResponse = z
  .object({
    messages: z.array(chatMessage),
    queued_messages: z.array(queuedMessage),
    has_more: z.boolean(),
    /** The head of the chat's stream when the page was read. */
    seq: z.int(),
    epoch: z.string(),
  })
  .meta({ id: "ChatMessagesResponse" });
export type MessagesResponse = z.infer<typeof messagesResponse>;

/** `title` renames; `workspace_id` binds another workspace, or none. Absent fields keep. */
export const updateChatRequest = z
  .object({
    title: z.string().trim().min(1).max(200).optional(),
    workspace_id: id.nullable().optional(),
  })
  .meta({ id: "UpdateChatRequest" });
export type UpdateChatRequest = z.infer<typeof updateChatRequest>;

const messageContent = z.array(inputPart).min(1, { error: "Content is required." }).max(100);

/** `PATCH /chats/{chat}/messages/{message}`: everything from this message on is deleted, and said anew. */
export const editMessageRequest = z.object({ content: messageContent }).meta({ id: "EditChatMessageRequest" });
export type EditMessageRequest = z.infer<typeof editMessageRequest>;

/**
 * `PATCH /chats/{chat}/queue/{entry}` with `If-Match: "<seq>"`: absent fields keep. `before` moves the
 * entry in front of another one, or to the end when it is null. Stale or already started is a 409.
 */
export const updateQueuedRequest = z
  .object({
    content: messageContent.optional(),
    model_config_id: id.nullable().optional(),
    before: z.int().nullable().optional(),
  })
  .meta({ id: "UpdateChatQueuedMessageRequest" });
export type UpdateQueuedRequest = z.infer<typeof updateQueuedRequest>;

export const watchEventKinds = [
  "created",
  "status_change",
  "title_change",
  "diff_status_change",
  "deleted",
  "updated",
] as const;
/** One frame of `GET /chats/watch`: the whole chat, versioned. */
export const watchEvent = z.object({ kind: z.enum(watchEventKinds), chat }).meta({ id: "ChatWatchEvent" });
export type WatchEvent = z.infer<typeof watchEvent>;

/**
 * The last frame of `GET /chats/watch` for whoever may not go on: why, in a sentence. The socket closes after it with
 * 4403; a browser may tell its page of that some seconds later only.
 */
export const watchEnded = z.object({ kind: z.literal("ended"), reason: z.string() }).meta({ id: "ChatWatchEnded" });
export type WatchEnded = z.infer<typeof watchEnded>;

/** `POST /chats/{chat}/read`: everything up to this message is read. A mark never goes back. */
export const markReadRequest = z.object({ message_id: z.int().min(1) }).meta({ id: "MarkChatReadRequest" });
