import { describe, expect, it } from "vitest";
import { updateChat } from "../../../src/chats/engine/accept.ts";
import { interruptTurn } from "../../../src/chats/engine/interrupt.ts";
import { readState, readUsage } from "../../../src/chats/engine/state.ts";
import { cleanTitle, regenerateTitle } from "../../../src/chats/engine/title.ts";
import { create, createWorld, finish, Hold, pass, says, send, settle, text, wake } from "./support.ts";

async function answered() {
  const world = createWorld();
  world.titleModel = world.model;
  world.scripts.push(says(text("It is fixed."), finish()));
  const context = wake(world);
  create(context);
  return { world, context };
}

describe("a model-made title", () => {
  it("comes after the first answer, is told and booked, and only once", async () => {
    const { world, context } = await answered();
    world.scripts.push(says(text('"Fix the  tide\ntable."'), finish()), says(text("Second"), finish()));
    await settle();
    await pass(world, context, 100);
    const state = readState(world.storage);
    expect(state?.title).toBe("Fix the tide table");
    expect(world.requests[1]?.tools).toEqual([]);
    expect(JSON.stringify(world.requests[1]?.messages)).toContain("It is fixed.");
    await context.drain();
    expect([...world.d1.ledger.values()].filter((row) => row.kind === "title")).toMatchObject([
      { total_cost_micros: 600 },
    ]);
    expect(state === null ? null : readUsage(state).total_cost_micros).toBe(1_200);
    send(context, "more");
    await settle();
    await pass(world, context, 100);
    expect(world.requests).toHaveLength(3);
  });

  it("that breaks off is booked with what was asked for it, and not with all that the chat asked last", async () => {
    const { world, context } = await answered();
    world.scripts.push(says(text("Fix the tide table"), finish()), says(text("Read."), finish()), async function* () {
      yield* text("Half a ti");
      throw new Error("gone");
    });
    await settle();
    await pass(world, context, 100);
    send(context, "word ".repeat(8_000));
    await settle();
    regenerateTitle(context);
    await pass(world, context, 100);
    await context.drain();
    const [, broken] = [...world.d1.ledger.values()].filter(({ kind }) => kind === "title");
    expect(broken).toMatchObject({ estimated: true });
    expect(broken?.input_tokens).toBeGreaterThan(10);
    expect(broken?.input_tokens).toBeLessThan(5_000);
  });

  it("comes although another question waits already", async () => {
    const world = createWorld();
    world.titleModel = world.model;
    const hold = new Hold();
    const firstAnswer = async function* () {
      yield* text("It is fixed.");
      await hold.passed;
      yield finish();
    };
    // The title has a job of its own, so its call is the last one.
    world.scripts.push(firstAnswer, says(text("Second"), finish()), says(text("Fix the tide table"), finish()));
    const context = wake(world);
    create(context);
    await settle();
    expect(send(context, "more")).toMatchObject({ ok: true, value: { queued: true } });
    hold.letGo();
    await settle();
    await pass(world, context, 100);
    expect(readState(world.storage)?.title).toBe("Fix the tide table");
  });

  it("comes after the first whole answer where the first turn was stopped", async () => {
    const world = createWorld();
    world.titleModel = world.model;
    world.scripts.push(
      async function* ({ signal }) {
        yield* text("It is");
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
      },
      says(text("It is fixed."), finish()),
      says(text("Fix the tide table"), finish()),
      says(text("Third"), finish()),
    );
    const context = wake(world);
    create(context);
    await settle();
    interruptTurn(context);
    send(context, "go on");
    await settle();
    await pass(world, context, 100);
    expect(readState(world.storage)?.title).toBe("Fix the tide table");
    updateChat(context, { title: "Hello" });
    send(context, "more");
    await settle();
    await pass(world, context, 100);
    // The words of the question again, but by somebody's wish: no other title is asked for.
    expect(readState(world.storage)?.title).toBe("Hello");
  });

  it("does not overwrite a name that somebody gave meanwhile", async () => {
    const { world, context } = await answered();
    const hold = new Hold();
    world.scripts.push(async function* () {
      await hold.passed;
      yield* text("Too late");
      yield finish();
    });
    await settle();
    await Promise.all([
      pass(world, context, 100),
      (async () => {
        await settle();
        updateChat(context, { title: "Mine" });
        hold.letGo();
      })(),
    ]);
    expect(readState(world.storage)?.title).toBe("Mine");
  });

  it("stays the first words when the call fails, and is made anew when a person asks", async () => {
    const { world, context } = await answered();
    world.scripts.push(async function* () {
      yield* [];
      throw new Error("down");
    });
    await settle();
    await pass(world, context, 100);
    expect(readState(world.storage)?.title).toBe("Hello");
    world.scripts.push(says(text("Another name"), finish()));
    expect(regenerateTitle(context)).toMatchObject({ ok: true });
    await pass(world, context, 100);
    expect(readState(world.storage)?.title).toBe("Another name");
  });
});

describe("cleanTitle", () => {
  it.each([
    ["“Quoted title”.", "Quoted title"],
    ["  a\n\tb  ", "a b"],
    ["", ""],
    ["x".repeat(100), "x".repeat(80)],
  ])("%j becomes %j", (given, expected) => expect(cleanTitle(given)).toBe(expected));
});
