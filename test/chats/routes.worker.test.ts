import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { describe, expect, it, vi } from "vitest";
import { chat, createMessageResponse, messagesResponse, type Chat } from "../../src/contract/chats.ts";
import { problem } from "../../src/contract/common.ts";
import { workspaceConnection } from "../../src/contract/workspaces.ts";
import { streamFrame } from "../../src/contract/stream.ts";
import { chatMessages, chats, idempotencyKeys } from "../../src/chats/schema.ts";
import { sweepChats } from "../../src/chats/sweep.ts";
import { newId } from "../../src/platform/ids.ts";
import { ChatObject } from "../../src/worker.ts";
import { getTestApp, type Client } from "../support/app.ts";
import { useModel } from "./scripted-model.ts";
import { soon } from "../support/soon.ts";

useModel();
const { addUser, withToken, anonymous, db, owner } = await getTestApp();
const ann = await addUser("ann");
const bob = await addUser("bob");

const hello = { content: [{ type: "text", text: "Hello there" }] };

async function create(client: Client, body: object = hello, headers: Record<string, string> = {}): Promise<Chat> {
  const response = await client.request("/api/v2/chats", { method: "POST", body, headers });
  expect(response.status).toBe(201);
  return chat.parse(await response.json());
}

async function listed(client: Client, query = ""): Promise<{ chats: Chat[]; next: string | null }> {
  const response = await client.request(`/api/v2/chats${query}`);
  expect(response.status).toBe(200);
  const next = /<([^>]+)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1] ?? null;
  return { chats: chat.array().parse(await response.json()), next };
}

async function refused(response: Response) {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  return problem.parse(await response.json());
}

async function idle(client: Client, chatId: string): Promise<Chat> {
  return soon(async () => {
    const found = chat.parse(await (await client.request(`/api/v2/chats/${chatId}`)).json());
    expect(["waiting", "error"]).toContain(found.status);
    return found;
  });
}

describe("POST /chats", () => {
  it("makes a chat that is listed at once, with its first message and its first words as title", async () => {
    const made = await create(ann, { content: [{ type: "Text", text: "  Say one two three four five six " }] });
    expect(made).toMatchObject({
      owner_id: ann.userId,
      title: "Say one two three four five…",
      root_chat_id: made.id,
      workspace_id: null,
      archived: false,
      last_error: null,
    });
    expect((await listed(ann)).chats.map((one) => one.id)).toContain(made.id);
    const page = messagesResponse.parse(await (await ann.request(`/api/v2/chats/${made.id}/messages`)).json());
    expect(page.messages.at(-1)).toMatchObject({
      role: "user",
      created_by: ann.userId,
      content: [{ type: "text", text: "Say one two three four five six" }],
    });
    await idle(ann, made.id);
  });

  it("keeps odd text as it is, and lists the chat", async () => {
    const text = 'nul \u0000 quote " emoji 🌊 bidi \u202e end';
    const made = await create(ann, { content: [{ type: "text", text: `${text}\ud83c` }] });
    const page = messagesResponse.parse(await (await ann.request(`/api/v2/chats/${made.id}/messages`)).json());
    expect(page.messages.at(-1)?.content).toEqual([{ type: "text", text: `${text}\ufffd` }]);
    expect((await listed(ann)).chats.find((one) => one.id === made.id)?.title).toBe(made.title);
    await idle(ann, made.id);
  });

  it("answers a repeat with the same key with the same chat, and another body with 422", async () => {
    const headers = { "Idempotency-Key": newId() };
    const [first, second] = await Promise.all([create(ann, hello, headers), create(ann, hello, headers)]);
    const third = await create(ann, { ...hello, unknown_field: 1 }, headers);
    expect(new Set([first.id, second.id, third.id]).size).toBe(1);
    const other = await ann.request("/api/v2/chats", {
      method: "POST",
      headers,
      body: { content: [{ type: "text", text: "Another" }] },
    });
    expect(other.status).toBe(422);
    expect(await refused(other)).toMatchObject({ errors: [{ parameter: "Idempotency-Key" }] });
    // Keys are each person's own.
    expect((await create(bob, hello, headers)).id).not.toBe(first.id);
    await idle(ann, first.id);
  });

  it("answers 503 when the object can't be reached, and a repeat finishes the same chat", async () => {
    const headers = { "Idempotency-Key": newId() };
    const broken = vi.spyOn(ChatObject.prototype, "create").mockRejectedValueOnce(new Error("away"));
    const failed = await ann.request("/api/v2/chats", { method: "POST", body: hello, headers });
    broken.mockRestore();
    expect(failed.status).toBe(503);
    expect(failed.headers.get("retry-after")).toBe("1");
    const [begun] = await db.select().from(idempotencyKeys).where(eq(idempotencyKeys.key, headers["Idempotency-Key"]));
    if (!begun) throw new Error("No key was kept");
    expect((await listed(ann)).chats.map((one) => one.id)).not.toContain(begun.chatId);
    expect((await ann.request(`/api/v2/chats/${begun.chatId}`)).status).toBe(404);
    expect((await ann.request(`/api/v2/chats/${begun.chatId}/stream`, { headers: upgrade })).status).toBe(404);

    const made = await create(ann, hello, headers);
    expect(made.id).toBe(begun.chatId);
    expect((await listed(ann)).chats.filter((one) => one.id === made.id)).toHaveLength(1);
    await idle(ann, made.id);
  });

  it.each([
    ["no content", {}, 400, "/content"],
    ["an empty content", { content: [] }, 400, "/content"],
    ["blank text", { content: [{ type: "text", text: " \n " }] }, 400, "/content/0/text"],
    ["a part of no type", { content: [{ type: "video" }] }, 400, "/content/0/type"],
    ["a file of nobody", { content: [{ type: "file", file_id: newId() }] }, 400, "/content/0/file_id"],
    ["a workspace of nobody", { ...hello, workspace_id: newId() }, 400, "/workspace_id"],
    ["a workspace that is no id", { ...hello, workspace_id: "x" }, 400, "/workspace_id"],
    ["a model of nobody", { ...hello, model_config_id: newId() }, 400, "/model_config_id"],
    ["2 MB", { content: [{ type: "text", text: "x".repeat(2_000_000) }] }, 413, "/content"],
  ])("refuses %s", async (_, body, status, pointer) => {
    const response = await ann.request("/api/v2/chats", { method: "POST", body });
    expect(response.status).toBe(status);
    expect((await refused(response)).errors?.[0]?.pointer).toBe(pointer);
  });

  it("refuses a workspace of somebody else, also to an owner of the site", async () => {
    const made = await bob.request("/api/v2/workspaces", { method: "POST", body: { name: "bobs" } });
    const { workspace } = workspaceConnection.parse(await made.json());
    for (const client of [ann, owner]) {
      const response = await client.request("/api/v2/chats", {
        method: "POST",
        body: { ...hello, workspace_id: workspace.id },
      });
      expect(response.status).toBe(400);
    }
    const own = await create(bob, { ...hello, workspace_id: workspace.id });
    expect(own.workspace_id).toBe(workspace.id);
    await idle(bob, own.id);
  });

  it("needs somebody who is signed in", async () => {
    expect((await anonymous("/api/v2/chats", { method: "POST", body: hello })).status).toBe(401);
    expect((await anonymous("/api/v2/chats")).status).toBe(401);
  });
});

describe("GET /chats", () => {
  it("pages through one's own chats without losing or repeating one", async () => {
    const carl = await addUser("carl");
    const ids: string[] = [];
    for (let count = 0; count < 5; count++) ids.unshift((await create(carl)).id);
    await Promise.all(ids.map((id) => idle(carl, id)));
    // Equal times: the id decides.
    await db.update(chats).set({ updatedAt: 5_000 }).where(eq(chats.ownerId, carl.userId));
    const expected = ids.toSorted().toReversed();

    const seen: string[] = [];
    let path: string | null = "?limit=2";
    while (path !== null) {
      const page = await listed(carl, path.replace("/api/v2/chats", ""));
      seen.push(...page.chats.map((one) => one.id));
      path = page.next;
    }
    expect(seen).toEqual(expected);
    expect((await listed(carl, "?limit=2&offset=1")).chats.map((one) => one.id)).toEqual(expected.slice(1, 3));
    expect((await listed(bob)).chats.every((one) => one.owner_id === bob.userId)).toBe(true);
    // An owner of the site may read them; the list is still one's own.
    expect((await listed(owner)).chats).toEqual([]);
  });

  it("has 50 chats on a page where nobody says how many", async () => {
    const zoe = await addUser("zoe");
    const made = await create(zoe);
    await idle(zoe, made.id);
    const [row] = await db.select().from(chats).where(eq(chats.id, made.id));
    if (row === undefined) throw new Error("The chat is not listed");
    for (let index = 0; index < 50; index++) {
      const id = newId();
      await db.insert(chats).values({ ...row, id, rootChatId: id, updatedAt: index });
    }
    const first = await listed(zoe);
    expect(first.chats).toHaveLength(50);
    expect((await listed(zoe, first.next?.replace("/api/v2/chats", ""))).chats).toHaveLength(1);
    expect((await listed(zoe, "?limit=200")).chats).toHaveLength(51);
  });

  it("tells archived chats from others", async () => {
    const dora = await addUser("dora");
    const [kept, archived] = [await create(dora), await create(dora)];
    await Promise.all([idle(dora, kept.id), idle(dora, archived.id)]);
    await db.update(chats).set({ archived: true }).where(eq(chats.id, archived.id));
    const idsOf = async (query: string) => (await listed(dora, query)).chats.map((one) => one.id);
    expect(await idsOf("?archived=true")).toEqual([archived.id]);
    expect(await idsOf("?archived=false")).toEqual([kept.id]);
    expect(await idsOf("")).toHaveLength(2);
  });

  it.each([
    ["limit=0", "limit"],
    ["limit=201", "limit"],
    ["limit=many", "limit"],
    ["offset=-1", "offset"],
    ["archived=maybe", "archived"],
    ["after_id=x", "after_id"],
    [`after_id=${newId()}`, "after_id"],
    ["colour=red", "colour"],
  ])("refuses ?%s", async (query, parameter) => {
    const response = await ann.request(`/api/v2/chats?${query}`);
    expect(response.status).toBe(400);
    expect((await refused(response)).errors?.[0]?.parameter).toBe(parameter);
  });

  it("does not begin after a chat of somebody else", async () => {
    const foreign = await create(bob);
    expect((await ann.request(`/api/v2/chats?after_id=${foreign.id}`)).status).toBe(400);
    await idle(bob, foreign.id);
  });
});

describe("one chat", () => {
  it("is 404 for everybody else, whatever they try, as is one that never was", async () => {
    const made = await create(bob);
    for (const id of [made.id, newId()]) {
      const tries: [string, string, object?][] = [
        ["GET", `/api/v2/chats/${id}`],
        ["PATCH", `/api/v2/chats/${id}`, { title: "Mine" }],
        ["GET", `/api/v2/chats/${id}/messages`],
        ["POST", `/api/v2/chats/${id}/messages`, hello],
        ["POST", `/api/v2/chats/${id}/interrupt`],
        ["GET", `/api/v2/chats/${id}/stream`],
      ];
      for (const [method, path, body] of tries) {
        const headers: Record<string, string> = path.endsWith("/stream") ? upgrade : {};
        const response = await ann.request(path, { method, headers, ...(body === undefined ? {} : { body }) });
        expect([path, method, response.status]).toEqual([path, method, 404]);
      }
    }
    await idle(bob, made.id);
  });

  it("takes a new title and another workspace, and lists show them", async () => {
    const made = await create(ann);
    await idle(ann, made.id);
    const connection = await ann.request("/api/v2/workspaces", { method: "POST", body: { name: "mine" } });
    const { workspace } = workspaceConnection.parse(await connection.json());
    const patched = await ann.request(`/api/v2/chats/${made.id}`, {
      method: "PATCH",
      body: { title: "  Better  ", workspace_id: workspace.id },
    });
    expect(patched.status).toBe(200);
    expect(await patched.json()).toMatchObject({ title: "Better", workspace_id: workspace.id });
    const inList = (await listed(ann)).chats.find((one) => one.id === made.id);
    expect(inList).toMatchObject({ title: "Better", workspace_id: workspace.id });
    const unbound = await ann.request(`/api/v2/chats/${made.id}`, { method: "PATCH", body: { workspace_id: null } });
    expect(await unbound.json()).toMatchObject({ title: "Better", workspace_id: null });
    for (const body of [{ title: " " }, { title: 5 }, { workspace_id: newId() }, [], null]) {
      expect((await ann.request(`/api/v2/chats/${made.id}`, { method: "PATCH", body })).status).toBe(400);
    }
  });

  it("takes messages, once per key, and gives them back in pages", async () => {
    const made = await create(ann);
    await idle(ann, made.id);
    const headers = { "Idempotency-Key": newId() };
    const send = (body: object) => ann.request(`/api/v2/chats/${made.id}/messages`, { method: "POST", body, headers });
    const first = createMessageResponse.parse(
      await (await send({ content: [{ type: "text", text: " More " }] })).json(),
    );
    const again = createMessageResponse.parse(
      await (await send({ content: [{ type: "text", text: " More " }] })).json(),
    );
    expect(first.queued).toBe(false);
    expect(first.message?.content).toEqual([{ type: "text", text: "More" }]);
    expect(again.message?.id).toBe(first.message?.id);
    expect((await send({ content: [{ type: "text", text: "Else" }] })).status).toBe(422);
    await idle(ann, made.id);

    const page = async (query: string) =>
      messagesResponse.parse(await (await ann.request(`/api/v2/chats/${made.id}/messages${query}`)).json());
    const all = await page("");
    const mine = all.messages.filter((message) => message.role === "user");
    expect(mine.map((message) => message.content[0])).toEqual([
      { type: "text", text: "More" },
      { type: "text", text: "Hello there" },
    ]);
    expect(all.messages.map((message) => message.id)).toEqual(
      all.messages.map((message) => message.id).toSorted((a, b) => b - a),
    );
    const newest = await page("?limit=1");
    expect(newest.has_more).toBe(true);
    const rest = await page(`?before_id=${newest.messages[0]?.id}`);
    expect([...newest.messages, ...rest.messages]).toEqual(all.messages);
    expect(rest.has_more).toBe(false);
    const ledger = await db
      .select()
      .from(chatMessages)
      .where(eq(chatMessages.chatId, made.id))
      .orderBy(chatMessages.id);
    expect(ledger.filter((row) => row.role === "user").map((row) => row.createdBy)).toEqual([ann.userId, ann.userId]);
    expect(ledger.filter((row) => row.role !== "user").map((row) => row.createdBy)).not.toContain(ann.userId);
  });

  it("refuses pages that are none", async () => {
    const made = await create(ann);
    for (const query of ["limit=0", "limit=201", "before_id=0", "before_id=x", "before_id=1.5", "after=1"]) {
      const response = await ann.request(`/api/v2/chats/${made.id}/messages?${query}`);
      expect([query, response.status]).toEqual([query, 400]);
    }
    await idle(ann, made.id);
  });

  it("is interrupted without complaint when nothing runs", async () => {
    const made = await create(ann);
    await idle(ann, made.id);
    const response = await ann.request(`/api/v2/chats/${made.id}/interrupt`, { method: "POST" });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ id: made.id, status: "waiting" });
  });

  it("answers under the experimental path, too, and 400 for what is no id", async () => {
    const made = await create(ann);
    const same = await ann.request(`/api/experimental/chats/${made.id}`);
    expect(await same.json()).toMatchObject({ id: made.id });
    expect((await ann.request("/api/v2/chats/nothing")).status).toBe(400);
    await idle(ann, made.id);
  });
});

const upgrade = { upgrade: "websocket" };

describe("sockets", () => {
  it("need a session, our own origin and an upgrade", async () => {
    const made = await create(ann);
    for (const path of [`/api/v2/chats/${made.id}/stream`, "/api/v2/chats/watch"]) {
      expect((await anonymous(path, { headers: upgrade })).status).toBe(401);
      expect((await ann.request(path, { headers: { ...upgrade, origin: "https://evil.example" } })).status).toBe(403);
      const plain = await ann.request(path);
      expect([plain.status, plain.headers.get("upgrade")]).toEqual([426, "websocket"]);
    }
    await idle(ann, made.id);
  });

  it("refuse a cursor that is none", async () => {
    const made = await create(ann);
    for (const query of ["since=-1", "since=x", "since=1.5", `epoch=${"e".repeat(201)}`, "until=3"]) {
      const response = await ann.request(`/api/v2/chats/${made.id}/stream?${query}`, { headers: upgrade });
      expect([query, response.status]).toEqual([query, 400]);
    }
    await idle(ann, made.id);
  });

  it("stream a chat from its hello on, to browsers and to scripts with a token", async () => {
    const made = await create(ann);
    for (const client of [ann, await withToken(ann)]) {
      const socket = await openSocket(client, `/api/v2/chats/${made.id}/stream`);
      await soon(() => expect(socket.frames.length).toBeGreaterThan(1));
      const [first, second] = socket.frames.map((frame) => streamFrame.parse(JSON.parse(frame)));
      expect(first).toMatchObject({ type: "hello" });
      expect(second).toMatchObject({ type: "data" });
      socket.close();
    }
    await idle(ann, made.id);
  });

  it("close when the session ends", async () => {
    const erin = await addUser("erin");
    const made = await create(erin);
    const stream = await openSocket(erin, `/api/v2/chats/${made.id}/stream`);
    const watch = await openSocket(erin, "/api/v2/chats/watch");
    await soon(() => expect(stream.frames.length).toBeGreaterThan(0));
    await idle(erin, made.id);
    expect((await erin.request("/api/v2/users/logout", { method: "POST" })).status).toBe(204);
    await soon(() => expect([stream.closed, watch.closed]).toEqual([true, true]));
  });

  it("tell a sidebar of a chat that was made and of its new title", async () => {
    const finn = await addUser("finn");
    const watch = await openSocket(finn, "/api/v2/chats/watch");
    const made = await create(finn);
    await idle(finn, made.id);
    await finn.request(`/api/v2/chats/${made.id}`, { method: "PATCH", body: { title: "Seen" } });
    await soon(() => {
      const events = watch.frames.map((frame) => JSON.parse(frame));
      expect(events[0]).toMatchObject({ kind: "created", chat: { id: made.id } });
      expect(events.at(-1)).toMatchObject({ chat: { id: made.id, title: "Seen" } });
    });
    watch.close();
  });
});

describe("the sweep", () => {
  it("removes chats whose creation broke off, with their keys, and leaves the young ones", async () => {
    const key = newId();
    const broken = vi.spyOn(ChatObject.prototype, "create").mockRejectedValue(new Error("away"));
    await ann.request("/api/v2/chats", { method: "POST", body: hello, headers: { "Idempotency-Key": key } });
    await ann.request("/api/v2/chats", { method: "POST", body: hello });
    broken.mockRestore();
    const unborn = () => db.$count(chats, eq(chats.version, 0));
    expect(await unborn()).toBe(2);
    await sweepChats(env, db, Date.now());
    expect(await unborn()).toBe(2);
    await sweepChats(env, db, Date.now() + 11 * 60_000);
    expect(await unborn()).toBe(0);
    expect(await db.$count(idempotencyKeys, eq(idempotencyKeys.key, key))).toBe(0);
    // The key is free again.
    const made = await create(ann, hello, { "Idempotency-Key": key });
    await idle(ann, made.id);
  });

  it("wakes a chat that has been at work for long, and forgets keys after a day", async () => {
    const key = newId();
    const made = await create(ann, hello, { "Idempotency-Key": key });
    await idle(ann, made.id);
    await db.update(chats).set({ status: "running" }).where(eq(chats.id, made.id));
    const wake = vi.spyOn(ChatObject.prototype, "wake");
    await sweepChats(env, db, Date.now());
    expect(wake).not.toHaveBeenCalled();
    await sweepChats(env, db, Date.now() + 11 * 60_000);
    expect(wake).toHaveBeenCalledOnce();
    wake.mockRestore();
    expect(await db.$count(idempotencyKeys, eq(idempotencyKeys.key, key))).toBe(1);
    await sweepChats(env, db, Date.now() + 25 * 60 * 60_000);
    expect(await db.$count(idempotencyKeys, eq(idempotencyKeys.key, key))).toBe(0);
  });
});

async function openSocket(client: Client, path: string) {
  const response = await client.request(path, { headers: upgrade });
  const socket = response.webSocket;
  if (!socket) throw new Error(`Refused: ${response.status}`);
  const state = { frames: new Array<string>(), closed: false, close: () => socket.close(1000) };
  socket.addEventListener("message", (event) => void state.frames.push(String(event.data)));
  socket.addEventListener("close", () => {
    state.closed = true;
  });
  socket.accept();
  return state;
}
