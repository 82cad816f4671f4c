import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { text } from "../../fixtures/provider-server/server.ts";
import { eventually } from "../../support/poll.ts";
import { linesOf } from "../support/fault-ground.ts";
import { begun, commandTurn, letEnd, patientCommand, provesExact } from "../support/turns.ts";
import type { BringThere } from "./phase.ts";

/** Places that a chat leaves by itself after 30, 20 and 5 s, whatever the test holds: it is brought there last. */

export const passingPhases: Record<string, BringThere> = {
  "closing: the answer is stored, its calls have not gone out": async (ground) => {
    ground.provider.when("[closed]", commandTurn("closed"));
    const held = ground.faults.hold("closed");
    const chat = await ground.begin("[closed]");
    await held.reached;
    return {
      chatId: chat.id,
      phase: "waiting_tools",
      whileAway: () => letEnd(ground, "closed"),
      prove: async (proof) => {
        await provesExact(ground, proof, chat, "[closed]", {
          roles: ["user", "assistant", "tool", "assistant"],
          lastText: "It ran.",
          calls: 2,
          command: { file: "closed" },
        });
      },
    };
  },

  "backoff: between a failed call and its repeat": async (ground) => {
    let asked = 0;
    const busy = { fail: { status: 529, errorType: "overloaded_error", headers: { "retry-after": "20" } } };
    ground.provider.when("[backoff]", [() => (asked++ === 0 ? busy : { parts: [text("At last.")] })]);
    const chat = await ground.begin("[backoff]");
    const viewer = await ground.watch(chat.id);
    await viewer.sees("the chat waits for its retry", ({ retry }) => retry !== null);
    viewer.close();
    return {
      chatId: chat.id,
      phase: "backoff",
      prove: async (proof) => {
        const expected = { roles: ["user", "assistant"], lastText: "At last.", calls: 2 };
        await provesExact(ground, proof, chat, "[backoff]", expected);
      },
    };
  },

  "interrupting: the cancel is on its way to the agent": async (ground) => {
    ground.provider.when("[stopped]", [{ parts: [patientCommand("stopped")] }]);
    const chat = await ground.begin("[stopped]");
    await begun(ground, "stopped");
    const held = ground.faults.hold("cancel");
    await ground.interrupt(chat.id);
    await held.reached;
    return {
      chatId: chat.id,
      phase: "interrupting",
      async prove(proof) {
        const command = { file: "stopped", lines: ["began"] };
        const expected = { roles: ["user", "assistant", "tool"], lastText: "", calls: 1, command };
        const messages = await provesExact(ground, proof, chat, "[stopped]", expected);
        await proof.nothingLost(async () => {
          expect(JSON.stringify(messages[2]?.content)).toMatch(/Interrupted by a person/);
          // The cancel is a job that outlives the turn and the Worker.
          const cancels = () => ground.faults.arrivals.filter(({ point }) => point === "cancel").length;
          await eventually("the cancel is sent again", () => (cancels() > 1 ? true : null));
          await sleep(3_000);
          letEnd(ground, "stopped");
          await sleep(500);
          // The command is ended by now, and leaves no other line.
          expect(linesOf(ground, "stopped")).toEqual(["began"]);
        });
      },
    };
  },
};
