import { env } from "cloudflare:workers";
import { count, eq } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import { createApp } from "../../src/app.ts";
import { siteConfigs, users, userStatusChanges } from "../../src/identity/schema.ts";
import { DEFAULT_ORGANIZATION_ID, organizationMembers, SYSTEM_USER_ID } from "../../src/organizations/schema.ts";
import { openDatabase } from "../../src/platform/d1.ts";
import { newId } from "../../src/platform/ids.ts";
import { createLog } from "../../src/platform/log.ts";
import { workspaces } from "../../src/workspaces/schema.ts";
import { send, SETUP_TOKEN } from "../support/app.ts";

const db = openDatabase(env.DB);
const app = createApp({ log: createLog(() => {}) });
const person = { username: "ada", email: "ada@example.com", name: "Ada", password: "a long enough password" };

function setup(change: Record<string, unknown> = {}, overrides: Partial<Env> = {}): Promise<Response> {
  const body = { token: SETUP_TOKEN, ...person, ...change };
  return send(app, "/api/v2/setup", { method: "POST", body }, overrides);
}

async function countUsers(): Promise<number> {
  const [row] = await db.select({ count: count() }).from(users);
  return row?.count ?? 0;
}

/** As at the first start: only what the migrations put there. */
beforeEach(async () => {
  await env.DB.batch(
    ["sessions", "rate_counters", "site_configs", "user_status_changes", "workspaces", "organization_members"]
      .map((table) => env.DB.prepare(`delete from ${table}`))
      .concat(env.DB.prepare("delete from users where is_system = 0")),
  );
});

describe("setup", () => {
  it("makes the first person the owner and signs them in", async () => {
    expect(await (await send(app, "/api/v2/setup")).json()).toEqual({ completed: false });

    const response = await setup();

    expect(response.status).toBe(201);
    const user = await response.json<{ id: string }>();
    expect(user).toMatchObject({
      username: "ada",
      email: "ada@example.com",
      name: "Ada",
      status: "active",
      login_type: "password",
      roles: ["owner", "member"],
      organization_ids: [DEFAULT_ORGANIZATION_ID],
    });
    const cookie = response.headers.get("set-cookie")?.split(";")[0] ?? "";
    const me = await send(app, "/api/v2/users/me", { headers: { cookie } });
    expect(await me.json()).toEqual(user);
    expect(await (await send(app, "/api/v2/setup")).json()).toEqual({ completed: true });
    const history = await db.select().from(userStatusChanges).where(eq(userStatusChanges.userId, user.id));
    expect(history.map((row) => row.newStatus)).toEqual(["active"]);
  });

  it("hands over the workspaces that waited", async () => {
    const id = newId();
    const times = { createdAt: 1, updatedAt: 1 };
    const waiting = { id, ownerId: SYSTEM_USER_ID, organizationId: DEFAULT_ORGANIZATION_ID, name: "sample", ...times };
    await db.insert(workspaces).values(waiting);
    const { id: userId } = await (await setup()).json<{ id: string }>();
    const [workspace] = await db.select().from(workspaces).where(eq(workspaces.id, id));
    expect(workspace?.ownerId).toBe(userId);
  });

  it("lets exactly one of two at once through, and leaves nothing of the other", async () => {
    const responses = await Promise.all([
      setup(),
      setup({ username: "grace", email: "grace@example.com" }),
      setup({ username: "lin", email: "lin@example.com" }),
    ]);
    expect(responses.map((response) => response.status).sort((a, b) => a - b)).toEqual([201, 409, 409]);
    expect(await countUsers()).toBe(2);
    expect(await db.select().from(organizationMembers)).toHaveLength(1);
    expect(await db.select().from(userStatusChanges)).toHaveLength(1);
    for (const response of responses.filter(({ status }) => status === 409)) {
      expect(response.headers.get("set-cookie")).toBeNull();
    }
  });

  it("happens once", async () => {
    expect((await setup()).status).toBe(201);
    const again = await setup({ token: "wrong", username: "grace" });
    expect(again.status).toBe(409);
    expect(await again.json()).toMatchObject({ title: "Setup is already done." });
  });

  it.each([["wrong"], [`${SETUP_TOKEN}x`], [SETUP_TOKEN.slice(0, -1)]])("refuses the token %s", async (token) => {
    const response = await setup({ token });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ errors: [{ pointer: "/token" }] });
    expect(await countUsers()).toBe(1);
  });

  it("refuses every token where none is set", async () => {
    expect((await setup({ token: "x" }, { SETUP_TOKEN: "" })).status).toBe(403);
    expect((await setup({ token: "" }, { SETUP_TOKEN: "" })).status).toBe(400);
  });

  it("limits how often tokens can be tried", async () => {
    const tries: number[] = [];
    for (let attempt = 0; attempt < 11; attempt++) tries.push((await setup({ token: `guess ${attempt}` })).status);
    expect(tries).toEqual([...Array<number>(10).fill(403), 429]);
  });

  it.each([
    ["/username", { username: "not a name" }],
    ["/username", { username: "" }],
    ["/username", { username: "system" }],
    ["/username", { username: "SYSTEM" }],
    ["/email", { email: "nobody" }],
    ["/password", { password: "short" }],
    ["/password", { password: "x".repeat(201) }],
    ["/name", { name: 7 }],
    ["/token", { token: null }],
  ])("names what is wrong: %s of %o", async (pointer, change) => {
    const response = await setup(change);
    expect(response.status).toBe(400);
    const { errors } = await response.json<{ errors: { pointer: string }[] }>();
    expect(errors.map((error) => error.pointer)).toEqual([pointer]);
    expect(await db.select().from(siteConfigs)).toEqual([]);
  });
});
