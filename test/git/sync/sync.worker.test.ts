import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { eq, sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { relativesPort } from "../../../src/chats/relatives.ts";
import { chats } from "../../../src/chats/schema.ts";
import { watchEvent } from "../../../src/contract/chats.ts";
import { chatPullRequest, localChanges } from "../../../src/contract/git.ts";
import { callStart } from "../../../src/contract/workspace.ts";
import { workspaceConnection } from "../../../src/contract/workspaces.ts";
import { connectStatement } from "../../../src/external-auth/links.ts";
import { recordBranch } from "../../../src/git/branches.ts";
import { chatBranches, chatDiffStatuses, chatPullRequests } from "../../../src/git/schema.ts";
import { gitProvider } from "../../../src/git/providers/index.ts";
import type { SyncOutcome } from "../../../src/git/sync/ports.ts";
import { syncStore } from "../../../src/git/sync/store.ts";
import { askFor, syncDue, type SyncPorts } from "../../../src/git/sync/sync.ts";
import { readOverdueOwners } from "../../../src/git/sync/wake.ts";
import { users } from "../../../src/identity/schema.ts";
import { DEFAULT_ORGANIZATION_ID } from "../../../src/organizations/schema.ts";
import { runBatch } from "../../../src/platform/d1.ts";
import { newId } from "../../../src/platform/ids.ts";
import { workspacePort } from "../../../src/workspaces/port.ts";
import { listedChat, openSocket } from "../../chats/support.ts";
import { FakeGithub } from "../../fixtures/git-server/github.ts";
import { getTestApp, type SignedIn } from "../../support/app.ts";
import { soon } from "../../support/soon.ts";
import { TestAgent } from "../../workspaces/support.ts";

const { db, addUser, anonymous } = await getTestApp();
const port = workspacePort(env, db);
const github = new FakeGithub();
const TOKEN = "token-of-github";
const ORIGIN = "https://github.com/acme/shop.git";
const DAY_MS = 86_400_000;

Object.assign(env, { EXTERNAL_AUTH_0_TYPE: "github", EXTERNAL_AUTH_0_CLIENT_ID: "client" });
vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
  const { url } = new Request(input, init);
  if (!github.owns(url)) throw new TypeError(`Nobody is there: ${url}`);
  return github.fetch(input, init);
});
// The stand-in stays: an alarm that is still to come must not ask the real one.
afterAll(() => db.delete(chatDiffStatuses));
beforeEach(() => github.forget());

async function connect({ userId }: SignedIn): Promise<void> {
  const tokens = { accessToken: TOKEN, refreshToken: "", expiresAt: null, extra: null };
  await runBatch(db, [await connectStatement(env.SECRET_KEY, { userId, providerId: "github" }, tokens, Date.now())]);
}

/** A row alone: no object has to be started for it. */
async function chatOf(ownerId: string, workspaceId: string | null = null): Promise<string> {
  const id = newId();
  const now = Date.now();
  const row = { ownerId, workspaceId, organizationId: DEFAULT_ORGANIZATION_ID, rootChatId: id, title: "A chat" };
  const times = { createdAt: now, updatedAt: now };
  await db.insert(chats).values({ id, ...row, status: "waiting", lastModelConfigId: newId(), version: 1, ...times });
  return id;
}

async function dial(token: string): Promise<TestAgent> {
  const headers = { upgrade: "websocket", authorization: `Bearer ${token}` };
  const response = await anonymous("/api/v2/workspaceagents/me/rpc", { headers });
  if (!response.webSocket) throw new Error(`Refused: ${response.status}`);
  const agent = new TestAgent(response.webSocket);
  await agent.hello();
  return agent;
}

/** Somebody with a workspace, its agent, and a chat that works there. */
async function atWork(name: string) {
  const person = await addUser(name);
  const made = await person.request("/api/v2/workspaces", { method: "POST", body: { name: "box" } });
  const { workspace, agent_token: token } = workspaceConnection.parse(await made.json());
  const agent = await dial(token);
  const chatId = await chatOf(person.userId, workspace.id);
  return { person, agent, chatId, workspaceId: workspace.id, callOf: await callOf(person, agent, workspace.id) };
}

/** Starts a call of a chat; answers what its agent would report with. */
async function callOf(person: SignedIn, agent: TestAgent, workspaceId: string) {
  return async (chatId: string) => {
    const call = { call_id: `${chatId}/3/0`, reply_to: chatId, tool: "execute", args: { command: "true" } };
    const dispatched = port.dispatch(workspaceId, call, person.userId);
    const request = await agent.answer("call.start", { state: "accepted", boot_id: "boot-1" });
    await dispatched;
    const { call_id, reply_to } = callStart.parse(request.params);
    return { call_id, reply_to, path: "/work/shop", remote_origin: ORIGIN };
  };
}

async function rowOf(chatId: string) {
  const [row] = await db.select().from(chatDiffStatuses).where(eq(chatDiffStatuses.chatId, chatId));
  return row;
}

const makeDue = (chatId: string) =>
  db.update(chatDiffStatuses).set({ staleAt: 0 }).where(eq(chatDiffStatuses.chatId, chatId));

describe("from the workspace to the sidebar", () => {
  it("a branch is shown at once, its pull request when it is there, and what becomes of it after a sleep", async () => {
    const { person, agent, chatId, callOf: begin } = await atWork("walker");
    await connect(person);
    github.requiredToken = TOKEN;
    github.repository({ owner: "acme", name: "shop" });
    const watch = await openSocket(person, "/api/v2/chats/watch");
    const statuses = () =>
      watch.frames
        .map((text) => watchEvent.parse(JSON.parse(text)))
        .filter(({ kind, chat }) => kind === "diff_status_change" && chat.id === chatId)
        .map(({ chat }) => chat.diff_status);

    const report = await begin(chatId);
    agent.send({ method: "git.branch", params: { ...report, branch: "fix/cart" } });
    await soon(() => expect(statuses()[0]).toMatchObject({ chat_id: chatId, pull_request_title: "" }));
    const row = await soon(async () => {
      const found = await rowOf(chatId);
      expect(found?.refreshedAt).toBeGreaterThan(0);
      return found;
    });
    expect(row).toMatchObject({ gitBranch: "fix/cart", gitRemoteOrigin: ORIGIN, url: null, ownerId: person.userId });
    // No pull request yet: somebody is about to open one.
    expect((row?.staleAt ?? 0) - Date.now()).toBeLessThanOrEqual(15_000);

    github.pullRequest({ owner: "acme", name: "shop", number: 7, branch: "fix/cart", title: "Mend the cart" });
    await makeDue(chatId);
    await env.USERS.getByName(person.userId).wakeGitSync({ userId: person.userId });
    await soon(() => expect(statuses().at(-1)).toMatchObject({ pull_request_state: "open", pr_number: 7 }));
    expect((await listedChat(person, chatId))?.diff_status).toMatchObject({
      url: "https://github.com/acme/shop/pull/7",
      pull_request_title: "Mend the cart",
      head_branch: "fix/cart",
    });

    // Asleep: the alarm is all that is left.
    watch.close();
    const hub = env.USERS.getByName(person.userId);
    github.pullRequest({ owner: "acme", name: "shop", number: 7, branch: "fix/cart", state: "merged" });
    await makeDue(chatId);
    await evictDurableObject(hub);
    await runInDurableObject(hub, async (_, state) => {
      const armed = state.storage.sql.exec("select key from jobs where kind = 'git-sync'").toArray();
      expect(armed).toEqual([{ key: person.userId }]);
      state.storage.sql.exec("update jobs set due_at = 0 where kind = 'git-sync'");
      await state.storage.setAlarm(Date.now());
    });
    await soon(async () => {
      expect((await listedChat(person, chatId))?.diff_status).toMatchObject({ pull_request_state: "merged" });
    });
    const list = await person.request(`/api/v2/chats/${chatId}/pull-requests`);
    expect(z.array(chatPullRequest).parse(await list.json())).toEqual([
      expect.objectContaining({
        pr_number: 7,
        pull_request_state: "merged",
        provider: "github",
        repository: "acme/shop",
      }),
    ]);
    expect((await rowOf(chatId))?.repository).toBe("github.com/acme/shop");
    github.requiredToken = null;
  });

  it("only a call that this workspace was given reports, and only of a chat that works there", async () => {
    const { agent, chatId, workspaceId, callOf: begin } = await atWork("reporter");
    const other = await atWork("victim");
    const report = await begin(chatId);
    const theirs = await other.callOf(other.chatId);
    agent.send({ method: "git.branch", params: { ...report, call_id: theirs.call_id, branch: "forged" } });
    agent.send({ method: "git.branch", params: { ...theirs, branch: "forged" } });
    await db.update(chats).set({ workspaceId: null }).where(eq(chats.id, chatId));
    agent.send({ method: "git.branch", params: { ...report, branch: "elsewhere" } });
    await db.update(chats).set({ workspaceId }).where(eq(chats.id, chatId));
    // Answered after all that came before it.
    other.agent.close();
    agent.send({
      method: "git.branch",
      params: { ...report, branch: "true", remote_origin: "https://me:key@github.com/acme/shop.git" },
    });
    await soon(async () => expect(await rowOf(chatId)).toMatchObject({ gitBranch: "true", gitRemoteOrigin: ORIGIN }));
    expect(await rowOf(other.chatId)).toBeUndefined();
    const branches = await db.select().from(chatBranches).where(eq(chatBranches.chatId, chatId));
    expect(branches.map(({ branch }) => branch)).not.toContain("forged");
  });
});

describe("a report", () => {
  it("that says nothing new changes nothing; one of another branch keeps the pull request until the provider was asked", async () => {
    const { userId } = await addUser("repeater");
    const { chatId, workspaceId } = await chatInWorkspace(userId);
    const report = { chatId, workspaceId, path: "/w", branch: "one", remoteOrigin: ORIGIN };
    expect(await recordBranch(db, report, 1_000)).toEqual({ ownerId: userId });
    await db
      .update(chatDiffStatuses)
      .set({ url: "https://x", staleAt: 9_000 })
      .where(eq(chatDiffStatuses.chatId, chatId));
    expect(await recordBranch(db, report, 2_000)).toBeNull();
    expect(await rowOf(chatId)).toMatchObject({ staleAt: 9_000, updatedAt: 1_000 });
    expect(await recordBranch(db, { ...report, branch: "two" }, 3_000)).toEqual({ ownerId: userId });
    expect(await rowOf(chatId)).toMatchObject({ gitBranch: "two", url: "https://x", staleAt: 3_000, updatedAt: 3_000 });
    expect(await recordBranch(db, { ...report, chatId: newId() }, 4_000)).toBeNull();
  });

  it("of ever more branches leaves the last hundred", async () => {
    const { userId } = await addUser("wanderer");
    const { chatId, workspaceId } = await chatInWorkspace(userId);
    for (let at = 1; at <= 103; at++) {
      await recordBranch(db, { chatId, workspaceId, path: "/w", branch: `try-${at}`, remoteOrigin: ORIGIN }, at);
    }
    const kept = await db.select().from(chatBranches).where(eq(chatBranches.chatId, chatId));
    expect(kept.map(({ reportedAt }) => reportedAt).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, at) => at + 4),
    );
  });
});

async function chatInWorkspace(ownerId: string) {
  const workspaceId = newId();
  const times = { createdAt: 1, updatedAt: 1 };
  await db.run(sql`insert into workspaces (id, owner_id, organization_id, name, created_at, updated_at)
    values (${workspaceId}, ${ownerId}, ${DEFAULT_ORGANIZATION_ID}, ${workspaceId}, ${times.createdAt}, ${times.updatedAt})`);
  return { chatId: await chatOf(ownerId, workspaceId), workspaceId };
}

/** A sync of one person over the real rows, at a time of its own. */
function syncOf(ownerId: string, clock: { now: number }, told: string[] = []): SyncPorts {
  const holds = new Map<string, number>();
  return {
    ownerId,
    store: syncStore(db, ownerId, async (chatIds) => void told.push(...chatIds)),
    tokens: { token: async () => ({ state: "ready", token: TOKEN, expiresAt: null }) },
    holds: { until: (id) => holds.get(id) ?? null, hold: (id, until) => void holds.set(id, until) },
    clock: () => clock.now,
    choose: () => ({
      id: "github",
      open: (token) =>
        gitProvider({ type: "github", apiBaseUrl: "", token, fetch: github.fetch, now: () => clock.now }),
    }),
  };
}

describe("whatever comes in whatever order", () => {
  type Step =
    | { kind: "report"; branch: number }
    | { kind: "change"; number: number; state: "open" | "closed" | "merged" }
    | { kind: "webhook" }
    | { kind: "ask" }
    | { kind: "write"; which: number };
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ kind: fc.constant("report" as const), branch: fc.integer({ min: 1, max: 3 }) }),
    fc.record({
      kind: fc.constant("change" as const),
      number: fc.integer({ min: 1, max: 3 }),
      state: fc.constantFrom("open" as const, "open" as const, "closed" as const, "merged" as const),
    }),
    fc.record({ kind: fc.constant("webhook" as const) }),
    fc.record({ kind: fc.constant("ask" as const) }),
    fc.record({ kind: fc.constant("write" as const), which: fc.nat({ max: 3 }) }),
  );

  /** Two looks at one pull request, of which the earlier is written last. */
  const late: Step[] = [
    { kind: "change", number: 1, state: "open" },
    { kind: "ask" },
    { kind: "change", number: 1, state: "merged" },
    { kind: "webhook" },
    { kind: "change", number: 1, state: "open" },
    { kind: "ask" },
    { kind: "write", which: 1 },
    { kind: "write", which: 0 },
  ];

  it("ends in the newest truth", { timeout: 120_000 }, async () => {
    const { userId } = await addUser("juggler");
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
        const name = `shop-${++runs}`;
        const remoteOrigin = `https://github.com/acme/${name}`;
        github.repository({ owner: "acme", name });
        const { chatId, workspaceId } = await chatInWorkspace(userId);
        const clock = { now: Date.now() };
        const told: string[] = [];
        const sync = syncOf(userId, clock, told);
        const known = new Map<number, { state: string; title: string }>();
        const reported = new Set<number>();
        const seenOpen = new Set<number>();
        const open: SyncOutcome[][] = [];
        let due = false;
        const askedAt = new Map<string, number>();
        const report = async (branch: number) => {
          reported.add(branch);
          const place = { chatId, workspaceId, path: "/w", branch: `b${branch}`, remoteOrigin };
          if ((await recordBranch(db, place, clock.now)) !== null) due = true;
        };
        /** Nothing is answered by what was asked earlier, and nobody who wanted a look is forgotten. */
        const write = async (outcomes: SyncOutcome[]) => {
          await sync.store.write(outcomes);
          for (const { url, refreshedAt } of await db
            .select()
            .from(chatPullRequests)
            .where(eq(chatPullRequests.chatId, chatId))) {
            expect(refreshedAt).toBeGreaterThanOrEqual(askedAt.get(url) ?? 0);
            askedAt.set(url, refreshedAt);
          }
          if (due) expect((await rowOf(chatId))?.staleAt).toBeLessThanOrEqual(clock.now);
        };
        await report(1);

        for (const one of steps) {
          clock.now += 1_000;
          if (one.kind === "report") await report(one.branch);
          if (one.kind === "change") {
            const title = `at ${clock.now}`;
            const openedAt = new Date(Date.UTC(2026, 10, one.number)).toISOString();
            known.set(one.number, { state: one.state, title });
            const { number, state } = one;
            github.pullRequest({ owner: "acme", name, number, branch: `b${number}`, state, title, openedAt });
          }
          if (one.kind === "webhook") {
            await db.update(chatDiffStatuses).set({ staleAt: clock.now }).where(eq(chatDiffStatuses.chatId, chatId));
            due = true;
          }
          if (one.kind === "ask") {
            const claimed = await sync.store.claim(clock.now);
            due = false;
            open.push(await askFor(sync, claimed));
          }
          if (one.kind === "write") {
            const [outcomes] = open.splice(one.which % Math.max(1, open.length), 1);
            if (outcomes !== undefined) await write(outcomes);
          }
        }
        // What was asked early and is written late, and then whatever is due by itself.
        for (const outcomes of open.reverse()) await write(outcomes);
        const until = clock.now + 150_000;
        for (let dueAt = await sync.store.nextDueAt(); dueAt !== null && dueAt < until;) {
          clock.now = Math.max(clock.now, dueAt) + 1;
          dueAt = await syncDue(sync);
        }

        const rows = await db.select().from(chatPullRequests).where(eq(chatPullRequests.chatId, chatId));
        for (const row of rows) {
          seenOpen.add(row.prNumber ?? 0);
          // One that was over when it was looked at last is looked at no more, unless it is open again.
          const truth = known.get(row.prNumber ?? 0);
          if (row.state === "open" || truth?.state === "open") expect(row.pullRequestTitle).toBe(truth?.title);
          expect(row.state === "open").toBe(truth?.state === "open");
        }
        for (const [number, { state }] of known) {
          if (state === "open" && reported.has(number)) expect(seenOpen).toContain(number);
        }
        const best = rows.toSorted(
          (a, b) => Number(b.state === "open") - Number(a.state === "open") || (b.prNumber ?? 0) - (a.prNumber ?? 0),
        )[0];
        const shown = await rowOf(chatId);
        expect([shown?.prNumber ?? null, shown?.pullRequestState ?? null, shown?.pullRequestTitle]).toEqual([
          best?.prNumber ?? null,
          best?.state ?? null,
          best?.pullRequestTitle ?? "",
        ]);
        if (best !== undefined) expect(told).toContain(chatId);
        await db.update(chats).set({ archived: true }).where(eq(chats.id, chatId));
      }),
      { numRuns: 15, examples: [[late]] },
    );
  });

  it("tells nobody of a look that found nothing new", async () => {
    const { userId } = await addUser("quiet");
    const { chatId, workspaceId } = await chatInWorkspace(userId);
    await recordBranch(db, { chatId, workspaceId, path: "/w", branch: "quiet", remoteOrigin: ORIGIN }, Date.now());
    github.pullRequest({ owner: "acme", name: "shop", number: 20, branch: "quiet" });
    const told: string[] = [];
    for (let at = 0; at < 3; at++) {
      await syncDue(syncOf(userId, { now: Date.now() + at * 10 * 60_000 }, told));
    }
    expect(told).toEqual([chatId]);
    expect(github.count(/pulls\/20$/)).toBe(3);
  });
});

describe("nobody looks after", () => {
  it("archived chats, and those of people who may not act", async () => {
    const { userId } = await addUser("leaver");
    const { chatId, workspaceId } = await chatInWorkspace(userId);
    const due = Date.now() - DAY_MS;
    await recordBranch(db, { chatId, workspaceId, path: "/w", branch: "old", remoteOrigin: ORIGIN }, due);
    const { store } = syncOf(userId, { now: Date.now() });
    const overdue = async () => (await readOverdueOwners(db, Date.now())).includes(userId);
    expect([await store.nextDueAt(), await overdue()]).toEqual([due, true]);

    await db.update(chats).set({ archived: true }).where(eq(chats.id, chatId));
    expect([await store.claim(Date.now()), await store.nextDueAt(), await overdue()]).toEqual([[], null, false]);
    await db.update(chats).set({ archived: false }).where(eq(chats.id, chatId));
    await db.update(users).set({ status: "suspended" }).where(eq(users.id, userId));
    expect([await store.claim(Date.now()), await store.nextDueAt(), await overdue()]).toEqual([[], null, false]);
    await db.update(users).set({ status: "active" }).where(eq(users.id, userId));
    expect(await store.claim(Date.now())).toHaveLength(1);
    // Claimed is claimed: nobody else gets it meanwhile.
    expect(await store.claim(Date.now())).toEqual([]);
  });

  it("an archived chat, until it is taken out again: then at once", async () => {
    const person = await addUser("restorer");
    await connect(person);
    const { chatId, workspaceId } = await chatInWorkspace(person.userId);
    await recordBranch(db, { chatId, workspaceId, path: "/w", branch: "kept", remoteOrigin: ORIGIN }, Date.now());
    await db.update(chats).set({ archived: true }).where(eq(chats.id, chatId));
    await env.USERS.getByName(person.userId).wakeGitSync({ userId: person.userId });
    const change = { ownerId: person.userId, rootId: chatId, chatIds: [chatId], version: 9, at: Date.now() };
    await relativesPort(env, db).archiveRows({ ...change, archived: false });
    await soon(async () => expect((await rowOf(chatId))?.refreshedAt).toBeGreaterThan(0));
  });

  it("more than what is due of one person, found by its index", async () => {
    const plan = await db.all<{ detail: string }>(sql`explain query plan select d.chat_id from chat_diff_statuses d
      where d.owner_id = 'x' and d.git_branch != '' and d.git_remote_origin != '' and d.stale_at <= 5
      order by d.stale_at limit 50`);
    expect(plan.map(({ detail }) => detail).join()).toMatch(/SEARCH d USING (COVERING )?INDEX chat_diff_statuses_due/);
  });
});

describe("a pull request that cannot be written down", () => {
  it("keeps no other chat from its own, and is asked about again when it is due", async () => {
    const { userId } = await addUser("unlucky");
    const clock = { now: Date.now() };
    const at = async (name: string) => {
      const { chatId, workspaceId } = await chatInWorkspace(userId);
      const remoteOrigin = `https://github.com/acme/${name}`;
      github.pullRequest({ owner: "acme", name, number: 1, branch: "fix" });
      await recordBranch(db, { chatId, workspaceId, path: "/w", branch: "fix", remoteOrigin }, clock.now);
      return chatId;
    };
    const [first, refused, last] = [await at("one"), await at("refused"), await at("three")];
    await db.run(sql`create trigger refuse_row before insert on chat_pull_requests when new.repository = 'acme/refused'
      begin select raise(abort, 'constraint failed'); end`);
    try {
      const sync = syncOf(userId, clock);
      const next = await syncDue(sync);
      const rows = await db.select().from(chatDiffStatuses).where(eq(chatDiffStatuses.ownerId, userId));
      const stateOf = (chatId: string) => rows.find((row) => row.chatId === chatId)?.pullRequestState;
      expect([first, refused, last].map(stateOf)).toEqual(["open", null, "open"]);
      expect(next).toBe(clock.now + 120_000);
      expect(rows.find((row) => row.chatId === refused)).toMatchObject({ refreshedAt: null, staleAt: next });
    } finally {
      await db.run(sql`drop trigger refuse_row`);
    }
  });
});

describe("local changes", () => {
  const repository = {
    path: "/work/shop",
    branch: "fix",
    remote_origin: ORIGIN,
    diff: "diff --git a/a b/a\n",
    truncated: false,
    additions: 1,
    deletions: 0,
    changed_files: 1,
  };

  it("are asked of the agent that is there, in the name of the chat's owner", async () => {
    const { person, agent, chatId, workspaceId } = await atWork("looker");
    const read = async (id: string, who = person) => {
      const response = await who.request(`/api/v2/chats/${id}/local-changes`);
      return response.status === 200 ? localChanges.parse(await response.json()) : response.status;
    };
    const asked: unknown[] = [];
    agent.on("git.changes", (params) => {
      asked.push(params);
      return { repositories: [{ ...repository, remote_origin: "https://me:key@github.com/acme/shop.git" }] };
    });
    expect(await read(chatId)).toEqual({ chat_id: chatId, state: "ready", repositories: [repository] });
    expect(asked).toEqual([{ chat_id: chatId }]);
    expect(await read(await chatOf(person.userId))).toMatchObject({ state: "none", repositories: [] });

    const guest = await addUser("looking-guest");
    expect(await read(chatId, guest)).toBe(404);
    const stranger = await chatOf(guest.userId, workspaceId);
    expect(await read(stranger, guest)).toMatchObject({ state: "none" });
    agent.close();
    await agent.whenClosed();
    expect(await read(chatId)).toMatchObject({ state: "away", repositories: [] });
  });

  it("of an agent that knows nothing of git are none", async () => {
    const { person, agent, chatId } = await atWork("old-agent");
    const asked = person.request(`/api/v2/chats/${chatId}/local-changes`);
    const { id = 0 } = await agent.next("git.changes");
    agent.send({ id, error: { message: "This agent does not know git.changes." } });
    expect(await (await asked).json()).toEqual({ chat_id: chatId, state: "ready", repositories: [] });
  });
});

describe("a refresh", () => {
  it("looks at once, and not without end", async () => {
    const person = await addUser("impatient");
    await connect(person);
    const { chatId, workspaceId } = await chatInWorkspace(person.userId);
    await recordBranch(db, { chatId, workspaceId, path: "/w", branch: "late", remoteOrigin: ORIGIN }, Date.now());
    await db
      .update(chatDiffStatuses)
      .set({ staleAt: Date.now() + DAY_MS })
      .where(eq(chatDiffStatuses.chatId, chatId));
    github.pullRequest({ owner: "acme", name: "shop", number: 30, branch: "late" });
    const refresh = async () =>
      (await person.request(`/api/v2/chats/${chatId}/diff/refresh`, { method: "POST" })).status;
    expect(await refresh()).toBe(204);
    await soon(async () => expect(await rowOf(chatId)).toMatchObject({ prNumber: 30, pullRequestState: "open" }));
    const all = await Promise.all(Array.from({ length: 60 }, refresh));
    expect(all).toContain(429);
    expect((await listedChat(person, chatId))?.diff_status).toMatchObject({ pr_number: 30 });
  });
});
