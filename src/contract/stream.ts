import { z } from "zod";
import { json, problem, timestamp } from "./common.ts";
import { minimalUser } from "./identity.ts";
import {
  chatMessage,
  chatStatus,
  createMessageRequest,
  createMessageResponse,
  lastErrorDetail,
  messageRole,
  messageUsage,
  queuedMessage,
} from "./chats.ts";

/**
 * The stream of one chat: `GET /api/v2/chats/{chat}/stream?since=<seq>&epoch=<epoch>`.
 *
 * Frames are JSON text. A client that follows the frames with the reducer in `timeline.ts` ends in
 * the same state whatever was cut, lost or repeated on the way.
 */

export const retryState = z.object({
  attempt: z.int(),
  delay_ms: z.int(),
  retrying_at: timestamp,
  error: z.string(),
});
export type RetryState = z.infer<typeof retryState>;

/** What a chat has used: `context_tokens` of `context_limit` in the newest step, money over all of its calls. */
export const chatUsage = z.object({
  context_tokens: z.int().nullable(),
  context_limit: z.int().nullable(),
  compression_threshold: z.int().nullable(),
  total_cost_micros: z.int().nullable(),
  unpriced_calls: z.int(),
  last: messageUsage.nullable(),
});
export type ChatUsage = z.infer<typeof chatUsage>;

/** A piece of an open message. Text pieces carry text; a tool call carries its arguments as they are written. */
export const partDelta = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.literal("reasoning"), text: z.string() }),
  z.object({
    type: z.literal("tool-call"),
    tool_call_id: z.string(),
    tool_name: z.string(),
    args_delta: z.string(),
  }),
  z.object({
    type: z.literal("tool-result"),
    tool_call_id: z.string(),
    tool_name: z.string(),
    result_delta: z.string(),
  }),
]);
export type PartDelta = z.infer<typeof partDelta>;

export const streamEvent = z
  .discriminatedUnion("type", [
    z.object({
      type: z.literal("status"),
      status: chatStatus,
      last_error: z.string().nullable(),
      last_error_detail: lastErrorDetail.nullable(),
      retry: retryState.nullable(),
    }),
    /** Insert or replace by id; takes the place of that id's preview. */
    z.object({ type: z.literal("message"), message: chatMessage }),
    z.object({ type: z.literal("messages_deleted"), ids: z.array(z.int()) }),
    /** Append to part `index` at `offset` (UTF-16 units). Applying it twice is harmless. */
    z.object({
      type: z.literal("message_part"),
      message_id: z.int(),
      attempt: z.int(),
      role: messageRole,
      index: z.int(),
      offset: z.int(),
      part: partDelta,
    }),
    /** Start `message_id` over as `attempt`; all previews when it is null. */
    z.object({
      type: z.literal("preview_reset"),
      message_id: z.int().nullable(),
      attempt: z.int(),
    }),
    z.object({ type: z.literal("queue_update"), queued_messages: z.array(queuedMessage) }),
    /** In a snapshot: whether messages older than its page exist. */
    z.object({ type: z.literal("history"), has_more: z.boolean() }),
    z.object({ type: z.literal("title"), title: z.string() }),
    z.object({ type: z.literal("usage"), usage: chatUsage }),
    z.object({ type: z.literal("diff_status"), diff_status: json }),
    /**
     * Who watches now, once somebody besides the viewer could. Belongs to the connection, not to the chat: its
     * frames have neither `prev` nor `seq`, and a new connection begins with nobody.
     */
    z.object({ type: z.literal("presence"), people: z.array(minimalUser) }),
    /** Forget everything; a snapshot follows. */
    z.object({ type: z.literal("reset") }),
  ])
  .meta({ id: "ChatStreamEvent" });
export type StreamEvent = z.infer<typeof streamEvent>;

export const streamFrame = z
  .discriminatedUnion("type", [
    /** Always first. Its `seq` is information, never a cursor. */
    z.object({
      type: z.literal("hello"),
      epoch: z.string(),
      seq: z.int(),
      status: chatStatus,
    }),
    /**
     * Events, oldest first. `prev` is the seq of the frame before: beyond the own cursor it is a gap.
     * All but the last frame of a snapshot have neither.
     */
    z.object({
      type: z.literal("data"),
      prev: z.int().optional(),
      seq: z.int().optional(),
      data: z.array(streamEvent),
    }),
    /** The message of the `send` with this key was taken. */
    z.object({ type: z.literal("sent"), key: z.string(), response: createMessageResponse }),
    /** It was not: the body and the `Retry-After` in seconds that HTTP would have answered. */
    z.object({ type: z.literal("refused"), key: z.string(), problem, retry_after: z.int().optional() }),
    /** The socket closes after it. */
    z.object({ type: z.literal("error"), data: problem }),
  ])
  .meta({ id: "ChatStreamFrame" });
export type StreamFrame = z.infer<typeof streamFrame>;

/** What a client sends besides the text `ping`: bytes received on this socket so far … */
export const ackFrame = z.object({ type: z.literal("ack"), bytes: z.int().min(0) });

/**
 * … and messages: `POST /chats/{chat}/messages` without the way through HTTP. `key` is the Idempotency-Key, under
 * which the same message may be sent again over either way. Answered by `sent` or `refused`; the messages of one
 * socket are taken in their order. A refusal with 421 asks for the way over HTTP.
 */
export const sendFrame = z
  .object({ type: z.literal("send"), key: z.string().min(1).max(255), message: createMessageRequest })
  .meta({ id: "ChatStreamSend" });
export type SendFrame = z.infer<typeof sendFrame>;
/** Characters of a `send`; longer ones go over HTTP. */
export const SEND_FRAME_MAX_LENGTH = 64 * 1024;

/** How often a client acknowledges, whichever comes first and only if something came. */
export const ACK_EVERY_BYTES = 64 * 1024;
export const ACK_EVERY_MS = 1_000;
/** Below the 100 s after which the edge closes an idle socket. */
export const PING_EVERY_MS = 25_000;
