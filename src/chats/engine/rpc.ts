import type {
  ChatFacts,
  ChatMessage,
  CreateMessageResponse,
  MessagePart,
  MessageRole,
  MessageVisibility,
  MessagesResponse,
  QueuedMessage,
} from "../../contract/chats.ts";
import type { Json } from "../../contract/common.ts";
import type { ExportedMessage } from "../../contract/chat-export.ts";
import type { ChatUsage } from "../../contract/stream.ts";
import type { RunReport, StartRunInput, ToolReportRpc } from "./ports.ts";

/**
 * What routes call on a chat's object. Expected refusals are values: an exception loses its class on
 * the way through RPC. Arguments are single objects with room for optional fields, since an old
 * object meets the new Worker for minutes at every deploy.
 */
export type Answer<T> = { ok: true; value: T } | { ok: false; refusal: Refusal };

export interface Refusal {
  status: 400 | 403 | 404 | 409 | 413 | 422 | 429 | 503;
  title: string;
  detail?: string;
  retryAfterSeconds?: number;
  /** What a program may want to know of it, beside the words. */
  extension?: Record<string, Json>;
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
  /** Of an imported chat, oldest first: nothing is run, and `content` says nothing. */
  rows?: ImportedRow[];
  /** Of a sub-agent. */
  parent?: { chatId: string; rootId: string; run: number };
}

/** Part of a chat as a file has it. */
export interface ExportPage {
  chat: ChatFacts;
  usage: ChatUsage;
  messages: ExportedMessage[];
  hasMore: boolean;
}

/** A message as it goes into storage: content checked, as JSON text. */
export interface ImportedRow {
  role: MessageRole;
  visibility: MessageVisibility;
  content: string;
  contentVersion: number;
  compressed: boolean;
  createdAt: number;
}

export interface SendInput {
  content: MessagePart[];
  createdBy: string;
  modelConfigId: string | null;
  idempotencyKey: string | null;
  /** SHA-256 of the request body, hex: the same key with another body is a 422. */
  bodyHash: string;
  /** Refused with this, unless it is a repeat of what was taken before. */
  refusal?: Refusal | null;
}

export interface QueueChange {
  id: number;
  /** Refused unless this person wrote the entry; whoever wrote it when it is null or left out. */
  writtenBy?: string | null;
  ifSeq: number;
  content?: MessagePart[];
  modelConfigId?: string | null;
  beforeId?: number | null;
}

/** A model call of a chat whose price in the ledger is another one now. */
export interface RepricedCall {
  /** Its id in the ledger, which is the message's where it left one. */
  id: number;
  /** What the ledger said before. */
  beforeMicros: number | null;
  costMicros: number | null;
}

export interface ChatRpc extends ToolReportRpc {
  /** Idempotent: a second call with the same id answers the same chat. */
  create(input: CreateChatInput): Promise<Answer<ChatFacts>>;
  /** Not-found when nobody created the object. */
  read(): Promise<Answer<ChatFacts>>;
  send(input: SendInput): Promise<Answer<CreateMessageResponse>>;
  messages(page: { beforeId: number | null; limit: number }): Promise<Answer<MessagesResponse>>;
  interrupt(): Promise<Answer<ChatFacts>>;
  /** Only the author's own user messages; the turn is stopped first. */
  /** With `ownWordsOnly` not where it would delete what others have said. */
  editMessage(edit: {
    messageId: number;
    content: MessagePart[];
    editorId: string;
    ownWordsOnly?: boolean;
  }): Promise<Answer<ChatMessage>>;
  /** `ifSeq` is the stamp that the caller saw; another one is a 409. `beforeId` null = to the end. */
  updateQueued(change: QueueChange): Promise<Answer<QueuedMessage>>;
  /** Deleting again what waited here once is no error; 404 for what never did. */
  deleteQueued(entry: { id: number; writtenBy?: string | null }): Promise<Answer<null>>;
  /** Stops what runs and starts this entry next; at once when the chat is idle. */
  promoteQueued(entry: {
    id: number;
    ifSeq: number | null;
    writtenBy?: string | null;
  }): Promise<Answer<CreateMessageResponse>>;
  /** Summarises the context now; 409 while a turn is under way. */
  compact(): Promise<Answer<ChatFacts>>;
  /** Asks a model for another title; it comes later. */
  regenerateTitle(): Promise<Answer<ChatFacts>>;
  /**
   * Archives or restores a chat of this root's tree, this root included; 400 when it is so already.
   * Archiving the root takes the whole tree. `descendants` restores what was archived together.
   */
  archive(change: { chatId: string; archived: boolean; descendants: boolean }): Promise<Answer<null>>;
  update(change: { title?: string; workspaceId?: string | null }): Promise<Answer<ChatFacts>>;
  /** A page of the chat for a file, oldest first. */
  exportPage(page: { afterId: number }): Promise<Answer<ExportPage>>;
  /** Its owner has changed what D1 says of it: tells the owner's sidebars how it stands now. */
  tellSidebars(): Promise<Answer<null>>;
  /** The ledger has other prices for these calls. A repeat changes nothing; nobody's chat takes none. */
  repriced(calls: RepricedCall[]): Promise<void>;
  /** For the parent of a sub-agent; see RelativesPort. */
  startRun(input: StartRunInput): Promise<RunReport>;
  interruptRun(): Promise<RunReport | null>;
  readRun(): Promise<RunReport | null>;
  /** For a sub-agent: takes its report. */
  takeReport(report: RunReport): Promise<void>;
  /** For the root of the tree. False when nobody created this chat. */
  setArchived(change: { version: number; archived: boolean }): Promise<boolean>;
  /** Closes the sockets of a user, or of one session; registered ones only. */
  revoke(who: { userId: string; sessionId?: string }): Promise<void>;
  /**
   * Rights have changed in D1: closes the sockets, all or a user's, of whoever may not read the chat any more, and
   * stops what runs in a workspace that its owner may not use any more.
   */
  recheck(who: { userId?: string }): Promise<void>;
  /**
   * The stream's WebSocket upgrade. The Worker has authenticated; it adds the headers
   * `x-tideline-user`, `x-tideline-session` and `x-tideline-role`, and drops any that the client sent.
   */
  fetch(request: Request): Promise<Response>;
}
