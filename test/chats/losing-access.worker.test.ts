import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { and, eq } from "drizzle-orm";
import type { Chat } from "../../src/contract/chats.ts";
import { chatShares as shareTable } from "../../src/chats/schema.ts";
import { recheckAccess } from "../../src/identity/revocation.ts";
import { users } from "../../src/identity/schema.ts";
import { DEFAULT_ORGANIZATION_ID, groupMembers, groups } from "../../src/organizations/schema.ts";
import { newId } from "../../src/platform/ids.ts";
import { getTestApp, type Client, type SignedIn } from "../support/app.ts";
import { useModel } from "./scripted-model.ts";
import { answeredChat, upgrade } from "./support.ts";

useModel();
const test = await getTestApp();
const { db } = test;
const TEAM = newId();
let ann: SignedIn;
let shared: Chat;
let count = 0;

beforeAll(async () => {
  ann = await test.addUser("ann");
  shared = await answeredChat(ann);
  const times = { createdAt: test.clock.now, updatedAt: test.clock.now };
  await db.insert(groups).values({ id: TEAM, organizationId: DEFAULT_ORGANIZATION_ID, name: "team", ...times });
});

interface Watched {
  /** Settles when the socket closes: with its code and reason, and the frame that came before. */
  closed: Promise<{ code: number; reason: string; last: string }>;
  isOpen: () => boolean;
  close: () => void;
}

function follow(socket: WebSocket): Watched {
  let last = "";
  let open = true;
  socket.addEventListener("message", ({ data }) => {
    last = String(data);
  });
  const closed = new Promise<{ code: number; reason: string; last: string }>((resolve) => {
    socket.addEventListener("close", ({ code, reason }) => {
      open = false;
      resolve({ code, reason, last });
    });
  });
  socket.accept();
  return { closed, isOpen: () => open, close: () => socket.close(1000) };
}

async function watch(client: Client, path = `/api/v2/chats/${shared.id}/stream`): Promise<Watched> {
  const { webSocket, status } = await client.request(path, { headers: upgrade });
  if (webSocket === null) throw new Error(`Refused: ${status}`);
  return follow(webSocket);
}

const share = (client: Client, body: object) =>
  client.request(`/api/v2/chats/${shared.id}/shares`, { method: "PATCH", body });

/** Somebody with the chat open, because of a share of their own unless there is another ground. */
async function viewer(grounds: object | null = null): Promise<{ person: SignedIn; stream: Watched }> {
  count += 1;
  const person = await test.addUser(`viewer-${count}`);
  if (grounds === null) await share(ann, { user_roles: { [person.userId]: "viewer" } });
  const stream = await watch(person);
  return { person, stream };
}

/** What the socket said when it closed, which it does by itself; the time is for a machine that has much else to do. */
async function inTime<T>(closed: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error("Still open after ten seconds")), 10_000);
  });
  return Promise.race([closed, late]);
}

const lost = { code: 4403, reason: "You no longer have access to this chat." };

describe("a viewer's stream closes, and the owner's stays,", () => {
  async function ends(stream: Watched, act: () => Promise<unknown>, expected = lost): Promise<void> {
    const own = await watch(ann);
    await act();
    const { last, ...end } = await inTime(stream.closed);
    expect(end).toEqual(expected);
    // Whoever reads events in place of a socket learns it from the frame.
    expect(JSON.parse(last)).toMatchObject({ type: "error", data: { status: 403, title: expected.reason } });
    expect(own.isOpen()).toBe(true);
    own.close();
  }

  it("when their share is taken away", async () => {
    const { person, stream } = await viewer();
    await ends(stream, () => share(ann, { user_roles: { [person.userId]: "" } }));
  });

  it("when all shares are", async () => {
    const { stream } = await viewer();
    await ends(stream, () => ann.request(`/api/v2/chats/${shared.id}/shares`, { method: "DELETE" }));
  });

  it("when their group's share is", async () => {
    const person = await test.addUser("grouped");
    await db.insert(groupMembers).values({ groupId: TEAM, userId: person.userId, createdAt: 0 });
    await share(ann, { group_roles: { [TEAM]: "viewer" } });
    await ends(await watch(person), () => share(ann, { group_roles: { [TEAM]: "" } }));
  });

  it("when they leave the group", async () => {
    const person = await test.addUser("leaver");
    await db.insert(groupMembers).values({ groupId: TEAM, userId: person.userId, createdAt: 0 });
    await share(ann, { group_roles: { [TEAM]: "viewer" } });
    await ends(await watch(person), () =>
      test.owner.request(`/api/v2/groups/${TEAM}`, { method: "PATCH", body: { remove_users: [person.userId] } }),
    );
  });

  it("when they leave the organisation", async () => {
    const { person, stream } = await viewer();
    await ends(stream, async () => {
      const path = `/api/v2/organizations/${DEFAULT_ORGANIZATION_ID}/members/${person.userId}`;
      expect((await test.owner.request(path, { method: "DELETE" })).status).toBe(204);
    });
  });

  it("when sharing is turned off for all", async () => {
    const { stream } = await viewer();
    const turn = (on: boolean) =>
      test.owner.request("/api/v2/chats/config/sharing", { method: "PUT", body: { chat_sharing_enabled: on } });
    await ends(stream, () => turn(false));
    await turn(true);
  });

  it("when they are suspended", async () => {
    const { person, stream } = await viewer();
    await ends(stream, () => test.owner.request(`/api/v2/users/${person.userId}/status/suspend`, { method: "PUT" }), {
      code: 4403,
      reason: "You were signed out.",
    });
  });

  it("when they are no owner of the site any more", async () => {
    const person = await test.addUser("former-owner", ["owner", "member"]);
    await ends(await watch(person), () =>
      test.owner.request(`/api/v2/users/${person.userId}/roles`, { method: "PUT", body: { roles: ["member"] } }),
    );
  });

  it("when their session ends", async () => {
    const { person, stream } = await viewer();
    await ends(stream, () => person.request(`/api/v2/users/me/sessions/${person.sessionId}`, { method: "DELETE" }), {
      code: 4403,
      reason: "You were signed out.",
    });
  });

  it("when their token is deleted", async () => {
    const { person, stream } = await viewer();
    const token = await test.withToken(person);
    const byToken = await watch(token);
    await ends(byToken, () => person.request(`/api/v2/users/me/keys/${token.keyId}`, { method: "DELETE" }), {
      code: 4403,
      reason: "You were signed out.",
    });
    expect(stream.isOpen()).toBe(true);
    stream.close();
  });
});

describe("what is left", () => {
  it("stays open: of two grounds one is enough, and other chats are not disturbed; sidebars read their lists anew", async () => {
    const { person, stream } = await viewer();
    await db.insert(groupMembers).values({ groupId: TEAM, userId: person.userId, createdAt: 0 });
    await share(ann, { group_roles: { [TEAM]: "viewer" } });
    const own = await answeredChat(person);
    const others = [stream, await watch(person, `/api/v2/chats/${own.id}/stream`)];
    const sidebar = await watch(person, "/api/v2/chats/watch");
    await share(ann, { user_roles: { [person.userId]: "" } });
    await recheckAccess(env, [person.userId]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(others.map((socket) => socket.isOpen())).toEqual([true, true]);
    expect(await inTime(sidebar.closed)).toMatchObject({ code: 1013 });
    for (const socket of others) socket.close();
  });
});

describe("a join that races with a revocation", () => {
  /** As the Worker sends it once it has found the person allowed to. */
  const forwarded = (person: SignedIn) =>
    env.CHATS.getByName(shared.id).fetch("https://tideline.internal/stream", {
      headers: { ...upgrade, "x-tideline-user": person.userId, "x-tideline-session": person.sessionId },
    });

  it("is seen through when D1 was written after the Worker's look and before the socket was there", async () => {
    const person = await test.addUser("racer");
    await share(ann, { user_roles: { racer: "viewer" } });
    // The Worker has looked. Nobody is registered yet, so what revokes finds nothing to close.
    await db
      .delete(shareTable)
      .where(and(eq(shareTable.rootChatId, shared.id), eq(shareTable.subjectId, person.userId)));
    await recheckAccess(env, [person.userId]);
    const { webSocket } = await forwarded(person);
    if (webSocket === null) throw new Error("The upgrade has no socket");
    expect(await inTime(follow(webSocket).closed)).toMatchObject(lost);
  });

  it("is seen through for an account that was suspended just then", async () => {
    const person = await test.addUser("suspended-racer");
    await share(ann, { user_roles: { "suspended-racer": "viewer" } });
    await db.update(users).set({ status: "suspended" }).where(eq(users.id, person.userId));
    const { webSocket } = await forwarded(person);
    if (webSocket === null) throw new Error("The upgrade has no socket");
    expect(await inTime(follow(webSocket).closed)).toMatchObject({ code: 4403 });
  });

  it("ends either way when both happen at once", async () => {
    for (let round = 0; round < 5; round += 1) {
      const person = await test.addUser(`both-${round}`);
      await share(ann, { user_roles: { [person.userId]: "viewer" } });
      const [stream] = await Promise.all([
        person.request(`/api/v2/chats/${shared.id}/stream`, { headers: upgrade }),
        share(ann, { user_roles: { [person.userId]: "" } }),
      ]);
      if (stream.webSocket === null) expect(stream.status).toBe(404);
      else expect(await inTime(follow(stream.webSocket).closed)).toMatchObject({ code: 4403 });
    }
  });
});

it("tells whoever reads events, and ends them", async () => {
  const person = await test.addUser("reader");
  await share(ann, { user_roles: { reader: "viewer" } });
  const response = await person.request(`/api/v2/chats/${shared.id}/stream`, {
    headers: { accept: "text/event-stream" },
  });
  const text = response.text();
  await share(ann, { user_roles: { reader: "" } });
  expect(await inTime(text)).toContain("You no longer have access to this chat.");
});
