import { env } from "cloudflare:workers";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { chats, chatShares } from "../../src/chats/schema.ts";
import { problem } from "../../src/contract/common.ts";
import { chatDiff } from "../../src/contract/git.ts";
import { connectStatement } from "../../src/external-auth/links.ts";
import { readExternalAuth } from "../../src/external-auth/settings.ts";
import { markByEvent } from "../../src/git/marks.ts";
import { chatBranches, chatDiffStatuses, chatPullRequests } from "../../src/git/schema.ts";
import { rateCounters } from "../../src/identity/schema.ts";
import { DEFAULT_ORGANIZATION_ID } from "../../src/organizations/schema.ts";
import { runBatch } from "../../src/platform/d1.ts";
import { newId } from "../../src/platform/ids.ts";
import { pingEvent, pullRequestEvent, pushEvent, hmac, signed } from "../fixtures/git-server/events.ts";
import { FakeGitea } from "../fixtures/git-server/gitea.ts";
import { FakeGithub } from "../fixtures/git-server/github.ts";
import { FakeGitlab } from "../fixtures/git-server/gitlab.ts";
import { getTestApp, type Client } from "../support/app.ts";
import { soon } from "../support/soon.ts";
import { listedChat } from "../chats/support.ts";

const test = await getTestApp();
const { db, clock, owner, anonymous } = test;
const servers = { github: new FakeGithub(), gitlab: new FakeGitlab(), gitea: new FakeGitea() };
const types = ["github", "gitlab", "gitea"] as const;
const secretOf = (type: string) => `${type} webhook secret`;
const tokenOf = (type: string) => `token-${type}`;

// A UserObject has the settings of the deployment, and not those of a request.
for (const [number, type] of types.entries()) {
  Object.assign(env, {
    [`EXTERNAL_AUTH_${number}_TYPE`]: type,
    [`EXTERNAL_AUTH_${number}_CLIENT_ID`]: "client",
    [`EXTERNAL_AUTH_${number}_WEBHOOK_SECRET`]: secretOf(type),
  });
}
Object.assign(env, {
  EXTERNAL_AUTH_3_TYPE: "github",
  EXTERNAL_AUTH_3_ID: "silent",
  EXTERNAL_AUTH_3_CLIENT_ID: "client",
});

vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
  const { url } = new Request(input, init);
  const server = Object.values(servers).find((one) => one.owns(url));
  if (server === undefined) throw new TypeError(`Nobody is there: ${url}`);
  return server.fetch(input, init);
});
// The stand-in stays: an alarm that is still to come must not ask the real ones.
afterAll(() => db.delete(chatDiffStatuses));
beforeEach(() => {
  for (const [type, server] of Object.entries(servers)) {
    server.forget();
    server.requiredToken = tokenOf(type);
  }
});

async function connect(person: Client, type: string): Promise<void> {
  const tokens = { accessToken: tokenOf(type), refreshToken: "", expiresAt: null, extra: null };
  const whose = { userId: person.userId, providerId: type };
  await runBatch(db, [await connectStatement(env.SECRET_KEY, whose, tokens, clock.now)]);
}

interface Work {
  remoteOrigin: string;
  branch: string;
  url?: string;
  staleAt?: number;
}

/** A row alone: no object has to be started for it. */
async function chatOf(person: Client): Promise<string> {
  const id = newId();
  const now = Date.now();
  await db.insert(chats).values({
    id,
    ownerId: person.userId,
    organizationId: DEFAULT_ORGANIZATION_ID,
    rootChatId: id,
    title: "A chat",
    status: "waiting",
    lastModelConfigId: newId(),
    version: 1,
    createdAt: now,
    updatedAt: now,
  });
  return id;
}

/** A chat whose work is there; nothing of it is due for a day. */
async function chatAt(person: Client, { remoteOrigin, branch, url, staleAt = Date.now() + 86_400_000 }: Work) {
  const id = await chatOf(person);
  const now = Date.now();
  await db.insert(chatBranches).values({ chatId: id, remoteOrigin, branch, path: "/w", reportedAt: now });
  await db.insert(chatDiffStatuses).values({
    chatId: id,
    ownerId: person.userId,
    gitBranch: branch,
    gitRemoteOrigin: remoteOrigin,
    url: url ?? null,
    pullRequestState: url === undefined ? null : "open",
    staleAt,
    createdAt: now,
    updatedAt: now,
  });
  return id;
}

const staleAtOf = async (chatId: string) => {
  const [row] = await db.select().from(chatDiffStatuses).where(eq(chatDiffStatuses.chatId, chatId));
  return row?.staleAt ?? null;
};
const tell = (id: string, { headers, body }: ReturnType<typeof signed>) =>
  anonymous(`/api/v2/git/webhooks/${id}`, { method: "POST", headers, body });

describe("webhooks", () => {
  it.each(types)("of %s have the chats of a branch looked after at once", async (type) => {
    const server = servers[type];
    const ann = await test.addUser(`ann-${type}`);
    await connect(ann, type);
    const pullRequest = server.pullRequest({
      owner: "acme",
      name: "shop",
      number: 7,
      branch: "fix/cart",
      title: "Mend",
    });
    const chatId = await chatAt(ann, { remoteOrigin: `https://${type}.com/acme/shop.git`, branch: "fix/cart" });
    const event = signed(pullRequestEvent(server, pullRequest), secretOf(type));
    const response = await tell(type, event);
    expect([response.status, await response.text()]).toEqual([204, ""]);
    const found = await soon(async () => {
      const status = (await listedChat(ann, chatId))?.diff_status;
      expect(status?.pull_request_title).toBe("Mend");
      return status;
    });
    expect(found).toMatchObject({ pull_request_state: "open", pr_number: 7, head_branch: "fix/cart" });
  });

  it("are refused when whoever sends them does not know the secret", async () => {
    const event = pushEvent(servers.github, "acme", "shop", "refs/heads/main");
    const right = signed(event, secretOf("github"));
    for (const [id, request] of [
      ["github", signed(event, "another secret")],
      ["github", { ...right, body: `${right.body} ` }],
      ["github", { ...right, headers: { "x-github-event": "push" } }],
      ["github", signed({ ...event, type: "gitea" }, secretOf("github"))],
      ["gitlab", right],
      ["silent", signed(event, "")],
      ["nobody", right],
    ] as const) {
      const response = await tell(id, request);
      expect([id, response.status]).toEqual([id, 401]);
      expect(problem.parse(await response.json()).status).toBe(401);
    }
  });

  it("may be anything that the provider sends, as long as it is JSON and not too long", async () => {
    const send = (text: string, event = "push") => {
      const { headers } = signed({ type: "github", headers: { "x-github-event": event }, body: {} }, "");
      const mac = `sha256=${hmac(text, secretOf("github"))}`;
      return tell("github", { headers: { ...headers, "x-hub-signature-256": mac }, body: text });
    };
    expect((await tell("github", signed(pingEvent(), secretOf("github")))).status).toBe(204);
    expect((await send("{}", "star")).status).toBe(204);
    expect((await send("null")).status).toBe(204);
    expect((await send("payload=%7B%7D")).status).toBe(400);
    expect((await send(`"${"x".repeat(1024 * 1024 - 2)}"`)).status).toBe(204);
    expect((await send(`"${"x".repeat(1024 * 1024 - 1)}"`)).status).toBe(413);
  });

  it("are counted by address", async () => {
    const event = signed(pingEvent(), secretOf("github"));
    const from = { ...event, headers: { ...event.headers, "cf-connecting-ip": "198.51.100.7" } };
    expect((await tell("github", from)).status).toBe(204);
    await db.update(rateCounters).set({ count: 1_200 }).where(eq(rateCounters.key, "git-webhook:198.51.100.7"));
    const refused = await tell("github", from);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, expect.stringMatching(/^\d+$/)]);
    expect((await tell("github", event)).status).toBe(204);
  });
});

describe("what an event is about", () => {
  const { providers } = readExternalAuth(env);
  const mark = (event: Parameters<typeof markByEvent>[2], providerId = "github") =>
    markByEvent(db, { providerId, providers }, event, Date.now());
  const branch = (name: string, repository = { owner: "acme", name: "mall" }) => ({
    pullRequestUrl: null,
    branch: { repository, name },
  });

  it("are chats on that branch of that repository, however its remote is written, and no others", async () => {
    const [bob, cid, dan] = [await test.addUser("bob"), await test.addUser("cid"), await test.addUser("dan")];
    const hit = await Promise.all([
      chatAt(bob, { remoteOrigin: "https://github.com/acme/mall.git", branch: "b" }),
      chatAt(bob, { remoteOrigin: "git@github.com:Acme/Mall", branch: "b" }),
      chatAt(cid, { remoteOrigin: "ssh://git@github.com/acme/mall.git", branch: "b" }),
    ]);
    const missed = await Promise.all([
      chatAt(dan, { remoteOrigin: "https://github.com/acme/mall.git", branch: "c" }),
      chatAt(dan, { remoteOrigin: "https://github.com/acme/mall-two.git", branch: "b" }),
      chatAt(dan, { remoteOrigin: "https://github.com/other-acme/mall", branch: "b" }),
      chatAt(dan, { remoteOrigin: "https://gitea.com/acme/mall", branch: "b" }),
      chatAt(dan, { remoteOrigin: "https://evil.example/acme/mall", branch: "b" }),
    ]);
    const owners = await mark(branch("b"));
    expect(owners.toSorted()).toEqual([bob.userId, cid.userId].toSorted());
    for (const id of hit) expect(await staleAtOf(id)).toBeLessThanOrEqual(Date.now());
    for (const id of missed) expect(await staleAtOf(id)).toBeGreaterThan(Date.now());
    // The same event again finds nothing more to do.
    expect(await mark(branch("b"))).toEqual([]);
    expect(await mark(branch("b"), "silent")).toEqual([]);
    expect(await mark(branch("b"), "gitea")).toEqual([dan.userId]);
  });

  it("are chats that ever had the pull request", async () => {
    const eve = await test.addUser("eve");
    const url = "https://github.com/acme/mall/pull/9";
    const remoteOrigin = "https://github.com/eve/mall";
    const shown = await chatAt(eve, { remoteOrigin, branch: "z", url });
    const had = await chatAt(eve, { remoteOrigin, branch: "y" });
    const other = await chatAt(eve, { remoteOrigin, branch: "x", url: `${url}9` });
    const facts = { repository: "acme/mall", state: "closed" as const, refreshedAt: 1, createdAt: 1 };
    await db.insert(chatPullRequests).values({ chatId: had, url, provider: "github", ...facts });
    expect(await mark({ pullRequestUrl: url, branch: null })).toEqual([eve.userId]);
    for (const id of [shown, had]) expect(await staleAtOf(id)).toBeLessThanOrEqual(Date.now());
    expect(await staleAtOf(other)).toBeGreaterThan(Date.now());
    expect(await mark({ pullRequestUrl: null, branch: null })).toEqual([]);
  });

  it("are found in indexes, however many branches there are", async () => {
    const plan = await db.all<{ detail: string }>(sql`explain query plan
      select b.chat_id from json_each('["x"]') o join chat_branches b on b.remote_origin = o.value and b.branch = 'b'`);
    expect(plan.map(({ detail }) => detail).join("; ")).toContain(
      "SEARCH b USING INDEX chat_branches_origin (remote_origin=? AND branch=?)",
    );
  });
});

describe("the diff of a chat", () => {
  const url = "https://github.com/acme/diffs/pull/3";
  const remoteOrigin = "git@github.com:acme/diffs.git";
  const read = async (client: Client, chatId: string) => {
    const response = await client.request(`/api/v2/chats/${chatId}/diff`);
    expect(response.status).toBe(200);
    return chatDiff.parse(await response.json());
  };

  it("is asked with the token of the chat's owner, whoever looks, and a new pull request is taken up", async () => {
    const fay = await test.addUser("fay");
    await connect(fay, "github");
    servers.github.pullRequest({ owner: "acme", name: "diffs", number: 3, branch: "fix", title: "New" });
    const chatId = await chatAt(fay, { remoteOrigin, branch: "fix" });
    const diff = await read(owner, chatId);
    expect(diff).toEqual({
      chat_id: chatId,
      provider: "github",
      remote_origin: remoteOrigin,
      branch: "fix",
      pull_request_url: url,
      diff: expect.stringContaining("diff --git"),
    });
    expect(new Set(servers.github.requests.map(({ token }) => token))).toEqual(new Set([tokenOf("github")]));
    await soon(async () => expect((await listedChat(fay, chatId))?.diff_status?.url).toBe(url));
  });

  it("of a repository into which others led the chat is not asked with its owner's token", async () => {
    const ivy = await test.addUser("ivy");
    await connect(ivy, "github");
    for (const name of ["diffs", "private"]) servers.github.branch("acme", name, "fix");
    const chatId = await chatAt(ivy, { remoteOrigin, branch: "fix" });
    const share = {
      subjectType: "user",
      subjectId: owner.userId,
      role: "collaborator",
      createdBy: ivy.userId,
    } as const;
    await db.insert(chatShares).values({ ...share, rootChatId: chatId, createdAt: Date.now() + 1 });
    expect((await read(owner, chatId)).diff).toContain("diff --git");

    const led = { remoteOrigin: "https://github.com/acme/private", branch: "fix" };
    await db.insert(chatBranches).values({ ...led, chatId, path: "/w", reportedAt: Date.now() + 2 });
    await db
      .update(chatDiffStatuses)
      .set({ gitRemoteOrigin: led.remoteOrigin })
      .where(eq(chatDiffStatuses.chatId, chatId));
    servers.github.forget();
    for (const name of ["diffs", "private"]) servers.github.branch("acme", name, "fix");
    expect((await read(owner, chatId)).unavailable_reason).toMatch(/has not worked in this repository on their own/);
    expect(servers.github.count()).toBe(0);
    expect((await read(ivy, chatId)).diff).toContain("diff --git");
    // A chat in which nobody else writes is proof enough.
    await chatAt(ivy, { remoteOrigin: "git@github.com:Acme/private.git", branch: "main" });
    expect((await read(owner, chatId)).diff).toContain("diff --git");
  });

  it("is missing for a reason, and no error, when there is no token or the provider is in trouble", async () => {
    const gus = await test.addUser("gus");
    const chatId = await chatAt(gus, { remoteOrigin, branch: "fix" });
    expect((await read(gus, chatId)).unavailable_reason).toBe("The owner of this chat has not connected GitHub.");
    expect(servers.github.count()).toBe(0);
    await connect(gus, "github");
    servers.github.fail({ status: 500, body: "secret trouble" });
    const diff = await read(gus, chatId);
    expect(diff.unavailable_reason).toBe("GitHub did not answer as it should. Try again in a moment.");
    expect(diff).toMatchObject({ branch: "fix", remote_origin: remoteOrigin });
  });

  it("says nothing of a chat without any", async () => {
    const hal = await test.addUser("hal");
    const id = await chatOf(hal);
    expect(await read(hal, id)).toEqual({ chat_id: id });
  });
});
