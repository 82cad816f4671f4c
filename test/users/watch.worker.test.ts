import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { watchEnded } from "../../src/contract/chats.ts";
import { apiKeys, sessions, users } from "../../src/identity/schema.ts";
import { getTestApp } from "../support/app.ts";

const test = await getTestApp();
const { db } = test;

/** A sidebar, and the code with which its socket will close. */
async function openSidebar({
  request,
}: {
  request: (path: string, options: { headers: Record<string, string> }) => Promise<Response>;
}) {
  const { webSocket } = await request("/api/v2/chats/watch", { headers: { upgrade: "websocket" } });
  if (webSocket === null) throw new Error("The upgrade has no socket");
  const state: { code: number | null; last: string } = { code: null, last: "" };
  webSocket.addEventListener("message", ({ data }) => {
    state.last = String(data);
  });
  const closed = new Promise<number>((resolve) => {
    webSocket.addEventListener("close", ({ code }) => {
      state.code = code;
      resolve(code);
    });
  });
  webSocket.accept();
  return { webSocket, closed, state };
}

it("answers a sidebar that says goodbye, so that it need not wait for the end of a lost connection", async () => {
  const { webSocket, closed } = await openSidebar(test.owner);
  webSocket.close(1000, "leaving");
  expect(await closed).toBe(1000);
});

describe("a sidebar that stays open", () => {
  /** As if the minute were over. */
  async function lookOver(userId: string): Promise<boolean> {
    const hub = env.USERS.getByName(userId);
    await runInDurableObject(hub, (_, state) => {
      state.storage.sql.exec("update jobs set due_at = 0 where kind = 'access-check'");
    });
    return runDurableObjectAlarm(hub);
  }

  it("is closed when the time of its token is up, and no other is", async () => {
    const person = await test.addUser("tokens");
    const [own, byToken] = [await openSidebar(person), await openSidebar(await test.withToken(person))];
    expect(await lookOver(person.userId)).toBe(true);
    expect([own.state.code, byToken.state.code]).toEqual([null, null]);

    await db
      .update(apiKeys)
      .set({ expiresAt: Date.now() - 1 })
      .where(eq(apiKeys.userId, person.userId));
    expect(await lookOver(person.userId)).toBe(true);
    expect(await byToken.closed).toBe(4403);
    expect(own.state.code).toBeNull();
  });

  it("is closed at once when its session ended while it was being opened", async () => {
    const person = await test.addUser("racing");
    const other = await test.signIn(person.userId, person.username);
    // The Worker has found the session in force; then it ends, and the revocation finds no socket yet.
    await db.delete(sessions).where(eq(sessions.id, other.sessionId));
    await env.USERS.getByName(person.userId).revoke({ userId: person.userId, sessionId: other.sessionId });
    const request = (_: string, options: { headers: Record<string, string> }) =>
      env.USERS.getByName(person.userId).fetch("http://user/watch", {
        headers: { ...options.headers, "x-tideline-user": person.userId, "x-tideline-session": other.sessionId },
      });
    const late = await openSidebar({ request });
    expect(await late.closed).toBe(4403);
  });

  it("is closed when its session has ended by itself", async () => {
    const person = await test.addUser("idle");
    const sidebar = await openSidebar(person);
    await db
      .update(sessions)
      .set({ expiresAt: Date.now() - 1 })
      .where(eq(sessions.userId, person.userId));
    expect(await lookOver(person.userId)).toBe(true);
    expect(await sidebar.closed).toBe(4403);
  });

  it("is closed when its user may not sign in any more", async () => {
    const person = await test.addUser("suspended");
    const sidebar = await openSidebar(person);
    await db.update(users).set({ status: "suspended" }).where(eq(users.id, person.userId));
    expect(await lookOver(person.userId)).toBe(true);
    expect(await sidebar.closed).toBe(4403);
    // Said before it closes, too: a browser may tell its page of a close some seconds later only.
    expect(watchEnded.parse(JSON.parse(sidebar.state.last)).reason).toMatch(/^You were signed out/);
  });
});
