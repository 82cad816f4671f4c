import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { text } from "../fixtures/provider-server/server.ts";
import { layFaultGround, type FaultGround } from "./support/fault-ground.ts";
import { itSurvives } from "./support/proof.ts";
import { begun, commandTurn, letEnd, provesExact } from "./support/turns.ts";
import type { Viewer } from "./support/viewer.ts";

// An object that nothing happens to is taken out of memory after about 10 s, with its viewers' sockets left open.
// That it slept shows in its constructor: the fault build tells when it runs, and it runs again only after a sleep.

let ground: FaultGround;
beforeAll(async () => {
  ground = await layFaultGround();
});
afterAll(() => ground?.remove());

/** Objects sleep after 10 s without an event; a call that is out is asked after 5 s after it went, and every 30 s. */
const ASLEEP_BY_MS = 20_000;
const PING_EVERY_MS = 3_000;

describe("an object with open sockets sleeps", { concurrent: true }, () => {
  itSurvives("object asleep, its chat idle", async (proof) => {
    ground.provider.when("[dozing]", [{ parts: [text("Good night.")] }]);
    ground.provider.when("[morning]", [{ parts: [text("Good morning.")] }]);
    const { id } = await ground.begin("[dozing]");
    const viewer = await ground.watch(id);
    await ground.ended(id, 3);
    const before = births(id);
    await restWithPings(viewer);
    // Keep-alives are answered without it, so nothing has woken it so far.
    expect(births(id)).toBe(before);
    proof.struck();
    await ground.send(id, "[morning]");
    await viewer.sees("the answer", ({ status, messages }) => status === "waiting" && messages.length === 4);
    expect(births(id)).toBe(before + 1);
    await provesWhole(viewer, id);
    await provesExact(ground, proof, { id }, "[morning]", {
      roles: ["user", "assistant", "user", "assistant"],
      lastText: "Good morning.",
      calls: 1,
    });
    await proof.nothingLost(() => provesWhole(viewer, id));
    viewer.close();
  });

  itSurvives("object asleep, its turn waiting for a command", async (proof) => {
    ground.provider.when("[napping]", commandTurn("napping"));
    const { id } = await ground.begin("[napping]");
    const viewer = await ground.watch(id);
    await begun(ground, "napping");
    const before = births(id);
    await restWithPings(viewer);
    expect(births(id)).toBe(before);
    proof.struck();
    letEnd(ground, "napping");
    await viewer.sees("the answer", ({ status, messages }) => status === "waiting" && messages.length === 4);
    expect(births(id)).toBe(before + 1);
    await provesExact(ground, proof, { id }, "[napping]", {
      roles: ["user", "assistant", "tool", "assistant"],
      lastText: "It ran.",
      calls: 2,
      command: { file: "napping" },
    });
    await proof.nothingLost(() => provesWhole(viewer, id));
    viewer.close();
  });
});

/** How often the object of a chat that was there already came into memory. */
function births(chatId: string): number {
  return ground.faults.arrivals.filter(({ point, of }) => point === "born" && of === chatId).length;
}

async function restWithPings(viewer: Viewer): Promise<void> {
  for (let restedMs = 0; restedMs < ASLEEP_BY_MS; restedMs += PING_EVERY_MS) {
    await sleep(PING_EVERY_MS);
    await viewer.ping();
  }
}

/** The one socket stayed, and by it alone the viewer knows all that one who comes now is told. */
async function provesWhole(viewer: Viewer, chatId: string): Promise<void> {
  expect(viewer.closed()).toBeNull();
  expect(viewer.gaps()).toBe(0);
  expect(viewer.resets()).toBe(0);
  const fresh = await ground.watch(chatId);
  const { messages, status, queue, title, previews } = fresh.timeline();
  expect(viewer.timeline()).toMatchObject({ messages, status, queue, title, previews });
  fresh.close();
}
