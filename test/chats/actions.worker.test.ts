import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { chats } from "../../src/chats/schema.ts";
import {
  chatMessage,
  createMessageResponse,
  queuedMessage,
  type ChatMessage,
  type QueuedMessage,
} from "../../src/contract/chats.ts";
import { problem } from "../../src/contract/common.ts";
import { newId } from "../../src/platform/ids.ts";
import { getTestApp, type Client } from "../support/app.ts";
import { soon } from "../support/soon.ts";
import { quickAnswer, useModel } from "./scripted-model.ts";
import { answeredChat, createChat, idleChat, listedChat, messagesOf, readChat } from "./support.ts";

/** Answers at once; to "keep on" it never ends by itself, and at "delegate" it starts a sub-agent. */
useModel(async function* (request) {
  const said = request.messages.at(-1)?.parts[0];
  if (said?.type === "text" && said.text === "delegate") {
    const argsText = JSON.stringify({ prompt: "A task" });
    yield { type: "tool-call", key: "0", toolName: "spawn_agent", argsText };
  }
  if (said?.type === "text" && said.text === "keep on") {
    yield { type: "text-delta", text: "Working" };
    await new Promise((_, reject) => request.signal.addEventListener("abort", () => reject(request.signal.reason)));
  }
  yield* quickAnswer();
});
const { addUser, db, owner } = await getTestApp();
const ann = await addUser("ann");

const say = (text: string) => ({ content: [{ type: "text", text }] });
const saysText = (text: string) => [{ type: "text", text }];

async function act(client: Client, method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  return client.request(`/api/v2/chats/${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
}

async function errorOf(response: Response) {
  return problem.parse(await response.json());
}

/** A chat that works until it is stopped, with these messages in its queue. */
async function busyChat(client: Client, ...queued: string[]): Promise<{ chatId: string; entries: QueuedMessage[] }> {
  const { id: chatId } = await createChat(client, "keep on");
  await soon(async () => expect((await readChat(client, chatId)).status).toBe("running"));
  for (const text of queued) expect((await act(client, "POST", `${chatId}/messages`, say(text))).status).toBe(200);
  return { chatId, entries: await queueOf(client, chatId) };
}

async function queueOf(client: Client, chatId: string): Promise<QueuedMessage[]> {
  const response = await act(client, "GET", `${chatId}/queue`);
  expect(response.status).toBe(200);
  return queuedMessage.array().parse(await response.json());
}

async function saidIn(client: Client, chatId: string): Promise<string[]> {
  const messages = await messagesOf(client, chatId);
  return messages.toReversed().flatMap(({ content }) => content.flatMap((part) => ("text" in part ? part.text : [])));
}

async function stop(client: Client, chatId: string): Promise<void> {
  for (const { id } of await queueOf(client, chatId)) await act(client, "DELETE", `${chatId}/queue/${id}`);
  await act(client, "POST", `${chatId}/interrupt`);
  await idleChat(client, chatId);
}

const seen = ({ seq }: { seq: number }) => ({ "if-match": `"${seq}"` });

async function ownMessage(client: Client, chatId: string): Promise<ChatMessage> {
  const found = (await messagesOf(client, chatId)).find((message) => message.role === "user");
  if (found === undefined) throw new Error("Nobody said anything");
  return found;
}

describe("PATCH /chats/{chat}/messages/{message}", () => {
  it("says a message anew, and what came after it is gone for readers", async () => {
    const { id } = await answeredChat(ann, "First");
    const message = await ownMessage(ann, id);
    const response = await act(ann, "PATCH", `${id}/messages/${message.id}`, say("  Second "));
    expect(response.status).toBe(200);
    const anew = chatMessage.parse(await response.json());
    expect(anew).toMatchObject({ role: "user", created_by: ann.userId, content: saysText("Second") });
    expect(anew.id).toBeGreaterThan(message.id);
    await idleChat(ann, id);
    expect(await saidIn(ann, id)).toEqual(["Second", "Done."]);
    // The message that was is no message any more.
    expect((await act(ann, "PATCH", `${id}/messages/${message.id}`, say("Third"))).status).toBe(404);
  });

  it("stops a turn that runs and empties the queue", async () => {
    const { chatId } = await busyChat(ann, "waiting");
    const message = await ownMessage(ann, chatId);
    expect((await act(ann, "PATCH", `${chatId}/messages/${message.id}`, say("Other"))).status).toBe(200);
    await idleChat(ann, chatId);
    expect(await saidIn(ann, chatId)).toEqual(["Other", "Done."]);
    expect(await queueOf(ann, chatId)).toEqual([]);
  });

  it("is for one's own messages only, and clear about what is wrong", async () => {
    const { id } = await answeredChat(ann);
    const [answer, question] = await messagesOf(ann, id);
    expect((await act(ann, "PATCH", `${id}/messages/${answer?.id}`, say("Mine"))).status).toBe(400);
    // Somebody who may change the chat, and yet did not say this.
    expect((await act(owner, "PATCH", `${id}/messages/${question?.id}`, say("Mine"))).status).toBe(400);
    for (const message of ["0", "-1", "x", "1.5", "9007199254740993"]) {
      expect((await act(ann, "PATCH", `${id}/messages/${message}`, say("Mine"))).status).toBe(400);
    }
    for (const body of [{}, { content: [] }, say(" "), { content: "text" }]) {
      const response = await act(ann, "PATCH", `${id}/messages/${question?.id}`, body);
      expect(response.status).toBe(400);
      expect((await errorOf(response)).errors?.[0]?.pointer).toMatch(/^\/content/);
    }
  });
});

describe("the queue", () => {
  it("lists, edits, reorders and deletes", async () => {
    const { chatId, entries } = await busyChat(ann, "one", "two", "three");
    expect(entries.map(({ content }) => content)).toEqual([saysText("one"), saysText("two"), saysText("three")]);
    const [one, two, three] = entries;
    if (!one || !two || !three) throw new Error("Not queued");
    const moved = await act(ann, "PATCH", `${chatId}/queue/${three.id}`, { before: one.id }, seen(three));
    expect(queuedMessage.parse(await moved.json()).seq).toBeGreaterThan(three.seq);
    const edited = await act(ann, "PATCH", `${chatId}/queue/${one.id}`, { ...say(" ONE "), before: null }, seen(one));
    expect(queuedMessage.parse(await edited.json())).toMatchObject({ id: one.id, content: saysText("ONE") });
    for (let time = 0; time < 2; time += 1) {
      expect((await act(ann, "DELETE", `${chatId}/queue/${two.id}`)).status).toBe(204);
    }
    expect((await queueOf(ann, chatId)).map(({ content }) => content)).toEqual([saysText("three"), saysText("ONE")]);
    await stop(ann, chatId);
  });

  it("takes a change only from who saw the newest version", async () => {
    const { chatId, entries } = await busyChat(ann, "one");
    const path = `${chatId}/queue/${entries[0]?.id}`;
    const stamp = seen({ seq: entries[0]?.seq ?? 0 });
    const blind = await act(ann, "PATCH", path, say("x"));
    expect(blind.status).toBe(428);
    expect((await errorOf(blind)).errors?.[0]?.parameter).toBe("If-Match");
    expect((await act(ann, "PATCH", path, say("x"), { "if-match": '"abc"' })).status).toBe(400);
    expect((await act(ann, "PATCH", path, say("first"), stamp)).status).toBe(200);
    expect((await act(ann, "PATCH", path, say("second"), stamp)).status).toBe(409);
    expect((await act(ann, "POST", `${path}/promote`, undefined, stamp)).status).toBe(409);
    expect((await queueOf(ann, chatId))[0]?.content).toEqual(saysText("first"));
    await stop(ann, chatId);
  });

  it("is clear about what is wrong", async () => {
    const { chatId, entries } = await busyChat(ann, "one");
    for (const [body, pointer] of [
      [say(" "), "/content/0/text"],
      [{ content: [] }, "/content"],
      [{ model_config_id: newId() }, "/model_config_id"],
      [{ content: [{ type: "file", file_id: newId() }] }, "/content/0/file_id"],
      [{ before: "first" }, "/before"],
    ] as const) {
      const response = await act(ann, "PATCH", `${chatId}/queue/${entries[0]?.id}`, body, { "if-match": '"1"' });
      expect([response.status, (await errorOf(response)).errors?.[0]?.pointer]).toEqual([400, pointer]);
    }
    for (const entry of ["0", "x", "1.5"]) {
      expect((await act(ann, "DELETE", `${chatId}/queue/${entry}`)).status).toBe(400);
    }
    await stop(ann, chatId);
  });

  it("sends one now: what runs is stopped, what it said is kept", async () => {
    const { chatId, entries } = await busyChat(ann, "one", "two");
    const two = entries[1];
    if (!two) throw new Error("Not queued");
    const response = await act(ann, "POST", `${chatId}/queue/${two.id}/promote`, undefined, seen(two));
    expect(response.status).toBe(200);
    expect(createMessageResponse.parse(await response.json())).toMatchObject({
      queued: false,
      message: { content: saysText("two") },
    });
    // It was started: nobody can start or change it again, and deleting it comes too late without harm.
    expect((await act(ann, "POST", `${chatId}/queue/${two.id}/promote`)).status).toBe(409);
    expect((await act(ann, "PATCH", `${chatId}/queue/${two.id}`, say("x"), seen(two))).status).toBe(409);
    expect((await act(ann, "DELETE", `${chatId}/queue/${two.id}`)).status).toBe(204);
    await idleChat(ann, chatId);
    expect(await saidIn(ann, chatId)).toEqual(["keep on", "Working", "two", "Done.", "one", "Done."]);
  });

  it("is full at 20", async () => {
    const { chatId } = await busyChat(ann, ...Array.from({ length: 20 }, (_, index) => `m${index}`));
    const response = await act(ann, "POST", `${chatId}/messages`, say("one more"));
    expect(response.status).toBe(429);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    await stop(ann, chatId);
  });
});

describe("POST /chats/{chat}/compact", () => {
  it("makes a summary that people can open, once the turn is over", async () => {
    const { chatId } = await busyChat(ann);
    expect((await act(ann, "POST", `${chatId}/compact`)).status).toBe(409);
    await stop(ann, chatId);
    const response = await act(ann, "POST", `${chatId}/compact`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ id: chatId });
    await idleChat(ann, chatId);
    const [newest] = await messagesOf(ann, chatId);
    expect(newest?.content[0]).toMatchObject({ type: "tool-result", tool_name: "chat_summarized" });
  });
});

describe("the archive", () => {
  it("takes a chat in and gives it back; twice is a 400", async () => {
    const { id } = await answeredChat(ann);
    expect((await act(ann, "POST", `${id}/unarchive`)).status).toBe(400);
    expect((await act(ann, "POST", `${id}/archive`)).status).toBe(204);
    expect((await readChat(ann, id)).archived).toBe(true);
    expect((await listedChat(ann, id))?.archived).toBe(true);
    expect((await act(ann, "POST", `${id}/archive`)).status).toBe(400);
    const message = await ownMessage(ann, id);
    for (const [method, path] of [
      ["POST", `${id}/messages`],
      ["PATCH", `${id}/messages/${message.id}`],
    ] as const) {
      expect((await act(ann, method, path, say("More"))).status).toBe(409);
    }
    expect((await act(ann, "PATCH", id, { title: "Other" })).status).toBe(409);
    expect((await act(ann, "POST", `${id}/compact`)).status).toBe(409);
    expect((await act(ann, "POST", `${id}/unarchive?descendants=maybe`)).status).toBe(400);
    expect((await act(ann, "POST", `${id}/unarchive?descendants=true`)).status).toBe(204);
    expect((await act(ann, "POST", `${id}/unarchive`)).status).toBe(400);
    expect((await listedChat(ann, id))?.archived).toBe(false);
  });

  it("interrupts what runs", async () => {
    const { chatId } = await busyChat(ann);
    expect((await act(ann, "POST", `${chatId}/archive`)).status).toBe(204);
    expect((await idleChat(ann, chatId)).archived).toBe(true);
    expect(await saidIn(ann, chatId)).toEqual(["keep on", "Working"]);
  });

  it("takes a tree with its root, and a sub-agent alone", async () => {
    const { root, child } = await family(ann);
    const archived = async () => [(await readChat(ann, root)).archived, (await readChat(ann, child)).archived];
    expect((await act(ann, "POST", `${child}/archive`)).status).toBe(204);
    await soon(async () => expect(await archived()).toEqual([false, true]));
    expect((await act(ann, "POST", `${child}/unarchive`)).status).toBe(204);
    await soon(async () => expect(await archived()).toEqual([false, false]));
    expect((await act(ann, "POST", `${root}/archive`)).status).toBe(204);
    await soon(async () => expect(await archived()).toEqual([true, true]));
    expect((await act(ann, "POST", `${root}/unarchive?descendants=true`)).status).toBe(204);
    await soon(async () => expect(await archived()).toEqual([false, false]));
  });

  it("is the only way to put a chat away", async () => {
    const { id } = await answeredChat(ann);
    const response = await act(ann, "DELETE", id);
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, PATCH"]);
  });
});

/** A chat with a sub-agent, both done. */
async function family(client: Client): Promise<{ root: string; child: string }> {
  const { id: root } = await answeredChat(client, "delegate");
  const child = await soon(async () => {
    const [row] = await db.select().from(chats).where(eq(chats.parentChatId, root));
    if (row === undefined) throw new Error("There is no sub-agent yet");
    return row.id;
  });
  await idleChat(client, child);
  return { root, child };
}
