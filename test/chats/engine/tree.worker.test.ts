import { env } from "cloudflare:workers";
import { evictDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import type { EnginePorts, ModelEvent, ModelRequest, ResolvedModel } from "../../../src/chats/engine/ports.ts";
import type { ChatRpc } from "../../../src/chats/engine/rpc.ts";
import { chatStub } from "../../../src/chats/object.ts";
import { newId } from "../../../src/platform/ids.ts";
import { DEFAULT_ORGANIZATION_ID, SYSTEM_USER_ID } from "../../../src/organizations/schema.ts";
import { ChatObject } from "../../../src/worker.ts";
import { soon } from "../../support/soon.ts";

// A parent and its sub-agents as real objects over real D1. Only the model is scripted.

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
const model: ResolvedModel = {
  configId: newId(),
  provider: "test",
  model: "test",
  displayName: "Test",
  contextLimit: 100_000,
  compressionThreshold: 100,
  prices: null,
};

const call = (toolName: string, args: object): ModelEvent[] => [
  { type: "tool-call", key: toolName, toolName, argsText: JSON.stringify(args) },
  { type: "finish", reason: "tool-calls", usage },
];
const say = (text: string): ModelEvent[] => [
  { type: "text-delta", text },
  { type: "finish", reason: "stop", usage },
];

type Script = (request: ModelRequest) => AsyncIterable<ModelEvent> | ModelEvent[];
let script: Script = () => say("Done.");
let requests: ModelRequest[] = [];

const newest = (request: ModelRequest): string => JSON.stringify(request.messages.at(-1)?.parts);
const task = (request: ModelRequest): string => {
  const [part] = request.messages.find((message) => message.role === "user")?.parts ?? [];
  return part?.type === "text" ? part.text : "";
};
/** The result of the newest call of this tool. */
function resultOf(request: ModelRequest, toolName: string): Record<string, unknown> {
  const parts = request.messages.flatMap((message) => message.parts);
  const part = parts.findLast((item) => item.type === "tool-result" && item.tool_name === toolName);
  return part?.type === "tool-result" && typeof part.result === "object" && part.result !== null
    ? (part.result as Record<string, unknown>)
    : {};
}

beforeEach(() => {
  requests = [];
  const real: unknown = Reflect.get(ChatObject.prototype, "ports");
  if (typeof real !== "function" || Reflect.get(real, "scripted") === true) return;
  const ports = function ports(this: ChatObject): EnginePorts {
    return {
      ...Reflect.apply(real, this, []),
      models: {
        resolve: async () => model,
        resolveDefault: async () => model,
        resolveForTitle: async () => null,
        async *stream(request: ModelRequest) {
          requests.push(request);
          yield* script(request);
        },
      },
    };
  };
  Object.defineProperty(ChatObject.prototype, "ports", {
    value: Object.assign(ports, { scripted: true }),
    configurable: true,
  });
});

async function begin(question: string): Promise<{ id: string; chat: ChatRpc }> {
  const id = newId();
  const now = Date.now();
  await env.DB.prepare(
    `insert into chats (id, owner_id, organization_id, root_chat_id, title, status, last_model_config_id, version, created_at, updated_at)
     values (?, ?, ?, ?, 'T', 'pending', ?, 0, ?, ?)`,
  )
    .bind(id, SYSTEM_USER_ID, DEFAULT_ORGANIZATION_ID, id, model.configId, now, now)
    .run();
  const chat = chatStub(env.CHATS, id);
  await chat.create({
    chatId: id,
    ownerId: SYSTEM_USER_ID,
    organizationId: DEFAULT_ORGANIZATION_ID,
    workspaceId: null,
    modelConfigId: model.configId,
    title: "T",
    content: [{ type: "text", text: question }],
    systemPrompt: "Be a test.",
    createdBy: SYSTEM_USER_ID,
    createdAt: now,
  });
  return { id, chat };
}

const ended = (chat: ChatRpc, status = "waiting") =>
  soon(async () => expect(await chat.read()).toMatchObject({ value: { status } }));

async function childrenOf(id: string) {
  const { results } = await env.DB.prepare("select * from chats where parent_chat_id = ? order by id").bind(id).all();
  return results;
}

describe("sub-agents", () => {
  it("work side by side, report, and the parent goes on with the reports", async () => {
    script = (request) => {
      if (task(request).startsWith("Child")) return say(`Report of ${task(request)}`);
      if (newest(request).includes('"Parent"')) {
        return [
          ...call("spawn_agent", { prompt: "Child one" }).slice(0, 1),
          { type: "tool-call", key: "2", toolName: "spawn_agent", argsText: '{"prompt":"Child two","title":"Second"}' },
          { type: "finish", reason: "tool-calls", usage },
        ];
      }
      if (newest(request).includes("spawn_agent"))
        return call("wait_agent", { chat_id: resultOf(request, "spawn_agent")["chat_id"] });
      return say(String(resultOf(request, "wait_agent")["report"]));
    };
    const { id, chat } = await begin("Parent");
    await ended(chat);
    const page = await chat.messages({ beforeId: null, limit: 1 });
    expect(page).toMatchObject({ value: { messages: [{ content: [{ text: "Report of Child two" }] }] } });
    await soon(async () => expect(await childrenOf(id)).toHaveLength(2));
    const [first, second] = await childrenOf(id);
    expect(first).toMatchObject({ title: "Child one", root_chat_id: id, owner_id: SYSTEM_USER_ID });
    expect(second).toMatchObject({ title: "Second" });
    const child = chatStub(env.CHATS, String(second?.["id"]));
    expect(await child.messages({ beforeId: null, limit: 5 })).toMatchObject({
      value: { messages: [{ role: "assistant" }, { role: "user", created_by: SYSTEM_USER_ID }] },
    });
    const offered = requests.find((request) => task(request).startsWith("Child"))?.tools.map((tool) => tool.name);
    expect(offered).toEqual([]);
  });

  it("are there for everybody by the time that the parent is told of them", async () => {
    let listed = 0;
    script = async function* (request) {
      if (task(request) === "Child") yield* say("Report");
      else if (newest(request).includes('"Parent"')) yield* call("spawn_agent", { prompt: "Child" });
      else {
        const childId = String(resultOf(request, "spawn_agent")["chat_id"]);
        const { results } = await env.DB.prepare("select id from chats where id = ? and version > 0")
          .bind(childId)
          .all();
        listed = results.length;
        yield* say("Seen");
      }
    };
    const { chat } = await begin("Parent");
    await ended(chat);
    expect(listed).toBe(1);
  });

  it("are heard although the parent was evicted while it waited", async () => {
    let finishChild: () => void = () => undefined;
    const childMayEnd = new Promise<void>((resolve) => {
      finishChild = resolve;
    });
    script = async function* (request) {
      if (task(request) === "Slow") {
        yield { type: "text-delta", text: "Slow report" };
        await childMayEnd;
        yield { type: "finish", reason: "stop", usage };
        return;
      }
      if (newest(request).includes('"Parent"')) yield* call("spawn_agent", { prompt: "Slow" });
      else if (newest(request).includes("spawn_agent"))
        yield* call("wait_agent", { chat_id: resultOf(request, "spawn_agent")["chat_id"] });
      else yield* say("Heard.");
    };
    const { id, chat } = await begin("Parent");
    await soon(() => expect(requests.some((request) => task(request) === "Slow")).toBe(true));
    await soon(() => expect(requests).toHaveLength(3));
    await evictDurableObject(env.CHATS.getByName(id));
    finishChild();
    await ended(chat);
    expect(await chat.messages({ beforeId: null, limit: 2 })).toMatchObject({
      value: { messages: [{ content: [{ text: "Heard." }] }, { content: [{ result: { report: "Slow report" } }] }] },
    });
  });

  it("take another message and are stopped; ids that are no children of this chat are not there", async () => {
    script = (request) => {
      if (task(request) === "Child") return say(`Said ${newest(request).includes("more") ? "more" : "first"}`);
      const step = request.messages.filter((message) => message.role === "assistant").length;
      const child = resultOf(request, "spawn_agent")["chat_id"];
      switch (step) {
        case 0:
          return call("spawn_agent", { prompt: "Child" });
        case 1:
          return call("wait_agent", { chat_id: child });
        case 2:
          return call("message_agent", { chat_id: child, message: "more" });
        case 3:
          return call("wait_agent", { chat_id: child });
        case 4:
          return call("close_agent", { chat_id: child });
        case 5:
          return call("wait_agent", { chat_id: newId() });
        default:
          return say("End");
      }
    };
    const { chat } = await begin("Parent");
    await ended(chat);
    const page = await chat.messages({ beforeId: null, limit: 50 });
    const results = page.ok
      ? page.value.messages
          .flatMap((message) => message.content)
          .filter((part) => part.type === "tool-result")
          .reverse()
      : [];
    expect(results).toMatchObject([
      { result: { status: "pending" } },
      { result: { report: "Said first", status: "waiting" } },
      { result: { interrupted: false } },
      { result: { report: "Said more" } },
      { result: { terminated: true } },
      { is_error: true, result: { error: expect.stringContaining("no sub-agent of this chat") } },
    ]);
  });

  it("stop when a person stops the parent", async () => {
    script = async function* (request) {
      if (task(request) === "Forever") {
        yield { type: "text-delta", text: "Working" };
        await new Promise(() => undefined);
      } else if (newest(request).includes('"Parent"')) yield* call("spawn_agent", { prompt: "Forever" });
      else yield* call("wait_agent", { chat_id: resultOf(request, "spawn_agent")["chat_id"] });
    };
    const { id, chat } = await begin("Parent");
    await soon(() => expect(requests).toHaveLength(3));
    await soon(async () => expect(await childrenOf(id)).toHaveLength(1));
    await chat.interrupt();
    const [child] = await childrenOf(id);
    await ended(chatStub(env.CHATS, String(child?.["id"])));
  });
});

describe("archive", () => {
  async function family() {
    script = (request) => {
      if (task(request).startsWith("Child")) return say("Report");
      if (newest(request).includes('"Parent"')) return call("spawn_agent", { prompt: "Child" });
      return say("Spawned");
    };
    const { id, chat } = await begin("Parent");
    await ended(chat);
    await soon(async () => expect(await childrenOf(id)).toHaveLength(1));
    const [row] = await childrenOf(id);
    const childId = String(row?.["id"]);
    await ended(chatStub(env.CHATS, childId));
    return { id, chat, childId };
  }
  const archivedRows = async (id: string) => {
    const { results } = await env.DB.prepare("select id, archived, updated_at from chats where root_chat_id = ?")
      .bind(id)
      .all();
    return new Map(results.map((row) => [String(row["id"]), row["archived"]]));
  };

  it("of a root takes the tree at once, is refused twice, and makes it read-only", async () => {
    const { id, chat, childId } = await family();
    expect(await chat.archive({ chatId: id, archived: true, descendants: false })).toMatchObject({ ok: true });
    expect(await archivedRows(id)).toEqual(
      new Map([
        [id, 1],
        [childId, 1],
      ]),
    );
    expect(await chat.archive({ chatId: id, archived: true, descendants: false })).toMatchObject({
      refusal: { status: 400 },
    });
    const message = {
      content: [{ type: "text" as const, text: "x" }],
      createdBy: SYSTEM_USER_ID,
      modelConfigId: null,
      idempotencyKey: null,
      bodyHash: "",
    };
    expect(await chat.send(message)).toMatchObject({ ok: false, refusal: { status: 409 } });
    await soon(async () =>
      expect(await chatStub(env.CHATS, childId).read()).toMatchObject({ value: { archived: true } }),
    );
    expect(await chat.archive({ chatId: childId, archived: false, descendants: false })).toMatchObject({
      refusal: { status: 400 },
    });
    expect(await chat.archive({ chatId: id, archived: false, descendants: false })).toMatchObject({ ok: true });
    expect(await archivedRows(id)).toEqual(
      new Map([
        [id, 0],
        [childId, 1],
      ]),
    );
  });

  it("is undone for the whole tree, but not for a child that was archived alone before", async () => {
    const { id, chat, childId } = await family();
    await chat.archive({ chatId: id, archived: true, descendants: false });
    await chat.archive({ chatId: id, archived: false, descendants: true });
    expect(await archivedRows(id)).toEqual(
      new Map([
        [id, 0],
        [childId, 0],
      ]),
    );
    await chat.archive({ chatId: childId, archived: true, descendants: false });
    expect(await archivedRows(id)).toEqual(
      new Map([
        [id, 0],
        [childId, 1],
      ]),
    );
    await chat.archive({ chatId: id, archived: true, descendants: false });
    await chat.archive({ chatId: id, archived: false, descendants: true });
    expect(await archivedRows(id)).toEqual(
      new Map([
        [id, 0],
        [childId, 1],
      ]),
    );
    expect(await chat.archive({ chatId: newId(), archived: true, descendants: false })).toMatchObject({
      refusal: { status: 404 },
    });
  });
});
