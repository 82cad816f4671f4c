import { describe, expect, it } from "vitest";
import { createdAccountLink, createTokenResponse } from "../../src/contract/identity.ts";
import { getTestApp, OWNER_PASSWORD, type Client, type SignedIn } from "../support/app.ts";
import { answeredChat } from "../chats/support.ts";
import { useModel } from "../chats/scripted-model.ts";

/*
 * Whoever loses access sees it happen: for each cause, the sockets that it reaches close with 4403 by themselves,
 * and no others do.
 */

useModel();
const test = await getTestApp();
const { owner, anonymous } = test;
const PASSWORD = OWNER_PASSWORD;
/** For a machine that has much else to do. */
const CLOSES_WITHIN_MS = 10_000;
/** What would close with the others would be closed by then. */
const STAYS_FOR_MS = 1_000;
const upgrade = { upgrade: "websocket" };

interface Open {
  /** The code that it closes with, or "open" when it has not by then. */
  closes(withinMs: number): Promise<number | "open">;
  close(): void;
}

async function open(client: Client, path: string): Promise<Open> {
  const { webSocket, status } = await client.request(path, { headers: upgrade });
  if (webSocket === null) throw new Error(`Refused: ${status}`);
  const closed = new Promise<number>((resolve) => webSocket.addEventListener("close", ({ code }) => resolve(code)));
  webSocket.accept();
  return {
    closes: (withinMs) =>
      Promise.race([closed, new Promise<"open">((resolve) => setTimeout(() => resolve("open"), withinMs))]),
    close: () => webSocket.close(1000),
  };
}

/** A sidebar and a chat, both open. */
async function openBoth(client: Client, chatId: string): Promise<Open[]> {
  return [await open(client, "/api/v2/chats/watch"), await open(client, `/api/v2/chats/${chatId}/stream`)];
}

const codes = (sockets: Open[], withinMs = CLOSES_WITHIN_MS) =>
  Promise.all(sockets.map((socket) => socket.closes(withinMs)));

let people = 0;
/** Somebody with a password and a chat of their own. */
async function person(): Promise<{ session: SignedIn; chatId: string }> {
  people += 1;
  const username = `person-${people}`;
  const body = { username, email: `${username}@example.com`, password: PASSWORD };
  const made = await owner.request("/api/v2/users", { method: "POST", body });
  const session = await test.signIn((await made.json<{ id: string }>()).id, username);
  return { session, chatId: (await answeredChat(session)).id };
}

async function done(response: Promise<Response>): Promise<void> {
  const { status } = await response;
  expect(status).toBeGreaterThanOrEqual(200);
  expect(status).toBeLessThan(300);
}

describe("what is open closes", () => {
  it.each<[string, (session: SignedIn) => Promise<Response>]>([
    ["suspended", ({ userId }) => owner.request(`/api/v2/users/${userId}/status/suspend`, { method: "PUT" })],
    ["deleted", ({ userId }) => owner.request(`/api/v2/users/${userId}`, { method: "DELETE" })],
    [
      "given a new password by an admin",
      ({ userId }) =>
        owner.request(`/api/v2/users/${userId}/password`, { method: "PUT", body: { password: "another password" } }),
    ],
    [
      "signed out elsewhere",
      ({ userId, sessionId }) => owner.request(`/api/v2/users/${userId}/sessions/${sessionId}`, { method: "DELETE" }),
    ],
    ["signed out", (session) => session.request("/api/v2/users/logout", { method: "POST" })],
    [
      "reset by a link",
      async ({ userId }) => {
        const made = await owner.request(`/api/v2/users/${userId}/password-reset`, { method: "POST" });
        const token = new URL(createdAccountLink.parse(await made.json()).url).hash.slice(1);
        const body = { token, password: "another password" };
        return anonymous("/api/v2/account-links/reset-password", { method: "POST", body });
      },
    ],
  ])("when its person is %s, and only theirs", async (_, act) => {
    const { session, chatId } = await person();
    const theirs = await openBoth(session, chatId);
    // An owner may watch it too, and stays.
    const others = await openBoth(owner, chatId);
    await done(act(session));
    expect(await codes(theirs)).toEqual([4403, 4403]);
    const left = await codes(others, STAYS_FOR_MS);
    expect(left).toEqual(["open", "open"]);
    for (const socket of others) socket.close();
  });

  it("when its token is deleted, and what the session has open stays", async () => {
    const { session, chatId } = await person();
    const made = await session.request("/api/v2/users/me/keys/tokens", { method: "POST", body: { token_name: "x" } });
    const { id, key } = createTokenResponse.parse(await made.json());
    const withToken: Client = {
      ...session,
      request: (path, options = {}) =>
        anonymous(path, { ...options, headers: { ...options.headers, authorization: `Bearer ${key}` } }),
    };
    const [byToken, bySession] = [await openBoth(withToken, chatId), await openBoth(session, chatId)];
    await done(session.request(`/api/v2/users/me/keys/${id}`, { method: "DELETE" }));
    expect(await codes(byToken)).toEqual([4403, 4403]);
    expect(await codes(bySession, STAYS_FOR_MS)).toEqual(["open", "open"]);
    for (const socket of bySession) socket.close();
  });

  it("when an owner is one no more: the chats of others, not their own", async () => {
    const { chatId } = await person();
    const { session: second, chatId: ownChatId } = await person();
    const path = `/api/v2/users/${second.userId}/roles`;
    await done(owner.request(path, { method: "PUT", body: { roles: ["owner"] } }));
    const [theirs, ownChat, sidebar] = [
      await open(second, `/api/v2/chats/${chatId}/stream`),
      await open(second, `/api/v2/chats/${ownChatId}/stream`),
      await open(second, "/api/v2/chats/watch"),
    ];
    await done(owner.request(path, { method: "PUT", body: { roles: ["member"] } }));
    // Their sidebar is asked to come back, and reads anew which chats there are.
    expect(await codes([theirs, sidebar])).toEqual([4403, 1013]);
    expect(await codes([ownChat], STAYS_FOR_MS)).toEqual(["open"]);
    ownChat.close();
  });
});
