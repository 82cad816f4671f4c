import { DatabaseSync } from "node:sqlite";
import type { Chat } from "../../../src/contract/chats.ts";
import { streamFrame, type StreamFrame } from "../../../src/contract/stream.ts";
import { applyFrame, emptyTimeline, type Timeline } from "../../../src/contract/timeline.ts";
import type { CallState } from "../../../src/contract/workspace.ts";
import type { TokenUsage } from "../../../src/contract/models.ts";
import type { ObjectStorage, SqlValue } from "../../../src/platform/object-storage.ts";
import { acceptMessage, createChat, helloOf } from "../../../src/chats/engine/accept.ts";
import type { ChatContext } from "../../../src/chats/engine/context.ts";
import { createChatContext, runJobs } from "../../../src/chats/engine/engine.ts";
import type { Attachment, StreamSocket } from "../../../src/chats/engine/fanout.ts";
import type {
  ChatRow,
  BookedHold,
  EnginePorts,
  HoldAsk,
  HoldRefusal,
  LedgerRow,
  ModelEvent,
  ModelRequest,
  ResolvedModel,
  RelativesPort,
  SearchEntry,
} from "../../../src/chats/engine/ports.ts";

/** A chat's rules over a real SQLite in memory, with a clock that the test moves and ports that it scripts. */

export const CHAT_ID = "01900000-0000-7000-8000-0000000000c1";
export const OWNER_ID = "01900000-0000-7000-8000-0000000000a1";
export const WORKSPACE_ID = "01900000-0000-7000-8000-0000000000b1";
export const MODEL_ID = "01900000-0000-7000-8000-0000000000d1";

export const USAGE: TokenUsage = {
  input_tokens: 100,
  output_tokens: 20,
  total_tokens: 120,
  reasoning_tokens: null,
  cache_creation_tokens: 0,
  cache_read_tokens: null,
  cache_creation_1h_tokens: null,
  web_search_requests: null,
};

export const text = (...deltas: string[]): ModelEvent[] => deltas.map((delta) => ({ type: "text-delta", text: delta }));
export const toolCall = (key: string, toolName: string, args: object): ModelEvent[] => [
  { type: "tool-call-start", key, toolName },
  { type: "tool-call", key, toolName, argsText: JSON.stringify(args) },
];
export const finish = (reason: "stop" | "tool-calls" = "stop", usage: TokenUsage = USAGE): ModelEvent => ({
  type: "finish",
  reason,
  usage,
});

/** One scripted model call. `hold` waits until the test lets go, or the call is aborted. */
export type Script = (request: ModelRequest) => AsyncIterable<ModelEvent>;
export function says(...events: (ModelEvent | ModelEvent[])[]): Script {
  return async function* () {
    yield* events.flat();
  };
}

export class Hold {
  #open: () => void = () => undefined;
  readonly passed = new Promise<void>((resolve) => {
    this.#open = resolve;
  });
  letGo(): void {
    this.#open();
  }
}

export class FakeAgent {
  agentId = "agent-1";
  bootId = "boot-1";
  connected = true;
  gone = false;
  /** The journal: what was started here, by id. */
  journal = new Map<string, { state: CallState; runs: number; tool: string; args: unknown }>();
  acknowledgesCancels = true;
  cancelled: string[] = [];
}

export interface World {
  storage: ObjectStorage;
  agent: FakeAgent;
  scripts: Script[];
  requests: ModelRequest[];
  model: ResolvedModel | null;
  titleModel: ResolvedModel | null;
  now: { ms: number };
  alarm: { dueAt: number | null };
  d1: { away: boolean; writes: number; chat: ChatRow | null; ledger: Map<number, LedgerRow> };
  notified: string[];
  indexed: Map<number, SearchEntry>;
  unwatched: string[];
  /** Who may still watch, and send. */
  mayRead: (userId: string) => boolean;
  mayWrite: (userId: string) => boolean;
  aborted: unknown[];
  /** What the owner may spend: whether limits are on, what was asked for and settled, and what is answered next. */
  spend: {
    limited: boolean;
    asked: HoldAsk[];
    settled: BookedHold[];
    answer: (ask: HoldAsk) => HoldRefusal | null | Promise<HoldRefusal | null>;
  };
  relatives: RelativesPort;
  /** What the owner asks of every chat; null = it cannot be read. */
  instructions: string | null;
}

export function createWorld(): World {
  const database = new DatabaseSync(":memory:");
  const alarm: { dueAt: number | null } = { dueAt: null };
  let depth = 0;
  const storage: ObjectStorage = {
    exec<Row extends object>(sql: string, ...bindings: SqlValue[]): Row[] {
      const statement = database.prepare(sql);
      const values = bindings.map((value) => (value instanceof ArrayBuffer ? new Uint8Array(value) : value));
      return statement.all(...values).map((row) => ({ ...row })) as Row[];
    },
    transaction(work) {
      depth += 1;
      const name = `t${depth}`;
      database.exec(`savepoint ${name}`);
      try {
        const value = work();
        database.exec(`release ${name}`);
        return value;
      } catch (error) {
        database.exec(`rollback to ${name}; release ${name}`);
        throw error;
      } finally {
        depth -= 1;
      }
    },
    setAlarm(dueAt) {
      alarm.dueAt = dueAt;
    },
  };
  return {
    storage,
    agent: new FakeAgent(),
    scripts: [],
    requests: [],
    model: {
      configId: MODEL_ID,
      provider: "anthropic",
      model: "test",
      displayName: "Test",
      contextLimit: 200_000,
      compressionThreshold: 70,
      prices: {
        input_price_per_million_tokens: "3",
        output_price_per_million_tokens: "15",
        cache_read_price_per_million_tokens: null,
        cache_write_price_per_million_tokens: null,
        cache_write_1h_price_per_million_tokens: null,
        web_search_price_per_thousand_requests: null,
      },
    },
    titleModel: null,
    now: { ms: 1_700_000_000_000 },
    alarm,
    d1: { away: false, writes: 0, chat: null, ledger: new Map() },
    notified: [],
    indexed: new Map(),
    unwatched: [],
    mayRead: () => true,
    mayWrite: () => true,
    aborted: [],
    spend: { limited: false, asked: [], settled: [], answer: () => null },
    relatives: noRelatives,
    instructions: "",
  };
}

const alone = (): never => {
  throw new Error("This test has one chat.");
};
const noRelatives: RelativesPort = {
  startRun: alone,
  interruptChild: alone,
  readRun: alone,
  reportTo: alone,
  setArchived: alone,
  archiveRows: async () => undefined,
};

function portsOf(world: World): EnginePorts {
  const { agent, d1 } = world;
  const unavailable = () => (agent.gone ? ({ state: "gone" } as const) : ({ state: "away" } as const));
  return {
    models: {
      async resolve(configId) {
        // The settings of models are in D1, too.
        if (d1.away) throw new Error("Failed query", { cause: new Error("D1_ERROR: Network connection lost.") });
        return world.model?.configId === configId ? world.model : null;
      },
      resolveDefault: async () => world.model,
      resolveForTitle: async () => world.titleModel,
      stream(request) {
        world.requests.push(request);
        const script = world.scripts.shift();
        if (script === undefined) throw new Error("The test scripted no further model call.");
        return script(request);
      },
    },
    workspaces: {
      async dispatch(_workspaceId, call) {
        if (!agent.connected || agent.gone) return unavailable();
        const known = agent.journal.get(call.call_id);
        if (known !== undefined) return { state: known.state, boot_id: agent.bootId, agentId: agent.agentId };
        agent.journal.set(call.call_id, { state: "running", runs: 1, tool: call.tool, args: call.args });
        return { state: "accepted", boot_id: agent.bootId, agentId: agent.agentId };
      },
      async cancel(_workspaceId, _agentId, callId) {
        if (!agent.connected) return unavailable();
        if (!agent.acknowledgesCancels) throw new Error("The agent did not answer.");
        agent.cancelled.push(callId);
        return { state: "acknowledged" };
      },
      async status(_workspaceId, callIds) {
        if (!agent.connected || agent.gone) return unavailable();
        return {
          agentId: agent.agentId,
          boot_id: agent.bootId,
          calls: callIds.map((id) => ({
            call_id: id,
            state: agent.journal.get(id)?.state ?? "unknown",
            boot_id: agent.bootId,
          })),
        };
      },
      async instructions() {
        return {
          directory: "/work",
          os: "linux",
          files: [{ path: "AGENTS.md", content: "Be kind." }],
          agentId: agent.agentId,
        };
      },
    },
    relatives: world.relatives,
    people: {
      async instructions() {
        if (world.instructions === null) throw new Error("D1 is away.");
        return world.instructions;
      },
      async people(userIds) {
        return userIds.map((id) => ({ id, username: id, name: "", avatar_url: "", is_service_account: false }));
      },
      mayWrite: async (userId) => world.mayWrite(userId),
    },
    spend: {
      isLimited: async () => world.spend.limited,
      limitsAreOn: async () => world.spend.limited,
      async hold(_ownerId, ask) {
        world.spend.asked.push(ask);
        return world.spend.answer(ask);
      },
      async settle(_ownerId, _chatId, holds) {
        world.spend.settled.push(...holds);
      },
    },
    projection: {
      async write(chat, ledger) {
        d1.writes += 1;
        if (d1.away) throw new Error("D1 is away.");
        if (chat !== null && chat.version > (d1.chat?.version ?? 0)) d1.chat = chat;
        for (const row of ledger) {
          if (row.version > (d1.ledger.get(row.id)?.version ?? 0)) d1.ledger.set(row.id, row);
        }
        return d1.chat === null
          ? null
          : ({
              ...d1.chat,
              created_at: "2026-01-01T00:00:00.000Z",
              updated_at: "2026-01-01T00:00:00.000Z",
              has_unread: false,
            } satisfies Chat & object);
      },
      async index(_ownerId, entries) {
        for (const entry of entries) {
          if (entry.seq > (world.indexed.get(entry.messageId)?.seq ?? 0)) world.indexed.set(entry.messageId, entry);
        }
      },
      async notify(kind) {
        world.notified.push(kind);
      },
      watch: async () => undefined,
      async unwatch(userId, sessionId) {
        world.unwatched.push(`${userId} ${sessionId}`);
      },
      mayRead: async (userId) => world.mayRead(userId),
    },
  };
}

/** A new instance over the same storage: what an eviction, a crash or a deploy leaves. */
export function wake(world: World): ChatContext {
  const context = createChatContext({
    storage: world.storage,
    clock: () => world.now.ms,
    random: () => 0.5,
    ports: portsOf(world),
    waitUntil: (promise) => void promise,
    abort: (reason) => void world.aborted.push(reason),
    barrier: async () => undefined,
  });
  if (world.storage.exec("select 1 from chat").length > 0) context.advance();
  return context;
}

export function create(context: ChatContext, question = "Hello"): void {
  const answer = createChat(context, {
    chatId: CHAT_ID,
    ownerId: OWNER_ID,
    organizationId: OWNER_ID,
    workspaceId: WORKSPACE_ID,
    modelConfigId: MODEL_ID,
    title: "Hello",
    content: [{ type: "text", text: question }],
    systemPrompt: "You are a test.",
    createdBy: OWNER_ID,
    createdAt: context.clock(),
  });
  if (!answer.ok) throw new Error(answer.refusal.title);
}

export function send(context: ChatContext, question: string, idempotencyKey: string | null = null) {
  return acceptMessage(context, {
    content: [{ type: "text", text: question }],
    createdBy: OWNER_ID,
    modelConfigId: null,
    idempotencyKey,
    bodyHash: question,
  });
}

/** Lets everything that is under way come to rest, without moving the clock. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Moves the clock to each alarm within `ms` and runs it. */
export async function pass(world: World, context: ChatContext, ms: number): Promise<void> {
  const until = world.now.ms + ms;
  for (;;) {
    const due = world.alarm.dueAt;
    if (due === null || due > until) break;
    world.now.ms = Math.max(world.now.ms, due);
    await runJobs(context);
    await settle();
  }
  world.now.ms = until;
}

/** A viewer as the web app is one: the shared reducer over a socket. */
export class TestViewer implements StreamSocket {
  timeline: Timeline = emptyTimeline();
  frames: StreamFrame[] = [];
  closed: number | null = null;
  gaps = 0;
  acknowledges = true;
  #received = 0;
  #attachment: Attachment | null = null;
  #context: ChatContext | null = null;

  connect(context: ChatContext, { since }: { since: number | null } = { since: null }): void {
    this.closed = null;
    this.#received = 0;
    this.#context = context;
    context.fanout.join(this, { userId: OWNER_ID, sessionId: "s", since }, helloOf(context));
  }

  send(frameText: string): void {
    if (this.closed !== null) throw new Error("The socket is closed.");
    const frame = streamFrame.parse(JSON.parse(frameText));
    this.frames.push(frame);
    const { timeline, outcome } = applyFrame(this.timeline, frame);
    this.timeline = timeline;
    if (outcome === "gap") this.gaps += 1;
    this.#received += new TextEncoder().encode(frameText).byteLength;
    if (this.acknowledges) queueMicrotask(() => this.acknowledge());
  }

  acknowledge(): void {
    this.#context?.fanout.receive(this, JSON.stringify({ type: "ack", bytes: this.#received }));
  }

  close(code: number): void {
    this.closed = code;
  }
  load(): Attachment | null {
    return this.#attachment;
  }
  save(attachment: Attachment): void {
    this.#attachment = attachment;
  }
}

/** What a viewer shows, in a form that compares. */
export const shown = (timeline: Timeline) => ({
  status: timeline.status,
  lastError: timeline.lastError,
  retry: timeline.retry,
  title: timeline.title,
  usage: timeline.usage,
  queue: timeline.queue,
  messages: timeline.messages,
  hasMore: timeline.hasMore,
  previews: [...timeline.previews]
    .sort(([a], [b]) => a - b)
    .map(([id, preview]) => [id, { ...preview, role: undefined }]),
});

/** A viewer that knows nothing and is given a snapshot. */
export function fresh(context: ChatContext): TestViewer {
  const viewer = new TestViewer();
  viewer.connect(context);
  return viewer;
}
