import { expect } from "vitest";
import { text } from "../../fixtures/provider-server/server.ts";
import { provesExact } from "../support/turns.ts";
import type { BringThere } from "./phase.ts";

/** From the person's request to the answer that it was taken. */

export const acceptingPhases: Record<string, BringThere> = {
  "accepting: the new chat is in D1, its object is not there": async (ground) => {
    ground.provider.when("[create]", [{ parts: [text("Made.")] }]);
    const held = ground.faults.hold("create");
    const refused = ground.begin("[create]", "key-create").catch(() => null);
    const { of: chatId } = await held.reached;
    return {
      chatId,
      phase: null,
      async prove(proof) {
        expect(await refused).toBeNull();
        // The person's browser repeats what it got no answer to.
        const chat = await ground.begin("[create]", "key-create");
        expect(chat.id).toBe(chatId);
        await provesExact(ground, proof, chat, "[create]", {
          roles: ["user", "assistant"],
          lastText: "Made.",
          calls: 1,
        });
        await proof.nothingTwice(async () => {
          expect((await ground.listChats()).filter(({ title }) => title === "[create]")).toHaveLength(1);
        });
      },
    };
  },

  "accepting: the chat is made, the answer is on its way": async (ground) => {
    ground.provider.when("[created]", [{ parts: [text("Made.")] }]);
    const held = ground.faults.hold("created");
    const refused = ground.begin("[created]", "key-created").catch(() => null);
    const { of: chatId } = await held.reached;
    await ground.ended(chatId, 3);
    return {
      chatId,
      phase: "idle",
      async prove(proof) {
        expect(await refused).toBeNull();
        await provesExact(ground, proof, { id: chatId }, "[created]", {
          roles: ["user", "assistant"],
          lastText: "Made.",
          calls: 1,
        });
        await proof.nothingTwice(async () => {
          expect((await ground.begin("[created]", "key-created")).id).toBe(chatId);
          expect(await ground.readMessages(chatId)).toHaveLength(2);
        });
      },
    };
  },

  "accepting: a message is taken, the answer is on its way": async (ground) => {
    ground.provider.when("[first]", [{ parts: [text("One.")] }]);
    ground.provider.when("[second]", [{ parts: [text("Two.")] }]);
    const chat = await ground.begin("[first]");
    await ground.ended(chat.id);
    const held = ground.faults.hold("sent");
    const refused = ground.send(chat.id, "[second]", "key-sent").catch(() => null);
    await held.reached;
    await ground.ended(chat.id, 5);
    return {
      chatId: chat.id,
      phase: "idle",
      async prove(proof) {
        expect(await refused).toBeNull();
        const messages = await provesExact(ground, proof, chat, "[second]", {
          roles: ["user", "assistant", "user", "assistant"],
          lastText: "Two.",
          calls: 1,
        });
        await proof.nothingTwice(async () => {
          const { message } = await ground.send(chat.id, "[second]", "key-sent");
          expect(message?.id).toBe(messages[2]?.id);
          expect(await ground.readMessages(chat.id)).toHaveLength(4);
        });
      },
    };
  },

  "ended: D1 and the sidebars are behind": async (ground) => {
    ground.provider.when("[before]", [{ parts: [text("One.")] }]);
    ground.provider.when("[behind]", [{ parts: [text("Two.")] }]);
    const chat = await ground.begin("[before]");
    await ground.ended(chat.id, 3);
    // From here on nothing of this chat gets out: the drain is stuck at its first step.
    const held = ground.faults.hold("tell", ({ of }) => of === chat.id);
    const viewer = await ground.watch(chat.id);
    await ground.send(chat.id, "[behind]");
    await held.reached;
    await viewer.sees("the turn ends", ({ status, messages }) => status === "waiting" && messages.length === 4);
    viewer.close();
    return {
      chatId: chat.id,
      phase: "idle",
      async prove(proof) {
        await provesExact(ground, proof, chat, "[behind]", {
          roles: ["user", "assistant", "user", "assistant"],
          lastText: "Two.",
          calls: 1,
        });
      },
    };
  },
};
