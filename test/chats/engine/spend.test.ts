import { describe, expect, it } from "vitest";
import { takeResult } from "../../../src/chats/engine/calls.ts";
import { compactChat } from "../../../src/chats/engine/compaction.ts";
import { interruptTurn } from "../../../src/chats/engine/interrupt.ts";
import { ModelError, type HoldRefusal } from "../../../src/chats/engine/ports.ts";
import { readState } from "../../../src/chats/engine/state.ts";
import { regenerateTitle } from "../../../src/chats/engine/title.ts";
import type { MessageRow } from "../../../src/chats/engine/transcript.ts";
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
  wake,
  type World,
} from "./support.ts";

/** What a chat asks of its owner's money: set aside before each model call, free again once D1 has the call. */

const FIGURES = { spent_micros: 500, limit_micros: 400, resets_at: "2026-12-01T00:00:00.000Z" };
const spent: HoldRefusal = { ...FIGURES, held: false };
const held: HoldRefusal = { ...FIGURES, spent_micros: 300, held: true };

const state = (world: World) => readState(world.storage);
const detail = (world: World) => JSON.parse(state(world)?.last_error_detail ?? "null");
const rows = (world: World) => world.storage.exec<MessageRow>("select * from messages order by id");
const asked = (world: World) => world.spend.asked.map(({ hold }) => hold);
const settled = (world: World) => world.spend.settled.map(({ hold }) => hold);

function limitedWorld(): World {
  const world = createWorld();
  world.spend.limited = true;
  return world;
}

/** Money of every call that was asked for is free again, and each once. */
function expectAllSettled(world: World): void {
  expect(settled(world).toSorted()).toEqual([...new Set(asked(world))].toSorted());
}

describe("money for model calls", () => {
  it("is asked of nobody where nothing limits the owner", async () => {
    const world = createWorld();
    world.scripts.push(says(text("Hi"), finish()));
    const context = wake(world);
    create(context);
    await settle();
    await context.drain();
    expect([world.spend.asked, world.spend.settled]).toEqual([[], []]);
  });

  it("is set aside for each step and free again once D1 has its row", async () => {
    const world = limitedWorld();
    world.scripts.push(
      says(toolCall("a", "execute", { command: "one" }), finish("tool-calls")),
      says(text("Done"), finish()),
    );
    const context = wake(world);
    create(context);
    await settle();
    expect(asked(world)).toHaveLength(1);
    // The prompt at 3 dollars a million, and a thousand tokens of an answer at 15.
    expect(world.spend.asked[0]?.micros).toBeGreaterThan(15_000);
    expect(world.spend.asked[0]?.micros).toBeLessThan(17_000);
    // The tool runs; its step's row has not left yet.
    expect(settled(world)).toEqual([]);
    const [callId] = [...world.agent.journal.keys()];
    takeResult(context, { callId: callId ?? "", agentId: "agent-1", result: { ok: true }, isError: false });
    await settle();
    await context.drain();
    // 100 × 3 + 20 × 15: what the first call did cost is told with the second.
    expect(world.spend.asked[1]?.booked).toEqual([{ hold: asked(world)[0], micros: 600 }]);
    expect(world.spend.settled).toMatchObject([{ micros: 600 }, { micros: 600 }]);
    expectAllSettled(world);
  });

  it("ends the turn in plain words where there is none, and the next message tries again", async () => {
    const world = limitedWorld();
    world.spend.answer = () => spent;
    const context = wake(world);
    create(context);
    await settle();
    expect(state(world)?.status).toBe("error");
    expect(detail(world)).toMatchObject({ kind: "usage_limit", retryable: false });
    expect(detail(world)?.usage_limit).toEqual({ resets_at: FIGURES.resets_at });
    expect(world.requests).toEqual([]);
    expect(rows(world).map(({ role }) => role)).toEqual(["system", "user"]);
    world.spend.answer = () => null;
    world.scripts.push(says(text("Here I am"), finish()));
    expect(send(context, "And now?")).toMatchObject({ ok: true });
    await settle();
    await context.drain();
    expect(state(world)).toMatchObject({ status: "waiting", last_error_detail: null });
    expectAllSettled(world);
  });

  it("refused in mid-turn keeps the steps before it, and the queue", async () => {
    const world = limitedWorld();
    world.spend.answer = (ask) => (ask.booked.length === 0 && world.spend.asked.length === 1 ? null : spent);
    world.scripts.push(says(toolCall("a", "execute", { command: "one" }), finish("tool-calls")));
    const context = wake(world);
    create(context);
    await settle();
    send(context, "Later");
    const [callId] = [...world.agent.journal.keys()];
    takeResult(context, { callId: callId ?? "", agentId: "agent-1", result: { ok: true }, isError: false });
    await settle();
    await context.drain();
    expect(state(world)?.status).toBe("error");
    expect(detail(world)).toMatchObject({ kind: "usage_limit" });
    expect(rows(world).map(({ role }) => role)).toEqual(["system", "user", "assistant", "tool"]);
    expect(world.storage.exec("select 1 from queue")).toHaveLength(1);
    expectAllSettled(world);
  });

  it("that is only set aside for others is waited for", async () => {
    const world = limitedWorld();
    world.spend.answer = () => (world.spend.asked.length === 1 ? held : null);
    world.scripts.push(says(text("Hi"), finish()));
    const context = wake(world);
    create(context);
    await settle();
    expect(state(world)?.retry).toContain("set aside for other answers");
    await pass(world, context, 2_000);
    await context.drain();
    expect(state(world)?.status).toBe("waiting");
    expectAllSettled(world);
  });

  it("is free again when the call fails before it says anything, is stopped, or its object is lost", async () => {
    const world = limitedWorld();
    const never = new Hold();
    const overloaded = () =>
      new ModelError({ kind: "overloaded", provider: "anthropic", status: 529, retryable: true, message: "Busy." });
    world.scripts.push(
      // oxlint-disable-next-line require-yield
      async function* () {
        throw overloaded();
      },
      async function* () {
        yield* text("H");
        await never.passed;
      },
      async function* () {
        yield* text("A");
        await never.passed;
      },
    );
    const first = wake(world);
    create(first);
    await settle();
    await pass(world, first, 2_000);
    first.stream.checkpoint();
    const second = wake(world);
    await settle();
    interruptTurn(second);
    await settle();
    await second.drain();
    expect(asked(world)).toHaveLength(3);
    expectAllSettled(world);
    // The first one cost nothing; of the other two it is not known, so they are booked as they are thought to be.
    expect(world.spend.settled.filter(({ micros }) => micros > 0)).toHaveLength(2);
  });

  it("is given up where the answer to the question was lost with the object", async () => {
    const world = limitedWorld();
    world.spend.answer = () => (world.spend.asked.length === 1 ? new Promise(() => undefined) : null);
    const lost = wake(world);
    create(lost);
    await settle();
    world.scripts.push(says(text("Hi"), finish()));
    const context = wake(world);
    await settle();
    await context.drain();
    expect(state(world)?.status).toBe("waiting");
    expect([...world.d1.ledger.values()].filter(({ kind }) => kind !== "message")).toEqual([]);
    expectAllSettled(world);
  });

  it("is set aside for summaries and titles, too; a title without it is left", async () => {
    const world = limitedWorld();
    world.titleModel = world.model;
    world.scripts.push(says(text("Hi"), finish()), says(text("A title"), finish()), says(text("Sum"), finish()));
    const context = wake(world);
    create(context);
    await settle();
    await pass(world, context, 100);
    expect(compactChat(context)).toMatchObject({ ok: true });
    await settle();
    await context.drain();
    expect(asked(world).map((hold) => hold.split("/")[0])).toEqual(["step", "title", "compaction"]);
    expectAllSettled(world);

    world.spend.answer = () => spent;
    regenerateTitle(context);
    await pass(world, context, 100);
    expect(state(world)).toMatchObject({ title: "A title", status: "waiting" });
    compactChat(context);
    await settle();
    await context.drain();
    expect(detail(world)).toMatchObject({ kind: "usage_limit", usage_limit: { resets_at: FIGURES.resets_at } });
    expect(world.requests).toHaveLength(3);
    expectAllSettled(world);
  });
});
