import type { Chat, CreateMessageResponse, MessagePart, MessagesResponse } from "../../contract/chats.ts";
import type { ToolReportRpc } from "./ports.ts";

/**
 * What routes call on a chat's object. Expected refusals are values: an exception loses its class on
 * the way through RPC. Arguments are single objects with room for optional fields, since an old
 * object meets the new Worker for minutes at every deploy.
 */
export type Answer<T> = { ok: true; value: T } | { ok: false; refusal: Refusal };

export interface Refusal {
  status: 400 | 404 | 409 | 413 | 422 | 429 | 503;
  title: string;
  detail?: string;
  retryAfterSeconds?: number;
}

export interface CreateChatInput {
  chatId: string;
  ownerId: string;
  organizationId: string;
  workspaceId: string | null;
  modelConfigId: string;
  title: string;
  /** Parts as they are stored: checked, trimmed, file types filled in. */
  content: MessagePart[];
  systemPrompt: string;
  createdBy: string;
  createdAt: number;
}

export interface SendInput {
  content: MessagePart[];
  createdBy: string;
  modelConfigId: string | null;
  idempotencyKey: string | null;
  /** SHA-256 of the request body, hex: the same key with another body is a 422. */
  bodyHash: string;
}

export interface ChatRpc extends ToolReportRpc {
  /** Idempotent: a second call with the same id answers the same chat. */
  create(input: CreateChatInput): Promise<Answer<Chat>>;
  /** Not-found when nobody created the object. */
  read(): Promise<Answer<Chat>>;
  send(input: SendInput): Promise<Answer<CreateMessageResponse>>;
  messages(page: { beforeId: number | null; limit: number }): Promise<Answer<MessagesResponse>>;
  interrupt(): Promise<Answer<Chat>>;
  update(change: { title?: string; workspaceId?: string | null }): Promise<Answer<Chat>>;
  /** Closes the sockets of a user, or of one session; registered ones only. */
  revoke(who: { userId: string; sessionId?: string }): Promise<void>;
  /**
   * The stream's WebSocket upgrade. The Worker has authenticated; it adds the headers
   * `x-tideline-user`, `x-tideline-session` and `x-tideline-role`, and drops any that the client sent.
   */
  fetch(request: Request): Promise<Response>;
}
