import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { auditLogs } from "../../src/audit/schema.ts";
import { apiToken, createTokenResponse, user as userSchema, type User } from "../../src/contract/identity.ts";
import { customRoles, DEFAULT_ORGANIZATION_ID } from "../../src/organizations/schema.ts";
import { readActor } from "../../src/identity/actors.ts";
import { getTestApp, type Client } from "../support/app.ts";

const test = await getTestApp();
const { db, owner, anonymous } = test;
const admin = await test.addUser("una", ["member", "user-admin"]);
const grace = await test.addUser("grace");

async function serviceAccount(username: string, client: Client = admin, more: object = {}): Promise<User> {
  const body = { username, service_account: true, ...more };
  const response = await client.request("/api/v2/users", { method: "POST", body });
  expect(response.status).toBe(201);
  return userSchema.parse(await response.json());
}

function createToken(client: Client, userId: string, body: object = {}): Promise<Response> {
  const path = `/api/v2/users/${userId}/keys/tokens`;
  return client.request(path, { method: "POST", body: { token_name: "ci", ...body } });
}

async function tokenOf(response: Response) {
  expect(response.status, await response.clone().text()).toBe(201);
  const { id, key } = createTokenResponse.parse(await response.json());
  const request = (path: string, options: Parameters<Client["request"]>[1] = {}) =>
    anonymous(path, { ...options, headers: { ...options.headers, authorization: `Bearer ${key}` } });
  return { id, key, request };
}

describe("a service account", () => {
  it("acts by a token that an admin makes, who is shown as its maker", async () => {
    const robot = await serviceAccount("robot");
    const token = await tokenOf(await createToken(admin, robot.id));
    const me = await token.request("/api/v2/users/me");
    expect(await me.json()).toMatchObject({ id: robot.id, is_service_account: true });
    const listed = await admin.request(`/api/v2/users/${robot.id}/keys/tokens`);
    expect(apiToken.array().parse(await listed.json())).toMatchObject([{ id: token.id, created_by: admin.userId }]);
    const lines = await db.select().from(auditLogs).where(eq(auditLogs.resourceId, token.id));
    expect(lines).toMatchObject([{ action: "create", userId: admin.userId, resourceTarget: "ci" }]);
    expect(JSON.stringify(lines)).not.toContain(token.key.split("-")[1]);

    const path = `/api/v2/users/${robot.id}/keys/${token.id}`;
    expect((await admin.request(path, { method: "DELETE" })).status).toBe(204);
    expect((await token.request("/api/v2/users/me")).status).toBe(401);
  });

  it("goes on acting when whoever made its token is gone, and the list says that they are", async () => {
    const robot = await serviceAccount("lasting");
    const leaver = await test.addUser("leaver", ["member", "user-admin"]);
    const token = await tokenOf(await createToken(leaver, robot.id));
    const creator = async () => {
      const listed = await admin.request(`/api/v2/users/${robot.id}/keys/tokens`);
      return apiToken.array().parse(await listed.json())[0]?.creator;
    };
    expect(await creator()).toEqual({ name: "leaver", active: true });
    expect((await owner.request(`/api/v2/users/${leaver.userId}`, { method: "DELETE" })).status).toBe(204);
    expect(await creator()).toEqual({ name: "leaver", active: false });
    expect((await token.request("/api/v2/users/me")).status).toBe(200);
  });

  it("holds the system role of its kind in place of a member's", async () => {
    const robot = await serviceAccount("special");
    const marked = [{ resource: "template", actions: ["read"] }] as const;
    await db
      .update(customRoles)
      .set({ memberPermissions: [...marked] })
      .where(eq(customRoles.name, "organization-service-account"));
    const credential = { sessionId: null, keyId: null, scopes: ["all"] };
    const [its, hers] = [await readActor(db, robot.id, credential), await readActor(db, grace.userId, credential)];
    expect(its?.memberships[DEFAULT_ORGANIZATION_ID]?.member).toMatchObject(marked);
    expect(hers?.memberships[DEFAULT_ORGANIZATION_ID]?.member).not.toMatchObject(marked);
  });

  it("gets tokens from nobody who does not manage it", async () => {
    const robot = await serviceAccount("guarded");
    expect((await createToken(grace, robot.id)).status).toBe(404);
    const boss = await serviceAccount("boss", owner, { roles: ["auditor"] });
    expect((await createToken(admin, boss.id)).status).toBe(403);
    // A person's tokens are not made by those who manage people.
    expect((await createToken(admin, grace.userId)).status).toBe(403);
    expect((await admin.request(`/api/v2/users/${grace.userId}/keys/tokens`)).status).toBe(404);
  });

  it("has no e-mail address, also later", async () => {
    const robot = await serviceAccount("unreachable");
    const patch = (body: object) => admin.request(`/api/v2/users/${robot.id}`, { method: "PATCH", body });
    expect((await patch({ email: "robot@example.com" })).status).toBe(400);
    expect((await patch({ name: "The robot" })).status).toBe(200);
  });
});

describe("the scopes of a token", () => {
  it("are checked, shown, and hold", async () => {
    const wrong = await createToken(grace, "me", { scopes: ["chat:read", "chat:fly", "*"] });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ errors: [{ pointer: "/scopes/1" }, { pointer: "/scopes/2" }] });
    const token = await tokenOf(await createToken(grace, "me", { scopes: ["user:read", "user:read"] }));
    expect((await token.request("/api/v2/users/me")).status).toBe(200);
    const patch = await token.request("/api/v2/users/me", { method: "PATCH", body: { name: "G" } });
    expect(patch.status).toBe(403);
    const listed = apiToken.array().parse(await (await grace.request("/api/v2/users/me/keys/tokens")).json());
    expect(listed.find((each) => each.id === token.id)?.scopes).toEqual(["user:read"]);
  });

  it("are never more than those of the token that makes it", async () => {
    const scopes = ["api_key:*", "user:read", "*:use"];
    const token = await tokenOf(await createToken(grace, "me", { scopes }));
    const path = "/api/v2/users/me/keys/tokens";
    const make = (asked?: string[]) =>
      token.request(path, { method: "POST", body: { token_name: "child", ...(asked ? { scopes: asked } : {}) } });
    for (const beyond of [undefined, ["all"], ["*:*"], ["user:*"], ["api_key:read", "*:read"]]) {
      expect((await make(beyond)).status, JSON.stringify(beyond)).toBe(403);
    }
    const child = await tokenOf(await make(["api_key:read", "chat:use", "*:use", "user:read"]));
    expect((await child.request(path, { method: "POST", body: { token_name: "x" } })).status).toBe(403);
  });

  it("bound what a service account is given too", async () => {
    const robot = await serviceAccount("narrow");
    const made = await tokenOf(await createToken(admin, admin.userId, { scopes: ["user:*", "api_key:create"] }));
    const path = `/api/v2/users/${robot.id}/keys/tokens`;
    const make = (scopes: string[]) => made.request(path, { method: "POST", body: { token_name: "robot's", scopes } });
    expect((await make(["chat:read"])).status).toBe(403);
    expect((await make(["user:read"])).status).toBe(201);
    const blind = await tokenOf(await createToken(admin, admin.userId, { scopes: ["user:*"] }));
    const body = { token_name: "robot's", scopes: ["user:read"] };
    expect((await blind.request(path, { method: "POST", body })).status).toBe(403);
  });
});
