import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import { auditLogs } from "../../src/audit/schema.ts";
import { accountLink, createdAccountLink, user as userSchema } from "../../src/contract/identity.ts";
import { accountLinks, rateCounters, users } from "../../src/identity/schema.ts";
import { secondFactors } from "../../src/identity/second-factor/schema.ts";
import { DEFAULT_ORGANIZATION_ID, organizationMembers } from "../../src/organizations/schema.ts";
import { newId } from "../../src/platform/ids.ts";
import { getTestApp, type Client } from "../support/app.ts";

const test = await getTestApp();
const { db, owner, clock, anonymous } = test;
const admin = await test.addUser("una", ["member", "user-admin"]);
const grace = await test.addUser("grace");
const PASSWORD = "a long enough password";
const NEXT = "another long password";
const DAY_MS = 86_400_000;

beforeEach(() => db.delete(rateCounters));

const post = (path: string, body: object, address = "203.0.113.1") =>
  anonymous(`/api/v2/account-links/${path}`, { method: "POST", body, headers: { "cf-connecting-ip": address } });

async function makeLink(client: Client, path: string, body?: object) {
  const response = await client.request(`/api/v2/${path}`, { method: "POST", body });
  expect(response.status, await response.clone().text()).toBe(201);
  const { link, url } = createdAccountLink.parse(await response.json());
  return { link, url, token: new URL(url).hash.slice(1) };
}

const invite = (client: Client = admin, body: object = {}) => makeLink(client, "invites", body);
const accept = (token: string, username: string, more: object = {}) =>
  post("accept-invite", { token, username, email: `${username}@example.com`, password: PASSWORD, ...more });
const cookieOf = (response: Response) => response.headers.get("set-cookie")?.split(";")[0] ?? "";
const login = (name: string, password: string) =>
  anonymous("/api/v2/users/login", { method: "POST", body: { login: name, password } });

/** What every link says that does not work; without what differs in each answer. */
async function deadAnswer(response: Response): Promise<unknown> {
  expect(response.status).toBe(400);
  const { request_id: _, ...body } = await response.json<{ request_id: string }>();
  return body;
}

describe("an invite", () => {
  it("makes one account, signs in, and is used up", async () => {
    const { token, link, url } = await invite(admin, { email: "mary@example.com" });
    expect(url).toBe(`http://localhost/invite#${token}`);
    expect(Date.parse(link.expires_at)).toBe(clock.now + 7 * DAY_MS);
    const inspected = await post("inspect", { token });
    expect(await inspected.json()).toEqual({
      kind: "invite",
      email: "mary@example.com",
      username: "",
      expires_at: link.expires_at,
    });

    const accepted = await accept(token, "mary", { name: "Mary" });
    expect(accepted.status).toBe(201);
    const made = userSchema.parse(await accepted.json());
    expect(made).toMatchObject({ username: "mary", roles: ["member"], organization_ids: [DEFAULT_ORGANIZATION_ID] });
    const me = await anonymous("/api/v2/users/me", { headers: { cookie: cookieOf(accepted) } });
    expect(await me.json()).toMatchObject({ id: made.id });
    expect((await login("mary", PASSWORD)).status).toBe(200);
    expect((await accept(token, "mary-2")).status).toBe(400);

    const lines = await db.select().from(auditLogs).where(eq(auditLogs.resourceId, made.id));
    expect(lines.find((line) => line.action === "register")).toMatchObject({
      userId: made.id,
      diff: { invited_by: { new: "una" } },
    });
    const all = JSON.stringify([await db.select().from(auditLogs), await db.select().from(accountLinks), test.logged]);
    expect(all).not.toContain(token);
  });

  it("makes one account of two at once", async () => {
    const { token } = await invite();
    const both = await Promise.all([accept(token, "first"), accept(token, "second")]);
    expect(both.map((response) => response.status).toSorted((a, b) => a - b)).toEqual([201, 400]);
  });

  it("survives a name that is taken", async () => {
    const { token } = await invite();
    expect((await accept(token, "Grace")).status).toBe(409);
    expect((await accept(token, "graceful")).status).toBe(201);
  });

  it("for one address makes no account with another", async () => {
    const { token } = await invite(admin, { email: "Wanted@example.com" });
    expect((await accept(token, "stranger")).status).toBe(400);
    expect((await accept(token, "wanted")).status).toBe(201);
  });

  it("says the same when it was used, has expired, was taken back, or never was", async () => {
    const used = await invite();
    await accept(used.token, "used-it");
    const expired = await invite();
    await db.update(accountLinks).set({ expiresAt: clock.now }).where(eq(accountLinks.id, expired.link.id));
    const takenBack = await invite();
    const path = `/api/v2/invites/${takenBack.link.id}`;
    expect((await admin.request(path, { method: "DELETE" })).status).toBe(204);
    expect((await admin.request(path, { method: "DELETE" })).status).toBe(404);
    const answers = [];
    for (const token of [used.token, expired.token, takenBack.token, "nothing"]) {
      answers.push(await deadAnswer(await post("inspect", { token })));
      answers.push(await deadAnswer(await accept(token, "late")));
      answers.push(await deadAnswer(await post("reset-password", { token, password: NEXT })));
    }
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  it("gives no more than its maker may give when it is made, and when it is used", async () => {
    const refused = await admin.request("/api/v2/invites", { method: "POST", body: { roles: ["auditor"] } });
    expect(refused.status).toBe(403);
    const boss = await test.addUser("boss", ["owner", "member"]);
    const { token } = await invite(boss, { roles: ["auditor"] });
    await db
      .update(users)
      .set({ roles: ["user-admin", "member"] })
      .where(eq(users.id, boss.userId));
    expect((await accept(token, "too-much")).status).toBe(400);
    await db
      .update(users)
      .set({ roles: ["owner", "member"], status: "suspended" })
      .where(eq(users.id, boss.userId));
    expect((await accept(token, "too-much")).status).toBe(400);
    await db.update(users).set({ status: "active" }).where(eq(users.id, boss.userId));
    expect(await (await accept(token, "just-right")).json()).toMatchObject({ roles: ["member", "auditor"] });
  });

  it("leads into no organisation to which its maker may not add", async () => {
    const body = { organization_ids: [DEFAULT_ORGANIZATION_ID, newId()] };
    const refused = await admin.request("/api/v2/invites", { method: "POST", body });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ errors: [{ pointer: "/organization_ids/1" }] });
    const { token } = await invite();
    const accepted = userSchema.parse(await (await accept(token, "placed")).json());
    expect(await db.select().from(organizationMembers).where(eq(organizationMembers.userId, accepted.id))).toHaveLength(
      1,
    );
  });

  it("is listed while it is open, for those who may invite, without its secret", async () => {
    const { link, token } = await invite(admin, { email: "open@example.com" });
    const text = await (await admin.request("/api/v2/invites?limit=1")).text();
    expect(accountLink.array().parse(JSON.parse(text))).toMatchObject([{ id: link.id, email: "open@example.com" }]);
    expect(text).not.toContain(token);
    for (const [method, path] of [
      ["GET", "/api/v2/invites"],
      ["DELETE", `/api/v2/invites/${link.id}`],
    ]) {
      expect((await grace.request(path ?? "", { method })).status).toBe(403);
    }
    expect((await grace.request("/api/v2/invites", { method: "POST", body: {} })).status).toBe(403);
    await accept(token, "opened", { email: "open@example.com" });
    const left = accountLink.array().parse(await (await admin.request("/api/v2/invites")).json());
    expect(left.map((each) => each.id)).not.toContain(link.id);
  });
});

describe("a password reset", () => {
  async function person(username: string) {
    const body = { username, email: `${username}@example.com`, password: PASSWORD };
    const made = userSchema.parse(await (await owner.request("/api/v2/users", { method: "POST", body })).json());
    return test.signIn(made.id, made.username);
  }
  const resetFor = (client: Client, userId: string) => makeLink(client, `users/${userId}/password-reset`);

  it("sets the password once, ends every session and signs in", async () => {
    const session = await person("forgetful");
    const { token, url, link } = await resetFor(admin, session.userId);
    expect(url).toBe(`http://localhost/reset-password#${token}`);
    expect(Date.parse(link.expires_at)).toBe(clock.now + DAY_MS);
    expect(await (await post("inspect", { token })).json()).toMatchObject({
      kind: "password_reset",
      username: "forgetful",
    });
    const both = await Promise.all([1, 2].map(() => post("reset-password", { token, password: NEXT })));
    expect(both.map((response) => response.status).toSorted((a, b) => a - b)).toEqual([200, 400]);
    const done = both.find((response) => response.status === 200);
    const cookie = done === undefined ? "" : cookieOf(done);
    expect((await anonymous("/api/v2/users/me", { headers: { cookie } })).status).toBe(200);
    expect((await session.request("/api/v2/users/me")).status).toBe(401);
    expect((await login("forgetful", PASSWORD)).status).toBe(401);
    expect((await login("forgetful", NEXT)).status).toBe(200);
  });

  it("is void when there is a newer one, or another password", async () => {
    const session = await person("undecided");
    const [first, second] = [await resetFor(admin, session.userId), await resetFor(admin, session.userId)];
    expect((await post("inspect", { token: first.token })).status).toBe(400);
    const change = { old_password: PASSWORD, password: NEXT };
    expect((await session.request("/api/v2/users/me/password", { method: "PUT", body: change })).status).toBe(204);
    expect((await post("reset-password", { token: second.token, password: PASSWORD })).status).toBe(400);
  });

  it("does not take over an account that has since got more rights than its maker", async () => {
    const session = await person("promoted");
    const { token } = await resetFor(admin, session.userId);
    await db
      .update(users)
      .set({ roles: ["owner", "member"] })
      .where(eq(users.id, session.userId));
    expect((await post("reset-password", { token, password: NEXT })).status).toBe(400);
    await db
      .update(users)
      .set({ roles: ["member"] })
      .where(eq(users.id, session.userId));
  });

  it("is not for suspended people, and wakes dormant ones", async () => {
    const session = await person("away");
    const { token } = await resetFor(admin, session.userId);
    const set = (status: "suspended" | "dormant") =>
      db.update(users).set({ status }).where(eq(users.id, session.userId));
    await set("suspended");
    expect((await post("reset-password", { token, password: NEXT })).status).toBe(400);
    await set("dormant");
    expect(await (await post("reset-password", { token, password: NEXT })).json()).toMatchObject({ status: "active" });
  });

  it("does not stand in for a second factor", async () => {
    const session = await person("careful");
    await db
      .insert(secondFactors)
      .values({ userId: session.userId, sealedSecret: "sealed", lastStep: 0, createdAt: clock.now });
    const { token } = await resetFor(admin, session.userId);
    const response = await post("reset-password", { token, password: NEXT });
    expect(response.status).toBe(200);
    expect(response.headers.get("set-cookie")).toBeNull();
  });

  it("is made by admins, for others, where there is a password", async () => {
    const path = (userId: string) => `/api/v2/users/${userId}/password-reset`;
    expect((await grace.request(path("una"), { method: "POST" })).status).toBe(404);
    expect((await grace.request(path("me"), { method: "POST" })).status).toBe(403);
    expect((await admin.request(path(grace.userId), { method: "POST" })).status).toBe(400);
  });
});

describe("the limit on links", () => {
  it("counts uses of one address, whether or not they were links, and says how long", async () => {
    const { token } = await invite();
    for (let use = 0; use < 60; use++) await post("inspect", { token: "nothing" });
    const refused = await post("inspect", { token });
    expect(refused.status).toBe(429);
    const seconds = Number(refused.headers.get("retry-after"));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(900);
    expect((await post("inspect", { token }, "203.0.113.2")).status).toBe(200);
    clock.now += seconds * 1000;
    expect((await post("inspect", { token })).status).toBe(200);
  });

  it("bounds how many one person makes", async () => {
    await invite();
    await db.update(rateCounters).set({ count: 200 });
    const refused = await admin.request("/api/v2/invites", { method: "POST", body: {} });
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).not.toBeNull();
  });
});
