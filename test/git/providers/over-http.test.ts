import { afterAll, describe, expect, it } from "vitest";
import { gitProviderTypes } from "../../../src/contract/git.ts";
import { gitProvider } from "../../../src/git/providers/index.ts";
import type { AnswerStore, KeptAnswer } from "../../../src/git/providers/provider.ts";
import { serveGit } from "../../fixtures/git-server/serve.ts";

/** What `contract.test.ts` shows in memory, once more through a real connection. */

const shop = { owner: "acme", name: "shop" };

describe.each(gitProviderTypes)("%s", async (type) => {
  const { server, close } = await serveGit(type);
  afterAll(close);
  const kept = new Map<string, KeptAnswer>();
  const answers: AnswerStore = {
    get: (url) => kept.get(url) ?? null,
    put: (url, answer) => void kept.set(url, answer),
  };
  const provider = gitProvider({
    type,
    apiBaseUrl: server.apiBaseUrl,
    token: "token-1",
    fetch,
    answers,
    now: Date.now,
  });

  it("is asked, told that nothing changed, and followed to where it moved", async () => {
    server.pullRequest({ ...shop, number: 7, branch: "fix/a b", title: "Mend" });
    server.requiredToken = "token-1";
    expect(provider.parseOrigin("git@127.0.0.1:acme/shop.git")).toEqual(shop);
    const ref = await provider.findPullRequest(shop, "fix/a b");
    expect(ref).toEqual({ ...shop, number: 7 });
    const first = await provider.readPullRequest({ ...shop, number: 7 });
    expect(first).toMatchObject({ title: "Mend", url: provider.pullRequestUrl({ ...shop, number: 7 }) });
    expect(await provider.readPullRequest({ ...shop, number: 7 })).toEqual(first);
    expect(server.requests.some(({ status }) => status === 304)).toBe(type !== "gitea");
    server.move("acme/old", "acme/shop");
    expect(await provider.readPullRequestDiff({ owner: "acme", name: "old", number: 7 })).toContain("+after 1 of 7");
  });

  it("refuses what is too long, and what breaks off", async () => {
    server.pullRequest({ ...shop, number: 7, branch: "fix/a b" });
    server.fail({ status: 200, body: "x".repeat(9 * 1024 * 1024) });
    const large = provider.readPullRequestDiff({ ...shop, number: 7 });
    await expect(large).rejects.toMatchObject({ failure: "too_large" });
    server.fail("cut");
    const broken = provider.readPullRequestDiff({ ...shop, number: 7 });
    await expect(broken).rejects.toMatchObject({ failure: "network" });
  });
});
