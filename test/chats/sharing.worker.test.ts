import { env } from "cloudflare:workers";
import { and, eq } from "drizzle-orm";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { auditLogs } from "../../src/audit/schema.ts";
import { chat, type Chat } from "../../src/contract/chats.ts";
import { chatPeople, chatShares, givenChatShare, type ChatShares } from "../../src/contract/sharing.ts";
import { DEFAULT_ORGANIZATION_ID, groupMembers, groups, organizationMembers } from "../../src/organizations/schema.ts";
import { newId } from "../../src/platform/ids.ts";
import { getTestApp, type Client, type SignedIn } from "../support/app.ts";
import { soon } from "../support/soon.ts";
import { answeredChat, idleChat, messagesOf, openSocket } from "./support.ts";
import { PNG } from "./file-bytes.ts";
import { useModel } from "./scripted-model.ts";

useModel();
const test = await getTestApp();
const { db } = test;
let ann: SignedIn;
let bob: SignedIn;
let eve: SignedIn;
let shared: Chat;
const TEAM = newId();

beforeAll(async () => {
  [ann, bob, eve] = [await test.addUser("ann"), await test.addUser("bob"), await test.addUser("eve")];
  const now = test.clock.now;
  await db.insert(groups).values({
    id: TEAM,
    organizationId: DEFAULT_ORGANIZATION_ID,
    name: "team",
    displayName: "The team",
    createdAt: now,
    updatedAt: now,
  });
  shared = await answeredChat(ann);
});

async function change(
  client: Client,
  body: { user_roles?: Record<string, string>; group_roles?: Record<string, string> },
  chatId = shared.id,
): Promise<Response> {
  return client.request(`/api/v2/chats/${chatId}/shares`, { method: "PATCH", body });
}
async function share(body: Parameters<typeof change>[1], chatId = shared.id): Promise<ChatShares> {
  const response = await change(ann, body, chatId);
  expect(response.status).toBe(200);
  return chatShares.parse(await response.json());
}
const status = async (client: Client, path = "", options = {}) =>
  (await client.request(`/api/v2/chats/${shared.id}${path}`, options)).status;
const say = (text = "And me?") => ({ method: "POST", body: { content: [{ type: "text", text }] } });
const listOf = async (client: Client, query: string) =>
  chat
    .array()
    .parse(await (await client.request(`/api/v2/chats?${query}`)).json())
    .map((one) => one.id);

afterEach(async () => {
  await ann.request(`/api/v2/chats/${shared.id}/shares`, { method: "DELETE" });
});

describe("a share", () => {
  it("lets a viewer read and nothing else", async () => {
    expect(await status(bob)).toBe(404);
    const { users, may_share } = await share({ user_roles: { bob: "viewer" } });
    expect(users).toMatchObject([{ id: bob.userId, username: "bob", role: "viewer" }]);
    expect(may_share).toBe(true);
    expect([await status(bob), await status(bob, "/messages"), await status(bob, "/export")]).toEqual([200, 200, 200]);
    expect(await status(bob, "/messages", say())).toBe(403);
    expect(await status(bob, "/interrupt", { method: "POST" })).toBe(403);
    expect(await status(bob, "", { method: "PATCH", body: { title: "Mine" } })).toBe(403);
    expect(await status(bob, "/archive", { method: "POST" })).toBe(403);
    expect(await status(bob, "/compact", { method: "POST" })).toBe(403);
    expect((await change(bob, { user_roles: { eve: "viewer" } })).status).toBe(403);
    expect((await change(eve, { user_roles: { eve: "viewer" } })).status).toBe(404);
    const seen = chat.parse(await (await bob.request(`/api/v2/chats/${shared.id}`)).json());
    expect(seen).toMatchObject({ your_role: "viewer", shared: true, owner_name: "ann" });
    const theirs = chatShares.parse(await (await bob.request(`/api/v2/chats/${shared.id}/shares`)).json());
    expect(theirs).toMatchObject({ may_share: false, owner: { username: "ann" } });
  });

  it("lets a collaborator send under their own name, and change neither title nor archive", async () => {
    await share({ user_roles: { [bob.userId]: "collaborator" } });
    const sent = await bob.request(`/api/v2/chats/${shared.id}/messages`, say("From Bob"));
    expect(sent.status).toBe(200);
    await soon(async () => {
      const response = await ann.request(`/api/v2/chats/${shared.id}/people`);
      const { people } = chatPeople.parse(await response.json());
      expect(people.map((person) => person.username)).toEqual(["ann", "bob"]);
    });
    expect(await status(bob, "/interrupt", { method: "POST" })).toBe(200);
    expect(await status(bob, "", { method: "PATCH", body: { title: "Mine" } })).toBe(403);
    expect(await status(bob, "/archive", { method: "POST" })).toBe(403);
  });

  it("lets a collaborator attach files of their own, which all who read the chat can read, and nobody else's", async () => {
    await share({ user_roles: { bob: "collaborator", eve: "viewer" } });
    const upload = async (client: Client) => {
      const response = await client.request("/api/v2/chats/files", { method: "POST", body: PNG });
      return ((await response.json()) as { id: string }).id;
    };
    const attach = (file: string) => ({
      method: "POST",
      body: {
        content: [
          { type: "text", text: "Look" },
          { type: "file", file_id: file },
        ],
      },
    });
    const [own, anns] = [await upload(bob), await upload(ann)];
    expect(await status(bob, "/messages", attach(anns))).toBe(400);
    expect(await status(bob, "/messages", attach(own))).toBe(200);
    for (const reader of [ann, eve]) {
      expect((await reader.request(`/api/v2/chats/files/${own}`)).status).toBe(200);
    }
  });

  it("lets a collaborator say their own words anew, but not where that deletes what others said", async () => {
    const made = await answeredChat(ann);
    await share({ user_roles: { bob: "collaborator" } }, made.id);
    const path = `/api/v2/chats/${made.id}/messages`;
    const sendAs = async (client: Client) => {
      expect((await client.request(path, say())).status).toBe(200);
      await idleChat(ann, made.id);
      return (await messagesOf(ann, made.id)).find((message) => message.role === "user")?.id ?? 0;
    };
    const anew = async (client: Client, id: number) =>
      (await client.request(`${path}/${id}`, { ...say("Better"), method: "PATCH" })).status;
    const bobs = await sendAs(bob);
    const anns = await sendAs(ann);
    expect(await anew(bob, bobs)).toBe(403);
    expect((await messagesOf(ann, made.id)).some((message) => message.id === anns)).toBe(true);
    const bobsLast = await sendAs(bob);
    expect(await anew(bob, bobsLast)).toBe(200);
    await idleChat(ann, made.id);
    // All of it is its owner's to change.
    expect(await anew(ann, anns)).toBe(200);
    await idleChat(ann, made.id);
    await ann.request(`/api/v2/chats/${made.id}/shares`, { method: "DELETE" });
  });

  it("leaves the choice of the model to the owner", async () => {
    await share({ user_roles: { bob: "collaborator" } });
    const own = (await (await ann.request("/api/v2/chats/model-configs")).json()) as { id: string }[];
    const named = (model_config_id: string | undefined) => ({
      method: "POST",
      body: { content: [{ type: "text", text: "With that one" }], model_config_id },
    });
    expect(await status(bob, "/messages", named(newId()))).toBe(403);
    expect(await status(bob, "/messages", named(shared.last_model_config_id))).toBe(200);
    expect(await status(ann, "/messages", named(own[0]?.id))).toBe(200);
  });

  it("takes sub-agents' chats along, which are shared as their root is", async () => {
    const childId = newId();
    await env.DB.prepare(
      `insert into chats (id, owner_id, organization_id, parent_chat_id, root_chat_id, title, status, last_model_config_id,
         version, created_at, updated_at) values (?, ?, ?, ?, ?, 'Child', 'waiting', ?, 1, 1, 1)`,
    )
      .bind(childId, ann.userId, DEFAULT_ORGANIZATION_ID, shared.id, shared.id, newId())
      .run();
    const { users } = await share({ user_roles: { bob: "viewer" } }, childId);
    expect(users).toHaveLength(1);
    expect(await status(bob)).toBe(200);
    const seen = await bob.request(`/api/v2/chats/${childId}/shares`);
    expect(chatShares.parse(await seen.json()).users).toMatchObject([{ username: "bob" }]);
    expect((await listOf(bob, "shared=true")).toSorted()).toEqual([shared.id, childId].toSorted());
    await env.DB.prepare("delete from chats where id = ?").bind(childId).run();
  });

  it("reaches everybody in a group, and everybody in the organisation", async () => {
    await db.insert(groupMembers).values({ groupId: TEAM, userId: bob.userId, createdAt: test.clock.now });
    const { groups: teams } = await share({ group_roles: { [TEAM]: "viewer" } });
    expect(teams).toMatchObject([{ id: TEAM, display_name: "The team", member_count: 1, is_everyone: false }]);
    expect([await status(bob), await status(eve)]).toEqual([200, 404]);
    await share({ group_roles: { [DEFAULT_ORGANIZATION_ID]: "viewer" } });
    expect(await status(eve)).toBe(200);
    await share({ group_roles: { [DEFAULT_ORGANIZATION_ID]: "" } });
    expect([await status(bob), await status(eve)]).toEqual([200, 404]);
    await db.delete(groupMembers).where(eq(groupMembers.userId, bob.userId));
    expect(await status(bob)).toBe(404);
  });

  it("ends for whoever leaves the organisation", async () => {
    const guest = await test.addUser("guest");
    await share({ user_roles: { guest: "viewer" } });
    expect(await status(guest)).toBe(200);
    await db.delete(organizationMembers).where(eq(organizationMembers.userId, guest.userId));
    expect(await status(guest)).toBe(404);
  });

  it("can be taken away, of somebody unknown, too", async () => {
    await share({ user_roles: { bob: "viewer", eve: "collaborator" } });
    const { users } = await share({ user_roles: { bob: "", nobody: "" } });
    expect(users.map((user) => user.username)).toEqual(["eve"]);
    expect(await status(bob)).toBe(404);
  });

  it("can be left by whom it lets in, but for what comes with a group or a role", async () => {
    const leave = async (client: Client) =>
      client.request(`/api/v2/chats/${shared.id}/shares/me`, { method: "DELETE" });
    const why = async (client: Client) => {
      const response = await leave(client);
      return [response.status, ((await response.json()) as { detail?: string }).detail];
    };
    await share({ user_roles: { bob: "collaborator", eve: "viewer" } });
    expect((await leave(bob)).status).toBe(204);
    expect([await status(bob), await status(eve)]).toEqual([404, 200]);
    expect((await leave(bob)).status).toBe(404);
    expect(await why(ann)).toEqual([409, "It is yours. Archive it to put it away."]);

    await db.insert(groupMembers).values({ groupId: TEAM, userId: eve.userId, createdAt: test.clock.now });
    await share({ group_roles: { [TEAM]: "viewer" } });
    expect(await why(eve)).toEqual([409, "It is shared with The team, where you belong. Its owner can end that."]);
    await db.delete(groupMembers).where(eq(groupMembers.userId, eve.userId));
    expect((await leave(eve)).status).toBe(204);
    const [line] = await db
      .select()
      .from(auditLogs)
      .where(and(eq(auditLogs.resourceId, shared.id), eq(auditLogs.userId, eve.userId)));
    expect(line).toMatchObject({ action: "share", diff: { eve: { old: "viewer", new: null } } });
  });

  it("is refused with all that is wrong, and nothing of it happens", async () => {
    const elsewhere = await test.addUser("elsewhere");
    await db.delete(organizationMembers).where(eq(organizationMembers.userId, elsewhere.userId));
    const response = await change(ann, {
      user_roles: { nobody: "viewer", ann: "viewer", bob: "king", elsewhere: "viewer", eve: "viewer", "a/b": "viewer" },
      group_roles: { [newId()]: "viewer" },
    });
    expect(response.status).toBe(400);
    const { errors } = (await response.json()) as { errors: { pointer: string }[] };
    expect(errors.map((error) => error.pointer).slice(0, 5)).toEqual([
      "/user_roles/nobody",
      "/user_roles/ann",
      "/user_roles/bob",
      "/user_roles/elsewhere",
      "/user_roles/a~1b",
    ]);
    expect(errors).toHaveLength(6);
    expect(await status(eve)).toBe(404);
  });

  it("leaves a line in the audit log, and none when nothing changes", async () => {
    const lines = () =>
      db
        .select()
        .from(auditLogs)
        .where(and(eq(auditLogs.resourceType, "chat_share"), eq(auditLogs.resourceId, shared.id)));
    const before = (await lines()).length;
    await share({ user_roles: { bob: "viewer" } });
    await share({ user_roles: { bob: "viewer" } });
    await share({ user_roles: { bob: "collaborator" } });
    const fresh = (await lines()).slice(before);
    expect(fresh.map((line) => line.diff)).toEqual([
      { bob: { old: null, new: "viewer" } },
      { bob: { old: "viewer", new: "collaborator" } },
    ]);
    expect(fresh[0]).toMatchObject({ userId: ann.userId, action: "share", resourceTarget: shared.title });
  });
});

describe("lists", () => {
  it("show what was shared with somebody beside their own", async () => {
    const own = await answeredChat(bob, "My own");
    await share({ user_roles: { bob: "viewer" } });
    expect(await listOf(bob, "")).toEqual([own.id]);
    expect(await listOf(bob, "shared=true")).toEqual([shared.id]);
    expect(await listOf(ann, "shared=true")).toEqual([]);
    expect(await listOf(bob, `owner=${ann.userId}`)).toEqual([shared.id]);
    expect(await listOf(eve, "owner=ann")).toEqual([]);
    expect(await listOf(eve, "owner=no-such-name")).toEqual([]);
  });

  it("give full pages though most chats between are of others", async () => {
    const [giver, taker] = [await test.addUser("giver"), await test.addUser("taker")];
    const rows = Array.from({ length: 60 }, (_, index) => ({ id: newId(), index }));
    const insert = rows.map(({ id, index }) =>
      env.DB.prepare(
        `insert into chats (id, owner_id, organization_id, root_chat_id, title, status, last_model_config_id, archived,
           archived_version, version, created_at, updated_at)
         values (?, ?, ?, ?, 't', 'waiting', ?, 0, 0, 1, ?, ?)`,
      ).bind(id, giver.userId, DEFAULT_ORGANIZATION_ID, id, newId(), index, index),
    );
    const shares = rows
      .filter(({ index }) => index % 2 === 0)
      .map(({ id }) =>
        env.DB.prepare(
          `insert into chat_shares (root_chat_id, subject_type, subject_id, role, created_by, created_at)
           values (?, 'user', ?, 'viewer', ?, 0)`,
        ).bind(id, taker.userId, giver.userId),
      );
    await env.DB.batch([...insert, ...shares]);
    const seen: string[] = [];
    let path: string | null = "/api/v2/chats?shared=true&limit=25";
    const sizes: number[] = [];
    while (path !== null) {
      const response = await taker.request(path);
      const page = chat.array().parse(await response.json());
      sizes.push(page.length);
      seen.push(...page.map((one) => one.id));
      path = /<(.*?)>/.exec(response.headers.get("link") ?? "")?.[1] ?? null;
    }
    expect(sizes).toEqual([25, 5]);
    expect(seen).toEqual(
      rows
        .filter(({ index }) => index % 2 === 0)
        .map(({ id }) => id)
        .reverse(),
    );
  });

  it("tell a giver what they gave, newest first, page by page", async () => {
    await share({ user_roles: { bob: "viewer" } });
    test.clock.now += 1_000;
    await share({ group_roles: { [TEAM]: "collaborator" } });
    const first = await ann.request("/api/v2/chats/shares?limit=1");
    const [newest] = givenChatShare.array().parse(await first.json());
    expect(newest).toMatchObject({ chat_id: shared.id, subject_name: "The team", role: "collaborator" });
    const next = /<(.*?)>/.exec(first.headers.get("link") ?? "")?.[1] ?? "";
    const [older] = givenChatShare.array().parse(await (await ann.request(next)).json());
    expect(older).toMatchObject({ subject_name: "bob", subject_type: "user", role: "viewer" });
    expect(givenChatShare.array().parse(await (await bob.request("/api/v2/chats/shares")).json())).toEqual([]);
  });
});

describe("the switch of the deployment", () => {
  const turn = (client: Client, on: boolean) =>
    client.request("/api/v2/chats/config/sharing", { method: "PUT", body: { chat_sharing_enabled: on } });

  it("takes all shares away at once, forbids new ones, and brings the old ones back", async () => {
    await share({ user_roles: { bob: "viewer" } });
    expect((await turn(ann, false)).status).toBe(403);
    expect((await turn(test.owner, false)).status).toBe(200);
    expect(await status(bob)).toBe(404);
    expect(await listOf(bob, "shared=true")).toEqual([]);
    expect((await change(ann, { user_roles: { eve: "viewer" } })).status).toBe(403);
    expect(await share({ user_roles: { eve: "" } })).toMatchObject({ may_share: false });
    expect((await turn(test.owner, true)).status).toBe(200);
    expect(await status(bob)).toBe(200);
  });
});

describe("an owner of the site who reads another's chat", () => {
  const entries = (action: "read" | "write") =>
    db
      .select()
      .from(auditLogs)
      .where(and(eq(auditLogs.resourceId, shared.id), eq(auditLogs.action, action)));

  it("is noted, once an hour", async () => {
    for (const path of ["", "/messages", "/export"]) expect(await status(test.owner, path)).toBe(200);
    const lines = await entries("read");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ userId: test.owner.userId, resourceType: "chat", resourceTarget: shared.title });
    test.clock.now += 61 * 60_000;
    expect(await status(test.owner)).toBe(200);
    expect(await entries("read")).toHaveLength(2);
    expect(await status(test.owner, "", { method: "PATCH", body: { title: shared.title } })).toBe(200);
    expect(await entries("write")).toHaveLength(1);
  });

  it("is noted for a list of somebody's chats, and nobody is for their own or a shared one", async () => {
    const before = (await db.select().from(auditLogs).where(eq(auditLogs.action, "read"))).length;
    await share({ user_roles: { bob: "viewer" } });
    await status(bob);
    await status(ann);
    await listOf(bob, "owner=ann");
    const noted = () => db.select().from(auditLogs).where(eq(auditLogs.action, "read"));
    expect(await noted()).toHaveLength(before);
    expect((await listOf(test.owner, "owner=ann")).length).toBeGreaterThan(0);
    expect((await noted()).at(-1)).toMatchObject({ resourceId: ann.userId, resourceTarget: "all chats of ann" });
  });
});

describe("a sidebar", () => {
  it("hears that a chat was shared, what becomes of it, and that it is gone", async () => {
    const sidebar = await openSocket(bob, "/api/v2/chats/watch");
    const heard = () => sidebar.frames.map((text) => JSON.parse(text) as { kind: string; chat: Chat });
    await share({ user_roles: { bob: "viewer" } });
    await soon(async () => {
      const first = heard()[0];
      expect(first).toMatchObject({ kind: "created", chat: { id: shared.id, your_role: "viewer", owner_name: "ann" } });
    });
    await ann.request(`/api/v2/chats/${shared.id}`, { method: "PATCH", body: { title: "Renamed" } });
    await soon(async () => expect(heard().at(-1)?.chat.title).toBe("Renamed"));
    await share({ user_roles: { bob: "" } });
    await soon(async () => expect(heard().at(-1)).toMatchObject({ kind: "deleted", chat: { id: shared.id } }));
    const count = heard().length;
    await ann.request(`/api/v2/chats/${shared.id}`, { method: "PATCH", body: { title: shared.title } });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(heard()).toHaveLength(count);
    sidebar.close();
  });
});
