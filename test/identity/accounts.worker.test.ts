import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { auditLogs } from "../../src/audit/schema.ts";
import { createTokenResponse, user as userSchema, type User } from "../../src/contract/identity.ts";
import { problem } from "../../src/contract/common.ts";
import { users, userDeleted, userStatusChanges } from "../../src/identity/schema.ts";
import { DEFAULT_ORGANIZATION_ID, groupMembers, groups, organizationMembers } from "../../src/organizations/schema.ts";
import { newId } from "../../src/platform/ids.ts";
import { workspaces } from "../../src/workspaces/schema.ts";
import { getTestApp, type Client } from "../support/app.ts";

const test = await getTestApp();
const { db, owner, clock, anonymous } = test;
const admin = await test.addUser("una", ["member", "user-admin"]);
const auditor = await test.addUser("audrey", ["member", "auditor"]);
const grace = await test.addUser("grace");
const PASSWORD = "a long enough password";

async function create(client: Client, body: object): Promise<Response> {
  return client.request("/api/v2/users", { method: "POST", body });
}

async function person(username: string, more: object = {}): Promise<User> {
  const response = await create(admin, { username, email: `${username}@example.com`, password: PASSWORD, ...more });
  expect(response.status, await response.clone().text()).toBe(201);
  return userSchema.parse(await response.json());
}

const put = (client: Client, path: string, body?: object) =>
  client.request(`/api/v2/users/${path}`, { method: "PUT", body });
const remove = (client: Client, id: string) => client.request(`/api/v2/users/${id}`, { method: "DELETE" });
const login = (name: string, password = PASSWORD) =>
  anonymous("/api/v2/users/login", { method: "POST", body: { login: name, password } });

async function errorsOf(response: Response): Promise<string[]> {
  expect(response.status).toBe(400);
  return (problem.parse(await response.json()).errors ?? []).map((error) => error.pointer ?? "");
}

async function history(userId: string): Promise<string[]> {
  const rows = await db
    .select()
    .from(userStatusChanges)
    .where(eq(userStatusChanges.userId, userId))
    .orderBy(userStatusChanges.changedAt, userStatusChanges.id);
  return rows.map((row) => row.newStatus);
}

async function auditOf(resourceId: string) {
  const rows = await db.select().from(auditLogs).where(eq(auditLogs.resourceId, resourceId)).orderBy(auditLogs.id);
  return rows.map(({ action, userId, diff }) => ({ action, userId, diff }));
}

describe("POST /users", () => {
  it("makes a person who can sign in, in the default organisation, with a first line of history", async () => {
    const made = await person("mary", { name: "Mary", roles: [] });
    expect(made).toMatchObject({
      username: "mary",
      name: "Mary",
      status: "active",
      login_type: "password",
      roles: ["member"],
      organization_ids: [DEFAULT_ORGANIZATION_ID],
      is_service_account: false,
      last_seen_at: null,
    });
    expect((await login("mary")).status).toBe(200);
    expect(await history(made.id)).toEqual(["active"]);
    const lines = await auditOf(made.id);
    expect(lines[0]).toMatchObject({ action: "create", userId: admin.userId });
    expect(JSON.stringify(lines)).not.toMatch(/scrypt|a long enough/);
  });

  it("makes a service account, which nobody signs in to", async () => {
    const response = await create(admin, { username: "robot", service_account: true });
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({ is_service_account: true, login_type: "none", email: "" });
    expect((await login("robot", "")).status).toBe(400);
    expect((await login("robot", "whatever it may be")).status).toBe(401);
    // A second one without an address is no clash.
    expect((await create(admin, { username: "robot-2", service_account: true })).status).toBe(201);
  });

  it("says everything that does not fit together at once", async () => {
    const service = { username: "odd", service_account: true, email: "odd@example.com", password: PASSWORD };
    expect(await errorsOf(await create(admin, { ...service, login_type: "oidc" }))).toEqual([
      "/email",
      "/password",
      "/login_type",
    ]);
    expect(await errorsOf(await create(admin, { username: "odd" }))).toEqual(["/email", "/password"]);
    expect(await errorsOf(await create(admin, { username: "odd", login_type: "none" }))).toEqual([
      "/email",
      "/login_type",
    ]);
    const outside = { username: "odd", email: "odd@example.com", login_type: "oidc", password: PASSWORD };
    expect(await errorsOf(await create(admin, outside))).toEqual(["/password"]);
    const nowhere = { username: "odd", email: "odd@example.com", password: PASSWORD, organization_ids: [newId()] };
    expect(await errorsOf(await create(admin, nowhere))).toEqual(["/organization_ids/0"]);
  });

  it("gives no name or address away twice, whatever its case, not even to two at once", async () => {
    await person("taken");
    for (const body of [
      { username: "TAKEN", email: "free@example.com" },
      { username: "free", email: "Taken@example.com" },
      { username: "system", email: "system@example.com" },
    ]) {
      expect((await create(admin, { ...body, password: PASSWORD })).status).toBe(409);
    }
    const twins = await Promise.all(
      ["Twin", "twin"].map((username, index) =>
        create(admin, { username, email: `twin-${index}@example.com`, password: PASSWORD }),
      ),
    );
    expect(twins.map((response) => response.status).toSorted((a, b) => a - b)).toEqual([201, 409]);
  });

  it("is for those who manage people, and gives no role that they could not give", async () => {
    const body = { username: "nobody", email: "nobody@example.com", password: PASSWORD };
    for (const client of [grace, auditor]) expect((await create(client, body)).status).toBe(403);
    for (const roles of [["owner"], ["user-admin"], ["member", "auditor"]]) {
      expect((await create(admin, { ...body, roles })).status).toBe(403);
    }
    expect((await create(owner, { ...body, roles: ["auditor"] })).status).toBe(201);
  });
});

describe("suspending and activating", () => {
  it("ends everything, keeps the account, and writes it down", async () => {
    const made = await person("paused");
    const session = await test.signIn(made.id, made.username);
    const token = await test.withToken(session);
    const suspended = await put(admin, `${made.id}/status/suspend`);
    expect(suspended.status).toBe(200);
    expect(await suspended.json()).toMatchObject({ status: "suspended" });
    for (const client of [session, token]) expect((await client.request("/api/v2/users/me")).status).toBe(401);
    expect((await login("paused")).status).toBe(401);
    expect((await put(admin, `${made.id}/status/suspend`)).status).toBe(200);

    expect(await (await put(admin, `${made.id}/status/activate`)).json()).toMatchObject({ status: "active" });
    expect((await token.request("/api/v2/users/me")).status).toBe(200);
    // What a thief had open does not come back with the account.
    expect((await session.request("/api/v2/users/me")).status).toBe(401);
    expect(await history(made.id)).toEqual(["active", "suspended", "active"]);
    expect(await auditOf(made.id)).toMatchObject([
      { action: "create" },
      { action: "write", diff: { status: { old: "active", new: "suspended" } } },
      { action: "write", diff: { status: { old: "suspended", new: "active" } } },
    ]);
  });

  it("is refused on oneself, and out of reach for those who manage nobody", async () => {
    expect((await put(admin, "me/status/suspend")).status).toBe(400);
    expect((await put(grace, `${admin.userId}/status/suspend`)).status).toBe(404);
    expect((await put(auditor, `${grace.userId}/status/suspend`)).status).toBe(403);
    expect((await put(owner, `${newId()}/status/suspend`)).status).toBe(404);
  });

  it("keeps the order of two changes at the same time", async () => {
    const made = await person("quick");
    for (const change of ["suspend", "activate", "suspend"]) await put(admin, `${made.id}/status/${change}`);
    const rows = await db.select().from(userStatusChanges).where(eq(userStatusChanges.userId, made.id));
    const times = rows.map((row) => row.changedAt);
    expect(new Set(times).size).toBe(4);
    expect(await history(made.id)).toEqual(["active", "suspended", "active", "suspended"]);
  });
});

describe("accounts with roles that the caller could not give", () => {
  it("are not theirs to change, reset, suspend or delete", async () => {
    for (const target of [owner.userId, auditor.userId]) {
      const attempts: [string, string, object?][] = [
        ["PATCH", "", { email: "mine@example.com" }],
        ["PUT", "/password", { password: PASSWORD }],
        ["POST", "/password-reset"],
        ["PUT", "/status/suspend"],
        ["PUT", "/roles", { roles: ["member"] }],
        ["DELETE", ""],
        ["GET", "/sessions"],
        ["POST", "/keys/tokens", { token_name: "mine" }],
      ];
      for (const [method, path, body] of attempts) {
        const response = await admin.request(`/api/v2/users/${target}${path}`, { method, body });
        expect(response.status, `${method} ${path}`).toBe(403);
      }
    }
    expect((await owner.request("/api/v2/users/me")).status).toBe(200);
  });

  it("in an organisation are not theirs to come into, though they may suspend it", async () => {
    const made = await person("org-admin");
    const setRoles = (roles: "organization-admin"[]) =>
      db.update(organizationMembers).set({ roles }).where(eq(organizationMembers.userId, made.id));
    await setRoles(["organization-admin"]);
    const attempts: [string, string, object?][] = [
      ["PATCH", "", { email: "mine@example.com" }],
      ["PUT", "/password", { password: PASSWORD }],
      ["POST", "/password-reset"],
    ];
    for (const [method, path, body] of attempts) {
      const response = await admin.request(`/api/v2/users/${made.id}${path}`, { method, body });
      expect(response.status, `${method} ${path}`).toBe(403);
    }
    expect((await put(admin, `${made.id}/status/suspend`)).status).toBe(200);
    expect((await put(owner, `${made.id}/password`, { password: PASSWORD })).status).toBe(204);
    await setRoles([]);
    expect((await put(admin, `${made.id}/password`, { password: PASSWORD })).status).toBe(204);
  });

  it("stay out of reach of a token that is not good for everything, though an owner sends it", async () => {
    const made = await owner.request("/api/v2/users/me/keys/tokens", {
      method: "POST",
      body: { token_name: "people", scopes: ["user:*", "organization_member:*"] },
    });
    const { key } = createTokenResponse.parse(await made.json());
    const as = (path: string, method: string, body?: object) =>
      anonymous(`/api/v2/users${path}`, { method, body, headers: { authorization: `Bearer ${key}` } });
    const body = { username: "by-token", email: "by-token@example.com", password: PASSWORD };
    expect((await as("", "POST", { ...body, roles: ["owner"] })).status).toBe(403);
    expect((await as(`/${auditor.userId}/password`, "PUT", { password: PASSWORD })).status).toBe(403);
    expect((await as(`/${grace.userId}/roles`, "PUT", { roles: ["owner"] })).status).toBe(403);
    expect((await as("", "POST", body)).status).toBe(201);
  });
});

describe("roles", () => {
  it("are listed with those that the caller may give", async () => {
    const assignable = async (client: Client) => {
      const roles = await (await client.request("/api/v2/users/roles")).json<{ name: string; assignable: boolean }[]>();
      return roles.filter((role) => role.assignable).map((role) => role.name);
    };
    expect(await assignable(owner)).toEqual(["owner", "member", "auditor", "template-admin", "user-admin"]);
    expect(await assignable(admin)).toEqual(["member"]);
    expect(await assignable(grace)).toEqual([]);
  });

  it("hold from the next request on, and everybody keeps member", async () => {
    const made = await person("climber");
    const session = await test.signIn(made.id, made.username);
    expect((await session.request(`/api/v2/users/${grace.userId}`)).status).toBe(404);
    const changed = await put(owner, `${made.id}/roles`, { roles: ["user-admin", "user-admin"] });
    expect(await changed.json()).toMatchObject({ roles: ["member", "user-admin"] });
    expect((await session.request(`/api/v2/users/${grace.userId}`)).status).toBe(200);
    await put(owner, `${made.id}/roles`, { roles: [] });
    expect((await session.request(`/api/v2/users/${grace.userId}`)).status).toBe(404);
    expect((await auditOf(made.id)).at(-1)).toMatchObject({
      action: "write",
      diff: { roles: { old: ["member", "user-admin"], new: ["member"] } },
    });
  });

  it("are not given or taken by those who may not", async () => {
    expect((await put(grace, "me/roles", { roles: ["owner"] })).status).toBe(403);
    expect((await put(admin, "me/roles", { roles: ["member"] })).status).toBe(403);
    expect((await put(admin, `${grace.userId}/roles`, { roles: ["user-admin"] })).status).toBe(403);
    expect((await put(owner, `${grace.userId}/roles`, { roles: ["emperor"] })).status).toBe(400);
  });
});

describe("the last active owner", () => {
  const asOwner = () => db.select().from(users).where(eq(users.id, owner.userId)).get();

  it("keeps the role", async () => {
    expect((await put(owner, "me/roles", { roles: ["member"] })).status).toBe(409);
    expect((await asOwner())?.roles).toContain("owner");
  });

  it("is not outnumbered by owners who are suspended or not people", async () => {
    const other = await test.addUser("co-owner", ["owner", "member"]);
    await put(owner, `${other.userId}/status/suspend`);
    const robot = await (await create(owner, { username: "boss-bot", service_account: true, roles: ["owner"] })).json();
    expect(robot).toMatchObject({ roles: ["owner", "member"] });
    expect((await put(owner, "me/roles", { roles: ["member"] })).status).toBe(409);
    await put(owner, `${other.userId}/status/activate`);
    await put(owner, `${other.userId}/roles`, { roles: [] });
  });

  it("is one of two who end each other at once", async () => {
    const other = await test.addUser("rival", ["owner", "member"]);
    const rival = await test.withToken(other);
    const own = await test.withToken(owner);
    const ended = await Promise.all([
      put(own, `${other.userId}/status/suspend`),
      remove(rival, owner.userId),
      put(own, "me/roles", { roles: ["member"] }),
    ]);
    expect(ended.filter((response) => response.status < 300)).toHaveLength(1);
    const left = (await db.select().from(users)).filter(
      (row) => row.roles.includes("owner") && row.status === "active" && !row.deleted && !row.isServiceAccount,
    );
    expect(left).toHaveLength(1);
    // As it was, for the tests that follow.
    await db
      .update(users)
      .set({ roles: ["owner", "member"], status: "active", deleted: false })
      .where(eq(users.id, owner.userId));
    await db
      .update(users)
      .set({ roles: ["member"] })
      .where(eq(users.id, other.userId));
  });
});

describe("DELETE /users/{user}", () => {
  it("takes the account out of everything and frees its name and address", async () => {
    const made = await person("leaver");
    const session = await test.signIn(made.id, made.username);
    const token = await test.withToken(session);
    const times = { createdAt: clock.now, updatedAt: clock.now };
    const [groupId, workspaceId] = [newId(), newId()];
    await db.batch([
      db.insert(groups).values({ id: groupId, organizationId: DEFAULT_ORGANIZATION_ID, name: "team", ...times }),
      db.insert(groupMembers).values({ groupId, userId: made.id, createdAt: clock.now }),
      db.insert(workspaces).values({
        id: workspaceId,
        ownerId: owner.userId,
        organizationId: DEFAULT_ORGANIZATION_ID,
        name: "shared",
        userAcl: { [made.id]: "use", [grace.userId]: "use" },
        ...times,
      }),
    ]);

    expect((await remove(admin, made.id)).status).toBe(204);

    for (const client of [session, token]) expect((await client.request("/api/v2/users/me")).status).toBe(401);
    expect((await login("leaver")).status).toBe(401);
    expect((await admin.request(`/api/v2/users/${made.id}`)).status).toBe(404);
    expect(await db.select().from(groupMembers).where(eq(groupMembers.userId, made.id))).toEqual([]);
    expect(await db.select().from(organizationMembers).where(eq(organizationMembers.userId, made.id))).toEqual([]);
    const workspace = await db.select().from(workspaces).where(eq(workspaces.id, workspaceId)).get();
    expect(workspace?.userAcl).toEqual({ [grace.userId]: "use" });
    expect(await db.select().from(userDeleted).where(eq(userDeleted.userId, made.id))).toMatchObject([
      { deletedAt: clock.now },
    ]);
    expect((await auditOf(made.id)).at(-1)).toMatchObject({ action: "delete", userId: admin.userId });
    const again = await person("leaver");
    expect(again.id).not.toBe(made.id);
    expect((await remove(admin, made.id)).status).toBe(404);
  });

  it("is refused on oneself and to those who may not", async () => {
    expect((await remove(admin, admin.userId)).status).toBe(403);
    expect((await remove(owner, owner.userId)).status).toBe(403);
    expect((await remove(grace, grace.userId)).status).toBe(403);
    expect((await remove(grace, admin.userId)).status).toBe(404);
    expect((await remove(auditor, grace.userId)).status).toBe(403);
  });
});

describe("a password that an admin sets", () => {
  it("needs no old one, ends the sessions, and is written down without being told", async () => {
    const made = await person("forgetful");
    const session = await test.signIn(made.id, made.username);
    const next = "quite another password";
    expect((await put(admin, `${made.id}/password`, { password: next })).status).toBe(204);
    expect((await session.request("/api/v2/users/me")).status).toBe(401);
    expect((await login("forgetful")).status).toBe(401);
    expect((await login("forgetful", next)).status).toBe(200);
    const line = (await auditOf(made.id)).find((each) => "password" in each.diff);
    expect(line).toEqual({ action: "write", userId: admin.userId, diff: { password: { secret: true } } });
  });

  it("is not for accounts that sign in elsewhere or not at all", async () => {
    const robot = await (await create(admin, { username: "mute", service_account: true })).json<User>();
    const outside = await person("elsewhere", { login_type: "oidc", password: undefined });
    for (const { id } of [robot, outside]) {
      expect((await put(admin, `${id}/password`, { password: PASSWORD })).status).toBe(400);
    }
  });
});
