import { describe, expect, it, vi } from "vitest";
import { countDiff, unifiedFile } from "../../../src/git/providers/diff-text.ts";
import { gitProvider } from "../../../src/git/providers/index.ts";
import { GitProviderError } from "../../../src/git/providers/provider.ts";
import { retryTime } from "../../../src/git/providers/rate-limit.ts";
import type { GitServer, PullRequestFacts } from "../../fixtures/git-server/git-server.ts";
import { FakeGitea } from "../../fixtures/git-server/gitea.ts";
import { FakeGithub } from "../../fixtures/git-server/github.ts";
import { FakeGitlab } from "../../fixtures/git-server/gitlab.ts";

/** What only one of them does. */

const NOW = Date.UTC(2026, 10, 20, 12);
const SECOND = 1_000;
const shop = { owner: "acme", name: "shop" };
const seven: PullRequestFacts = { ...shop, number: 7, branch: "fix/cart" };

function ask({ type, apiBaseUrl, fetch }: GitServer) {
  return gitProvider({ type, apiBaseUrl, fetch, token: "token-1", now: () => NOW });
}

/** Puts other JSON in the place of what a server has under an address. */
function rewriting(server: GitServer, path: RegExp, change: (json: object) => unknown): GitServer["fetch"] {
  return async (input, init) => {
    const response = await server.fetch(input, init);
    if (!path.test(new URL(new Request(input).url).pathname)) return response;
    return Response.json(change(await response.json()));
  };
}

describe("GitHub", () => {
  it("asks as its documents want it", async () => {
    const server = new FakeGithub();
    server.pullRequest(seven);
    let headers = new Headers();
    const fetch: GitServer["fetch"] = (input, init) => {
      headers = new Headers(init?.headers);
      return server.fetch(input, init);
    };
    const provider = gitProvider({ type: "github", apiBaseUrl: "", fetch, token: "t", now: () => NOW });
    await provider.findPullRequest(shop, "fix/cart");
    expect(Object.fromEntries(headers)).toEqual({
      accept: "application/vnd.github+json",
      authorization: "Bearer t",
      "user-agent": "Tideline",
      "x-github-api-version": "2022-11-28",
    });
    expect(server.requests[0]?.path).toMatch(
      /^\/repos\/acme\/shop\/pulls\?state=open&head=acme%3Afix%2Fcart&sort=updated&direction=desc&/,
    );
  });

  it("takes no branch of a fork that its owner has beside the repository", async () => {
    const server = new FakeGithub();
    server.pullRequest(seven);
    const fetch = rewriting(server, /pulls$/, (json) =>
      Object.values(json).map((one) => ({ ...one, head: { ...one.head, repo: { full_name: "acme/shop-fork" } } })),
    );
    const provider = gitProvider({ type: "github", apiBaseUrl: "", fetch, token: null, now: () => NOW });
    expect(await provider.findPullRequest(shop, "fix/cart")).toBeNull();
  });

  it("counts the word of an account that is gone, and tells logins from each other in any spelling", async () => {
    const server = new FakeGithub();
    server.pullRequest(seven);
    const said = [
      { id: 3, state: "APPROVED", user: { login: "Ann" } },
      { id: 1, state: "CHANGES_REQUESTED", user: { login: "ann" } },
      { id: 2, state: "APPROVED", user: null },
    ];
    const fetch = rewriting(server, /reviews$/, () => said);
    const provider = gitProvider({ type: "github", apiBaseUrl: "", fetch, token: null, now: () => NOW });
    const status = await provider.readPullRequest({ ...shop, number: 7 });
    expect(status).toMatchObject({ approved: true, changesRequested: false, reviewerCount: 2 });
  });

  it("says of a diff of too many lines that it is too large", async () => {
    const server = new FakeGithub();
    server.pullRequest(seven);
    server.fail({ status: 406, body: '{"message":"Sorry, the diff exceeded the maximum number of lines (20000)"}' });
    const refusal = ask(server).readPullRequestDiff({ ...shop, number: 7 });
    await expect(refusal).rejects.toMatchObject({ failure: "too_large" });
  });

  it("answers at an address of one's own", async () => {
    const server = new FakeGithub("https://ghe.example.com");
    server.pullRequest(seven);
    const provider = ask(server);
    expect(provider.parseOrigin("git@ghe.example.com:acme/shop.git")).toEqual(shop);
    const status = await provider.readPullRequest({ ...shop, number: 7 });
    expect(status?.url).toBe("https://ghe.example.com/acme/shop/pull/7");
  });
});

describe("the time of GitHub's limit", () => {
  const at = (status: number, headers: Record<string, string>, body = "") =>
    retryTime("github", { status, headers: new Headers(headers), body }, NOW);
  const reset = (seconds: number) => String(NOW / SECOND + seconds);

  it.each([
    ["its own word first", 403, { "retry-after": "5", "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset(9) }, 5],
    ["the end of the window", 403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset(900) }, 900],
    ["the end of the window, with 429", 429, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset(900) }, 900],
    ["a window that is over", 403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset(-5) }, 60],
    ["no wait at all", 429, { "retry-after": "0" }, 1],
    ["a wait beyond reason", 429, { "retry-after": "99999999" }, 86_400],
    ["a wait that is no number", 429, { "retry-after": "soon" }, 60],
  ])("%s", (_, status, headers, seconds) => {
    expect(at(status, headers)).toBe(NOW + seconds * SECOND);
  });

  it("is in the words when it is not in the headers", () => {
    expect(at(403, {}, "You have exceeded a secondary rate limit.")).toBe(NOW + 60 * SECOND);
  });

  it("is no limit while something is left of it, or with any other status", () => {
    expect(at(403, { "x-ratelimit-remaining": "12", "x-ratelimit-reset": reset(900) }, "Forbidden")).toBeNull();
    expect(at(404, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset(900) })).toBeNull();
    expect(at(500, { "retry-after": "5" })).toBeNull();
  });

  it("is GitLab's own header there, and a 403 is none", () => {
    const gitlab = (status: number) =>
      retryTime("gitlab", { status, headers: new Headers({ "ratelimit-reset": reset(30) }), body: "rate limit" }, NOW);
    expect(gitlab(429)).toBe(NOW + 30 * SECOND);
    expect(gitlab(403)).toBeNull();
  });
});

describe("GitLab", () => {
  it("has groups of groups", async () => {
    const server = new FakeGitlab();
    const deep = { owner: "acme/web/team", name: "shop" };
    server.pullRequest({ ...deep, number: 7, branch: "fix" });
    const provider = ask(server);
    expect(await provider.findPullRequest(deep, "fix")).toEqual({ ...deep, number: 7 });
    const status = await provider.readPullRequest({ ...deep, number: 7 });
    expect(status?.url).toBe("https://gitlab.com/acme/web/team/shop/-/merge_requests/7");
  });

  it("gives a diff even before it knew how to give one as text", async () => {
    const server = new FakeGitlab();
    server.pullRequest({ ...seven, changedFiles: 70, additions: 3 });
    const raw = await ask(server).readPullRequestDiff({ ...shop, number: 7 });
    server.rawDiffs = false;
    expect(await ask(server).readPullRequestDiff({ ...shop, number: 7 })).toBe(raw);
  });

  it("says who asks for changes even where it does not say who approved", async () => {
    const server = new FakeGitlab();
    server.approvals = false;
    server.pullRequest({ ...seven, reviews: [{ login: "ann", verdict: "changes_requested" }] });
    const status = await ask(server).readPullRequest({ ...shop, number: 7 });
    expect(status).toMatchObject({ approved: false, changesRequested: true, reviewerCount: 1 });
  });

  it("calls nothing approved only because nobody had to approve it", async () => {
    const server = new FakeGitlab();
    server.pullRequest(seven);
    expect(await ask(server).readPullRequest({ ...shop, number: 7 })).toMatchObject({
      approved: false,
      reviewerCount: 0,
    });
  });

  it("is open while it is being merged, and says how many files when it does not show them all", async () => {
    const server = new FakeGitlab();
    server.pullRequest(seven);
    const fetch = rewriting(server, /merge_requests\/7$/, (json) => ({
      ...json,
      state: "locked",
      changes_count: "1000+",
    }));
    const provider = gitProvider({ type: "gitlab", apiBaseUrl: "", fetch, token: null, now: () => NOW });
    const status = await provider.readPullRequest({ ...shop, number: 7 });
    expect(status).toMatchObject({ state: "open", changedFiles: 1000, additions: 2 });
  });

  it("still tells the rest of one whose diff is too large to count", async () => {
    const server = new FakeGitlab();
    server.pullRequest({ ...seven, changedFiles: 9 });
    server.fail({ status: 200, body: "x".repeat(5 * 1024 * 1024) }, { path: /diffs/ });
    const status = await ask(server).readPullRequest({ ...shop, number: 7 });
    expect(status).toMatchObject({ title: "Change 7", changedFiles: 9, additions: 0 });
  });
});

describe("Gitea", () => {
  it("is read through until the branch is there", async () => {
    const server = new FakeGitea();
    server.pullRequest(seven);
    for (let number = 100; number < 220; number++) server.pullRequest({ ...seven, number, branch: `other-${number}` });
    expect(await ask(server).findPullRequest(shop, "fix/cart")).toEqual({ ...shop, number: 7 });
    expect(server.count()).toBe(3);
    server.forget();
    expect(await ask(server).findPullRequest(shop, "other-219")).toEqual({ ...shop, number: 219 });
    expect(server.count()).toBe(1);
  });

  it("has no diff of a branch in versions that cannot make one", async () => {
    const server = new FakeGitea();
    server.branch("acme", "shop", "fix");
    server.branchDiffs = false;
    expect(await ask(server).readBranchDiff(shop, "fix")).toBeNull();
  });

  it("is counted out of the diff in versions that do not count", async () => {
    const server = new FakeGitea();
    server.pullRequest({ ...seven, additions: 5, deletions: 2, changedFiles: 3 });
    const fetch = rewriting(server, /pulls\/7$/, (json) => ({ ...json, additions: null, deletions: null }));
    const provider = gitProvider({ type: "gitea", apiBaseUrl: "", fetch, token: null, now: () => NOW });
    const status = await provider.readPullRequest({ ...shop, number: 7 });
    expect(status).toMatchObject({ additions: 5, deletions: 2, changedFiles: 3 });
  });
});

describe("diffs as text", () => {
  it("counts lines, whatever they begin with", () => {
    const diff = [
      "diff --git a/a b/a",
      "--- a/a",
      "+++ b/a",
      "@@ -1,3 +1,3 @@",
      " same",
      "--- gone",
      "+++ come",
      "+@@ no hunk",
      "\\ No newline at end of file",
      "diff --git a/b b/b",
      "old mode 100644",
      "new mode 100755",
      "",
    ].join("\n");
    expect(countDiff(diff)).toEqual({ additions: 2, deletions: 1, files: 2 });
    expect(countDiff("")).toEqual({ additions: 0, deletions: 0, files: 0 });
  });

  it("writes files that come, go and move as git does", () => {
    const file = {
      old_path: "a",
      new_path: "b",
      a_mode: "100644",
      b_mode: "100644",
      new_file: false,
      renamed_file: false,
      deleted_file: false,
      diff: "@@ -1 +1 @@\n-x\n+y",
    };
    expect(unifiedFile({ ...file, old_path: "b", new_file: true })).toBe(
      "diff --git a/b b/b\nnew file mode 100644\n--- /dev/null\n+++ b/b\n@@ -1 +1 @@\n-x\n+y\n",
    );
    expect(unifiedFile({ ...file, new_path: "a", deleted_file: true })).toBe(
      "diff --git a/a b/a\ndeleted file mode 100644\n--- a/a\n+++ /dev/null\n@@ -1 +1 @@\n-x\n+y\n",
    );
    expect(unifiedFile({ ...file, renamed_file: true, diff: "" })).toBe(
      "diff --git a/a b/b\nrename from a\nrename to b\n",
    );
    expect(
      unifiedFile({ ...file, new_path: "a", b_mode: "100755", diff: "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x\n+y\n" }),
    ).toBe("diff --git a/a b/a\nold mode 100644\nnew mode 100755\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x\n+y\n");
  });
});

it("waits ten seconds for an answer and its body, and no longer", async () => {
  vi.useFakeTimers();
  try {
    // As a real one does it: the headers come, the body does not, and who gives up ends it.
    const fetch: GitServer["fetch"] = async (_, init) => {
      const start = (body: ReadableStreamDefaultController<Uint8Array>) =>
        init?.signal?.addEventListener("abort", () => body.error(init.signal?.reason));
      return new Response(new ReadableStream({ start }));
    };
    const provider = gitProvider({ type: "gitea", apiBaseUrl: "", fetch, token: null, now: () => NOW });
    const outcome = { error: null as unknown };
    provider.readPullRequestDiff({ ...shop, number: 7 }).catch((error: unknown) => (outcome.error = error));
    await vi.advanceTimersByTimeAsync(9_999);
    expect(outcome.error).toBeNull();
    await vi.advanceTimersByTimeAsync(1);
    expect(outcome.error).toBeInstanceOf(GitProviderError);
    expect(outcome.error).toMatchObject({ failure: "network", message: "The provider did not answer in time." });
    // An object with a timer cannot sleep.
    const server = new FakeGithub();
    server.pullRequest(seven);
    expect(await ask(server).readPullRequest({ ...shop, number: 7 })).toMatchObject({ number: 7 });
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
