import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { text, toolCall } from "../fixtures/provider-server/server.ts";
import { eventually } from "../support/poll.ts";
import { layFaultGround, linesOf, textOf, turnCalls, type FaultGround } from "./support/fault-ground.ts";

// Processes die; the turn ends by itself, nothing is done twice and nothing is paid for twice.
// Each test uses a chat and a file of its own on one ground.

let ground: FaultGround;
beforeAll(async () => {
  ground = await layFaultGround();
});
afterAll(() => ground?.remove());
beforeEach(() => ground.provider.reset());

/** Leaves a line when it begins and one when it ends, two seconds apart. */
const slow = (file: string) => ({ command: `echo began >> ${file}; sleep 2; echo ended >> ${file}`, timeout: "30s" });

describe("the Worker is killed", () => {
  it("in mid-tool: the command runs once and the turn ends with its result", async () => {
    ground.provider.when("mid-tool", [
      { parts: [toolCall("execute", slow("mid-tool.txt"))] },
      { parts: [text("It ran.")] },
    ]);
    await ground.arm("dispatched");
    const { id } = await ground.begin("mid-tool");
    await ground.reached("dispatched");
    await eventually("the command begins", () => (linesOf(ground, "mid-tool.txt").length > 0 ? true : null));
    await ground.killWorker();
    await ground.revive();

    expect(await ground.ended(id)).toMatchObject({ status: "waiting", last_error: null });
    const messages = await ground.readMessages(id);
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant"]);
    expect(textOf(messages.at(-1))).toBe("It ran.");
    expect(linesOf(ground, "mid-tool.txt")).toEqual(["began", "ended"]);
    expect(turnCalls(ground)).toHaveLength(2);
  });

  it("in mid-tool, while the command ends unheard: its result is still the one that counts", async () => {
    ground.provider.when("unheard", [
      { parts: [toolCall("execute", slow("unheard.txt"))] },
      { parts: [text("It ran.")] },
    ]);
    await ground.arm("dispatched");
    const { id } = await ground.begin("unheard");
    await ground.reached("dispatched");
    await ground.killWorker();
    await eventually("the command ends", () => (linesOf(ground, "unheard.txt").length === 2 ? true : null));
    await sleep(500);
    await ground.revive();

    expect(await ground.ended(id)).toMatchObject({ status: "waiting", last_error: null });
    const [, , tool] = await ground.readMessages(id);
    expect(tool?.content).toMatchObject([{ type: "tool-result", result: { success: true, exit_code: 0 } }]);
    expect(linesOf(ground, "unheard.txt")).toEqual(["began", "ended"]);
    expect(turnCalls(ground)).toHaveLength(2);
  });

  it("in mid-stream: the step starts anew, and its words are there once", async () => {
    ground.provider.when("mid-stream", [{ parts: [text("Half of it. "), text("The other half.")] }]);
    await ground.arm("streaming");
    const { id } = await ground.begin("mid-stream");
    await ground.reached("streaming");
    await ground.killWorker();
    await ground.revive();

    expect(await ground.ended(id)).toMatchObject({ status: "waiting", last_error: null });
    const messages = await ground.readMessages(id);
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant"]);
    expect(textOf(messages[1])).toBe("Half of it. The other half.");
  });

  it("between closing a step and running its tools: the model is not paid again, the command runs once", async () => {
    ground.provider.when("closed", [
      { parts: [toolCall("execute", slow("closed.txt"))] },
      { parts: [text("It ran.")] },
    ]);
    await ground.arm("closed");
    const { id } = await ground.begin("closed");
    await ground.reached("closed");
    await ground.killWorker();
    expect(turnCalls(ground)).toHaveLength(1);
    await ground.revive();

    expect(await ground.ended(id)).toMatchObject({ status: "waiting", last_error: null });
    const messages = await ground.readMessages(id);
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant"]);
    expect(linesOf(ground, "closed.txt")).toEqual(["began", "ended"]);
    expect(turnCalls(ground)).toHaveLength(2);
  });

  it("in mid-compaction: the summary is made again, the turn goes on from it", async () => {
    ground.provider.when("compaction", [{ parts: [text("Long.")], usage: { input: 150_000, output: 5 } }]);
    await ground.arm("compacting");
    const { id } = await ground.begin("compaction");
    await ground.reached("compacting");
    await ground.killWorker();
    await ground.revive();

    expect(await ground.ended(id)).toMatchObject({ status: "waiting", last_error: null });
    const messages = await ground.readMessages(id);
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "assistant", "tool", "assistant"]);
    expect(messages[3]?.content).toMatchObject([{ tool_name: "chat_summarized", result: { summary: "Long." } }]);
    expect(turnCalls(ground)).toHaveLength(2);
  });
});

describe("the agent is killed", () => {
  it("in mid-command: the command does not run again, the model learns that nobody knows, the turn ends", async () => {
    ground.provider.when("agent", [{ parts: [toolCall("execute", slow("agent.txt"))] }, { parts: [text("I see.")] }]);
    const { id } = await ground.begin("agent");
    await eventually("the command begins", () => (linesOf(ground, "agent.txt").length > 0 ? true : null));
    await ground.killAgent();

    expect(await ground.ended(id)).toMatchObject({ status: "waiting", last_error: null });
    const [, , tool] = await ground.readMessages(id);
    expect(tool?.content).toMatchObject([{ type: "tool-result", is_error: true }]);
    expect(JSON.stringify(tool?.content)).toMatch(/outcome is not known/);
    expect(linesOf(ground, "agent.txt").filter((line) => line === "began")).toHaveLength(1);
    expect(turnCalls(ground)).toHaveLength(2);
  });

  it("together with the Worker: the same", async () => {
    ground.provider.when("both", [{ parts: [toolCall("execute", slow("both.txt"))] }, { parts: [text("I see.")] }]);
    const { id } = await ground.begin("both");
    await eventually("the command begins", () => (linesOf(ground, "both.txt").length > 0 ? true : null));
    await Promise.all([ground.killAgent(), ground.killWorker()]);
    await ground.revive();

    expect(await ground.ended(id)).toMatchObject({ status: "waiting", last_error: null });
    expect(linesOf(ground, "both.txt").filter((line) => line === "began")).toHaveLength(1);
    expect(turnCalls(ground)).toHaveLength(2);
  });
});
