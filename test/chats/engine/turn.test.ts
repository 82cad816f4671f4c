import { describe, expect, it } from "vitest";
import { takeResult } from "../../../src/chats/engine/calls.ts";
import { interruptTurn } from "../../../src/chats/engine/interrupt.ts";
import { ModelError } from "../../../src/chats/engine/ports.ts";
import { readState } from "../../../src/chats/engine/state.ts";
import type { MessageRow } from "../../../src/chats/engine/transcript.ts";
import { readTurn } from "../../../src/chats/engine/turn-row.ts";
import {
  create,
  createWorld,
  finish,
  Hold,
  pass,
  says,
  send,
  settle,
  text,
  toolCall,
  USAGE,
  wake,
  type World,
} from "./support.ts";

const rows = (world: World) => world.storage.exec<MessageRow>("select * from messages order by id");
const status = (world: World) => readState(world.storage)?.status;
const report = (callId: string, result: object, agentId = "agent-1") => ({
  callId,
  agentId,
  result: { ...result },
  isError: false,
});
const overloaded = () =>
  new ModelError({ kind: "overloaded", provider: "anthropic", status: 529, retryable: true, message: "Busy." });

describe("a turn", () => {
  it("answers, books the call once, and waits", async () => {
    const world = createWorld();
    world.scripts.push(says(text("Hi", " there"), finish()));
    const context = wake(world);
    create(context);
    expect(status(world)).toBe("running");
    await settle();
    expect(status(world)).toBe("waiting");
    const answer = rows(world).find((row) => row.role === "assistant");
    expect(JSON.parse(answer?.content ?? "")).toEqual([{ type: "text", text: "Hi there" }]);
    // 100 × 3 + 20 × 15 micro-dollars.
    expect(answer).toMatchObject({
      input_tokens: 100,
      cache_creation_tokens: 0,
      cache_read_tokens: null,
      total_cost_micros: 600,
    });
    expect(answer?.runtime_ms).toBeGreaterThan(0);
    await context.drain();
    expect([...world.d1.ledger.values()].map((row) => row.role)).toEqual(["system", "user", "assistant"]);
    expect(world.d1.chat?.status).toBe("waiting");
  });

  it("runs parallel calls and keeps their order whatever order the results come in", async () => {
    const world = createWorld();
    world.scripts.push(
      says(
        toolCall("a", "execute", { command: "one" }),
        toolCall("a", "execute", { command: "two" }),
        finish("tool-calls"),
      ),
      says(text("Done"), finish()),
    );
    const context = wake(world);
    create(context);
    await settle();
    const [one, two] = [...world.agent.journal.keys()];
    takeResult(context, report(two ?? "", { n: 2 }));
    takeResult(context, report(two ?? "", { n: 2 }));
    expect(status(world)).toBe("running");
    takeResult(context, report(one ?? "", { n: 1 }));
    await settle();
    expect(status(world)).toBe("waiting");
    const results = rows(world)
      .filter((row) => row.role === "tool")
      .map((row) => JSON.parse(row.content)[0].result.n);
    expect(results).toEqual([1, 2]);
    expect(world.requests).toHaveLength(2);
    expect(world.requests[1]?.messages.map((message) => message.role)).toEqual([
      "system",
      "system",
      "user",
      "assistant",
      "tool",
      "tool",
    ]);
  });

  it("gives unknown tools and bad arguments back to the model as results", async () => {
    const world = createWorld();
    world.scripts.push(
      says(toolCall("a", "fly", {}), toolCall("b", "execute", {}), finish("tool-calls")),
      says(text("Sorry"), finish()),
    );
    create(wake(world));
    await settle();
    expect(status(world)).toBe("waiting");
    expect(rows(world).filter((row) => row.role === "tool")).toHaveLength(2);
    expect(world.agent.journal.size).toBe(0);
  });

  it("tries again what may pass, shows it as state, and ends in words when it does not", async () => {
    const world = createWorld();
    const failing = async function* () {
      yield* text("Par");
      throw overloaded();
    };
    world.scripts.push(...Array.from({ length: 10 }, () => failing));
    const context = wake(world);
    create(context);
    await settle();
    expect(readState(world.storage)?.retry).toContain("Busy.");
    await pass(world, context, 10 * 60_000);
    expect(readState(world.storage)).toMatchObject({ status: "error", last_error: "Busy.", retry: null });
    expect(world.requests).toHaveLength(10);
    await context.drain();
    const failed = [...world.d1.ledger.values()].filter((row) => row.kind === "failed_attempt");
    expect(failed).toHaveLength(9);
    expect(failed.every((row) => row.estimated && row.total_cost_micros !== null)).toBe(true);
  });

  it("waits for a database that is away, and goes on once it is back", async () => {
    const world = createWorld();
    world.scripts.push(says(text("Here."), finish()));
    world.d1.away = true;
    const context = wake(world);
    create(context);
    await settle();
    expect(readState(world.storage)).toMatchObject({ status: "running", last_error: null });
    expect(readState(world.storage)?.retry).toContain("away for a moment");
    world.d1.away = false;
    await pass(world, context, 2_000);
    expect(status(world)).toBe("waiting");
    expect(rows(world).map((row) => row.role)).toEqual(["system", "user", "assistant"]);
    // Nobody was called in vain.
    expect(world.requests).toHaveLength(1);
  });

  it("recovers from a failure with the next message and clears the error", async () => {
    const world = createWorld();
    world.scripts.push(
      async function* () {
        yield* [];
        throw new ModelError({
          kind: "auth",
          provider: "anthropic",
          status: 401,
          retryable: false,
          message: "No key.",
        });
      },
      says(text("Better"), finish()),
    );
    const context = wake(world);
    create(context);
    await settle();
    expect(status(world)).toBe("error");
    send(context, "Again");
    await settle();
    expect(readState(world.storage)).toMatchObject({ status: "waiting", last_error: null, last_error_detail: null });
  });

  it("ends after 1,200 steps, says so, and goes on at the next message", async () => {
    const world = createWorld();
    const another = says(toolCall("a", "fly", {}), finish("tool-calls"));
    world.scripts.push(another, another, says(text("Done"), finish()));
    const context = wake(world);
    create(context);
    world.storage.exec("update turn set steps = 1199");
    await settle();
    expect(world.requests).toHaveLength(2);
    expect(readState(world.storage)).toMatchObject({
      status: "error",
      last_error: "This turn reached 1,200 steps and was stopped. Send a message to go on.",
      last_error_detail: expect.stringContaining('"generic"'),
    });
    send(context, "Go on");
    await settle();
    expect(readState(world.storage)).toMatchObject({ status: "waiting", last_error: null });
  });

  it("queues while it is busy and starts the queue in order", async () => {
    const world = createWorld();
    const hold = new Hold();
    world.scripts.push(
      async function* () {
        yield* text("One");
        await hold.passed;
        yield finish();
      },
      says(text("Two"), finish()),
      says(text("Three"), finish()),
    );
    const context = wake(world);
    create(context);
    await settle();
    expect(send(context, "second")).toMatchObject({ ok: true, value: { queued: true } });
    expect(send(context, "third", "key")).toMatchObject({ ok: true, value: { queued: true } });
    expect(send(context, "third", "key")).toMatchObject({ ok: true, value: { queued: true } });
    expect(send(context, "other", "key")).toMatchObject({ ok: false, refusal: { status: 422 } });
    hold.letGo();
    await settle();
    const said = rows(world)
      .filter((row) => row.visibility === "both")
      .map((row) => JSON.parse(row.content)[0].text);
    expect(said).toEqual(["Hello", "One", "second", "Two", "third", "Three"]);
  });

  it("moves the chat's model only when another one is named", async () => {
    const world = createWorld();
    world.scripts.push(says(text("Hi"), finish()));
    const context = wake(world);
    create(context);
    await settle();
    const before = readState(world.storage);
    expect(
      rows(world)
        .filter((row) => row.role === "tool" || row.role === "assistant")
        .every((row) => row.model_config_id === before?.last_model_config_id),
    ).toBe(true);
    expect(rows(world).every((row) => (row.role === "user") === (row.created_by !== null))).toBe(true);
  });
});

describe("interrupt", () => {
  it("keeps what was written and books an estimate", async () => {
    const world = createWorld();
    world.scripts.push(async function* ({ signal }) {
      yield* text("Half an answer");
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
    });
    const context = wake(world);
    create(context);
    await settle();
    interruptTurn(context);
    await settle();
    expect(status(world)).toBe("waiting");
    expect(rows(world).at(-1)).toMatchObject({ role: "assistant", estimated: 1 });
    expect(context.modelCall).toBeNull();
    expect(world.aborted).toEqual([]);
  });

  it("cancels in the workspace and answers open calls", async () => {
    const world = createWorld();
    world.scripts.push(says(toolCall("a", "execute", { command: "sleep 60" }), finish("tool-calls")));
    const context = wake(world);
    create(context);
    await settle();
    const callId = [...world.agent.journal.keys()][0] ?? "";
    interruptTurn(context);
    expect(status(world)).toBe("interrupting");
    await pass(world, context, 10);
    await settle();
    expect(world.agent.cancelled).toEqual([callId]);
    expect(status(world)).toBe("waiting");
    takeResult(context, report(callId, { late: true }));
    expect(rows(world).filter((row) => row.role === "tool")).toHaveLength(1);
  });

  it("ends after 5 s when the workspace does not take the cancel", async () => {
    const world = createWorld();
    world.scripts.push(says(toolCall("a", "execute", { command: "sleep 60" }), finish("tool-calls")));
    const context = wake(world);
    create(context);
    await settle();
    world.agent.acknowledgesCancels = false;
    interruptTurn(context);
    await pass(world, context, 4_000);
    expect(status(world)).toBe("interrupting");
    await pass(world, context, 1_500);
    expect(status(world)).toBe("waiting");
    world.agent.acknowledgesCancels = true;
    await pass(world, context, 120_000);
    expect(world.agent.cancelled).toHaveLength(1);
  });
});

describe("a lost instance", () => {
  it("starts the step again under the same message, and books the lost call", async () => {
    const world = createWorld();
    world.scripts.push(
      async function* () {
        yield* text("Lost words");
        await new Promise(() => undefined);
      },
      says(text("Whole"), finish()),
    );
    const first = wake(world);
    create(first);
    await settle();
    first.stream.checkpoint();
    world.now.ms += 5_000;
    const second = wake(world);
    await settle();
    expect(status(world)).toBe("waiting");
    const answers = rows(world).filter((row) => row.role === "assistant");
    expect(answers.map((row) => JSON.parse(row.content)[0].text)).toEqual(["Whole"]);
    // The step began before its instance was lost.
    expect(answers[0]?.runtime_ms).toBeGreaterThanOrEqual(5_000);
    await second.drain();
    expect([...world.d1.ledger.values()].filter((row) => row.kind === "failed_attempt")).toHaveLength(1);
  });

  it("takes up a turn that was accepted and had not begun", async () => {
    const world = createWorld();
    world.scripts.push(says(text("One"), finish()), says(text("Two"), finish()));
    const first = wake(world);
    create(first);
    await settle();
    // The instance is lost after its commit, and before it looks at the phase that it has written.
    first.advance = () => undefined;
    expect(send(first, "And now?").ok).toBe(true);
    expect(readTurn(world.storage).phase).toBe("pending");
    wake(world);
    await settle();
    expect(status(world)).toBe("waiting");
    expect(rows(world).map((row) => row.role)).toEqual(["system", "user", "assistant", "user", "assistant"]);
  });

  it("gives a step up that kills its object again and again", async () => {
    const world = createWorld();
    const hangs = async function* () {
      await new Promise(() => undefined);
      yield finish();
    };
    world.scripts.push(...Array.from({ length: 9 }, () => hangs));
    create(wake(world));
    await settle();
    for (let i = 0; i < 8; i += 1) {
      wake(world);
      await settle();
    }
    expect(status(world)).toBe("error");
    expect(world.requests).toHaveLength(6);
  });

  it("never runs a call twice whose agent is still the same", async () => {
    const world = createWorld();
    world.scripts.push(
      says(toolCall("a", "execute", { command: "once" }), finish("tool-calls")),
      says(text("ok"), finish()),
    );
    create(wake(world));
    await settle();
    const again = wake(world);
    await pass(world, again, 90_000);
    const calls = [...world.agent.journal];
    expect(calls).toHaveLength(1);
    takeResult(again, report(calls[0]?.[0] ?? "", { done: true }));
    await settle();
    expect(status(world)).toBe("waiting");
  });

  it("says that the outcome is unknown when another agent serves the workspace, and reads again what only reads", async () => {
    const world = createWorld();
    world.scripts.push(
      says(
        toolCall("a", "execute", { command: "deploy" }),
        toolCall("b", "read_file", { path: "a" }),
        finish("tool-calls"),
      ),
      says(text("ok"), finish()),
    );
    create(wake(world));
    await settle();
    world.agent.agentId = "agent-2";
    world.agent.journal.clear();
    const again = wake(world);
    await pass(world, again, 31_000);
    expect([...world.agent.journal.values()].map((call) => call.tool)).toEqual(["read_file"]);
    const [callId = ""] = [...world.agent.journal.keys()];
    takeResult(again, report(callId, { content: "x" }, "agent-1"));
    expect(status(world)).toBe("running");
    takeResult(again, report(callId, { content: "x" }, "agent-2"));
    await settle();
    expect(status(world)).toBe("waiting");
    const results = rows(world)
      .filter((row) => row.role === "tool")
      .map((row) => row.content);
    expect(results[0]).toContain("outcome is not known");
    expect(results[1]).toContain('"content":"x"');
  });

  it("waits 20 s for an agent that is away, then says so and goes on", async () => {
    const world = createWorld();
    world.agent.connected = false;
    world.scripts.push(
      says(toolCall("a", "execute", { command: "ls" }), finish("tool-calls")),
      says(text("Away."), finish()),
    );
    const context = wake(world);
    create(context);
    await settle();
    await pass(world, context, 15_000);
    expect(status(world)).toBe("running");
    await pass(world, context, 8_000);
    await settle();
    expect(status(world)).toBe("waiting");
    expect(rows(world).find((row) => row.role === "tool")?.content).toContain("not connected");
  });

  it("keeps the outbox while D1 is away and delivers each row once it is back", async () => {
    const world = createWorld();
    world.d1.away = true;
    world.scripts.push(says(text("Hi"), finish()));
    const context = wake(world);
    create(context);
    await settle();
    await pass(world, context, 60_000);
    world.d1.away = false;
    await pass(world, context, 120_000);
    expect([...world.d1.ledger.values()].map((row) => [row.role, row.input_tokens])).toEqual([
      ["system", null],
      ["user", null],
      ["assistant", USAGE.input_tokens],
    ]);
    expect(world.d1.chat?.status).toBe("waiting");
    expect(world.storage.exec("select * from outbox")).toEqual([]);
  });
});
