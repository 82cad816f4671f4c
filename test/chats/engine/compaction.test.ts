import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { MessagePart } from "../../../src/contract/chats.ts";
import { newId } from "../../../src/platform/ids.ts";
import { compactChat } from "../../../src/chats/engine/compaction.ts";
import { transcriptChunks } from "../../../src/chats/engine/compaction-text.ts";
import { editMessage } from "../../../src/chats/engine/edit.ts";
import { ModelError } from "../../../src/chats/engine/ports.ts";
import { readState } from "../../../src/chats/engine/state.ts";
import type { MessageRow } from "../../../src/chats/engine/transcript.ts";
import {
  create,
  createWorld,
  finish,
  OWNER_ID,
  says,
  send,
  settle,
  TestViewer,
  text,
  toolCall,
  USAGE,
  wake,
  type World,
} from "./support.ts";
import { takeResult } from "../../../src/chats/engine/calls.ts";

const FULL = { ...USAGE, input_tokens: 150_000 };
const status = (world: World) => readState(world.storage)?.status;
const conversation = (world: World, call: number) =>
  world.requests[call]?.messages.filter((message) => message.role !== "system") ?? [];
const tooLong = () =>
  new ModelError({ kind: "context_length", provider: "test", status: 400, retryable: false, message: "Too long." });

describe("compaction", () => {
  it("re-entry after compaction includes the summary as a user message", async () => {
    const world = createWorld();
    world.scripts.push(
      says(text("Answer"), finish("stop", FULL)),
      says(text("The summary."), finish()),
      says(text("Going on"), finish()),
    );
    const context = wake(world);
    create(context);
    const viewer = new TestViewer();
    viewer.connect(context);
    await settle();
    expect(status(world)).toBe("waiting");
    expect(world.requests).toHaveLength(3);
    expect(world.requests[1]?.tools).toEqual([]);
    const prompt = conversation(world, 2);
    expect(prompt).toHaveLength(1);
    expect(prompt[0]).toMatchObject({
      role: "user",
      parts: [{ type: "text", text: expect.stringContaining("The summary.") }],
    });
    expect(viewer.timeline.messages.map((message) => message.content[0])).toMatchObject([
      { type: "text", text: "Hello" },
      { type: "text", text: "Answer" },
      { type: "tool-call", tool_name: "chat_summarized", args: { source: "automatic", threshold_percent: 70 } },
      { type: "tool-result", result: { summary: "The summary.", usage_percent: 75, context_tokens: 150_000 } },
      { type: "text", text: "Going on" },
    ]);
    await context.drain();
    const booked = [...world.d1.ledger.values()].filter((row) => row.kind === "compaction");
    expect(booked).toMatchObject([{ input_tokens: 100, total_cost_micros: 600, estimated: false }]);
  });

  it("fires between steps, twice in a turn, and then lets the turn go on", async () => {
    const world = createWorld();
    const step = says(toolCall("a", "execute", { command: "x" }), finish("tool-calls", FULL));
    world.scripts.push(
      step,
      says(text("S1"), finish()),
      step,
      says(text("S2"), finish()),
      says(text("Done"), finish()),
    );
    const context = wake(world);
    create(context);
    for (let round = 0; round < 2; round += 1) {
      await settle();
      const open = [...world.agent.journal.keys()][round] ?? "";
      takeResult(context, { callId: open, agentId: "agent-1", result: { ok: true }, isError: false });
    }
    await settle();
    expect(status(world)).toBe("waiting");
    expect(JSON.stringify(conversation(world, 4))).toContain("S2");
    expect(JSON.stringify(conversation(world, 4))).not.toContain("S1");
    expect(JSON.stringify(world.requests[3]?.messages)).toContain("S1");
  });

  it("works when the context is over the limit already, in chunks, keeping unanswered messages word for word", async () => {
    const world = createWorld();
    if (world.model !== null) world.model = { ...world.model, contextLimit: 2_000 };
    const question = `Please read this: ${"word ".repeat(3_000)} and answer.`;
    world.scripts.push(async function* () {
      yield* [];
      throw tooLong();
    });
    for (let chunk = 0; chunk < 8; chunk += 1) world.scripts.push(says(text(`Summary ${chunk}`), finish()));
    const context = wake(world);
    create(context, question);
    await settle();
    const rows = world.storage.exec<MessageRow>("select * from messages where compressed = 1 and visibility = 'model'");
    expect(rows).toHaveLength(1);
    expect(rows[0]?.content).toContain(question.trim());
    const summaries = world.requests.filter((request) => request.tools.length === 0);
    expect(summaries.length).toBeGreaterThan(1);
    expect(JSON.stringify(summaries[1]?.messages)).toContain("Summary 0");
    await context.drain();
    expect([...world.d1.ledger.values()].filter((row) => row.kind === "compaction")).toHaveLength(summaries.length);
  });

  it("goes on at the chunk that was lost, and pays for none twice", async () => {
    const world = createWorld();
    if (world.model !== null) world.model = { ...world.model, contextLimit: 2_000, compressionThreshold: 100 };
    let calls = 0;
    const script = async function* () {
      calls += 1;
      if (calls === 1) throw tooLong();
      if (calls === 3) await new Promise(() => undefined);
      yield* text(calls < 8 ? `S${calls}` : "Answer");
      yield finish();
    };
    for (let i = 0; i < 12; i += 1) world.scripts.push(script);
    create(wake(world), "word ".repeat(3_000));
    await settle();
    expect(calls).toBe(3);
    const again = wake(world);
    await settle();
    expect(status(world)).toBe("waiting");
    await again.drain();
    const seconds = world.requests.filter((request) =>
      JSON.stringify(request.messages).includes("<summary-so-far>\\nS2"),
    );
    // The second chunk was asked for twice, since its first call was lost; the first one was not.
    expect(seconds).toHaveLength(2);
    // Nobody knows what the lost one cost: it is booked as it is thought to be.
    const booked = [...world.d1.ledger.values()].filter((row) => row.kind === "compaction");
    expect(booked).toHaveLength(world.requests.filter(({ tools }) => tools.length === 0).length);
    const lost = booked.filter(({ estimated }) => estimated);
    expect(lost).toMatchObject([{ output_tokens: 0 }]);
    expect(lost[0]?.input_tokens).toBeGreaterThan(100);
    expect(lost[0]?.total_cost_micros).toBeGreaterThan(0);
  });

  it("gives up in words when the context stays too long", async () => {
    const world = createWorld();
    for (let i = 0; i < 20; i += 1) {
      world.scripts.push(async function* (request) {
        if (request.tools.length > 0) throw tooLong();
        yield* text("Summary");
        yield finish();
      });
    }
    create(wake(world));
    await settle();
    expect(readState(world.storage)).toMatchObject({ status: "error", last_error: "Too long." });
    expect(world.requests.filter((request) => request.tools.length === 0)).toHaveLength(3);
  });

  it("is made by hand, out of an error too, and refused while the chat is busy", async () => {
    const world = createWorld();
    world.scripts.push(
      async function* () {
        yield* [];
        throw new ModelError({ kind: "auth", provider: null, status: 401, retryable: false, message: "No key." });
      },
      says(text("By hand"), finish()),
      says(text("Answer"), finish()),
    );
    const context = wake(world);
    create(context);
    await settle();
    expect(compactChat(context)).toMatchObject({ ok: true, value: { status: "running", last_error: null } });
    expect(compactChat(context)).toMatchObject({ ok: false, refusal: { status: 409 } });
    await settle();
    expect(status(world)).toBe("waiting");
    send(context, "next");
    await settle();
    expect(conversation(world, 2).map((message) => message.role)).toEqual(["user", "user"]);
  });

  it("is given up when the provider falls silent, and the turn goes on", async () => {
    vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
    onTestFinished(() => void vi.useRealTimers());
    const world = createWorld();
    world.scripts.push(says(text("Answer"), finish("stop", FULL)), async function* ({ signal, onBytes }) {
      onBytes();
      yield* text("The sum");
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
    });
    create(wake(world));
    await settle();
    expect(status(world)).toBe("running");
    vi.advanceTimersByTime(130_000);
    await settle();
    expect(status(world)).toBe("waiting");
    expect(world.requests).toHaveLength(2);
  });

  it("says so when a summary by hand fails, and changes nothing", async () => {
    const world = createWorld();
    world.scripts.push(says(text("Hi"), finish()), says(finish()));
    const context = wake(world);
    create(context);
    await settle();
    compactChat(context);
    await settle();
    expect(readState(world.storage)?.last_error).toContain("could not be made");
    expect(world.storage.exec("select 1 from messages where compressed = 1")).toEqual([]);
  });

  it("gives an edit from before it the whole context back", async () => {
    const world = createWorld();
    world.scripts.push(
      says(text("One"), finish()),
      says(text("Two"), finish()),
      says(text("The summary."), finish()),
      says(text("Anew"), finish()),
    );
    const context = wake(world);
    create(context);
    await settle();
    send(context, "second");
    await settle();
    compactChat(context);
    await settle();
    const second = world.storage.exec<MessageRow>(
      "select * from messages where role = 'user' and visibility = 'both'",
    )[1];
    editMessage(context, {
      messageId: second?.id ?? 0,
      content: [{ type: "text", text: "second!" }],
      editorId: OWNER_ID,
    });
    await settle();
    expect(conversation(world, 3).map((message) => message.parts[0])).toEqual([
      { type: "text", text: "Hello" },
      { type: "text", text: "One" },
      { type: "text", text: "second!" },
    ]);
  });
});

describe("transcriptChunks", () => {
  it("loses nothing and keeps to its limit, whatever the size of a message", () => {
    const long = "0123456789".repeat(5_000);
    const chunks = transcriptChunks(
      [
        { role: "user", parts: [{ type: "text", text: "short" }] },
        { role: "assistant", parts: [{ type: "text", text: long }] },
      ],
      5_000,
    );
    expect(chunks.every((chunk) => chunk.length <= 10_000)).toBe(true);
    expect(chunks.join("").replaceAll("\n", "")).toContain("short");
    expect(chunks.join("").match(/[0-9]/g)).toHaveLength(long.length);
  });

  it("names what was attached, which the summary cannot show", () => {
    const file = { type: "file" as const, file_id: newId() };
    const parts: MessagePart[] = [
      { type: "text", text: "Look" },
      { ...file, media_type: "image/png", file_name: 'the "login" page.png' },
      { ...file, media_type: "text/plain" },
    ];
    expect(transcriptChunks([{ role: "user", parts }], 5_000)).toEqual([
      '[user]\nLook\nattached "the \\"login\\" page.png" (image/png)\nattached a file (text/plain)',
    ]);
  });
});
