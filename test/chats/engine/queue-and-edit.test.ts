import { describe, expect, it } from "vitest";
import { acceptMessage } from "../../../src/chats/engine/accept.ts";
import { setArchived } from "../../../src/chats/engine/archive.ts";
import { interruptTurn } from "../../../src/chats/engine/interrupt.ts";
import { editMessage } from "../../../src/chats/engine/edit.ts";
import { ModelError } from "../../../src/chats/engine/ports.ts";
import { deleteQueued, promoteQueued, updateQueued } from "../../../src/chats/engine/queue.ts";
import { readQueue, readState } from "../../../src/chats/engine/state.ts";
import type { MessageRow } from "../../../src/chats/engine/transcript.ts";
import {
  create,
  createWorld,
  finish,
  Hold,
  OWNER_ID,
  pass,
  says,
  send,
  settle,
  TestViewer,
  text,
  toolCall,
  wake,
  type World,
} from "./support.ts";

const shown = (world: World) =>
  world.storage
    .exec<MessageRow>("select * from messages where deleted = 0 and visibility != 'model' order by id")
    .map((row) => {
      const [part] = JSON.parse(row.content);
      return part.text ?? part.tool_name ?? part.type;
    });
const waiting = (world: World) => readQueue(world.storage).map((row) => JSON.parse(row.content)[0].text);
const say = (words: string) => [{ type: "text" as const, text: words }];

/** A chat that answers until `hold` is let go, with these messages waiting. */
async function busyChat(...queued: string[]) {
  const world = createWorld();
  const hold = new Hold();
  world.scripts.push(async function* ({ signal }) {
    yield* text("Working");
    await Promise.race([
      hold.passed,
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted")))),
    ]);
    yield finish();
  });
  for (const words of queued) world.scripts.push(says(text(`Re ${words}`), finish()));
  const context = wake(world);
  create(context);
  await settle();
  for (const words of queued) send(context, words);
  return { world, context, hold, entries: readQueue(world.storage) };
}

describe("the queue", () => {
  it("starts in the order that people gave it", async () => {
    const { world, context, hold, entries } = await busyChat("one", "two", "three");
    const [one, two, three] = entries;
    expect(updateQueued(context, { id: three?.id ?? 0, ifSeq: three?.seq ?? 0, beforeId: one?.id ?? 0 })).toMatchObject(
      { ok: true },
    );
    expect(
      updateQueued(context, { id: one?.id ?? 0, ifSeq: one?.seq ?? 0, beforeId: null, content: say("one!") }),
    ).toMatchObject({ ok: true });
    deleteQueued(context, two?.id ?? 0);
    deleteQueued(context, two?.id ?? 0);
    expect(waiting(world)).toEqual(["three", "one!"]);
    hold.letGo();
    await settle();
    expect(shown(world).filter((words) => !words.startsWith("Re"))).toEqual(["Hello", "Working", "three", "one!"]);
  });

  it("lets one of two browsers change an entry, and none that has started", async () => {
    const { world, context, hold, entries } = await busyChat("one");
    const [one] = entries;
    const change = { id: one?.id ?? 0, ifSeq: one?.seq ?? 0, content: say("mine") };
    expect(updateQueued(context, change).ok).toBe(true);
    expect(updateQueued(context, { ...change, content: say("yours") })).toMatchObject({ refusal: { status: 409 } });
    expect(promoteQueued(context, { id: change.id, ifSeq: change.ifSeq })).toMatchObject({ refusal: { status: 409 } });
    hold.letGo();
    await settle();
    expect(shown(world)).toContain("mine");
    expect(promoteQueued(context, { id: change.id, ifSeq: null })).toMatchObject({ refusal: { status: 409 } });
  });

  it("tells an id that never waited here from one that waits no more", async () => {
    const { context, entries } = await busyChat("one");
    const id = entries[0]?.id ?? 0;
    deleteQueued(context, id);
    const never = [id + 1, 1, 2];
    for (const [entry, status] of [[id, 409] as const, ...never.map((other) => [other, 404] as const)]) {
      expect(updateQueued(context, { id: entry, ifSeq: 1 })).toMatchObject({ refusal: { status } });
      expect(promoteQueued(context, { id: entry, ifSeq: null })).toMatchObject({ refusal: { status } });
    }
    expect(deleteQueued(context, id).ok).toBe(true);
    for (const other of never) expect(deleteQueued(context, other)).toMatchObject({ refusal: { status: 404 } });
  });

  it("waits in an archived chat, changed by nobody, until somebody goes on with it", async () => {
    const { world, context, entries } = await busyChat("one");
    const { id, seq: ifSeq } = entries[0] ?? { id: 0, seq: 0 };
    setArchived(context, { version: 1, archived: true });
    await settle();
    expect(readState(world.storage)).toMatchObject({ status: "waiting", archived: 1 });
    expect(shown(world)).toEqual(["Hello", "Working"]);
    for (const answer of [
      updateQueued(context, { id, ifSeq, content: say("x") }),
      promoteQueued(context, { id, ifSeq }),
      deleteQueued(context, id),
    ]) {
      expect(answer).toMatchObject({ refusal: { status: 409 } });
    }
    expect(waiting(world)).toEqual(["one"]);
    setArchived(context, { version: 2, archived: false });
    await settle();
    expect(waiting(world)).toEqual(["one"]);
    expect(promoteQueued(context, { id, ifSeq })).toMatchObject({ value: { queued: false } });
    await settle();
    expect(shown(world)).toEqual(["Hello", "Working", "one", "Re one"]);
  });

  it("lets a guest change, send and delete what they wrote, and nobody else's", async () => {
    const { world, context, entries } = await busyChat("one");
    acceptMessage(context, {
      content: say("Mine"),
      createdBy: "guest",
      modelConfigId: null,
      idempotencyKey: null,
      bodyHash: "",
    });
    const [one, own] = readQueue(world.storage);
    if (one === undefined || own === undefined) throw new Error("Two wait");
    expect(one.id).toBe(entries[0]?.id);
    const writtenBy = "guest";
    const anothers = { refusal: { status: 403 } };
    expect(updateQueued(context, { id: one.id, ifSeq: one.seq, writtenBy, content: say("No") })).toMatchObject(
      anothers,
    );
    expect(promoteQueued(context, { id: one.id, ifSeq: null, writtenBy })).toMatchObject(anothers);
    expect(deleteQueued(context, one.id, writtenBy)).toMatchObject(anothers);
    expect(waiting(world)).toEqual(["one", "Mine"]);
    expect(updateQueued(context, { id: own.id, ifSeq: own.seq, writtenBy, content: say("Better") })).toMatchObject({
      ok: true,
    });
    expect(deleteQueued(context, own.id, writtenBy)).toEqual({ ok: true, value: null });
    expect(deleteQueued(context, one.id, null)).toEqual({ ok: true, value: null });
    expect(waiting(world)).toEqual([]);
  });

  it("refuses a 21st entry and says when to come again", async () => {
    const { context } = await busyChat(...Array.from({ length: 20 }, (_, index) => `m${index}`));
    expect(send(context, "one more")).toMatchObject({
      refusal: { status: 429, retryAfterSeconds: expect.any(Number) },
    });
  });

  it("promotes: what runs is stopped properly, its words are kept, the entry is next", async () => {
    const { world, context, entries } = await busyChat("one", "two");
    const answer = promoteQueued(context, { id: entries[1]?.id ?? 0, ifSeq: entries[1]?.seq ?? 0 });
    expect(answer).toMatchObject({ ok: true, value: { queued: false, message: { content: say("two") } } });
    await settle();
    expect(shown(world)).toEqual(["Hello", "Working", "two", "Re one", "one", "Re two"]);
  });

  it("promotes after the workspace has taken its cancels", async () => {
    const world = createWorld();
    world.scripts.push(
      says(toolCall("a", "execute", { command: "x" }), finish("tool-calls")),
      says(text("Next"), finish()),
    );
    const context = wake(world);
    create(context);
    await settle();
    send(context, "now");
    const [entry] = readQueue(world.storage);
    expect(promoteQueued(context, { id: entry?.id ?? 0, ifSeq: null })).toMatchObject({ value: { queued: true } });
    expect(readState(world.storage)?.status).toBe("interrupting");
    await pass(world, context, 100);
    expect(world.agent.cancelled).toHaveLength(1);
    expect(shown(world)).toEqual(["Hello", "execute", "execute", "now", "Next"]);
  });

  it("answers nothing that somebody wrote who has lost the chat meanwhile, and goes on with its owner", async () => {
    const { world, context, hold } = await busyChat();
    acceptMessage(context, {
      content: say("Do it"),
      createdBy: "guest",
      modelConfigId: null,
      idempotencyKey: null,
      bodyHash: "",
    });
    world.mayWrite = (userId) => userId !== "guest";
    hold.letGo();
    await settle();
    expect(readState(world.storage)).toMatchObject({
      status: "error",
      last_error: expect.stringContaining("may not write in this chat any more"),
    });
    expect(shown(world)).toEqual(["Hello", "Working", "Do it"]);
    world.scripts.push(says(text("Gladly"), finish()));
    send(context, "Then for me");
    await settle();
    expect(shown(world)).toEqual(["Hello", "Working", "Do it", "Then for me", "Gladly"]);
  });

  it("waits after a failure, and the next message runs the head first", async () => {
    const world = createWorld();
    const hold = new Hold();
    world.scripts.push(
      async function* () {
        yield* text("x");
        await hold.passed;
        throw new ModelError({ kind: "auth", provider: null, status: 401, retryable: false, message: "No." });
      },
      says(text("A"), finish()),
      says(text("B"), finish()),
    );
    const context = wake(world);
    create(context);
    await settle();
    send(context, "first");
    hold.letGo();
    await settle();
    expect(readState(world.storage)?.status).toBe("error");
    expect(waiting(world)).toEqual(["first"]);
    send(context, "second");
    await settle();
    expect(shown(world)).toEqual(["Hello", "x", "first", "A", "second", "B"]);
  });
});

describe("edit", () => {
  it("deletes the message and what followed for readers, keeps it in the record, and starts anew", async () => {
    const world = createWorld();
    world.scripts.push(says(text("First"), finish()), says(text("Second"), finish()), says(text("Third"), finish()));
    const context = wake(world);
    create(context);
    await settle();
    send(context, "more");
    await settle();
    const viewer = new TestViewer();
    viewer.connect(context);
    const target = viewer.timeline.messages[0]?.id ?? 0;
    const answer = editMessage(context, { messageId: target, content: say("Hello again"), editorId: OWNER_ID });
    expect(answer).toMatchObject({ ok: true, value: { content: say("Hello again"), created_by: OWNER_ID } });
    await settle();
    expect(viewer.timeline.messages.map((message) => message.content[0])).toEqual([
      ...say("Hello again"),
      ...say("Third"),
    ]);
    expect(viewer.gaps).toBe(0);
    const prompt = world.requests.at(-1)?.messages.filter((message) => message.role !== "system");
    expect(prompt).toEqual([{ role: "user", parts: say("Hello again") }]);
    const gone = world.storage.exec<MessageRow>("select * from messages where deleted = 1");
    expect(gone).toHaveLength(4);
    expect(gone.filter((row) => row.total_cost_micros === 600)).toHaveLength(2);
    await context.drain();
    expect([...world.d1.ledger.values()].filter((row) => row.deleted)).toHaveLength(4);
    expect(editMessage(context, { messageId: target, content: say("x"), editorId: OWNER_ID })).toMatchObject({
      refusal: { status: 404 },
    });
  });

  it("stops a running turn first and clears the queue", async () => {
    const { world, context } = await busyChat("one");
    world.scripts.length = 0;
    world.scripts.push(says(text("Anew"), finish()));
    const [first] = world.storage.exec<MessageRow>("select * from messages where role = 'user'");
    expect(editMessage(context, { messageId: first?.id ?? 0, content: say("Better"), editorId: OWNER_ID }).ok).toBe(
      true,
    );
    await settle();
    expect(shown(world)).toEqual(["Better", "Anew"]);
    expect(waiting(world)).toEqual([]);
    expect(world.aborted).toEqual([]);
  });

  it("is for one's own user messages only", async () => {
    const world = createWorld();
    world.scripts.push(says(text("Hi"), finish()));
    const context = wake(world);
    create(context);
    await settle();
    const rows = world.storage.exec<MessageRow>("select * from messages order by id");
    const edit = (id: number, editorId = OWNER_ID) =>
      editMessage(context, { messageId: id, content: say("x"), editorId });
    expect(edit(rows[0]?.id ?? 0)).toMatchObject({ refusal: { status: 404 } });
    expect(edit(rows[2]?.id ?? 0)).toMatchObject({ refusal: { status: 400 } });
    expect(edit(rows[1]?.id ?? 0, "somebody else")).toMatchObject({ refusal: { status: 400 } });
    expect(edit(999)).toMatchObject({ refusal: { status: 404 } });
    interruptTurn(context);
    expect(shown(world)).toEqual(["Hello", "Hi"]);
  });
});
