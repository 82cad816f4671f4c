import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { apiToken, createTokenResponse, type ApiToken } from "../../src/contract/identity.ts";
import { apiKeys } from "../../src/identity/schema.ts";
import { getTestApp, ORIGIN } from "../support/app.ts";

const test = await getTestApp();
const { db, clock, anonymous } = test;
const grace = await test.addUser("grace");
const lin = await test.addUser("lin");
const TOKENS = "/api/v2/users/me/keys/tokens";
const ME = "/api/v2/users/me";
const DAY_MS = 86_400_000;

async function createToken(body: object = { token_name: "ci" }): Promise<{ key: string; id: string }> {
  const response = await grace.request(TOKENS, { method: "POST", body });
  expect(response.status).toBe(201);
  return createTokenResponse.parse(await response.json());
}

async function statusWith(headers: Record<string, string>, method = "GET"): Promise<number> {
  const path = method === "GET" ? ME : `${ME}`;
  const body = method === "PATCH" ? { name: "Grace" } : undefined;
  return (await anonymous(path, { method, headers, body })).status;
}

describe("API tokens", () => {
  it("are shown once and stored as a hash", async () => {
    const { key, id } = await createToken();
    expect(key).toBe(`tl_${id}-${key.split("-")[1]}`);
    const secret = key.split("-")[1] ?? "";
    expect(JSON.stringify(await db.select().from(apiKeys))).not.toContain(secret);
    const listed = await (await grace.request(TOKENS)).text();
    expect(listed).toContain(id);
    expect(listed).not.toContain(secret);
  });

  it("are listed with what a person recognises them by", async () => {
    const { id } = await createToken({ token_name: "  laptop  ", lifetime_seconds: 3_600 });
    const all = apiToken.array().parse(await (await grace.request(TOKENS)).json());
    expect(all.find((token) => token.id === id)).toEqual({
      id,
      token_name: "laptop",
      prefix: `tl_${id}`,
      scopes: ["all"],
      created_at: new Date(clock.now).toISOString(),
      expires_at: new Date(clock.now + 3_600_000).toISOString(),
      last_used: null,
      created_by: null,
      creator: null,
    } satisfies ApiToken);
  });

  it.each([
    ["Authorization", (key: string) => `Bearer ${key}`],
    ["authorization", (key: string) => `bearer ${key}`],
    ["x-api-key", (key: string) => key],
    ["X-Api-Key", (key: string) => key],
    ["Tideline-Session-Token", (key: string) => key],
  ])("work in the header %s, and change things without an Origin", async (name, value) => {
    const { key } = await createToken();
    expect(await statusWith({ [name]: value(key) })).toBe(200);
    expect(await statusWith({ [name]: value(key) }, "PATCH")).toBe(200);
    expect(await statusWith({ [name]: value(key), origin: "https://elsewhere.example" }, "PATCH")).toBe(200);
    expect(await statusWith({ [name]: value(`${key.slice(0, -1)}${key.endsWith("x") ? "y" : "x"}`) })).toBe(401);
  });

  it("in a cookie need an Origin like any cookie", async () => {
    const { key } = await createToken();
    const cookie = `tideline_session=${key}`;
    expect(await statusWith({ cookie })).toBe(200);
    expect(await statusWith({ cookie }, "PATCH")).toBe(403);
    expect(await statusWith({ cookie, origin: ORIGIN }, "PATCH")).toBe(200);
  });

  it("stand before a cookie, and a broken one is not saved by it", async () => {
    expect(await statusWith({ cookie: grace.cookie, authorization: "Bearer broken" })).toBe(401);
  });

  it("live 30 days, or as long as they were given", async () => {
    const [standard, zero, short] = [
      await createToken(),
      await createToken({ token_name: "zero", lifetime_seconds: 0 }),
      await createToken({ token_name: "short", lifetime_seconds: 60 }),
    ];
    const start = clock.now;
    const works = async (key: string) => (await statusWith({ "x-api-key": key })) === 200;
    clock.now = start + 59_999;
    expect(await works(short.key)).toBe(true);
    clock.now = start + 60_000;
    expect(await works(short.key)).toBe(false);
    clock.now = start + 30 * DAY_MS - 1;
    expect([await works(standard.key), await works(zero.key)]).toEqual([true, true]);
    clock.now = start + 30 * DAY_MS;
    expect([await works(standard.key), await works(zero.key)]).toEqual([false, false]);
    clock.now = start;
  });

  it("note their last use, at most once a minute", async () => {
    const { key, id } = await createToken();
    const lastUsed = async () => (await db.select().from(apiKeys).where(eq(apiKeys.id, id)).get())?.lastUsed;
    const start = clock.now;
    await statusWith({ "x-api-key": key });
    expect(await lastUsed()).toBe(start);
    clock.now = start + 59_999;
    await statusWith({ "x-api-key": key });
    expect(await lastUsed()).toBe(start);
    clock.now = start + 60_000;
    await statusWith({ "x-api-key": key });
    expect(await lastUsed()).toBe(start + 60_000);
  });

  it("are over when deleted, with what they have open", async () => {
    const { key, id } = await createToken();
    const headers = { upgrade: "websocket", "x-api-key": key };
    const { webSocket } = await anonymous("/api/v2/chats/watch", { headers });
    const closed = new Promise<number>((resolve) => {
      webSocket?.addEventListener("close", (event) => resolve(event.code));
    });
    webSocket?.accept();
    expect((await grace.request(`/api/v2/users/me/keys/${id}`, { method: "DELETE" })).status).toBe(204);
    expect(await closed).toBe(4403);
    expect(await statusWith({ "x-api-key": key })).toBe(401);
    expect((await grace.request(`/api/v2/users/me/keys/${id}`, { method: "DELETE" })).status).toBe(404);
  });

  it("hear of chats only when their scopes reach so far", async () => {
    const watch = async (scopes: string[]) => {
      const { key } = await createToken({ token_name: "ears", scopes });
      const headers = { upgrade: "websocket", "x-api-key": key };
      const { status, webSocket } = await anonymous("/api/v2/chats/watch", { headers });
      webSocket?.accept();
      webSocket?.close();
      return status;
    };
    expect([await watch(["workspace:*"]), await watch(["chat:use"])]).toEqual([403, 403]);
    expect([await watch(["chat:read"]), await watch(["*:read"])]).toEqual([101, 101]);
  });

  it("of others are out of reach, by either path", async () => {
    const { key, id } = await createToken();
    for (const user of ["me", grace.userId]) {
      expect((await lin.request(`/api/v2/users/${user}/keys/${id}`, { method: "DELETE" })).status).toBe(404);
    }
    const theirs = `/api/v2/users/${grace.userId}/keys/tokens`;
    expect((await lin.request(theirs)).status).toBe(404);
    expect((await lin.request(theirs, { method: "POST", body: { token_name: "x" } })).status).toBe(404);
    expect((await lin.request(`${TOKENS}?after_id=${id}`)).status).toBe(400);
    expect(await statusWith({ "x-api-key": key })).toBe(200);
  });

  it.each([
    ["/token_name", {}],
    ["/token_name", { token_name: "  " }],
    ["/token_name", { token_name: "x".repeat(65) }],
    ["/lifetime_seconds", { token_name: "x", lifetime_seconds: -1 }],
    ["/lifetime_seconds", { token_name: "x", lifetime_seconds: 31_536_001 }],
    ["/lifetime_seconds", { token_name: "x", lifetime_seconds: 1.5 }],
    ["/lifetime_seconds", { token_name: "x", lifetime_seconds: "3600" }],
  ])("are not made from a wrong %s in %o", async (pointer, body) => {
    const response = await grace.request(TOKENS, { method: "POST", body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ pointer }] });
  });
});
