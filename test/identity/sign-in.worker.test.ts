import { eq, sql } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import { rateCounters, sessions, users, userStatusChanges } from "../../src/identity/schema.ts";
import { openSession } from "../../src/identity/sessions.ts";
import { getTestApp, ORIGIN, OWNER_PASSWORD, type RequestOptions } from "../support/app.ts";

const test = await getTestApp();
const { db, clock, anonymous, owner } = test;
const LOGIN = "/api/v2/users/login";
const DAY_MS = 86_400_000;
/** The counts of accounts from everywhere: `account:` and a hash. Those of one address have it behind. */
const isAccountKey = sql`length(${rateCounters.key}) = 72`;

function login(body: object = { login: "ada", password: OWNER_PASSWORD }, options: RequestOptions = {}) {
  return anonymous(LOGIN, { method: "POST", body, ...options });
}

function cookieOf(response: Response): string {
  return response.headers.get("set-cookie")?.split(";")[0] ?? "";
}

async function whoIs(cookie: string): Promise<number> {
  return (await anonymous("/api/v2/users/me", { headers: { cookie } })).status;
}

beforeEach(() => db.delete(rateCounters));

describe("signing in", () => {
  it.each(["ada", "ADA", "ada@example.com", " Ada@Example.com "])("works as %s", async (name) => {
    const response = await login({ login: name, password: OWNER_PASSWORD });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ id: owner.userId, username: "ada" });
    expect(await whoIs(cookieOf(response))).toBe(200);
  });

  it("sets a cookie that scripts and other sites cannot use", async () => {
    const local = (await login()).headers.get("set-cookie");
    expect(local).toMatch(/^tideline_session=[^;]+; Path=\/; Max-Age=7776000; HttpOnly; SameSite=Lax$/);
    const response = await anonymous(`https://tideline.example${LOGIN}`, {
      method: "POST",
      body: { login: "ada", password: OWNER_PASSWORD },
    });
    expect(response.headers.get("set-cookie")).toMatch(/; HttpOnly; SameSite=Lax; Secure$/);
  });

  it("says the same of a wrong password, an unknown person and one without a password", async () => {
    await test.addUser("passwordless");
    const bodies = await Promise.all(
      ["ada", "nobody", "passwordless", "system", "nobody@example.com"].map(async (name) => {
        const response = await login({ login: name, password: "not the password" });
        expect(response.status).toBe(401);
        expect(response.headers.get("set-cookie")).toBeNull();
        const { request_id: _, ...body } = await response.json<{ request_id: string }>();
        return body;
      }),
    );
    for (const body of bodies) expect(body).toEqual(bodies[0]);
  });

  it("stores no secret", async () => {
    const secret = cookieOf(await login()).split(".")[1] ?? "";
    expect(secret.length).toBeGreaterThan(40);
    expect(JSON.stringify(await db.select().from(sessions))).not.toContain(secret);
  });

  it("notes where from, within bounds", async () => {
    await login(undefined, { headers: { "cf-connecting-ip": "203.0.113.9", "user-agent": "x".repeat(5_000) } });
    const rows = await db.select().from(sessions).where(eq(sessions.ipAddress, "203.0.113.9"));
    expect(rows.map((row) => row.userAgent.length)).toEqual([300]);
  });

  it("is refused to a suspended account that knows its password, and wakes a dormant one once", async () => {
    const setStatus = (status: "suspended" | "dormant" | "active") =>
      db.update(users).set({ status }).where(eq(users.id, owner.userId));
    await setStatus("suspended");
    const refused = await login();
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ title: "This account is suspended." });

    await setStatus("dormant");
    expect(await (await login()).json()).toMatchObject({ status: "active" });
    expect((await login()).status).toBe(200);
    const history = await db.select().from(userStatusChanges).where(eq(userStatusChanges.userId, owner.userId));
    expect(history.map((row) => row.newStatus)).toEqual(["active", "active"]);
  });
});

describe("a sign-in that is under way", () => {
  const from = { address: "192.0.2.1", userAgent: "test" };
  const sessionsOf = (userId: string) => db.select().from(sessions).where(eq(sessions.userId, userId));

  it.each([
    ["suspended", { status: "suspended" as const }],
    ["deleted", { deleted: true }],
    ["made a service account", { isServiceAccount: true }],
    ["given another password", { passwordHash: "another" }],
  ])("opens nothing once the account is %s", async (name, change) => {
    const { userId } = await test.addUser(`half-way-${name.replaceAll(" ", "-")}`);
    const before = await sessionsOf(userId);
    await db.update(users).set(change).where(eq(users.id, userId));
    await expect(openSession(db, { id: userId, passwordHash: null }, from, clock.now)).rejects.toThrow("changed");
    expect(await sessionsOf(userId)).toEqual(before);
  });
});

describe("the limit on sign-ins", () => {
  const wrong = (name: string, address: string) =>
    login({ login: name, password: "wrong" }, { headers: { "cf-connecting-ip": address } });

  it("stops guessing at one account, by any of its names, and says how long", async () => {
    const address = { headers: { "cf-connecting-ip": "198.51.100.1" } };
    await wrong("ada", "198.51.100.1");
    await db.update(rateCounters).set({ count: 8 });
    expect((await wrong("ADA", "198.51.100.1")).status).toBe(401);
    expect((await wrong("ada@EXAMPLE.com", "198.51.100.1")).status).toBe(401);

    const refused = await login(undefined, address);
    expect(refused.status).toBe(429);
    const seconds = Number(refused.headers.get("retry-after"));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(900);

    clock.now += seconds * 1000;
    expect((await login(undefined, address)).status).toBe(200);
  });

  it("lets no stranger lock an account, however often they try", async () => {
    const statuses = [];
    for (let attempt = 0; attempt < 120; attempt++) statuses.push((await wrong("ada", "198.51.100.1")).status);
    expect(statuses).toEqual([...Array<number>(10).fill(401), ...Array<number>(110).fill(429)]);
    expect((await login(undefined, { headers: { "cf-connecting-ip": "203.0.113.5" } })).status).toBe(200);
  });

  it("stops guessing that comes from many addresses", async () => {
    await wrong("ada", "198.51.100.1");
    await db.update(rateCounters).set({ count: 99 }).where(isAccountKey);
    expect((await wrong("ada", "198.51.100.2")).status).toBe(401);
    expect((await wrong("ada", "198.51.100.3")).status).toBe(429);
  });

  it("counts attempts that come all at once", async () => {
    const tries = await Promise.all(Array.from({ length: 15 }, () => wrong("ada", "198.51.100.1")));
    const statuses = tries.map((response) => response.status).sort((a, b) => a - b);
    expect(statuses).toEqual([...Array<number>(10).fill(401), ...Array<number>(5).fill(429)]);
  });

  it("limits unknown accounts alike", async () => {
    await wrong("nobody", "198.51.100.1");
    await db.update(rateCounters).set({ count: 10 });
    expect((await wrong("Nobody", "198.51.100.1")).status).toBe(429);
  });

  it("stops an address that walks through accounts", async () => {
    await wrong("first", "198.51.100.5");
    await db.update(rateCounters).set({ count: 100 }).where(eq(rateCounters.key, "address:198.51.100.5"));
    expect((await wrong("next", "198.51.100.5")).status).toBe(429);
    expect((await wrong("next", "198.51.100.6")).status).toBe(401);
  });

  it("forgives a person who gets it right in the end", async () => {
    await wrong("ada", "198.51.100.5");
    await db.update(rateCounters).set({ count: 9 });
    expect((await login(undefined, { headers: { "cf-connecting-ip": "198.51.100.5" } })).status).toBe(200);
    expect((await db.select().from(rateCounters)).map(({ key, count }) => [key, count])).toEqual([
      ["address:198.51.100.5", 9],
      [expect.stringMatching(/^account:[0-9a-f]{64}$/), 9],
    ]);
  });
});

describe("a session", () => {
  it("slides forward with use and ends when it is not used", async () => {
    const cookie = cookieOf(await login());
    clock.now += 13 * DAY_MS;
    expect(await whoIs(cookie)).toBe(200);
    clock.now += 13 * DAY_MS;
    expect(await whoIs(cookie)).toBe(200);
    clock.now += 14 * DAY_MS;
    expect(await whoIs(cookie)).toBe(401);
  });

  it("ends after 90 days however much it is used", async () => {
    const cookie = cookieOf(await login());
    const statuses: number[] = [];
    for (let week = 1; week <= 13; week++) {
      clock.now += 7 * DAY_MS;
      statuses.push(await whoIs(cookie));
    }
    expect(statuses).toEqual([...Array<number>(12).fill(200), 401]);
  });

  it("writes its use at most once a minute", async () => {
    const session = await test.signIn(owner.userId, owner.username);
    const lastUsed = async () =>
      (await db.select().from(sessions).where(eq(sessions.id, session.sessionId)).get())?.lastUsedAt;
    const start = clock.now;
    clock.now = start + 59_000;
    await session.request("/api/v2/users/me");
    expect(await lastUsed()).toBe(start);
    clock.now = start + 60_000;
    await session.request("/api/v2/users/me");
    expect(await lastUsed()).toBe(start + 60_000);
  });

  it.each([
    ["suspended", { status: "suspended" as const }],
    ["deleted", { deleted: true }],
  ])("is over at the next request when its user is %s", async (name, change) => {
    const user = await test.addUser(`to-be-${name}`);
    const token = await test.withToken(user);
    expect((await user.request("/api/v2/users/me")).status).toBe(200);
    await db.update(users).set(change).where(eq(users.id, user.userId));
    expect((await user.request("/api/v2/users/me")).status).toBe(401);
    expect((await token.request("/api/v2/users/me")).status).toBe(401);
  });

  it("is not opened by a wrong secret", async () => {
    const cookie = cookieOf(await login());
    const flipped = cookie.endsWith("A") ? "B" : "A";
    expect(await whoIs(cookie.slice(0, -1) + flipped)).toBe(401);
  });
});

describe("signing out", () => {
  it("ends the session and clears the cookie", async () => {
    const cookie = cookieOf(await login());
    const response = await anonymous("/api/v2/users/logout", { method: "POST", headers: { cookie, origin: ORIGIN } });
    expect(response.status).toBe(204);
    expect(response.headers.get("set-cookie")).toMatch(/^tideline_session=; Path=\/; Max-Age=0;/);
    expect(await whoIs(cookie)).toBe(401);
  });

  it("is no error for somebody who is not signed in", async () => {
    expect((await anonymous("/api/v2/users/logout", { method: "POST" })).status).toBe(204);
  });
});
