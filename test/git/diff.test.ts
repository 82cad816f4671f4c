import { describe, expect, it } from "vitest";
import type { ExternalAuthSettings, TokenAnswer } from "../../src/external-auth/ports.ts";
import { readExternalAuth } from "../../src/external-auth/settings.ts";
import { readChatDiff, type KnownWork } from "../../src/git/diff.ts";
import type { Fault } from "../fixtures/git-server/git-server.ts";
import { FakeGitea } from "../fixtures/git-server/gitea.ts";
import { FakeGithub } from "../fixtures/git-server/github.ts";

const NOW = Date.UTC(2026, 10, 20, 12);
const ORIGIN = "git@github.com:acme/shop.git";
const seven = { owner: "acme", name: "shop", number: 7, branch: "fix/cart" };
const url = "https://github.com/acme/shop/pull/7";
const own = "https://git.example.com";

const providers: ExternalAuthSettings[] = readExternalAuth({
  EXTERNAL_AUTH_0_ID: "hub",
  EXTERNAL_AUTH_0_TYPE: "github",
  EXTERNAL_AUTH_0_DISPLAY_NAME: "Our GitHub",
  EXTERNAL_AUTH_0_CLIENT_ID: "client",
  EXTERNAL_AUTH_1_ID: "own",
  EXTERNAL_AUTH_1_TYPE: "gitea",
  EXTERNAL_AUTH_1_CLIENT_ID: "client",
  EXTERNAL_AUTH_1_API_BASE_URL: `${own}/api/v1`,
}).providers;

const work: KnownWork = {
  chatId: "chat",
  ownerId: "ann",
  remoteOrigin: ORIGIN,
  branch: "fix/cart",
  url: null,
  headBranch: null,
  isOpen: false,
};

/** Both services, each of which takes its own token alone. */
function setUp() {
  const github = new FakeGithub();
  const gitea = new FakeGitea(own);
  github.requiredToken = "ann-hub";
  gitea.requiredToken = "ann-own";
  const asked: string[] = [];
  const tokens = new Map<string, TokenAnswer>();
  async function read(known: Partial<KnownWork> = {}, { readerId = "ann", chosen = [] as string[] } = {}) {
    return readChatDiff(
      { ...work, ...known },
      {
        providers,
        readerId,
        isOwnersChoice: async ({ ref }) => chosen.includes(`${ref.owner}/${ref.name}`),
        fetch: (input, init) => (github.owns(new Request(input).url) ? github : gitea).fetch(input, init),
        now: () => NOW,
        tokens: {
          async token(userId, providerId) {
            asked.push(`${userId} ${providerId}`);
            const ready: TokenAnswer = {
              state: "ready",
              token: `${userId}-${providerId}`,
              expiresAt: null,
            };
            return tokens.get(providerId) ?? ready;
          },
        },
      },
    );
  }
  return { github, gitea, asked, tokens, read };
}

const known = { chat_id: "chat", remote_origin: ORIGIN, branch: "fix/cart" };

describe("the diff of a chat", () => {
  it("is that of the branch's pull request, and the news that there is one", async () => {
    const { github, read, asked } = setUp();
    github.pullRequest(seven);
    const { diff, hasNews } = await read();
    expect(diff).toEqual({ ...known, provider: "github", pull_request_url: url, diff: expect.stringContaining("@@") });
    expect(hasNews).toBe(true);
    expect(asked).toEqual(["ann hub"]);
  });

  it("is no news when it is on record, however it is written there", async () => {
    const { github, read } = setUp();
    github.pullRequest(seven);
    const { hasNews } = await read({ url: "https://github.com/Acme/Shop/pull/7", isOpen: true });
    expect(hasNews).toBe(false);
  });

  it("is that of a newer pull request in place of the one on record", async () => {
    const { github, read } = setUp();
    github.pullRequest({ ...seven, state: "closed" });
    github.pullRequest({ ...seven, number: 8 });
    const { diff, hasNews } = await read({ url, headBranch: "fix/cart" });
    expect(diff.pull_request_url).toBe("https://github.com/acme/shop/pull/8");
    expect(hasNews).toBe(true);
  });

  it("stays that of the one on record when it is over", async () => {
    const { github, read } = setUp();
    github.pullRequest({ ...seven, state: "merged" });
    const { diff, hasNews } = await read({ url, headBranch: "fix/cart" });
    expect(diff).toMatchObject({ pull_request_url: url, diff: expect.stringContaining("of 7") });
    expect(hasNews).toBe(false);
  });

  it("is that of the branch when there is no pull request, or only one of before", async () => {
    const { github, read } = setUp();
    github.branch("acme", "shop", "next");
    expect((await read({ branch: "next" })).diff).toEqual({
      ...known,
      branch: "next",
      provider: "github",
      diff: expect.stringContaining("+on next"),
    });
    github.pullRequest({ ...seven, state: "merged" });
    const { diff } = await read({ branch: "next", url, headBranch: "fix/cart" });
    expect(diff).not.toHaveProperty("pull_request_url");
    expect(diff.diff).toContain("+on next");
    // Not pushed yet: what there is to see is the work of before.
    expect((await read({ branch: "newer", url, headBranch: "fix/cart" })).diff).toMatchObject({
      pull_request_url: url,
    });
  });

  it("is left out when nothing differs", async () => {
    const { github, read } = setUp();
    github.branch("acme", "shop", "same", "");
    expect((await read({ branch: "same" })).diff).toEqual({ ...known, branch: "same", provider: "github" });
  });

  it("is read from an address alone, of whichever provider it is", async () => {
    const { gitea, read, asked } = setUp();
    gitea.pullRequest(seven);
    const there = `${own}/acme/shop/pulls/7`;
    const { diff } = await read({ remoteOrigin: "", branch: "", url: there, isOpen: true });
    expect(diff).toEqual({ chat_id: "chat", provider: "gitea", pull_request_url: there, diff: expect.any(String) });
    expect(asked).toEqual(["ann own"]);
  });

  it("is asked of two providers with the token of each, and never the other's", async () => {
    const { github, gitea, read, asked } = setUp();
    github.repository({ owner: "acme", name: "shop" });
    gitea.pullRequest(seven);
    const { diff } = await read({ url: `${own}/acme/shop/pulls/7`, headBranch: "fix/cart", isOpen: true });
    expect(diff).toMatchObject({ provider: "gitea", diff: expect.any(String) });
    expect(asked).toEqual(["ann hub", "ann own"]);
    expect(new Set(github.requests.map(({ token }) => token))).toEqual(new Set(["ann-hub"]));
    expect(new Set(gitea.requests.map(({ token }) => token))).toEqual(new Set(["ann-own"]));
  });
});

describe("no diff", () => {
  it("for a chat of which nothing is known", async () => {
    const { read, asked } = setUp();
    expect(await read({ remoteOrigin: "", branch: "" })).toEqual({ diff: { chat_id: "chat" }, hasNews: false });
    expect(asked).toEqual([]);
  });

  it("for a remote that no provider is set up for: nobody is asked, and no token taken", async () => {
    const { read, asked, github } = setUp();
    const { diff } = await read({ remoteOrigin: "https://elsewhere.example/acme/shop" });
    expect(diff).toEqual({
      chat_id: "chat",
      remote_origin: "https://elsewhere.example/acme/shop",
      branch: "fix/cart",
      unavailable_reason: "No git service is set up here for https://elsewhere.example/acme/shop.",
    });
    expect(asked).toEqual([]);
    expect(github.count()).toBe(0);
  });

  it.each<[TokenAnswer, string]>([
    [{ state: "not_connected" }, "The owner of this chat has not connected Our GitHub."],
    [{ state: "refused", reason: "It was taken back." }, "It was taken back."],
    [{ state: "unavailable", reason: "Try later." }, "Try later."],
  ])("without a token: %j", async (answer, reason) => {
    const { read, tokens, github } = setUp();
    tokens.set("hub", answer);
    const { diff } = await read({ url });
    expect(diff).toEqual({ ...known, provider: "github", pull_request_url: url, unavailable_reason: reason });
    expect(github.count()).toBe(0);
  });

  it.each<[string, Fault, string]>([
    [
      "limit",
      { status: 403, headers: { "retry-after": "200" } },
      "Our GitHub takes no more requests for now. Try again in 4 minutes.",
    ],
    [
      "token",
      { status: 401 },
      "Our GitHub no longer accepts the account that the chat's owner connected. It must be connected again.",
    ],
    ["size", { status: 406 }, "The diff is too large to be shown here. Look at it on Our GitHub."],
    ["connection", "cut", "Our GitHub could not be reached. Try again in a moment."],
    [
      "trouble",
      { status: 502, body: "<html>secret</html>" },
      "Our GitHub did not answer as it should. Try again in a moment.",
    ],
    ["missing", { status: 404 }, "Our GitHub does not show this pull request to the account of the chat's owner."],
  ])("because of the provider: %s", async (_, fault, reason) => {
    const { github, read } = setUp();
    github.pullRequest(seven);
    github.fail(fault, { times: 9, path: /pulls\/7$/ });
    const { diff, hasNews } = await read();
    expect(diff).toEqual({ ...known, provider: "github", pull_request_url: url, unavailable_reason: reason });
    expect(hasNews).toBe(true);
  });

  it("of a branch that the provider does not know", async () => {
    const { github, read } = setUp();
    github.repository({ owner: "acme", name: "shop" });
    const { diff } = await read();
    expect(diff.unavailable_reason).toMatch(/^Our GitHub shows no diff of this branch\./);
  });

  it("does not follow from the search for a newer pull request alone", async () => {
    const { github, read } = setUp();
    github.pullRequest({ ...seven, state: "merged" });
    github.fail({ status: 502 }, { path: /pulls\?/ });
    expect((await read({ url, headBranch: "fix/cart" })).diff.diff).toContain("of 7");
    github.fail({ status: 502 }, { path: /pulls\?/ });
    expect((await read()).diff.unavailable_reason).toBe(
      "Our GitHub did not answer as it should. Try again in a moment.",
    );
  });
});

describe("for somebody else the diff", () => {
  it("of a repository that the owner chose is asked with the owner's token", async () => {
    const { github, read, asked } = setUp();
    github.pullRequest(seven);
    const { diff } = await read({}, { readerId: "bob", chosen: ["acme/shop"] });
    expect(diff.diff).toContain("@@");
    expect(asked).toEqual(["ann hub"]);
  });

  it("of any other repository is asked with their own, and the owner's token is left alone", async () => {
    const { github, tokens, read, asked } = setUp();
    github.pullRequest(seven);
    github.requiredToken = "bob-hub";
    const { diff } = await read({}, { readerId: "bob", chosen: ["acme/other"] });
    expect(diff.diff).toContain("@@");
    tokens.set("hub", { state: "not_connected" });
    const without = await read({}, { readerId: "bob" });
    expect(without.diff.unavailable_reason).toBe(
      "The owner of this chat has not worked in this repository on their own. Connect Our GitHub to see the diff with your own account.",
    );
    expect(asked).toEqual(["bob hub", "bob hub"]);
  });

  it("says of their own account what it may not see", async () => {
    const { github, read } = setUp();
    github.requiredToken = "bob-hub";
    const { diff } = await read({}, { readerId: "bob" });
    expect(diff.unavailable_reason).toBe(
      "Our GitHub shows no diff of this branch. It was not pushed yet, or your account may not see it.",
    );
    github.requiredToken = "of nobody";
    const refused = await read({}, { readerId: "bob" });
    expect(refused.diff.unavailable_reason).toBe(
      "Our GitHub no longer accepts the account that you connected. It must be connected again.",
    );
  });
});
