import { describe, expect, it } from "vitest";
import { takeResult } from "../../../src/chats/engine/calls.ts";
import type { ModelEvent } from "../../../src/chats/engine/ports.ts";
import { create, createWorld, finish, Hold, says, settle, text, toolCall, USAGE, wake, type World } from "./support.ts";

/** What is written together goes to D1 together: each drain is one batch, so one round trip. */

const ledger = (world: World) => [...world.d1.ledger.values()];

/** A turn whose first step does `first`; what follows is held back, so that only the step is counted. */
function heldAfter(...first: (ModelEvent | ModelEvent[])[]) {
  const world = createWorld();
  const hold = new Hold();
  world.scripts.push(says(...first), async function* () {
    yield* text("On");
    await hold.passed;
    yield finish();
  });
  const context = wake(world);
  create(context);
  return { world, context, hold };
}

/** A turn whose model has not said anything yet. */
function heldBefore(...events: ModelEvent[]) {
  const world = createWorld();
  const hold = new Hold();
  world.scripts.push(async function* () {
    await hold.passed;
    yield* events;
  });
  const context = wake(world);
  create(context);
  return { world, context };
}

describe("rows on their way to D1", () => {
  it("of a step are one round trip, whatever the number of its tool calls", async () => {
    for (const count of [1, 40]) {
      const calls = Array.from({ length: count }, (_, index) =>
        toolCall(`k${index}`, "execute", { command: `c${index}` }),
      );
      const { world, context } = heldAfter(...calls, finish("tool-calls"));
      await settle();
      await context.drain();
      expect(ledger(world).map(({ role }) => role)).toEqual(["system", "user"]);
      const before = world.d1.writes;
      for (const callId of world.agent.journal.keys()) {
        takeResult(context, { callId, agentId: "agent-1", result: { ok: true }, isError: false });
      }
      await settle();
      await context.drain();
      expect(world.d1.writes - before).toBe(1);
      expect(ledger(world).filter(({ role }) => role === "tool")).toHaveLength(count);
      expect(ledger(world).find(({ role }) => role === "assistant")?.runtime_ms).toBeGreaterThan(0);
    }
  });

  it("of a new chat are one, with its own row", async () => {
    const { world, context } = heldBefore(finish());
    await context.drain();
    expect(world.d1).toMatchObject({ writes: 1, chat: { title: "Hello" } });
    expect(ledger(world).map(({ role }) => role)).toEqual(["system", "user"]);
  });

  it("of a summary are one, with what it cost", async () => {
    const world = createWorld();
    const [summary, goingOn] = [new Hold(), new Hold()];
    const heldUntil = (hold: Hold) =>
      async function* () {
        await hold.passed;
        yield* text("The summary.");
        yield finish();
      };
    world.scripts.push(says(text("Answer"), finish("stop", { ...USAGE, input_tokens: 150_000 })));
    world.scripts.push(heldUntil(summary), heldUntil(goingOn));
    const context = wake(world);
    create(context);
    await settle();
    await context.drain();
    const before = { writes: world.d1.writes, ids: ledger(world).map(({ id }) => id) };
    summary.letGo();
    await settle();
    await context.drain();
    expect(world.d1.writes - before.writes).toBe(1);
    const added = ledger(world).filter(({ id }) => !before.ids.includes(id));
    expect(added.map(({ kind, role, visibility }) => [kind, role, visibility])).toEqual(
      expect.arrayContaining([
        ["message", "user", "model"],
        ["message", "assistant", "user"],
        ["message", "tool", "both"],
        ["compaction", "assistant", "model"],
      ]),
    );
    expect(added).toHaveLength(4);
  });
});
