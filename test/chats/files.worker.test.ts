import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { describe, expect, it, vi } from "vitest";
import type { PromptMessage } from "../../src/chats/engine/ports.ts";
import { fileKey, filePort, selectOrphans } from "../../src/chats/files.ts";
import { chatFileRefs, chatFiles } from "../../src/chats/schema.ts";
import { sweepChats } from "../../src/chats/sweep.ts";
import { chat, chatMessage, createMessageResponse } from "../../src/contract/chats.ts";
import { problem } from "../../src/contract/common.ts";
import { chatFile, FILE_MAX_BYTES, type ChatFile } from "../../src/contract/files.ts";
import { DEFAULT_ORGANIZATION_ID } from "../../src/organizations/schema.ts";
import { newId } from "../../src/platform/ids.ts";
import { getTestApp, type Client } from "../support/app.ts";
import { GIF, JPEG, PNG, WEBP } from "./file-bytes.ts";
import { quickAnswer, useModel } from "./scripted-model.ts";
import { answeredChat, createChat, idleChat, messagesOf } from "./support.ts";

const prompts: PromptMessage[][] = [];
useModel((request) => {
  prompts.push(request.messages);
  return quickAnswer();
});
const { addUser, anonymous, db, owner } = await getTestApp();
const ann = await addUser("ann");
const bob = await addUser("bob");
const DAY_MS = 24 * 60 * 60_000;
const FILES = "/api/v2/chats/files";

async function upload(client: Client, bytes: Uint8Array, headers: Record<string, string> = {}): Promise<ChatFile> {
  const response = await client.request(FILES, { method: "POST", body: bytes, headers });
  expect(response.status).toBe(201);
  return chatFile.parse(await response.json());
}

async function refused(response: Response) {
  return problem.parse(await response.json());
}

const says = (...fileIds: string[]) => ({ content: fileIds.map((file_id) => ({ type: "file", file_id })) });

describe("POST /chats/files", () => {
  it("keeps an image under the type that its bytes have, and gives it back as it was", async () => {
    for (const [type, bytes] of [
      ["image/png", PNG],
      ["image/jpeg", JPEG],
      ["image/gif", GIF],
      ["image/webp", WEBP],
    ] as const) {
      const file = await upload(ann, bytes, { "content-disposition": "attachment; filename*=UTF-8''b%C3%A4r.x" });
      expect(file).toMatchObject({
        owner_id: ann.userId,
        organization_id: DEFAULT_ORGANIZATION_ID,
        media_type: type,
        name: "bär.x",
        size: bytes.byteLength,
      });
      const read = await ann.request(`${FILES}/${file.id}`);
      expect(read.status).toBe(200);
      expect(new Uint8Array(await read.arrayBuffer())).toEqual(bytes);
      expect(Object.fromEntries(read.headers)).toMatchObject({
        "content-type": type,
        "content-length": String(bytes.byteLength),
        "content-disposition": "inline; filename=\"b_r.x\"; filename*=UTF-8''b%C3%A4r.x",
        "cache-control": "private, max-age=31536000, immutable",
        "content-security-policy": "default-src 'none'; sandbox",
        "x-content-type-options": "nosniff",
      });
    }
  });

  it("keeps text as an attachment that no browser shows", async () => {
    const text = new TextEncoder().encode("# Ünïcode");
    const { id, media_type } = await upload(ann, text, { "content-type": "text/markdown; charset=UTF-8" });
    expect(media_type).toBe("text/markdown");
    const read = await ann.request(`${FILES}/${id}`);
    expect(await read.text()).toBe("# Ünïcode");
    expect(read.headers.get("content-type")).toBe("text/markdown; charset=utf-8");
    expect(read.headers.get("content-disposition")).toBe("attachment");
  });

  it("takes 10 MiB and not a byte more, whether or not the request says its length", async () => {
    const whole = new Uint8Array(FILE_MAX_BYTES);
    whole.set(PNG);
    expect((await upload(ann, whole)).size).toBe(FILE_MAX_BYTES);
    const over = new Uint8Array(FILE_MAX_BYTES + 1);
    over.set(PNG);
    const lengths: Record<string, string>[] = [{}, { "content-length": String(over.byteLength) }];
    for (const headers of lengths) {
      const response = await ann.request(FILES, { method: "POST", body: over, headers });
      expect(response.status).toBe(413);
      expect(await refused(response)).toMatchObject({ title: "File too large.", detail: "At most 10 MiB." });
    }
  });

  it.each([
    ["an SVG", new TextEncoder().encode("<svg/>"), { "content-type": "image/svg+xml" }],
    ["a page", new TextEncoder().encode("<p>"), { "content-type": "text/html" }],
    ["an image that is none", new TextEncoder().encode("hello"), { "content-type": "image/png" }],
    ["an image under a type that is not allowed", PNG, { "content-type": "image/tiff" }],
    ["nothing", new Uint8Array(0), { "content-type": "image/png" }],
  ])("refuses %s", async (_, body, headers) => {
    expect((await ann.request(FILES, { method: "POST", body, headers })).status).toBe(400);
  });

  it("is for members of the organisation that is named", async () => {
    const own = await ann.request(`${FILES}?organization=${DEFAULT_ORGANIZATION_ID}`, { method: "POST", body: PNG });
    expect(own.status).toBe(201);
    for (const organization of [newId(), "x", ""]) {
      const response = await ann.request(`${FILES}?organization=${organization}`, { method: "POST", body: PNG });
      expect(response.status).toBe(400);
      expect((await refused(response)).errors?.[0]?.parameter).toBe("organization");
    }
    expect((await anonymous(FILES, { method: "POST", body: PNG })).status).toBe(401);
  });

  it("answers 503 when the bytes can't be kept, and the rest goes with the sweep", async () => {
    const before = await db.$count(chatFiles);
    const put = vi.spyOn(env.FILES, "put").mockRejectedValueOnce(new Error("R2 is away"));
    const response = await ann.request(FILES, { method: "POST", body: PNG });
    put.mockRestore();
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await db.$count(chatFiles)).toBe(before + 1);
    // It is given up at once: the next sweep takes it, and no message can take it up before.
    await sweepChats(env, db, Date.now());
    expect(await db.$count(chatFiles)).toBe(before);
  });
});

describe("GET /chats/files/{file}", () => {
  it("answers 304 to who has it already", async () => {
    const { id } = await upload(ann, PNG);
    const etag = (await ann.request(`${FILES}/${id}`)).headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[0-9a-f]{64}"$/);
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const response = await ann.request(`${FILES}/${id}`, { headers: { "if-none-match": tag } });
      expect([tag, response.status, response.headers.get("etag")]).toEqual([tag, 304, etag]);
      expect(response.headers.get("cache-control")).toContain("immutable");
    }
    expect((await ann.request(`${FILES}/${id}`, { headers: { "if-none-match": '"other"' } })).status).toBe(200);
  });

  it("is 404 for everybody who may read no chat that refers to it", async () => {
    const { id } = await upload(ann, PNG);
    expect((await bob.request(`${FILES}/${id}`)).status).toBe(404);
    // An owner of the site may read every chat, and so far no chat refers to it.
    expect((await owner.request(`${FILES}/${id}`)).status).toBe(404);
    expect((await ann.request(`${FILES}/${newId()}`)).status).toBe(404);
    expect((await ann.request(`${FILES}/nothing`)).status).toBe(400);
    expect((await anonymous(`${FILES}/${id}`)).status).toBe(401);
    const made = await createFrom(ann, says(id));
    expect((await owner.request(`${FILES}/${id}`)).status).toBe(200);
    expect((await bob.request(`${FILES}/${id}`)).status).toBe(404);
    expect((await ann.request(`/api/experimental/chats/files/${id}`)).status).toBe(200);
    await idleChat(ann, made.id);
  });
});

describe("a message with files", () => {
  it("names them by id and type, whatever was sent beside, and the model is asked with them", async () => {
    const { id } = await upload(ann, PNG, { "content-disposition": 'attachment; filename="a.png"' });
    const part = { type: "FILE", file_id: id, media_type: "text/html", file_name: "other", data: "x" };
    const made = await createFrom(ann, { content: [part] });
    await idleChat(ann, made.id);
    const stored = { type: "file", file_id: id, media_type: "image/png", file_name: "a.png" };
    expect((await messagesOf(ann, made.id)).at(-1)?.content).toEqual([stored]);
    expect(prompts.at(-1)?.at(-1)?.parts).toEqual([stored]);
    expect(await filePort(env.FILES).read(id, PNG.byteLength)).toEqual({ state: "read", bytes: PNG });
    expect(await filePort(env.FILES).read(id, PNG.byteLength - 1)).toEqual({ state: "too_large" });
    expect(await filePort(env.FILES).read(newId(), 1)).toEqual({ state: "gone" });
  });

  it("cannot name those of others or of nobody, in a first message, a later one, or an edit", async () => {
    const { id: foreign } = await upload(bob, PNG);
    const made = await answeredChat(ann);
    const [mine] = (await messagesOf(ann, made.id)).filter((message) => message.role === "user");
    for (const id of [foreign, newId()]) {
      for (const [method, path] of [
        ["POST", "/api/v2/chats"],
        ["POST", `/api/v2/chats/${made.id}/messages`],
        ["PATCH", `/api/v2/chats/${made.id}/messages/${mine?.id}`],
      ] as const) {
        const response = await ann.request(path, { method, body: says(id) });
        expect([path, response.status]).toEqual([path, 400]);
        expect((await refused(response)).errors?.[0]?.pointer).toBe("/content/0/file_id");
      }
    }
    expect(await db.$count(chatFileRefs, eq(chatFileRefs.fileId, foreign))).toBe(0);
  });

  it("can be edited and keep its file", async () => {
    const { id } = await upload(ann, PNG);
    const made = await createFrom(ann, says(id));
    await idleChat(ann, made.id);
    const [mine] = (await messagesOf(ann, made.id)).filter((message) => message.role === "user");
    const response = await ann.request(`/api/v2/chats/${made.id}/messages/${mine?.id}`, {
      method: "PATCH",
      body: { content: [{ type: "text", text: "Look again" }, ...says(id).content] },
    });
    expect(chatMessage.parse(await response.json()).content).toEqual([
      { type: "text", text: "Look again" },
      { type: "file", file_id: id, media_type: "image/png" },
    ]);
    await idleChat(ann, made.id);
  });

  it("may name one file more than once", async () => {
    const { id } = await upload(ann, PNG);
    const made = await createChat(ann);
    await idleChat(ann, made.id);
    const response = await ann.request(`/api/v2/chats/${made.id}/messages`, { method: "POST", body: says(id, id) });
    expect(createMessageResponse.parse(await response.json()).message?.content).toHaveLength(2);
    await idleChat(ann, made.id);
  });
});

describe("the sweep of files", () => {
  it("takes what no chat refers to for a day, and leaves what one ever did", async () => {
    const [loose, used, edited] = [await upload(ann, PNG), await upload(ann, GIF), await upload(ann, JPEG)];
    const made = await createFrom(ann, says(used.id, edited.id));
    await idleChat(ann, made.id);
    const [mine] = (await messagesOf(ann, made.id)).filter((message) => message.role === "user");
    await ann.request(`/api/v2/chats/${made.id}/messages/${mine?.id}`, { method: "PATCH", body: says(used.id) });
    await idleChat(ann, made.id);
    const statuses = async () =>
      Promise.all([loose, used, edited].map(async ({ id }) => (await ann.request(`${FILES}/${id}`)).status));

    await sweepChats(env, db, Date.now() + DAY_MS - 60_000);
    expect(await statuses()).toEqual([200, 200, 200]);
    await sweepChats(env, db, Date.now() + DAY_MS + 60_000);
    expect(await statuses()).toEqual([404, 200, 200]);
    expect(await env.FILES.head(fileKey(loose.id))).toBeNull();
    expect((await ann.request("/api/v2/chats", { method: "POST", body: says(loose.id) })).status).toBe(400);
  });

  it("goes on where it broke off when R2 was away", async () => {
    const { id } = await upload(ann, PNG);
    const later = Date.now() + 2 * DAY_MS;
    const away = vi.spyOn(env.FILES, "delete").mockRejectedValueOnce(new Error("R2 is away"));
    await expect(sweepChats(env, db, later)).rejects.toThrow("R2 is away");
    away.mockRestore();
    // Given up already: nobody can take it up while its bytes go.
    expect((await ann.request(`${FILES}/${id}`)).status).toBe(404);
    expect(await env.FILES.head(fileKey(id))).not.toBeNull();
    await sweepChats(env, db, later);
    expect(await env.FILES.head(fileKey(id))).toBeNull();
    expect(await db.$count(chatFiles, eq(chatFiles.id, id))).toBe(0);
  });

  it("finds orphans without looking through all files", async () => {
    const { sql, params } = selectOrphans(db, 0).toSQL();
    const plan = await env.DB.prepare(`explain query plan ${sql}`)
      .bind(...params)
      .all<{ detail: string }>();
    const details = plan.results.map((row) => row.detail).join("\n");
    expect(details).toContain("USING INDEX chat_files_created");
    expect(details).toContain("chat_file_refs_file");
    expect(details).not.toContain("TEMP B-TREE");
  });
});

async function createFrom(client: Client, body: object) {
  const response = await client.request("/api/v2/chats", { method: "POST", body });
  expect(response.status).toBe(201);
  return chat.parse(await response.json());
}
