import { beforeEach, describe, expect, it } from "vitest";
import type { TokenAnswer } from "../../../src/external-auth/ports.ts";
import type { ClaimedChat, SyncOutcome } from "../../../src/git/sync/ports.ts";
import { syncDue } from "../../../src/git/sync/sync.ts";
import { gitProvider } from "../../../src/git/providers/index.ts";
import type { KeptAnswer } from "../../../src/git/providers/provider.ts";
import { FakeGithub } from "../../fixtures/git-server/github.ts";
import { FakeGitlab } from "../../fixtures/git-server/gitlab.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const ORIGIN = "git@github.com:acme/shop.git";

let github: FakeGithub;
let gitlab: FakeGitlab;
let now: number;
let tokens: Record<string, TokenAnswer>;
let tokensAsked: string[];
let holds: Map<string, number>;
let answers: Map<string, KeptAnswer>;

beforeEach(() => {
  github = new FakeGithub();
  github.requiredToken = "token-of-github";
  gitlab = new FakeGitlab();
  gitlab.requiredToken = "token-of-gitlab";
  now = NOW;
  tokens = {
    github: { state: "ready", token: "token-of-github", expiresAt: null },
    gitlab: { state: "ready", token: "token-of-gitlab", expiresAt: null },
  };
  tokensAsked = [];
  holds = new Map();
  answers = new Map();
});

function chat(chatId: string, more: Partial<ClaimedChat> & { branch?: string } = {}): ClaimedChat {
  const { branch = "fix", ...rest } = more;
  return {
    chatId,
    leasedUntil: NOW + 5 * MINUTE,
    reportedAt: NOW - 10 * MINUTE,
    workedAt: NOW,
    branches: [{ remoteOrigin: ORIGIN, branch }],
    pullRequests: [],
    ...rest,
  };
}

/** One run over these chats, as if they were due. */
async function sync(...sets: ClaimedChat[][]): Promise<SyncOutcome[]> {
  const written: SyncOutcome[] = [];
  await syncDue({
    ownerId: "ada",
    store: {
      claim: async () => sets.shift() ?? [],
      write: async (outcomes) => void written.push(...outcomes),
      nextDueAt: async () => null,
    },
    tokens: {
      async token(userId, providerId) {
        tokensAsked.push(`${userId} ${providerId}`);
        return tokens[providerId] ?? { state: "not_connected" };
      },
    },
    holds: { until: (id) => holds.get(id) ?? null, hold: (id, until) => void holds.set(id, until) },
    clock: () => now,
    choose(address) {
      const server = [github, gitlab].find(({ webBaseUrl }) => address.includes(new URL(webBaseUrl).host));
      if (server === undefined) return null;
      const { type, apiBaseUrl } = server;
      const kept = {
        get: (url: string) => answers.get(url) ?? null,
        put: (url: string, one: KeptAnswer) => void answers.set(url, one),
      };
      return {
        id: type,
        open: (token) => gitProvider({ type, apiBaseUrl, token, fetch: server.fetch, answers: kept, now: () => now }),
      };
    },
  });
  return written;
}

const urlOf = (number: number) => `https://github.com/acme/shop/pull/${number}`;
const open = (number: number, branch = "fix") => github.pullRequest({ owner: "acme", name: "shop", number, branch });

describe("a chat whose branch", () => {
  it("has an open pull request gets all that is said of it, and is fresh for two minutes", async () => {
    open(7);
    const [outcome] = await sync([chat("a")]);
    expect(outcome?.found).toEqual([
      expect.objectContaining({ provider: "github", repository: "acme/shop", askedAt: NOW, formerUrl: null }),
    ]);
    expect(outcome?.found[0]?.status).toMatchObject({ url: urlOf(7), number: 7, state: "open", headBranch: "fix" });
    expect(outcome).toMatchObject({ refreshedAt: NOW, nextAt: NOW + 2 * MINUTE });
  });

  it("has none yet is asked about soon, and is answered for", async () => {
    github.repository({ owner: "acme", name: "shop" });
    const [outcome] = await sync([chat("a", { reportedAt: NOW - MINUTE })]);
    expect(outcome).toMatchObject({ found: [], refreshedAt: NOW, nextAt: NOW + 15 * SECOND });
  });

  it("is another one now keeps the pull request of the earlier one up to date", async () => {
    open(7, "earlier");
    open(8, "later");
    github.pullRequest({ owner: "acme", name: "shop", number: 7, branch: "earlier", state: "merged" });
    const [outcome] = await sync([chat("a", { branch: "later", pullRequests: [{ url: urlOf(7), state: "open" }] })]);
    expect(outcome?.found.map(({ status }) => [status.number, status.state])).toEqual(
      expect.arrayContaining([
        [7, "merged"],
        [8, "open"],
      ]),
    );
  });

  it("had a pull request that is over is not asked about that one any more", async () => {
    open(7);
    github.pullRequest({ owner: "acme", name: "shop", number: 7, branch: "fix", state: "closed" });
    const [outcome] = await sync([chat("a", { pullRequests: [{ url: urlOf(7), state: "closed" }] })]);
    expect(outcome?.found).toEqual([]);
    expect(github.count(/pulls\/7/)).toBe(0);
  });

  it("belongs to no provider, or to an address that is none, is left alone for long and asks nobody", async () => {
    const elsewhere = [{ remoteOrigin: "https://elsewhere.example/acme/shop", branch: "fix" }];
    const folder = [{ remoteOrigin: "https://github.com/acme", branch: "fix" }];
    const outcomes = await sync([chat("a", { branches: elsewhere }), chat("b", { branches: folder })]);
    expect(outcomes.map(({ nextAt, refreshedAt }) => [nextAt, refreshedAt])).toEqual([
      [NOW + 6 * 60 * MINUTE, null],
      [NOW + 6 * 60 * MINUTE, null],
    ]);
    expect(tokensAsked).toEqual([]);
  });
});

describe("many chats", () => {
  it("on one pull request cost one fetch, in whatever spelling they name it", async () => {
    open(7);
    const spellings = [ORIGIN, "https://github.com/acme/shop", "ssh://git@github.com/Acme/Shop.git"];
    const chats = spellings.map((remoteOrigin, at) =>
      chat(`chat-${at}`, { branches: [{ remoteOrigin, branch: "fix" }] }),
    );
    const known = chat("knows it", { branch: "other", pullRequests: [{ url: urlOf(7), state: "open" }] });
    const outcomes = await sync([...chats, known]);
    expect(outcomes.map(({ found }) => found[0]?.status.number)).toEqual([7, 7, 7, 7]);
    expect(github.count(/pulls\/7$/)).toBe(1);
    expect(github.count(/head=acme%3Afix/i)).toBe(1);
    expect(tokensAsked).toEqual(["ada github"]);
  });

  it("are asked about at most six at once", async () => {
    for (let number = 1; number <= 40; number++) open(number, `branch-${number}`);
    github.delayMs = 3;
    const outcomes = await sync(
      [...Array(40).keys()].map((at) => [chat(`chat-${at}`, { branch: `branch-${at + 1}` })][0]!),
    );
    expect(outcomes.every(({ found }) => found.length === 1)).toBe(true);
    expect(github.mostAtOnce).toBe(6);
  });

  it("that have not changed cost conditional requests", async () => {
    open(7);
    await sync([chat("a")]);
    github.forget();
    const [outcome] = await sync([chat("a", { pullRequests: [{ url: urlOf(7), state: "open" }] })]);
    expect(outcome?.found[0]?.status).toMatchObject({ number: 7, state: "open" });
    expect(github.requests.length).toBeGreaterThan(0);
    expect(github.requests.every(({ conditional, status }) => conditional && status === 304)).toBe(true);
  });
});

describe("a token", () => {
  it("goes to its own provider only", async () => {
    open(7);
    gitlab.pullRequest({ owner: "acme/tools", name: "shop", number: 3, branch: "fix" });
    const both = chat("a", {
      branches: [
        { remoteOrigin: ORIGIN, branch: "fix" },
        { remoteOrigin: `${gitlab.webBaseUrl}/acme/tools/shop.git`, branch: "fix" },
      ],
    });
    const [outcome] = await sync([both]);
    expect(outcome?.found.map(({ provider, repository }) => [provider, repository])).toEqual([
      ["github", "acme/shop"],
      ["gitlab", "acme/tools/shop"],
    ]);
    expect(new Set(github.requests.map(({ token }) => token))).toEqual(new Set(["token-of-github"]));
    expect(new Set(gitlab.requests.map(({ token }) => token))).not.toContain("token-of-github");
  });

  it.each<[string, TokenAnswer, number]>([
    ["that nobody gave", { state: "not_connected" }, 10 * MINUTE],
    ["that was refused", { state: "refused", reason: "revoked" }, 10 * MINUTE],
    ["that cannot be renewed now", { state: "unavailable", reason: "down" }, 2 * MINUTE],
    ["that the provider does not take", { state: "ready", token: "wrong", expiresAt: null }, 10 * MINUTE],
  ])("%s keeps the provider from being asked for a while", async (_, answer, wait) => {
    tokens = { github: answer };
    const [outcome] = await sync([chat("a")]);
    expect(outcome).toMatchObject({ found: [], refreshedAt: null, nextAt: NOW + wait });
    expect(github.count()).toBe(answer.state === "ready" ? 1 : 0);
  });
});

it("is not asked for over and over where nobody has worked for a day", async () => {
  tokens = {};
  const day = 24 * 60 * MINUTE;
  const [outcome] = await sync([chat("a", { reportedAt: NOW - day, workedAt: NOW - day })]);
  expect(outcome).toMatchObject({ refreshedAt: null, nextAt: NOW + 60 * MINUTE });
});

describe("a repository that was renamed", () => {
  it("has its pull request once, under the new address", async () => {
    open(7);
    const moved = (path: string) => ({
      status: 301,
      headers: { location: `https://api.github.com/repos/acme/shop/${path}` },
    });
    github.fail(moved("pulls/7"), { path: /old-shop\/pulls\/7$/ });
    github.fail(moved("pulls/7/reviews?per_page=100&page=1"), { path: /old-shop\/pulls\/7\/reviews/ });
    const formerUrl = "https://github.com/acme/old-shop/pull/7";
    const [outcome] = await sync([chat("a", { branch: "other", pullRequests: [{ url: formerUrl, state: "open" }] })]);
    expect(outcome?.found).toEqual([
      expect.objectContaining({
        repository: "acme/shop",
        formerUrl,
        status: expect.objectContaining({ url: urlOf(7) }),
      }),
    ]);
  });
});

describe("a provider that", () => {
  it("limits requests is left alone until it takes them again, by chats that come later, too", async () => {
    for (let number = 1; number <= 30; number++) open(number, `branch-${number}`);
    const reset = Math.floor(NOW / 1000) + 1_800;
    const headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(reset) };
    github.fail({ status: 403, headers }, { times: 1_000 });
    const first = [...Array(20).keys()].map((at) => chat(`chat-${at}`, { branch: `branch-${at + 1}` }));
    const later = [chat("later", { branch: "branch-30" })];
    const outcomes = await sync(first, later);
    const retryAt = holds.get("github") ?? 0;
    expect(retryAt).toBeGreaterThanOrEqual(reset * 1000);
    expect(new Set(outcomes.map(({ nextAt }) => nextAt))).toEqual(new Set([retryAt]));
    // Those that were under way already, and nobody after.
    expect(github.count()).toBeLessThanOrEqual(6);

    github.forget();
    now = retryAt + 1;
    const [after] = await sync(later);
    expect(after?.found).toHaveLength(1);
  });

  it("fails now and then costs the chat two minutes, and no other chat anything", async () => {
    open(7);
    open(8, "well");
    github.fail({ status: 500 }, { path: /pulls\/7$/ });
    const [broken, well] = await sync([chat("a"), chat("b", { branch: "well" })]);
    expect(broken).toMatchObject({ found: [], refreshedAt: null, nextAt: NOW + 2 * MINUTE });
    expect(well?.found).toHaveLength(1);
    github.fail("cut", { path: /pulls\?/ });
    expect((await sync([chat("a")]))[0]).toMatchObject({ nextAt: NOW + 2 * MINUTE });
  });

  it("fails for one of a chat's repositories keeps nothing of the other from being stored", async () => {
    open(7);
    gitlab.fail({ status: 502 });
    const both = chat("a", {
      branches: [
        { remoteOrigin: ORIGIN, branch: "fix" },
        { remoteOrigin: `${gitlab.webBaseUrl}/acme/shop.git`, branch: "fix" },
      ],
    });
    const [outcome] = await sync([both]);
    expect(outcome?.found).toHaveLength(1);
    expect(outcome?.refreshedAt).toBeNull();
  });
});
