import { describe, expect, it } from "vitest";
import { gitProviderTypes } from "../../../src/contract/git.ts";
import { gitProvider } from "../../../src/git/providers/index.ts";
import {
  GitProviderError,
  type AnswerStore,
  type GitProvider,
  type GitProviderOptions,
  type KeptAnswer,
} from "../../../src/git/providers/provider.ts";
import type { GitServer, PullRequestFacts, Review } from "../../fixtures/git-server/git-server.ts";
import { FakeGitea } from "../../fixtures/git-server/gitea.ts";
import { FakeGithub } from "../../fixtures/git-server/github.ts";
import { FakeGitlab } from "../../fixtures/git-server/gitlab.ts";

/*
 * What whoever asks a provider may rely on, whichever it is: each line runs against all three, with servers that
 * answer in their own shapes.
 */

const servers = { github: FakeGithub, gitlab: FakeGitlab, gitea: FakeGitea };
const NOW = Date.UTC(2026, 10, 20, 12);
const MINUTE = 60_000;
const MIB = 1024 * 1024;
const shop = { owner: "acme", name: "shop" };
const seven: PullRequestFacts = { ...shop, number: 7, branch: "fix/cart" };

class Answers implements AnswerStore {
  readonly kept = new Map<string, KeptAnswer>();
  get = (url: string) => this.kept.get(url) ?? null;
  put = (url: string, answer: KeptAnswer) => void this.kept.set(url, answer);
}

function ask(server: GitServer, more: Partial<GitProviderOptions> = {}): GitProvider {
  const { type, apiBaseUrl, fetch } = server;
  return gitProvider({ type, apiBaseUrl, fetch, token: "token-1", now: () => NOW, ...more });
}

async function failure(work: Promise<unknown>): Promise<GitProviderError> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof GitProviderError) return error;
  throw new Error(`No failure of the provider's, but ${String(error)}`);
}

const reviews = (...said: [string, Review["verdict"]][]): Review[] =>
  said.map(([login, verdict]) => ({ login, verdict }));

describe.each(gitProviderTypes)("%s", (type) => {
  const start = () => new servers[type]();

  describe("the pull request of a branch", () => {
    it("is the open one, the last changed when there are several", async () => {
      const server = start();
      server.pullRequest({ ...seven, state: "closed" });
      expect(await ask(server).findPullRequest(shop, "fix/cart")).toBeNull();
      server.pullRequest({ ...seven, number: 8 });
      server.pullRequest({ ...seven, number: 9, base: "next" });
      expect(await ask(server).findPullRequest(shop, "fix/cart")).toEqual({ ...shop, number: 9 });
      server.pullRequest({ ...seven, number: 8, title: "Again" });
      expect(await ask(server).findPullRequest(shop, "fix/cart")).toEqual({ ...shop, number: 8 });
    });

    it("is not a fork's branch of the same name", async () => {
      const server = start();
      server.pullRequest({ ...seven, headOwner: "eve" });
      expect(await ask(server).findPullRequest(shop, "fix/cart")).toBeNull();
    });

    it("is found whatever the branch is called, and no other", async () => {
      const server = start();
      const branch = "feat/ä & b=c#1?x%2F";
      server.pullRequest({ ...seven, branch });
      expect(await ask(server).findPullRequest(shop, branch)).toEqual({ ...shop, number: 7 });
      expect(await ask(server).findPullRequest(shop, "feat")).toBeNull();
      expect(await ask(server).findPullRequest(shop, "")).toBeNull();
      expect(await ask(server).findPullRequest(shop, "../../x")).toBeNull();
    });

    it("is null where there is no such repository, or it may not be seen", async () => {
      const server = start();
      expect(await ask(server).findPullRequest(shop, "main")).toBeNull();
      server.fail({ status: 403, body: '{"message":"Resource not accessible"}' });
      expect(await ask(server).findPullRequest(shop, "main")).toBeNull();
    });

    it("costs one request", async () => {
      const server = start();
      server.pullRequest(seven);
      await ask(server).findPullRequest(shop, "fix/cart");
      expect(server.count()).toBe(1);
      expect(server.requests[0]?.token).toBe("token-1");
    });
  });

  describe("a pull request", () => {
    it("is told whole", async () => {
      const server = start();
      server.pullRequest({
        ...seven,
        title: "Mend the cart",
        base: "next",
        author: "ann",
        additions: 30,
        deletions: 4,
        changedFiles: 3,
        commits: 5,
        reviews: reviews(["bob", "approved"]),
      });
      const provider = ask(server);
      const status = await provider.readPullRequest({ ...shop, number: 7 });
      expect(status).toEqual({
        url: provider.pullRequestUrl({ ...shop, number: 7 }),
        number: 7,
        title: "Mend the cart",
        state: "open",
        draft: false,
        headSha: "7".padStart(40, "0"),
        headBranch: "fix/cart",
        baseBranch: "next",
        authorLogin: "ann",
        authorAvatarUrl: expect.stringMatching(/^https:/),
        commits: 5,
        additions: 30,
        deletions: 4,
        changedFiles: 3,
        approved: true,
        changesRequested: false,
        reviewerCount: 1,
        openedAt: Date.parse("2026-11-11T09:00:00Z"),
        mergedAt: null,
        closedAt: null,
      });
    });

    it("is merged before it is closed, and then no draft", async () => {
      const server = start();
      server.pullRequest({ ...seven, state: "merged", draft: true });
      const at = Date.parse("2026-11-12T10:00:00Z");
      const merged = await ask(server).readPullRequest({ ...shop, number: 7 });
      expect(merged).toMatchObject({ state: "merged", draft: false, mergedAt: at, closedAt: at });
      server.pullRequest({ ...seven, state: "closed" });
      const closed = await ask(server).readPullRequest({ ...shop, number: 7 });
      expect(closed).toMatchObject({ state: "closed", mergedAt: null, closedAt: at });
    });

    it("is a draft under its own title", async () => {
      const server = start();
      server.pullRequest({ ...seven, draft: true, title: "Mend it" });
      const status = await ask(server).readPullRequest({ ...shop, number: 7 });
      expect(status).toMatchObject({ state: "open", draft: true, title: "Mend it" });
    });

    it("is null when it is not there, and nobody is asked for what cannot be", async () => {
      const server = start();
      server.pullRequest(seven);
      expect(await ask(server).readPullRequest({ ...shop, number: 8 })).toBeNull();
      server.forget();
      for (const ref of [
        { ...shop, number: 0 },
        { owner: "..", name: "shop", number: 7 },
        { owner: "acme", name: "sh/op", number: 7 },
        { owner: "acme", name: "shop?", number: 7 },
      ]) {
        expect(await ask(server).readPullRequest(ref)).toBeNull();
        expect(await ask(server).readPullRequestDiff(ref)).toBeNull();
      }
      expect(server.count()).toBe(0);
    });

    it("is asked for one request at a time", async () => {
      const server = start();
      server.pullRequest({ ...seven, reviews: reviews(["bob", "approved"]) });
      await ask(server).readPullRequest({ ...shop, number: 7 });
      expect(server.mostAtOnce).toBe(1);
    });

    it("follows a repository that moved, but never with our token elsewhere", async () => {
      const server = start();
      server.pullRequest(seven);
      const provider = ask(server);
      server.move("acme/old", "acme/shop");
      const moved = await provider.readPullRequest({ owner: "acme", name: "old", number: 7 });
      expect(moved).toMatchObject({ url: provider.pullRequestUrl({ ...shop, number: 7 }), commits: 1, additions: 2 });
      for (const location of [
        "https://evil.example/x",
        "//evil.example/x",
        `${server.apiBaseUrl.replace("https:", "http:")}/x`,
        `${server.apiBaseUrl}.evil.example/x`,
      ]) {
        server.forget();
        server.fail({ status: 302, body: "", headers: { location } });
        expect(await failure(provider.readPullRequest({ ...shop, number: 7 }))).toMatchObject({
          failure: "bad_answer",
        });
        expect(server.count()).toBe(1);
      }
    });
  });

  describe("reviews", () => {
    it.each([
      ["nobody said anything", [], { approved: false, changesRequested: false, reviewerCount: 0 }],
      ["an approval", reviews(["ann", "approved"]), { approved: true, changesRequested: false, reviewerCount: 1 }],
      [
        "one against many",
        reviews(["ann", "approved"], ["bob", "approved"], ["cid", "changes_requested"]),
        { approved: false, changesRequested: true, reviewerCount: 3 },
      ],
      [
        "the last word counts",
        reviews(["ann", "changes_requested"], ["ann", "approved"]),
        { approved: true, changesRequested: false, reviewerCount: 1 },
      ],
      [
        "comments change no verdict",
        reviews(["ann", "approved"], ["ann", "commented"], ["bob", "commented"], ["cid", "pending"]),
        { approved: true, changesRequested: false, reviewerCount: 1 },
      ],
      [
        "a dismissed one counts as a reviewer only",
        reviews(["ann", "changes_requested"], ["ann", "dismissed"]),
        { approved: false, changesRequested: false, reviewerCount: 1 },
      ],
    ])("%s", async (_, said, expected) => {
      const server = start();
      server.pullRequest({ ...seven, reviews: said });
      expect(await ask(server).readPullRequest({ ...shop, number: 7 })).toMatchObject(expected);
    });

    it("are read to the last page", async () => {
      const server = start();
      const many = Array.from({ length: 130 }, (_, index) => [`r${index}`, "approved"] as [string, "approved"]);
      server.pullRequest({ ...seven, reviews: reviews(...many, ["late", "changes_requested"]) });
      const status = await ask(server).readPullRequest({ ...shop, number: 7 });
      expect(status).toMatchObject({ approved: false, changesRequested: true, reviewerCount: 131 });
    });

    it("that may not be seen are not known", async () => {
      const server = start();
      server.pullRequest(seven);
      server.fail({ status: 403 }, { times: 9, path: /reviews|approvals|reviewers/ });
      const status = await ask(server).readPullRequest({ ...shop, number: 7 });
      expect(status).toMatchObject({ approved: null, changesRequested: false, reviewerCount: null });
    });
  });

  describe("diffs", () => {
    it("of a pull request are unified", async () => {
      const server = start();
      server.pullRequest({ ...seven, additions: 2, deletions: 1, changedFiles: 2 });
      const diff = await ask(server).readPullRequestDiff({ ...shop, number: 7 });
      expect(diff).toBe(
        "diff --git a/file-1.txt b/file-1.txt\n--- a/file-1.txt\n+++ b/file-1.txt\n@@ -1,1 +1,2 @@\n" +
          "-before 1\n+after 1 of 7\n+after 2 of 7\ndiff --git a/file-2.txt b/file-2.txt\n",
      );
      expect(await ask(server).readPullRequestDiff({ ...shop, number: 8 })).toBeNull();
    });

    it("of a branch are against the repository's default one", async () => {
      const server = start();
      server.repository({ ...shop, defaultBranch: "trunk" });
      server.branch("acme", "shop", "fix/a b");
      expect(await ask(server).readBranchDiff(shop, "fix/a b")).toContain("@@ -0,0 +1,1 @@\n+on fix/a b\n");
      expect(await ask(server).readBranchDiff(shop, "gone")).toBeNull();
      expect(await ask(server).readBranchDiff({ owner: "acme", name: "gone" }, "fix/a b")).toBeNull();
    });

    it("end at 4 MiB", async () => {
      const server = start();
      server.pullRequest(seven);
      const inDiff = /\.diff$|raw_diffs$|pulls\/7$/;
      server.fail({ status: 200, body: "x".repeat(4 * MIB) }, { path: inDiff });
      expect(await ask(server).readPullRequestDiff({ ...shop, number: 7 })).toHaveLength(4 * MIB);
      server.fail({ status: 200, body: "x".repeat(4 * MIB + 1) }, { path: inDiff });
      const refusal = await failure(ask(server).readPullRequestDiff({ ...shop, number: 7 }));
      expect(refusal).toMatchObject({ failure: "too_large" });
    });

    it("are no longer read than they may be", async () => {
      let pulled = 0;
      const endless = new ReadableStream<Uint8Array>({
        pull(controller) {
          pulled += 1;
          controller.enqueue(new Uint8Array(MIB));
        },
      });
      const provider = ask(start(), { fetch: async () => new Response(endless) });
      expect(await failure(provider.readPullRequestDiff({ ...shop, number: 7 }))).toMatchObject({
        failure: "too_large",
      });
      expect(pulled).toBeLessThan(8);
    });
  });

  describe("failures", () => {
    const read = (server: GitServer, more: Partial<GitProviderOptions> = {}) =>
      ask(server, more).readPullRequest({ ...shop, number: 7 });

    it("a token that is no longer good", async () => {
      const server = start();
      server.pullRequest(seven);
      server.requiredToken = "another";
      expect(await failure(read(server))).toMatchObject({ failure: "unauthorized", status: 401 });
      expect(await read(server, { token: "another" })).toMatchObject({ number: 7 });
    });

    it("asks as nobody without a token", async () => {
      const server = start();
      server.pullRequest(seven);
      await read(server, { token: null });
      expect(server.requests.map(({ token }) => token)).toContain(null);
      expect(server.count()).toBeGreaterThan(0);
    });

    it("a server in trouble, with no more of what it said than 8 KiB, and never the token", async () => {
      const server = start();
      server.fail({ status: 503, body: "é".repeat(100_000) });
      const error = await failure(read(server, { token: "secret-token" }));
      expect(error).toMatchObject({ failure: "bad_answer", status: 503 });
      expect(Buffer.byteLength(error.message)).toBeLessThan(8 * 1024 + 100);
      expect(error.message).not.toContain("secret-token");
    });

    it("a connection that breaks", async () => {
      const server = start();
      server.fail("cut");
      expect(await failure(read(server))).toMatchObject({ failure: "network", status: null });
    });

    it("whoever asked gives up", async () => {
      const server = start();
      const release = server.hold();
      const controller = new AbortController();
      const reading = failure(read(server, { signal: controller.signal }));
      controller.abort();
      expect(await reading).toMatchObject({ failure: "network" });
      release();
    });

    it.each(["<html>", "[]", '{"number":"7"}', "null", ""])("an answer that is none: %j", async (body) => {
      const server = start();
      server.fail({ status: 200, body });
      expect(await failure(read(server))).toMatchObject({ failure: "bad_answer" });
    });

    it("too many requests, until the time that is said", async () => {
      const server = start();
      server.fail({ status: 429, headers: { "retry-after": "90" } });
      expect(await failure(read(server))).toMatchObject({ failure: "rate_limit", status: 429, retryAt: NOW + 90_000 });
      server.fail({ status: 429, headers: { "retry-after": new Date(NOW + 5 * MINUTE).toUTCString() } });
      expect(await failure(read(server))).toMatchObject({ failure: "rate_limit", retryAt: NOW + 5 * MINUTE });
      server.fail({ status: 429 });
      expect(await failure(read(server))).toMatchObject({ failure: "rate_limit", retryAt: NOW + MINUTE });
    });
  });

  it("is told that nothing changed, and then keeps to what it had", async () => {
    const server = start();
    server.pullRequest({ ...seven, additions: 12, deletions: 3, commits: 4, reviews: reviews(["ann", "approved"]) });
    const answers = new Answers();
    const read = () => ask(server, { answers }).readPullRequest({ ...shop, number: 7 });
    const first = await read();
    const requests = server.count();
    server.forget();
    expect(await read()).toEqual(first);
    // Gitea gives no tags, and is asked for all again.
    const unchanged = type === "gitea" ? 0 : requests;
    expect(server.requests.filter(({ status }) => status === 304)).toHaveLength(unchanged);
    server.pullRequest({ ...seven, title: "Another title", additions: 13 });
    expect(await read()).toMatchObject({ title: "Another title", additions: 13, commits: 4, approved: true });
    // What is kept is what was read, not all that came.
    for (const { body } of answers.kept.values()) expect(body.length).toBeLessThan(1_000);
  });

  it("asks anew when what was kept is of no use", async () => {
    const server = start();
    server.pullRequest(seven);
    const answers = new Answers();
    const provider = ask(server, { answers });
    await provider.readPullRequest({ ...shop, number: 7 });
    for (const [url, { etag }] of answers.kept) answers.put(url, { etag, body: '{"value":1}' });
    expect(await provider.readPullRequest({ ...shop, number: 7 })).toMatchObject({ number: 7 });
  });
});
