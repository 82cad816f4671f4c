import { expect } from "vitest";
import { text, type ScenarioOf } from "../../fixtures/provider-server/server.ts";
import { eventually } from "../../support/poll.ts";
import { turnCalls } from "../support/fault-ground.ts";
import { begun, commandTurn, letEnd, provesExact, silentOnce } from "../support/turns.ts";
import type { BringThere } from "./phase.ts";

/** Model calls: before their first word, in the middle, and for a summary. */

export const answeringPhases: Record<string, BringThere> = {
  "streaming: the model has not said a word": async (ground) => {
    ground.provider.when("[silent]", [silentOnce("Now I speak.")]);
    const chat = await ground.begin("[silent]");
    await eventually("the model is asked", () => (turnCalls(ground, "[silent]").length > 0 ? true : null));
    return {
      chatId: chat.id,
      phase: "streaming",
      prove: async (proof) => {
        // A call that was lost on the way is made again; no one has paid for an answer twice.
        const expected = { roles: ["user", "assistant"], lastText: "Now I speak.", calls: 2 };
        await provesExact(ground, proof, chat, "[silent]", expected);
      },
    };
  },

  "streaming: in the middle of an answer": async (ground) => {
    ground.provider.when("[half]", [{ parts: [text("Half of it. "), text("The other half.")] }]);
    const held = ground.faults.hold("streaming");
    const chat = await ground.begin("[half]");
    await held.reached;
    return {
      chatId: chat.id,
      phase: "streaming",
      prove: async (proof) => {
        const expected = { roles: ["user", "assistant"], lastText: "Half of it. The other half.", calls: 2 };
        await provesExact(ground, proof, chat, "[half]", expected);
      },
    };
  },

  "compacting: the summary is being made": async (ground) => {
    const asked = { turns: 0 };
    // The summary is asked for without tools, and carries the mark into the prompt that begins with it.
    const answer: ScenarioOf = (body) => {
      if (!JSON.stringify(body).includes('"tools"')) return { parts: [text("[long] in short.")] };
      asked.turns += 1;
      if (asked.turns > 1) return { parts: [text("On from there.")] };
      return { parts: [text("Too much.")], usage: { input: 150_000, output: 5 } };
    };
    ground.provider.when("[long]", [answer]);
    const held = ground.faults.hold("compacting");
    const chat = await ground.begin("[long]");
    await held.reached;
    return {
      chatId: chat.id,
      phase: "compacting",
      prove: async (proof) => {
        const messages = await provesExact(ground, proof, chat, "[long]", {
          roles: ["user", "assistant", "assistant", "tool", "assistant"],
          lastText: "On from there.",
          calls: 2,
        });
        await proof.nothingLost(() => {
          const [summary] = messages[3]?.content ?? [];
          expect(summary).toMatchObject({ tool_name: "chat_summarized", result: { summary: "[long] in short." } });
        });
      },
    };
  },

  "waiting_tools, with a message in the queue": async (ground) => {
    ground.provider.when("[busy]", commandTurn("busy"));
    ground.provider.when("[queued]", [{ parts: [text("You are next.")] }]);
    const chat = await ground.begin("[busy]");
    await begun(ground, "busy");
    expect(await ground.send(chat.id, "[queued]")).toMatchObject({ queued: true });
    return {
      chatId: chat.id,
      phase: "waiting_tools",
      whileAway: () => letEnd(ground, "busy"),
      prove: async (proof) => {
        await provesExact(ground, proof, chat, "[queued]", {
          roles: ["user", "assistant", "tool", "assistant", "user", "assistant"],
          lastText: "You are next.",
          calls: 1,
          command: { file: "busy" },
        });
      },
    };
  },
};
