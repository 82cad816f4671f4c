import { afterAll, beforeAll, describe, expect } from "vitest";
import { setTimeout as sleep } from "node:timers/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { text, toolCall } from "../fixtures/provider-server/server.ts";
import { eventually } from "../support/poll.ts";
import { layFaultGround, linesOf, type FaultGround, type Message } from "./support/fault-ground.ts";
import { itSurvives } from "./support/proof.ts";
import { begun, commandTurn, letEnd, provesExact } from "./support/turns.ts";

// The workspace agent dies, or the line to it does, or what it says gets lost. Nothing runs twice, and the model
// learns what can be known.

let ground: FaultGround;
beforeAll(async () => {
  ground = await layFaultGround();
});
afterAll(() => ground?.remove());

const ROLES = ["user", "assistant", "tool", "assistant"];

describe("the agent", () => {
  itSurvives("agent killed in mid-command", async (proof) => {
    const chatId = await commandAtWork("agent-killed");
    proof.struck();
    await ground.endAgent("SIGKILL");
    await provesUnknown(proof, chatId, "agent-killed");
  });

  itSurvives("agent killed in mid-command, together with the Worker", async (proof) => {
    const chatId = await commandAtWork("both-killed");
    proof.struck();
    await Promise.all([ground.endAgent("SIGKILL"), ground.killWorker()]);
    await ground.revive();
    await provesUnknown(proof, chatId, "both-killed");
  });

  itSurvives("agent stopped in mid-command by a person", async (proof) => {
    const chatId = await commandAtWork("agent-stopped");
    proof.struck();
    await ground.endAgent("SIGTERM");
    const command = { file: "agent-stopped", lines: ["began"] };
    const messages = await provesExact(ground, proof, { id: chatId }, "[agent-stopped]", expected({ command }));
    // It ended what it ran, and could still say so.
    await proof.nothingLost(() => expect(toolText(messages)).toMatch(/"is_error":true/));
  });

  itSurvives("agent cut off in mid-command", async (proof) => {
    const chatty = `echo began >> chatty; until [ -e chatty.go ]; do echo word; sleep 0.1; done; echo ended >> chatty`;
    ground.provider.when("[chatty]", [
      { parts: [toolCall("execute", { command: chatty })] },
      { parts: [text("It ran.")] },
    ]);
    const { id } = await ground.begin("[chatty]");
    await begun(ground, "chatty");
    const cut = ground.faults.failOnce("output");
    await cut;
    proof.struck();
    letEnd(ground, "chatty");
    const messages = await provesExact(ground, proof, { id }, "[chatty]", expected({ command: { file: "chatty" } }));
    await proof.nothingLost(() => expect(toolText(messages)).toMatch(/"success":true/));
  });
});

describe("what the agent says, or is told, is lost on the way", () => {
  itSurvives("result lost after it was collected", async (proof) => {
    const chatId = await commandAtWork("result-lost");
    const lost = ground.faults.failOnce("take-result");
    letEnd(ground, "result-lost");
    await lost;
    proof.struck();
    const command = { file: "result-lost" };
    const messages = await provesExact(ground, proof, { id: chatId }, "[result-lost]", expected({ command }));
    await proof.nothingLost(() => expect(toolText(messages)).toMatch(/"success":true/));
  });

  itSurvives("acknowledgement lost after the result was stored", async (proof) => {
    const chatId = await commandAtWork("ack-lost");
    const lost = ground.faults.failOnce("result-stored");
    letEnd(ground, "ack-lost");
    await lost;
    proof.struck();
    await provesExact(ground, proof, { id: chatId }, "[ack-lost]", expected({ command: { file: "ack-lost" } }));
    await proof.nothingTwice(async () => {
      const taken = () => ground.faults.arrivals.filter(({ point, of }) => point === "take-result" && of === chatId);
      await eventually("the agent sends its result again", () => (taken().length === 2 ? true : null));
      expect(await ground.readMessages(chatId)).toHaveLength(ROLES.length);
    });
  });

  itSurvives("cancel that overtakes its start", async (proof) => {
    ground.provider.when("[overtaken]", commandTurn("overtaken"));
    ground.provider.when("[afterwards]", [{ parts: [text("Here I am.")] }]);
    const start = ground.faults.hold("dispatch");
    const { id } = await ground.begin("[overtaken]");
    await start.reached;
    proof.struck();
    await ground.interrupt(id);
    await eventually("the cancel is through", () =>
      ground.faults.arrivals.some(({ point, of }) => point === "cancel" && of.startsWith(id)) ? true : null,
    );
    const stopped = { roles: ["user", "assistant", "tool"], lastText: "", calls: 1 };
    await provesExact(ground, proof, { id }, "[overtaken]", stopped);
    // Only now the start gets through; a tombstone is there already.
    start.release();
    await proof.nothingTwice(async () => {
      await sleep(1_500);
      expect(existsSync(join(ground.directory, "overtaken"))).toBe(false);
    });
    await proof.nothingLost(async () => {
      await ground.send(id, "[afterwards]");
      expect(await ground.ended(id, 6)).toMatchObject({ status: "waiting" });
    });
  });
});

/** A chat whose command has begun and waits for leave to end. */
async function commandAtWork(name: string): Promise<string> {
  ground.provider.when(`[${name}]`, commandTurn(name));
  const { id } = await ground.begin(`[${name}]`);
  await begun(ground, name);
  return id;
}

const expected = (more: { command: { file: string; lines?: string[] } }) => ({
  roles: ROLES,
  lastText: "It ran.",
  calls: 2,
  ...more,
});

/** The program that ran it is gone, so nobody can say what came of it: the model is told so, and it does not run again. */
async function provesUnknown(
  proof: Parameters<Parameters<typeof itSurvives>[1]>[0],
  chatId: string,
  name: string,
): Promise<void> {
  const command = { file: name, lines: ["began"] };
  const messages = await provesExact(ground, proof, { id: chatId }, `[${name}]`, expected({ command }));
  await proof.nothingLost(() => expect(toolText(messages)).toMatch(/outcome is not known/));
  await proof.nothingTwice(() => expect(linesOf(ground, name)).toEqual(["began"]));
  letEnd(ground, name);
}

function toolText(messages: Message[]): string {
  return JSON.stringify(messages.find(({ role }) => role === "tool")?.content);
}
