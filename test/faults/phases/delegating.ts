import { expect } from "vitest";
import { text, toolCall, type ScenarioOf } from "../../fixtures/provider-server/server.ts";
import { eventually } from "../../support/poll.ts";
import { turnCalls, type FaultGround } from "../support/fault-ground.ts";
import { readChildren } from "../support/ledger.ts";
import { provesExact, silentOnce } from "../support/turns.ts";
import type { Aftermath, BringThere } from "./phase.ts";

/** Sub-agents: before they are there, at work while the parent waits, and with a report that does not get through. */

export const delegatingPhases: Record<string, BringThere> = {
  "spawning: the sub-agent is not there yet": async (ground) => {
    delegate(ground, "spawning", () => ({ parts: [text("The report.")] }));
    const held = ground.faults.hold("start-run");
    const parent = await ground.begin("[spawning]");
    await held.reached;
    return reportsOnce(ground, parent.id, "spawning", 1);
  },

  "waiting_child: the sub-agent is at work": async (ground) => {
    delegate(ground, "waiting-child", silentOnce("The report."));
    const parent = await ground.begin("[waiting-child]");
    await waits(ground, parent.id);
    await eventually("the sub-agent asks", () => (turnCalls(ground, "{waiting-child}").length === 1 ? true : null));
    // The sub-agent's lost call is made again.
    return reportsOnce(ground, parent.id, "waiting-child", 2);
  },

  "waiting_child: the report has come and is not stored": async (ground) => {
    delegate(ground, "reporting", () => ({ parts: [text("The report.")] }));
    const held = ground.faults.hold("take-report");
    const parent = await ground.begin("[reporting]");
    await held.reached;
    await waits(ground, parent.id);
    return reportsOnce(ground, parent.id, "reporting", 1);
  },
};

/** Its call of `wait_agent` is stored, so it is in no model call any more. */
async function waits(ground: FaultGround, parentId: string): Promise<void> {
  await eventually("the parent waits", async () => ((await ground.readMessages(parentId)).length === 4 ? true : null));
}

/** A parent that delegates, waits and sums up; its child answers by `work`. */
function delegate(ground: FaultGround, name: string, work: ScenarioOf): void {
  ground.provider.when(`{${name}}`, [work]);
  ground.provider.when(`[${name}]`, [
    { parts: [toolCall("spawn_agent", { prompt: `{${name}}`, title: name })] },
    // Only the result of the first call says what the sub-agent is called.
    (body) => ({ parts: [toolCall("wait_agent", { chat_id: childIn(body), timeout_seconds: 120 })] }),
    { parts: [text("It reported.")] },
  ]);
}

function childIn(body: unknown): string {
  const [, id] = /chat_id\W+([0-9a-f-]{36})/.exec(JSON.stringify(body)) ?? [];
  if (id === undefined) throw new Error("The parent was not told its sub-agent's id.");
  return id;
}

function reportsOnce(ground: FaultGround, parentId: string, name: string, childCalls: number): Aftermath {
  return {
    chatId: parentId,
    phase: "waiting_tools",
    async prove(proof) {
      const messages = await provesExact(ground, proof, { id: parentId }, `[${name}]`, {
        roles: ["user", "assistant", "tool", "assistant", "tool", "assistant"],
        lastText: "It reported.",
        calls: 3,
      });
      await proof.nothingLost(() => {
        expect(messages[4]?.content).toMatchObject([{ type: "tool-result", result: { report: "The report." } }]);
      });
      await proof.nothingTwice(async () => {
        expect(turnCalls(ground, `{${name}}`)).toHaveLength(childCalls);
        const childId = childIn(messages[2]?.content);
        expect(await ground.ended(childId, 3)).toMatchObject({ status: "waiting", parent_chat_id: parentId });
        const child = await ground.readMessages(childId);
        expect(child.map(({ role }) => role)).toEqual(["user", "assistant"]);
        expect(readChildren(ground, parentId)).toEqual([childId]);
      });
    },
  };
}
