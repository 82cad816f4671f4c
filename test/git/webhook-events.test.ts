import { describe, expect, it } from "vitest";
import { gitProviderTypes } from "../../src/contract/git.ts";
import { gitUrls } from "../../src/git/providers/urls.ts";
import { readGitEvent } from "../../src/git/webhook-events.ts";
import { isSigned } from "../../src/git/webhook-signature.ts";
import {
  pingEvent,
  pullRequestEvent,
  pushEvent,
  reviewEvent,
  signed,
  type Event,
} from "../fixtures/git-server/events.ts";
import { FakeGitea } from "../fixtures/git-server/gitea.ts";
import { FakeGithub } from "../fixtures/git-server/github.ts";
import { FakeGitlab } from "../fixtures/git-server/gitlab.ts";

const servers = { github: new FakeGithub(), gitlab: new FakeGitlab(), gitea: new FakeGitea() };
const shop = { owner: "acme", name: "shop" };

function read({ type, headers, body }: Event) {
  return readGitEvent(type, new Headers(headers), body, gitUrls(type, servers[type].apiBaseUrl));
}

describe.each(gitProviderTypes)("events of %s", (type) => {
  const server = servers[type];
  const urls = gitUrls(type, server.apiBaseUrl);
  const url = urls.pullRequestUrl({ ...shop, number: 7 });
  const facts = { ...shop, number: 7, branch: "fix/cart" };

  it("name the pull request, and its branch", () => {
    const event = pullRequestEvent(server, server.pullRequest(facts));
    expect(read(event)).toEqual({ pullRequestUrl: url, branch: { repository: shop, name: "fix/cart" } });
  });

  it("name no branch of a fork", () => {
    const event = pullRequestEvent(server, server.pullRequest({ ...facts, headOwner: "eve" }));
    expect(read(event)).toEqual({ pullRequestUrl: url, branch: null });
  });

  it("name the branch that was pushed to, and nothing for a tag", () => {
    expect(read(pushEvent(server, "acme", "shop", "refs/heads/fix/cart"))).toEqual({
      pullRequestUrl: null,
      branch: { repository: shop, name: "fix/cart" },
    });
    expect(read(pushEvent(server, "acme", "shop", "refs/tags/v1"))).toBeNull();
  });

  it("are nothing when they are of another kind, or not what they should be", () => {
    const { headers } = pullRequestEvent(server, server.pullRequest(facts));
    for (const body of [
      null,
      [],
      "x",
      {},
      { object_kind: "pipeline" },
      { pull_request: 1 },
      { object_kind: "push", ref: 1 },
    ])
      expect(read({ type, headers, body: body as object })).toBeNull();
  });

  it("are nothing when they speak of another host", () => {
    const event = pullRequestEvent(server, server.pullRequest(facts));
    const elsewhere = gitUrls(type, "https://git.example.com/api");
    expect(readGitEvent(type, new Headers(event.headers), event.body, elsewhere)).toBeNull();
  });

  it("are signed over every byte", () => {
    const { headers, body } = signed(pullRequestEvent(server, server.pullRequest(facts)), "a secret");
    const bytes = (text: string) => new TextEncoder().encode(text);
    const fits = (over: Record<string, string>, text = body, secret = "a secret") =>
      isSigned(type, new Headers({ ...headers, ...over }), bytes(text), secret);
    const name = { github: "x-hub-signature-256", gitlab: "x-gitlab-token", gitea: "x-gitea-signature" }[type];
    expect(fits({})).toBe(true);
    expect(fits({ [name]: "" })).toBe(false);
    expect(fits({ [name]: `${headers[name]}0` })).toBe(false);
    expect(fits({ [name]: (headers[name] ?? "").slice(0, -1) })).toBe(false);
    expect(fits({}, body, "another secret")).toBe(false);
    // GitLab's word is only that it knows the secret.
    expect(fits({}, `${body} `)).toBe(type === "gitlab");
    // Without a secret nobody is believed, and certainly not who signs with nothing.
    expect(isSigned(type, new Headers(signed({ type, headers: {}, body: {} }, "").headers), bytes("{}"), "")).toBe(
      false,
    );
  });
});

it("hears of reviews", () => {
  for (const server of [servers.github, servers.gitea]) {
    const event = read(reviewEvent(server, server.pullRequest({ ...shop, number: 8, branch: "b" })));
    expect(event?.pullRequestUrl).toMatch(/\/8$/);
  }
});

it("makes nothing of a ping", () => {
  expect(read(pingEvent())).toBeNull();
});
