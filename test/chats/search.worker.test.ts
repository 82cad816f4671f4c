import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { searchResult, type SearchResult } from "../../src/contract/search.ts";
import { projectionPort } from "../../src/chats/projection.ts";
import { newId } from "../../src/platform/ids.ts";
import { getTestApp, type Client } from "../support/app.ts";
import { soon } from "../support/soon.ts";
import { useModel } from "./scripted-model.ts";
import { answeredChat, createChat, idleChat, messagesOf } from "./support.ts";

useModel(() => [
  { type: "text-delta", text: "The pelican is a bird of the coast." },
  { type: "finish", reason: "stop", usage: NO_USAGE },
]);
const NO_USAGE = {
  input_tokens: null,
  output_tokens: null,
  total_tokens: null,
  reasoning_tokens: null,
  cache_creation_tokens: null,
  cache_read_tokens: null,
  cache_creation_1h_tokens: null,
  web_search_requests: null,
};
const { addUser, db, owner } = await getTestApp();
const ann = await addUser("ann");

async function search(client: Client, q: string, more: Record<string, string> = {}): Promise<SearchResult[]> {
  const response = await client.request(`/api/v2/chats/search?${new URLSearchParams({ q, ...more }).toString()}`);
  expect(response.status).toBe(200);
  return searchResult.array().parse(await response.json());
}

const found = async (client: Client, q: string, more?: Record<string, string>) =>
  (await search(client, q, more)).map((result) => result.chat.id);

describe("GET /chats/search", () => {
  it("finds what was asked and what was answered, as soon as it is there, and says where", async () => {
    const made = await createChat(ann, "Tell me of waterfowl, please, and of the sea");
    expect(await found(ann, "waterfowl")).toEqual([made.id]);
    await idleChat(ann, made.id);
    const [answer, question] = await messagesOf(ann, made.id);
    const [result] = await soon(async () => {
      const results = await search(ann, "PELIC coast");
      expect(results).toHaveLength(1);
      return results;
    });
    expect(result).toMatchObject({ chat: { id: made.id, has_unread: true } });
    expect(result?.matches).toMatchObject([{ message_id: answer?.id, role: "assistant" }]);
    const { text, marks } = result?.matches[0]?.snippet ?? { text: "", marks: [] };
    expect(marks.map(({ start, end }) => text.slice(start, end))).toEqual(["pelican", "coast"]);

    const inTitle = (await search(ann, "waterf")).find((one) => one.chat.id === made.id);
    expect(inTitle?.matches).toMatchObject([
      { message_id: null, role: "title" },
      { message_id: question?.id, role: "user" },
    ]);
  });

  it("puts titles before messages, the newest before the older, and follows a new title", async () => {
    const bea = await addUser("bea");
    const first = await answeredChat(bea, "one two three four five six kelp");
    const second = await answeredChat(bea, "one two three four five six kelp");
    const third = await answeredChat(bea, "Something else");
    expect(await found(bea, "kelp")).toEqual([second.id, first.id]);
    await bea.request(`/api/v2/chats/${third.id}`, { method: "PATCH", body: { title: "The kelp forest" } });
    expect(await found(bea, "kelp")).toEqual([third.id, second.id, first.id]);
    expect(await found(bea, "kelp", { limit: "1" })).toEqual([third.id]);
    await bea.request(`/api/v2/chats/${third.id}`, { method: "PATCH", body: { title: "Another forest" } });
    expect(await found(bea, "kelp")).toEqual([second.id, first.id]);
  });

  it("is each person's own, also for those who may read everything", async () => {
    const cleo = await addUser("cleo");
    const made = await answeredChat(cleo, "A secret about lighthouses");
    expect(await found(cleo, "lighthouses")).toEqual([made.id]);
    expect(await found(ann, "lighthouses")).toEqual([]);
    expect(await found(owner, "lighthouses")).toEqual([]);
  });

  it("keeps to chats of a status, archived or not", async () => {
    const dora = await addUser("dora");
    const made = await answeredChat(dora, "The archive of driftwood");
    expect(await found(dora, "driftwood", { status: "waiting" })).toEqual([made.id]);
    expect(await found(dora, "driftwood", { status: "running" })).toEqual([]);
    expect(await found(dora, "driftwood", { archived: "true" })).toEqual([]);
    await env.DB.prepare("update chats set archived = 1 where id = ?").bind(made.id).run();
    expect(await found(dora, "driftwood", { archived: "true" })).toEqual([made.id]);
    expect(await found(dora, "driftwood", { archived: "false" })).toEqual([]);
    expect(await found(dora, "driftwood")).toEqual([made.id]);
    // The index may know a chat that D1 does not: it is not shown.
    await env.DB.prepare("update chats set version = 0 where id = ?").bind(made.id).run();
    expect(await found(dora, "driftwood")).toEqual([]);
  });

  it("forgets what an edit took back, and the chat is unread by its new answer alone", async () => {
    const gus = await addUser("gus");
    const made = await answeredChat(gus, "one two three four five six sandpiper");
    const [answer, question] = await messagesOf(gus, made.id);
    await gus.request(`/api/v2/chats/${made.id}/read`, { method: "POST", body: { message_id: answer?.id } });
    const edited = await gus.request(`/api/v2/chats/${made.id}/messages/${question?.id}`, {
      method: "PATCH",
      body: { content: [{ type: "text", text: "one two three four five six avocet" }] },
    });
    expect(edited.status).toBe(200);
    expect(await found(gus, "sandpiper")).toEqual([]);
    expect(await found(gus, "avocet")).toEqual([made.id]);
    expect((await idleChat(gus, made.id)).has_unread).toBe(true);
  });

  it("takes any syntax for words, and refuses no words at all", async () => {
    for (const q of [
      '"',
      "a AND (b",
      "x NEAR/2 y",
      "col:pelican*",
      "'; drop table search_texts; --",
      "***",
      "-",
      "\u0000",
    ]) {
      await search(ann, q);
    }
    expect(await search(ann, "***")).toEqual([]);
    for (const query of [
      "q=",
      "q=%20%20",
      "",
      "q=x&limit=0",
      "q=x&status=asleep",
      "q=x&page=2",
      `q=${"x".repeat(501)}`,
    ]) {
      expect([query, (await ann.request(`/api/v2/chats/search?${query}`)).status]).toEqual([query, 400]);
    }
  });
});

describe("the index", () => {
  it("takes deletions out, and older versions never bring them back", async () => {
    const eve = await addUser("eve");
    const hub = env.USERS.getByName(eve.userId);
    const port = projectionPort(env, db);
    const entry = { chatId: newId(), messageId: 4, seq: 10, role: "user", text: "barnacle", createdAt: 1 } as const;
    const hits = () => hub.findChats({ question: "barn", limit: 10, offset: 0 });
    await port.index(eve.userId, [{ ...entry, deleted: false }]);
    expect(await hits()).toEqual([entry.chatId]);
    await port.index(eve.userId, [{ ...entry, seq: 12, deleted: true }]);
    expect(await hits()).toEqual([]);
    await port.index(eve.userId, [{ ...entry, seq: 11, deleted: false }]);
    expect(await hits()).toEqual([]);
    // A deletion that comes before what it deletes.
    await port.index(eve.userId, [{ ...entry, messageId: 5, seq: 20, deleted: true }]);
    await port.index(eve.userId, [{ ...entry, messageId: 5, seq: 19, deleted: false }]);
    expect(await hits()).toEqual([]);
  });

  it("holds very long texts", async () => {
    const finn = await addUser("finn");
    const hub = env.USERS.getByName(finn.userId);
    const chatId = newId();
    const text = `plankton ${"海 ".repeat(400_000)}`;
    await hub.indexMessages([
      { chatId, messageId: 1, version: 1, role: "assistant", text, deleted: false, createdAt: 1 },
    ]);
    expect(await hub.findChats({ question: "plankton 海", limit: 10, offset: 0 })).toEqual([chatId]);
    const [found] = await hub.findMatches({ question: "plankton", chatIds: [chatId] });
    expect(found?.matches[0]?.snippet.text.length).toBeLessThan(200);
  });
});
