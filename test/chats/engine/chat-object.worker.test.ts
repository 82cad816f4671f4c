import { env } from "cloudflare:workers";
import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ChatRpc, CreateChatInput } from "../../../src/chats/engine/rpc.ts";
import type { EnginePorts, ModelEvent, ResolvedModel } from "../../../src/chats/engine/ports.ts";
import { streamFrame } from "../../../src/contract/stream.ts";
import { applyFrame, emptyTimeline, type Timeline } from "../../../src/contract/timeline.ts";
import { newId } from "../../../src/platform/ids.ts";
import { ChatObject } from "../../../src/worker.ts";
import { soon } from "../../support/soon.ts";

// The object in workerd: real storage, real sockets, real eviction. What turns decide is tested beside.

const model: ResolvedModel = {
  configId: newId(),
  provider: "test",
  model: "test",
  displayName: "Test",
  contextLimit: 1_000,
  compressionThreshold: 100,
  prices: null,
};
const usage = {
  input_tokens: 1,
  output_tokens: 1,
  total_tokens: 2,
  reasoning_tokens: null,
  cache_creation_tokens: null,
  cache_read_tokens: null,
  cache_creation_1h_tokens: null,
  web_search_requests: null,
};

type Script = () => AsyncIterable<ModelEvent>;
let scripts: Script[] = [];
let dispatched: string[] = [];

const ports: EnginePorts = {
  models: {
    resolve: async () => model,
    resolveDefault: async () => model,
    resolveForTitle: async () => null,
    stream() {
      const script = scripts.shift();
      if (script === undefined) throw new Error("The test scripted no further model call.");
      return script();
    },
  },
  workspaces: {
    async dispatch(_workspaceId, call) {
      if (!dispatched.includes(call.call_id)) dispatched.push(call.call_id);
      return { state: "accepted", boot_id: "boot", agentId: "agent" };
    },
    cancel: async () => ({ state: "acknowledged" }),
    async status(_workspaceId, ids) {
      const calls = ids.map((id) => ({
        call_id: id,
        state: dispatched.includes(id) ? ("running" as const) : ("unknown" as const),
        boot_id: "boot",
      }));
      return { agentId: "agent", boot_id: "boot", calls };
    },
    instructions: async () => null,
  },
  spend: {
    isLimited: async () => false,
    limitsAreOn: async () => false,
    hold: async () => null,
    settle: async () => undefined,
  },
  people: { instructions: async () => "", people: async () => [], mayWrite: async () => true },
  relatives: {
    startRun: async () => Promise.reject(new Error("alone")),
    interruptChild: async () => Promise.reject(new Error("alone")),
    readRun: async () => Promise.reject(new Error("alone")),
    reportTo: async () => undefined,
    setArchived: async () => true,
    archiveRows: async () => undefined,
  },
  projection: {
    write: async () => null,
    index: async () => undefined,
    notify: async () => undefined,
    watch: async () => undefined,
    unwatch: async () => undefined,
    mayRead: async () => true,
  },
};

const usePorts = (): void => {
  Object.defineProperty(ChatObject.prototype, "ports", { value: () => ports, configurable: true });
};

const input = (chatId: string): CreateChatInput => ({
  chatId,
  ownerId: newId(),
  organizationId: newId(),
  workspaceId: newId(),
  modelConfigId: model.configId,
  title: "Test",
  content: [{ type: "text", text: "Go" }],
  systemPrompt: "Be brief.",
  createdBy: newId(),
  createdAt: Date.now(),
});

const open = (chatId: string): ChatRpc => env.CHATS.getByName(chatId) as unknown as ChatRpc;

/** A viewer over a real socket of the object. */
async function watch(chatId: string) {
  const response = await env.CHATS.getByName(chatId).fetch("https://tideline.test/stream", {
    headers: { upgrade: "websocket", "x-tideline-user": "user", "x-tideline-session": "session" },
  });
  const socket = response.webSocket;
  if (socket === null) throw new Error(`No socket: ${response.status}`);
  const viewer: { timeline: Timeline; gaps: number; closed: number | null; socket: WebSocket } = {
    timeline: emptyTimeline(),
    gaps: 0,
    closed: null,
    socket,
  };
  socket.addEventListener("message", ({ data }) => {
    const { timeline, outcome } = applyFrame(viewer.timeline, streamFrame.parse(JSON.parse(String(data))));
    viewer.timeline = timeline;
    if (outcome === "gap") viewer.gaps += 1;
  });
  socket.addEventListener("close", ({ code }) => {
    viewer.closed = code;
  });
  socket.accept();
  return viewer;
}

const says = (words: string): Script =>
  async function* () {
    yield { type: "text-delta", text: words };
    yield { type: "finish", reason: "stop", usage };
  };
const calls: Script = async function* () {
  yield { type: "tool-call", key: "a", toolName: "execute", argsText: '{"command":"ls"}' };
  yield { type: "finish", reason: "tool-calls", usage };
};

beforeEach(() => {
  usePorts();
  scripts = [];
  dispatched = [];
});
afterEach(async () => {
  await abortAllDurableObjects();
});

describe("ChatObject", () => {
  it("answers not-found and writes nothing when nobody created it", async () => {
    const id = newId();
    expect(await open(id).read()).toMatchObject({ ok: false, refusal: { status: 404 } });
    await open(id).toolResult({ callId: "x", agentId: "a", bootId: "b", result: {}, isError: false });
    const tables = await runInDurableObject(env.CHATS.getByName(id), (_object, state) =>
      state.storage.sql.exec("select name from sqlite_master where name = 'chat'").toArray(),
    );
    expect(tables).toEqual([]);
  });

  it("is created once, however often it is asked", async () => {
    const id = newId();
    scripts = [says("Hello")];
    const request = input(id);
    const [first, second] = await Promise.all([open(id).create(request), open(id).create(request)]);
    expect(first.ok && second.ok && first.value.id === second.value.id).toBe(true);
    await soon(async () => expect(await open(id).read()).toMatchObject({ value: { status: "waiting" } }));
    const page = await open(id).messages({ beforeId: null, limit: 50 });
    expect(page).toMatchObject({
      ok: true,
      value: { has_more: false, messages: [{ role: "assistant" }, { role: "user" }] },
    });
  });

  it("goes on over the same socket when it was evicted while a tool ran", async () => {
    const id = newId();
    scripts = [calls, says("Done")];
    await open(id).create(input(id));
    const viewer = await watch(id);
    await soon(() => expect(dispatched).toHaveLength(1));
    await soon(() => expect(viewer.timeline.messages).toHaveLength(2));
    await evictDurableObject(env.CHATS.getByName(id));
    const report = { callId: dispatched[0] ?? "", agentId: "agent", bootId: "boot", result: { ok: 1 }, isError: false };
    await open(id).toolOutput({ callId: report.callId, agentId: "agent", offset: 0, text: "live" });
    await soon(() => expect([...viewer.timeline.previews.values()][0]?.parts[0]?.text).toBe("live"));
    await open(id).toolResult(report);
    await open(id).toolResult(report);
    await soon(() => expect(viewer.timeline.status).toBe("waiting"));
    expect(viewer.timeline.messages.map((message) => message.role)).toEqual(["user", "assistant", "tool", "assistant"]);
    expect(viewer.gaps).toBe(0);
    expect(dispatched).toHaveLength(1);
  });

  it("finishes by itself, from its alarm, when it was reset in mid-stream", async () => {
    const id = newId();
    scripts = [
      async function* () {
        yield { type: "text-delta", text: "Lost" };
        await new Promise(() => undefined);
      },
    ];
    await open(id).create(input(id));
    const viewer = await watch(id);
    await soon(() => expect(viewer.timeline.previews.size).toBe(1));
    await abortAllDurableObjects();
    scripts = [says("Whole")];
    expect(await runDurableObjectAlarm(env.CHATS.getByName(id))).toBe(true);
    await soon(async () => expect(await open(id).read()).toMatchObject({ value: { status: "waiting" } }));
    const page = await open(id).messages({ beforeId: null, limit: 1 });
    expect(page).toMatchObject({
      value: { messages: [{ content: [{ type: "text", text: "Whole" }] }], has_more: true },
    });
  });

  it("stops a stream that is being written, and keeps what there is", async () => {
    const id = newId();
    scripts = [
      async function* () {
        yield { type: "text-delta", text: "Half" };
        await new Promise(() => undefined);
      },
    ];
    await open(id).create(input(id));
    const viewer = await watch(id);
    await soon(() => expect(viewer.timeline.previews.size).toBe(1));
    expect(await open(id).interrupt()).toMatchObject({ ok: true, value: { status: "waiting" } });
    await soon(() => expect(viewer.timeline.messages.at(-1)?.content).toEqual([{ type: "text", text: "Half" }]));
    expect(viewer.timeline.previews.size).toBe(0);
  });

  it("answers the goodbye of a viewer who leaves", async () => {
    const id = newId();
    scripts = [says("Hello")];
    await open(id).create(input(id));
    const viewer = await watch(id);
    await soon(() => expect(viewer.timeline.ready).toBe(true));
    viewer.socket.close(1000, "bye");
    await soon(() => expect(viewer.closed).toBe(1000));
  });

  it("closes the sockets of a session whose access ended", async () => {
    const id = newId();
    scripts = [says("Hello")];
    await open(id).create(input(id));
    const viewer = await watch(id);
    await open(id).revoke({ userId: "somebody else" });
    await open(id).revoke({ userId: "user", sessionId: "session" });
    await soon(() => expect(viewer.closed).toBe(4403));
  });
});
