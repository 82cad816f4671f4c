import { expect } from "vitest";
import type { Phase } from "../../../src/chats/engine/turn-phase.ts";
import { eventually } from "../../support/poll.ts";
import { linesOf, type FaultGround } from "../support/fault-ground.ts";
import { begun, commandTurn, letEnd, provesExact } from "../support/turns.ts";
import type { Aftermath, BringThere } from "./phase.ts";

/** Tool calls: on their way, at work, done and unheard, stored and unacknowledged. */

const ROLES = ["user", "assistant", "tool", "assistant"];

export const callingPhases: Record<string, BringThere> = {
  "waiting_tools: the agent has the call, the chat does not know it": (ground) =>
    heldAt(ground, "dispatched", "dispatched"),

  "waiting_tools: the command is at work": async (ground) => {
    ground.provider.when("[working]", commandTurn("working"));
    const chat = await ground.begin("[working]");
    await begun(ground, "working");
    return {
      chatId: chat.id,
      phase: "waiting_tools",
      async prove(proof) {
        letEnd(ground, "working");
        const expected = { roles: ROLES, lastText: "It ran.", calls: 2, command: { file: "working" } };
        const messages = await provesExact(ground, proof, chat, "[working]", expected);
        await proof.nothingLost(() => {
          expect(messages[2]?.content).toMatchObject([{ type: "tool-result", result: { success: true } }]);
        });
      },
    };
  },

  "waiting_tools: the command ends while nobody hears it": async (ground) => {
    ground.provider.when("[unheard]", commandTurn("unheard"));
    const chat = await ground.begin("[unheard]");
    await begun(ground, "unheard");
    return {
      chatId: chat.id,
      phase: "waiting_tools",
      async whileAway() {
        letEnd(ground, "unheard");
        await eventually("the command ends", () => (linesOf(ground, "unheard").length === 2 ? true : null));
      },
      async prove(proof) {
        const expected = { roles: ROLES, lastText: "It ran.", calls: 2, command: { file: "unheard" } };
        await provesExact(ground, proof, chat, "[unheard]", expected);
      },
    };
  },

  "collecting: the result has come and is not stored": (ground) =>
    endedAt(ground, "take-result", "collected", "waiting_tools"),

  "collecting: the result is stored and not acknowledged": (ground) =>
    endedAt(ground, "result-stored", "stored", "idle"),
};

/** Held while its command still waits for leave to end. */
async function heldAt(ground: FaultGround, point: string, name: string): Promise<Aftermath> {
  ground.provider.when(`[${name}]`, commandTurn(name));
  const held = ground.faults.hold(point);
  const chat = await ground.begin(`[${name}]`);
  await held.reached;
  await begun(ground, name);
  return {
    chatId: chat.id,
    phase: "waiting_tools",
    whileAway: () => letEnd(ground, name),
    prove: async (proof) => {
      const expected = { roles: ROLES, lastText: "It ran.", calls: 2, command: { file: name } };
      await provesExact(ground, proof, chat, `[${name}]`, expected);
    },
  };
}

/** Held after its command has ended. */
async function endedAt(ground: FaultGround, point: string, name: string, phase: Phase): Promise<Aftermath> {
  ground.provider.when(`[${name}]`, commandTurn(name));
  const chat = await ground.begin(`[${name}]`);
  await begun(ground, name);
  const held = ground.faults.hold(point, ({ of }) => of === chat.id);
  letEnd(ground, name);
  await held.reached;
  // Only the way of the acknowledgement is barred: the chat itself goes on.
  if (phase === "idle") await ground.ended(chat.id, ROLES.length + 1);
  return {
    chatId: chat.id,
    phase,
    prove: async (proof) => {
      const expected = { roles: ROLES, lastText: "It ran.", calls: 2, command: { file: name } };
      await provesExact(ground, proof, chat, `[${name}]`, expected);
    },
  };
}
