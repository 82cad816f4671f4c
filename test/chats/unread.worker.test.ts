import { describe, expect, it, vi } from "vitest";
import { watchEvent } from "../../src/contract/chats.ts";
import { ChatObject } from "../../src/worker.ts";
import { getTestApp, type Client } from "../support/app.ts";
import { soon } from "../support/soon.ts";
import { useModel } from "./scripted-model.ts";
import { answeredChat, idleChat, listedChat, messagesOf, openSocket, readChat } from "./support.ts";

useModel();
const { addUser, owner } = await getTestApp();
const ann = await addUser("ann");

async function mark(client: Client, chatId: string, messageId: unknown): Promise<number> {
  const body = { message_id: messageId };
  return (await client.request(`/api/v2/chats/${chatId}/read`, { method: "POST", body })).status;
}

async function newest(client: Client, chatId: string): Promise<number> {
  const [message] = await messagesOf(client, chatId);
  if (!message) throw new Error("The chat is empty");
  return message.id;
}

describe("unread", () => {
  it("is a chat with an answer that nobody has seen, until its reader says so; the next answer is news again", async () => {
    const made = await answeredChat(ann);
    expect(made.has_unread).toBe(true);
    expect((await listedChat(ann, made.id))?.has_unread).toBe(true);

    expect(await mark(ann, made.id, await newest(ann, made.id))).toBe(204);
    expect((await readChat(ann, made.id)).has_unread).toBe(false);
    expect((await listedChat(ann, made.id))?.has_unread).toBe(false);

    await ann.request(`/api/v2/chats/${made.id}/messages`, {
      method: "POST",
      body: { content: [{ type: "text", text: "And now?" }] },
    });
    expect((await idleChat(ann, made.id)).has_unread).toBe(true);
  });

  it("never comes back by an older mark, and what is still to be written is not read by a mark beyond it", async () => {
    const made = await answeredChat(ann);
    const last = await newest(ann, made.id);
    for (const messageId of [last + 1_000, last, 1, last]) expect(await mark(ann, made.id, messageId)).toBe(204);
    expect((await readChat(ann, made.id)).has_unread).toBe(false);
    await ann.request(`/api/v2/chats/${made.id}/messages`, {
      method: "POST",
      body: { content: [{ type: "text", text: "And now?" }] },
    });
    expect((await idleChat(ann, made.id)).has_unread).toBe(true);
  });

  it("is each reader's own, and foreign chats are nobody's to mark", async () => {
    const bob = await addUser("bob");
    const made = await answeredChat(ann);
    expect(await mark(owner, made.id, await newest(ann, made.id))).toBe(204);
    expect((await readChat(owner, made.id)).has_unread).toBe(false);
    expect((await readChat(ann, made.id)).has_unread).toBe(true);
    expect(await mark(bob, made.id, 1)).toBe(404);
    for (const wrong of [0, -1, 1.5, "x", null]) expect(await mark(ann, made.id, wrong)).toBe(400);
  });

  it("goes out on the reader's other devices, once a mark moves", async () => {
    const cleo = await addUser("cleo");
    const made = await answeredChat(cleo);
    const watch = await openSocket(cleo, "/api/v2/chats/watch");
    const last = await newest(cleo, made.id);
    expect(await mark(cleo, made.id, last)).toBe(204);
    await soon(() => {
      const events = watch.frames.map((frame) => watchEvent.parse(JSON.parse(frame)));
      expect(events.at(-1)).toMatchObject({ chat: { id: made.id, has_unread: false } });
    });
    const tell = vi.spyOn(ChatObject.prototype, "tellSidebars");
    expect(await mark(cleo, made.id, last)).toBe(204);
    expect(tell).not.toHaveBeenCalled();
    tell.mockRestore();
    watch.close();
  });

  it("comes with the event that ends a turn", async () => {
    const dora = await addUser("dora");
    const watch = await openSocket(dora, "/api/v2/chats/watch");
    const made = await answeredChat(dora);
    await soon(() => {
      const events = watch.frames.map((frame) => watchEvent.parse(JSON.parse(frame)));
      expect(events.at(-1)).toMatchObject({ chat: { id: made.id, status: "waiting", has_unread: true } });
    });
    watch.close();
  });
});
