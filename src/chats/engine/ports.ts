import type { Json } from "../../contract/common.ts";
import type { Chat, ChatFacts, ChatStatus, LastErrorDetail, MessagePart } from "../../contract/chats.ts";
import type { MinimalUser } from "../../contract/identity.ts";
import type { ModelErrorKind, ModelPrices, TokenUsage } from "../../contract/models.ts";
import type { LedgerKind, UsageLimitExceeded } from "../../contract/usage.ts";
import type { AgentInstructions, CallStart, CallStatuses, CallStarted } from "../../contract/workspace.ts";

/**
 * What the engine needs from the rest of the house. `worker.ts` builds these from the environment;
 * tests hand in their own.
 */
export interface EnginePorts {
  models: ModelPort;
  workspaces: WorkspacePort;
  projection: ProjectionPort;
  relatives: RelativesPort;
  people: PeoplePort;
  spend: SpendPort;
}

// Models ------------------------------------------------------------------------------------------

/** A model as a turn uses it: resolved once a step, so that a change by an admin counts from the next step. */
export interface ResolvedModel {
  configId: string;
  provider: string;
  model: string;
  displayName: string;
  contextLimit: number;
  /** Percent of the context limit at which the chat is compacted; 100 = never. */
  compressionThreshold: number;
  prices: ModelPrices | null;
}

/** A message as a model reads it. Tool ids are ours. `provider_metadata` comes back as it was stored. */
export interface PromptMessage {
  role: "system" | "user" | "assistant" | "tool";
  parts: MessagePart[];
}

export interface ToolDefinition {
  name: string;
  description: string;
  /** JSON Schema of the parameters. */
  parameters: Json;
}

export interface ModelRequest {
  configId: string;
  messages: PromptMessage[];
  tools: ToolDefinition[];
  /** Ends the call; the stream then rejects with a ModelError of kind `aborted`. */
  signal: AbortSignal;
  /** Called for every chunk of bytes that the provider sends: keep-alives count as life, too. */
  onBytes: () => void;
  maxOutputTokens?: number;
}

export type ModelEvent =
  | { type: "text-delta"; text: string }
  | { type: "reasoning-delta"; text: string }
  /** Signature and the like of the reasoning part that just ended. */
  | { type: "reasoning-end"; providerMetadata?: Json }
  /** `key` tells the parallel calls of one answer apart; it is not the id that is stored. */
  | { type: "tool-call-start"; key: string; toolName: string }
  | { type: "tool-call-delta"; key: string; argsDelta: string }
  /** The whole call. `argsText` is what the model wrote, not yet checked to be JSON. */
  | { type: "tool-call"; key: string; toolName: string; argsText: string; providerMetadata?: Json }
  | { type: "source"; sourceId: string; url: string; title: string }
  | { type: "finish"; reason: "stop" | "tool-calls" | "length" | "content-filter" | "other"; usage: TokenUsage };

export interface ModelPort {
  /**
   * Null when the config does not exist, is disabled, deleted or has no usable provider. `ownerId` is
   * whose own compression threshold counts.
   */
  resolve(configId: string, ownerId: string): Promise<ResolvedModel | null>;
  /** The config to use when a chat's own is gone; null when there is none at all. */
  resolveDefault(ownerId: string): Promise<ResolvedModel | null>;
  /** The model that writes the chat's title; null where no title is made. */
  resolveForTitle(chatConfigId: string): Promise<ResolvedModel | null>;
  /** One model call. Throws ModelError before the first event or in the middle. */
  stream(request: ModelRequest): AsyncIterable<ModelEvent>;
}

/** A model call that failed, in plain words that a person can act on. */
export class ModelError extends Error {
  readonly detail: LastErrorDetail;
  /** Milliseconds that the provider asked to wait (`Retry-After`). */
  readonly retryAfterMs: number | null;
  /** What the provider had reported when it failed; it is paid for all the same. Null = nothing. */
  readonly usage: TokenUsage | null;

  constructor(
    detail: LastErrorDetail,
    options?: { cause?: unknown; retryAfterMs?: number | null; usage?: TokenUsage | null },
  ) {
    super(detail.message, { cause: options?.cause });
    this.name = "ModelError";
    this.detail = detail;
    this.retryAfterMs = options?.retryAfterMs ?? null;
    this.usage = options?.usage ?? null;
  }

  get kind(): ModelErrorKind {
    return this.detail.kind;
  }
}

// People --------------------------------------------------------------------------------------------

export interface PeoplePort {
  /** The person's own instructions for every chat of theirs, as they stand now; empty when there are none. */
  instructions(userId: string): Promise<string>;
  /** What people are called, those who have left, too. */
  people(userIds: readonly string[]): Promise<MinimalUser[]>;
  /** Whether this person may send to the chat, as things stand now. */
  mayWrite(userId: string, chatId: string): Promise<boolean>;
}

// Spending ------------------------------------------------------------------------------------------

/** Money that the chat's owner may spend is set aside before a model is called. */
export interface SpendPort {
  /** Whether anything limits this person. Asked together with `ModelPort.resolve` it is the same round trip. */
  isLimited(ownerId: string): Promise<boolean>;
  /** The same for a call that asks for nothing else of the owner's: it reads no more than this. */
  limitsAreOn(): Promise<boolean>;
  /** Null: it is set aside and the call may go out. Throws when it cannot be asked. */
  hold(ownerId: string, ask: HoldAsk): Promise<HoldRefusal | null>;
  /** The ledger has these calls, or they booked nothing. Repeats change nothing. Throws when it cannot be told. */
  settle(ownerId: string, chatId: string, holds: BookedHold[]): Promise<void>;
}

export interface HoldAsk {
  chatId: string;
  /** Names the call within its chat. A repeat changes nothing. */
  hold: string;
  /** What the call is thought to cost. */
  micros: number;
  /** Calls of this chat that have ended and may not be in D1 yet, with what they did cost. */
  booked: BookedHold[];
}

export interface BookedHold {
  hold: string;
  micros: number;
}

/** `held`: there is money left, but it is set aside for other calls. They will not all need it. */
export interface HoldRefusal extends UsageLimitExceeded {
  held: boolean;
}

// Workspaces --------------------------------------------------------------------------------------

/**
 * Away: no agent of the workspace's newest build is connected. Gone: the workspace does not exist. Forbidden: the
 * chat's owner may not use it, or not any more.
 */
export type AgentUnavailable = { state: "away" } | { state: "gone" } | { state: "forbidden" };

/** `ownerId` is the chat's owner, as whom everything there is done: each use asks anew whether they may. */
export interface WorkspacePort {
  /** Sends a call to the first agent of the newest build. Safe to repeat: the agent's journal knows the id. */
  dispatch(
    workspaceId: string,
    call: CallStart,
    ownerId: string,
  ): Promise<(CallStarted & { agentId: string }) | AgentUnavailable>;
  /** Cancels at the agent that took it, if that agent still serves the workspace. */
  cancel(
    workspaceId: string,
    agentId: string,
    callId: string,
    replyTo: string,
  ): Promise<{ state: "acknowledged" } | AgentUnavailable>;
  status(
    workspaceId: string,
    callIds: string[],
    ownerId: string,
  ): Promise<(CallStatuses & { agentId: string }) | AgentUnavailable>;
  /** AGENTS.md and the directory; null when there are none to be had, or not within 5 s. */
  instructions(workspaceId: string, ownerId: string): Promise<(AgentInstructions & { agentId: string }) | null>;
}

/** What WorkspaceObject calls on a chat, by the chat's id in `reply_to`. */
export interface ToolReportRpc {
  /** True = stored or not wanted any more: acknowledge it to the agent. */
  toolResult(report: {
    callId: string;
    agentId: string;
    bootId: string;
    result: Json;
    isError: boolean;
  }): Promise<boolean>;
  toolOutput(report: { callId: string; agentId: string; offset: number; text: string }): Promise<void>;
}

// Other chats of the tree ---------------------------------------------------------------------------

/** A run of a sub-agent: its first one creates it. Repeats change nothing. */
export interface StartRunInput {
  childId: string;
  parentId: string;
  rootId: string;
  ownerId: string;
  organizationId: string;
  workspaceId: string | null;
  modelConfigId: string;
  title: string;
  systemPrompt: string;
  /** 1 creates; a higher one than the child's is a further message. */
  run: number;
  message: string;
  interrupt: boolean;
}

/** How a sub-agent stands: `settled` means neither pending, running nor interrupting, with nothing queued. */
export interface RunReport {
  childId: string;
  run: number;
  settled: boolean;
  status: ChatStatus;
  /** Its newest words, or its error. */
  report: string;
}

/** Other chats' objects. All calls are idempotent; all throw when the object cannot be reached. */
export interface RelativesPort {
  startRun(input: StartRunInput): Promise<RunReport>;
  interruptChild(childId: string): Promise<RunReport>;
  readRun(childId: string): Promise<RunReport>;
  reportTo(parentId: string, report: RunReport): Promise<void>;
  /** False when the child does not exist (yet). */
  setArchived(chatId: string, change: { version: number; archived: boolean }): Promise<boolean>;
  /** One statement over the tree's rows in D1, guarded by `archived_version`; then its owner's sidebars are told. */
  archiveRows(change: {
    ownerId: string;
    rootId: string;
    /** Null = the whole tree. */
    chatIds: string[] | null;
    version: number;
    archived: boolean;
    at: number;
  }): Promise<void>;
}

// Projection --------------------------------------------------------------------------------------

export interface ChatRow extends Omit<ChatFacts, "created_at" | "updated_at"> {
  /** Its newest visible answer; null when it has none. */
  last_answer_id: number | null;
  mode: string | null;
  archived_version: number;
  created_at: number;
  updated_at: number;
}

/** One row of D1's `chat_messages`, names as there. */
export interface LedgerRow extends TokenUsage {
  chat_id: string;
  id: number;
  kind: LedgerKind;
  role: "system" | "user" | "assistant" | "tool";
  visibility: "user" | "model" | "both";
  content_version: number;
  created_by: string | null;
  model_config_id: string | null;
  context_limit: number | null;
  total_cost_micros: number | null;
  estimated: boolean;
  runtime_ms: number | null;
  compressed: boolean;
  deleted: boolean;
  version: number;
  created_at: number;
}

/** Whom the rows of a chat's ledger are counted for. It never changes. */
export interface LedgerOwner {
  owner_id: string;
  organization_id: string;
  root_chat_id: string;
}

/** One message as search knows it: what people and models wrote, without tools and reasoning. */
export interface SearchEntry {
  chatId: string;
  messageId: number;
  /** The message's stamp: of two versions the higher counts. */
  seq: number;
  role: "user" | "assistant";
  text: string;
  /** Take it out of the index. */
  deleted: boolean;
  createdAt: number;
}

export interface ProjectionPort {
  /**
   * Writes rows to D1 in one batch, each guarded by its version, and answers the chat as it then
   * stands for its owner. A repeat changes nothing. Throws when D1 is away. `whose` goes onto every row of
   * the ledger.
   */
  write(chat: ChatRow | null, ledger: LedgerRow[], whose: LedgerOwner): Promise<Chat | null>;
  /** Gives the owner's search what was said; a repeat or a late arrival changes nothing. Throws when it is away. */
  index(ownerId: string, entries: SearchEntry[]): Promise<void>;
  /**
   * Tells the owner's object about the chat, for sidebars. Throws when it is away. Those with whom it is shared
   * are told as well, without anybody waiting for it.
   */
  notify(kind: "created" | "status_change" | "title_change" | "deleted" | "updated", chat: Chat): Promise<void>;
  /** The session's last socket on this chat has closed: a revocation need not reach here any more. */
  unwatch(userId: string, sessionId: string, chatId: string): Promise<void>;
  /** A session watches this chat: where a revocation must reach. */
  watch(userId: string, sessionId: string, chatId: string): Promise<void>;
  /** Whether this user may still read the chat, asked of D1. */
  mayRead(userId: string, sessionId: string, chatId: string): Promise<boolean>;
}
