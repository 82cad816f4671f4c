import { eq } from "drizzle-orm";
import { afterEach, describe, expect, it } from "vitest";
import type { Session } from "../../src/contract/identity.ts";
import { rateCounters, sessions, users } from "../../src/identity/schema.ts";
import { changeOf, readUser, readUserByLogin } from "../../src/identity/users.ts";
import { openDatabase } from "../../src/platform/d1.ts";
import { getTestApp, OWNER_PASSWORD, type Client } from "../support/app.ts";

const test = await getTestApp();
const { db, env, owner, anonymous } = test;
const grace = await test.addUser("grace");
const lin = await test.addUser("lin");

afterEach(() => db.delete(rateCounters));

/** A sidebar that watches; `closed` answers the code that it is closed with. */
async function openSocket(client: Client): Promise<{ closed: Promise<number>; socket: WebSocket }> {
  const response = await client.request("/api/v2/chats/watch", { headers: { upgrade: "websocket" } });
  expect(response.status).toBe(101);
  const socket = response.webSocket;
  if (socket === null) throw new Error("The upgrade has no socket");
  const closed = new Promise<number>((resolve) => socket.addEventListener("close", (event) => resolve(event.code)));
  socket.accept();
  return { closed, socket };
}

describe("GET /users/{user}", () => {
  it("names oneself by me, id or user name", async () => {
    for (const reference of ["me", grace.userId, "grace", "GRACE"]) {
      const response = await grace.request(`/api/v2/users/${reference}`);
      expect(await response.json(), reference).toMatchObject({ id: grace.userId, username: "grace" });
    }
  });

  it("never shows a hash", async () => {
    const text = await (await owner.request("/api/v2/users/me")).text();
    expect(text).not.toMatch(/hash|scrypt|secret/);
  });

  it("is the same 404 for others and for nobody", async () => {
    for (const reference of [lin.userId, "lin", "nobody", "system", "%00", "me%20", "x".repeat(90)]) {
      expect((await grace.request(`/api/v2/users/${reference}`)).status, reference).toBe(404);
    }
  });

  it("shows everybody to an owner, but not the system", async () => {
    expect((await owner.request("/api/v2/users/lin")).status).toBe(200);
    expect((await owner.request("/api/v2/users/system")).status).toBe(404);
  });

  it("needs a sign-in", async () => {
    const response = await anonymous("/api/v2/users/me");
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toContain("Bearer");
  });
});

describe("finding a user", () => {
  it("uses the indexes on names and addresses", async () => {
    const queries: string[] = [];
    const watched: D1Database = Object.assign(Object.create(env.DB), {
      prepare(query: string) {
        queries.push(query);
        return env.DB.prepare(query);
      },
    });
    await readUserByLogin(openDatabase(watched), "ada");
    await readUserByLogin(openDatabase(watched), "ada@example.com");
    await readUser(openDatabase(watched), "ada");
    await changeOf(openDatabase(watched), grace.userId, { username: "grace" }, test.clock.now);

    expect(queries).toHaveLength(5);
    for (const query of queries) {
      const parameters = query.match(/\?/g)?.map(() => "x") ?? [];
      const plan = env.DB.prepare(`explain query plan ${query}`).bind(...parameters);
      const { results } = await plan.all<{ detail: string }>();
      expect(
        results.map((row) => row.detail).filter((detail) => detail.startsWith("SCAN")),
        query,
      ).toEqual([]);
    }
  });
});

describe("PATCH /users/{user}", () => {
  const patch = (user: string, body: unknown) => grace.request(`/api/v2/users/${user}`, { method: "PATCH", body });

  it("changes what it names and leaves the rest", async () => {
    const response = await patch("me", { name: "Grace H.", roles: ["owner"], status: "suspended" });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      name: "Grace H.",
      username: "grace",
      roles: ["member"],
      status: "active",
    });
  });

  it("gives no name away twice, whatever its case", async () => {
    for (const body of [{ username: "LIN" }, { email: "Lin@example.com" }]) {
      expect((await patch("me", body)).status).toBe(409);
    }
    const both = await Promise.all([
      grace.request("/api/v2/users/me", { method: "PATCH", body: { username: "wanted" } }),
      lin.request("/api/v2/users/me", { method: "PATCH", body: { username: "Wanted" } }),
    ]);
    expect(both.map((response) => response.status).sort((a, b) => a - b)).toEqual([200, 409]);
    await db.update(users).set({ username: "grace" }).where(eq(users.id, grace.userId));
    await db.update(users).set({ username: "lin" }).where(eq(users.id, lin.userId));
  });

  it("is 404 on others", async () => {
    expect((await patch(lin.userId, { name: "x" })).status).toBe(404);
  });
});

describe("sessions", () => {
  it("are listed newest first, the current one marked, a page at a time", async () => {
    const user = await test.addUser("traveller");
    const ids = [user.sessionId];
    for (let index = 0; index < 4; index++) {
      test.clock.now += 1_000;
      ids.unshift((await test.signIn(user.userId, user.username)).sessionId);
    }

    const seen: Session[] = [];
    let path: string | undefined = "/api/v2/users/me/sessions?limit=2";
    while (path !== undefined) {
      const response: Response = await user.request(path);
      seen.push(...(await response.json<Session[]>()));
      path = /^<(.+)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1];
    }

    expect(seen.map((session) => session.id)).toEqual(ids);
    expect(seen.filter((session) => session.current).map((session) => session.id)).toEqual([user.sessionId]);
    expect(seen[0]).toMatchObject({ ip_address: "192.0.2.1", user_agent: "test" });
    expect(JSON.stringify(seen)).not.toMatch(/hash|secret/);
  });

  it("do not page from somebody else's", async () => {
    const response = await grace.request(`/api/v2/users/me/sessions?after_id=${lin.sessionId}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ parameter: "after_id" }] });
  });

  it("end at once, with what they have open", async () => {
    const other = await test.signIn(grace.userId, "grace");
    const [theirs, mine] = [await openSocket(other), await openSocket(grace)];
    const path = `/api/v2/users/me/sessions/${other.sessionId}`;
    expect((await grace.request(path, { method: "DELETE" })).status).toBe(204);
    expect((await other.request("/api/v2/users/me")).status).toBe(401);
    expect((await grace.request("/api/v2/users/me")).status).toBe(200);
    expect(await theirs.closed).toBe(4403);
    expect(mine.socket.readyState).toBe(WebSocket.OPEN);
    mine.socket.close();
    expect((await grace.request(path, { method: "DELETE" })).status).toBe(404);
  });

  it("of others are out of reach, by either path", async () => {
    for (const user of ["me", lin.userId]) {
      const path = `/api/v2/users/${user}/sessions/${lin.sessionId}`;
      expect((await grace.request(path, { method: "DELETE" })).status).toBe(404);
    }
    expect((await grace.request(`/api/v2/users/${lin.userId}/sessions`)).status).toBe(404);
    expect((await lin.request("/api/v2/users/me")).status).toBe(200);
  });
});

describe("PUT /users/{user}/password", () => {
  const NEXT = "another long password";
  const change = (body: object, user = "me") =>
    owner.request(`/api/v2/users/${user}/password`, { method: "PUT", body });

  it("changes it and ends all other sessions, with what they have open", async () => {
    const other = await test.signIn(owner.userId, owner.username);
    const [theirs, mine] = [await openSocket(other), await openSocket(owner)];
    expect((await change({ old_password: OWNER_PASSWORD, password: NEXT })).status).toBe(204);

    expect((await owner.request("/api/v2/users/me")).status).toBe(200);
    expect((await other.request("/api/v2/users/me")).status).toBe(401);
    expect(await theirs.closed).toBe(4403);
    expect(mine.socket.readyState).toBe(WebSocket.OPEN);
    mine.socket.close();
    const login = (password: string) =>
      anonymous("/api/v2/users/login", { method: "POST", body: { login: "ada", password } });
    expect((await login(OWNER_PASSWORD)).status).toBe(401);
    expect((await login(NEXT)).status).toBe(200);
    expect((await change({ old_password: NEXT, password: OWNER_PASSWORD })).status).toBe(204);
  });

  it("needs the old one, and limits how often it can be guessed", async () => {
    const kept = await db.select().from(sessions);
    const response = await change({ old_password: "a guess", password: NEXT });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ pointer: "/old_password" }] });
    await db.update(rateCounters).set({ count: 10 });
    expect((await change({ old_password: OWNER_PASSWORD, password: NEXT })).status).toBe(429);
    expect(await db.select().from(sessions)).toEqual(kept);
  });

  it("is not somebody else's to change, not even for an owner who lacks the old one", async () => {
    const path = `/api/v2/users/${owner.userId}/password`;
    const body = { old_password: OWNER_PASSWORD, password: NEXT };
    expect((await grace.request(path, { method: "PUT", body })).status).toBe(404);
    expect((await change({ old_password: OWNER_PASSWORD, password: NEXT }, "grace")).status).toBe(400);
  });
});
