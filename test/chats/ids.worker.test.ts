import { describe, expect, it } from "vitest";
import { z } from "zod";
import { chat, messagesResponse } from "../../src/contract/chats.ts";
import { problem } from "../../src/contract/common.ts";
import { chatFile } from "../../src/contract/files.ts";
import { newId } from "../../src/platform/ids.ts";
import { getTestApp, type Client } from "../support/app.ts";
import { soon } from "../support/soon.ts";
import { PNG } from "./file-bytes.ts";
import { quickAnswer, useModel } from "./scripted-model.ts";
import { createChat, readChat, upgrade } from "./support.ts";

/*
 * Every route that names a chat, or something in one, with ids that are somebody else's, another chat's,
 * a sub-agent's and nobody's. The routes come out of the API description: a new one fails here until
 * somebody has said what a request to it looks like.
 */

/** Works until it is stopped, at "delegate" with a sub-agent that does the same. */
useModel(async function* (request) {
  const said = request.messages.at(-1)?.parts[0];
  if (said?.type === "text" && said.text === "delegate") {
    const argsText = JSON.stringify({ prompt: "keep on" });
    yield { type: "tool-call", key: "0", toolName: "spawn_agent", argsText };
    yield* quickAnswer();
    return;
  }
  yield { type: "text-delta", text: "Working" };
  await new Promise((_, reject) => request.signal.addEventListener("abort", () => reject(request.signal.reason)));
});
const { addUser, anonymous } = await getTestApp();
const ann = await addUser("ann");
const bob = await addUser("bob");

const description = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.object({ operationId: z.string() }))),
});
const { paths } = description.parse(await (await anonymous("/api/openapi.json")).json());
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { operationId }]) => ({ path, method: method.toUpperCase(), operationId })),
);

const say = (text: string) => ({ content: [{ type: "text", text }] });

interface Sample {
  body?: object;
  headers?: Record<string, string>;
  /** What its owner gets; a refusal other than 404 has looked past the ids, too. */
  own: number;
}

const samples: Record<string, Sample> = {
  readChat: { own: 200 },
  updateChat: { body: { title: "Another title" }, own: 200 },
  listChatMessages: { own: 200 },
  createChatMessage: { body: say("More"), own: 200 },
  editChatMessage: { body: say("Anew"), own: 200 },
  interruptChat: { own: 200 },
  streamChat: { headers: upgrade, own: 101 },
  listChatQueue: { own: 200 },
  listChatPullRequests: { own: 200 },
  readChatLocalChanges: { own: 200 },
  refreshChatDiff: { own: 204 },
  updateChatQueuedMessage: { body: say("Other"), headers: { "if-match": '"<seq>"' }, own: 200 },
  deleteChatQueuedMessage: { own: 204 },
  promoteChatQueuedMessage: { own: 200 },
  compactChat: { own: 409 }, // It is busy.
  regenerateChatTitle: { own: 200 },
  archiveChat: { own: 204 },
  unarchiveChat: { own: 400 }, // It is not archived.
  exportChat: { own: 200 },
  listChatShares: { own: 200 },
  updateChatShares: { body: { user_roles: {} }, own: 200 },
  deleteChatShares: { own: 204 },
  leaveChat: { own: 409 }, // It is theirs.
  listChatPeople: { own: 200 },
  readChatDiff: { own: 200 },
  markChatRead: { body: { message_id: 2 }, own: 204 },
};

interface Ground {
  chatId: string;
  /** Of a message of the person's, and of an entry in the queue. */
  ids: { message: number; entry: number };
  seq: number;
}

/** A chat at work, with messages in its queue: the more, the higher the id of the last. */
async function atWork(client: Client, chatId: string, queued: number): Promise<Ground> {
  await soon(async () => expect((await readChat(client, chatId)).status).toBe("running"));
  for (let index = 0; index < queued; index++) {
    const options = { method: "POST", body: say(`waits ${index}`) };
    expect((await client.request(`/api/v2/chats/${chatId}/messages`, options)).status).toBe(200);
  }
  const page = await pageOf(client, chatId);
  const message = page.messages.findLast(({ role }) => role === "user");
  const entry = page.queued_messages.at(-1);
  if (message === undefined || entry === undefined) throw new Error("Nothing was said");
  return { chatId, ids: { message: message.id, entry: entry.id }, seq: entry.seq };
}

async function pageOf(client: Client, chatId: string) {
  const response = await client.request(`/api/v2/chats/${chatId}/messages`);
  return messagesResponse.parse(await response.json());
}

/** A chat of its own with a sub-agent, both at work. */
async function family(client: Client): Promise<{ parent: string; child: string }> {
  const { id: parent } = await createChat(client, "delegate");
  const child = await soon(async () => {
    const listed = chat.array().parse(await (await client.request("/api/v2/chats")).json());
    const found = listed.find((one) => one.parent_chat_id === parent);
    if (found === undefined) throw new Error("There is no sub-agent yet");
    return found.id;
  });
  return { parent, child };
}

function addressOf(path: string, chatId: string, ids: Ground["ids"]): string {
  return path.replace("{chat}", chatId).replace("{message}", String(ids.message)).replace("{entry}", String(ids.entry));
}

const own = await atWork(ann, (await createChat(ann, "keep on")).id, 1);
const anns = await atWork(ann, (await createChat(ann, "keep on")).id, 5);
const bobs = await atWork(bob, (await createChat(bob, "keep on")).id, 1);
const relatives = await family(ann);
const child = await atWork(ann, relatives.child, 1);

const ofChats = operations.filter(({ path }) => path.includes("{chat}"));
const within = ofChats.filter(({ path }) => path.replace("{chat}", "").includes("{"));
type Operation = (typeof operations)[number];
const named = (list: Operation[]) => list.map((operation) => [operation.operationId, operation] as const);

async function request(client: Client, operation: Operation, ground: Ground, ids = ground.ids): Promise<Response> {
  const sample = samples[operation.operationId];
  if (sample === undefined) throw new Error(`Say in \`samples\` what a request of ${operation.operationId} looks like`);
  const headers = Object.fromEntries(
    Object.entries(sample.headers ?? {}).map(([header, value]) => [header, value.replace("<seq>", `${ground.seq}`)]),
  );
  return client.request(addressOf(operation.path, ground.chatId, ids), {
    method: operation.method,
    headers,
    ...(sample.body === undefined ? {} : { body: sample.body }),
  });
}

async function expectNotThere(whose: string, asked: Promise<Response>): Promise<void> {
  const response = await asked;
  expect([whose, response.status]).toEqual([whose, 404]);
  expect(problem.parse(await response.json()).status).toBe(404);
}

describe.each(named(ofChats))("%s", (name, operation) => {
  it("is 404 for who has no part in the chat, and changes nothing", async () => {
    const before = await pageOf(ann, own.chatId);
    await expectNotThere("another's chat", request(bob, operation, own));
    await expectNotThere("another's sub-agent", request(bob, operation, child));
    await expectNotThere("a chat of bob's", request(ann, operation, bobs));
    await expectNotThere("nobody's chat", request(ann, operation, { ...own, chatId: newId() }));
    expect(await pageOf(ann, own.chatId)).toEqual(before);
  });

  it("works for its owner, in a chat and in a sub-agent", async () => {
    const fresh = await atWork(ann, (await createChat(ann, "keep on")).id, 1);
    const { child: chatId } = await family(ann);
    for (const ground of [fresh, await atWork(ann, chatId, 1)]) {
      const response = await request(ann, operation, ground);
      expect(response.status).toBe(samples[name]?.own);
      response.webSocket?.accept();
      response.webSocket?.close(1000);
    }
  });
});

describe.each(named(within))("%s", (_name, operation) => {
  it("is 404 for what is in another chat of the same person", async () => {
    // Ids count within a chat: the other one's last entry is a number that this one has not come to.
    const elsewhere = { message: anns.ids.entry, entry: anns.ids.entry };
    await expectNotThere("the other chat's", request(ann, operation, own, elsewhere));
    await expectNotThere("the other chat's, in a sub-agent", request(ann, operation, child, elsewhere));
    // The same number is there, but it is something else.
    const swapped = { message: own.ids.entry, entry: own.ids.message };
    await expectNotThere("the wrong kind", request(ann, operation, own, swapped));
  });
});

describe("files", () => {
  it("are named by the two routes that are tested here", () => {
    const named = operations.filter(({ path }) => path.includes("{file}")).map(({ operationId }) => operationId);
    expect(named).toEqual(["readChatFile"]);
  });

  it("are 404 to everybody but their owner, and no part of anybody else's message", async () => {
    const response = await ann.request("/api/v2/chats/files", { method: "POST", body: PNG });
    const file = chatFile.parse(await response.json());
    const read = async (client: Client, id: string) => (await client.request(`/api/v2/chats/files/${id}`)).status;
    expect([await read(ann, file.id), await read(bob, file.id), await read(ann, newId())]).toEqual([200, 404, 404]);
    for (const [client, ground, id] of [
      [bob, bobs, file.id],
      [ann, own, newId()],
    ] as const) {
      const body = { content: [{ type: "file", file_id: id }] };
      const refused = await client.request(`/api/v2/chats/${ground.chatId}/messages`, { method: "POST", body });
      expect(problem.parse(await refused.json())).toMatchObject({
        status: 400,
        errors: [{ pointer: "/content/0/file_id" }],
      });
    }
  });
});

describe("the queue", () => {
  it("puts nothing before an entry of another chat", async () => {
    const options = { method: "PATCH", body: { before: anns.ids.entry }, headers: { "if-match": `"${own.seq}"` } };
    const response = await ann.request(`/api/v2/chats/${own.chatId}/queue/${own.ids.entry}`, options);
    expect(response.status).toBe(404);
  });
});
