import { describe, expect, it } from "vitest";
import type { ExternalAuthSettings } from "../../src/external-auth/ports.ts";
import { readExternalAuth } from "../../src/external-auth/settings.ts";
import { providerOf, resolveOrigin, resolvePullRequestUrl } from "../../src/git/resolve.ts";
import { FakeGithub } from "../fixtures/git-server/github.ts";

function providers(...those: Record<string, string>[]): ExternalAuthSettings[] {
  const variables = those.flatMap((fields, number) =>
    Object.entries({ CLIENT_ID: "client", ...fields }).map(([name, value]) => [
      `EXTERNAL_AUTH_${number}_${name}`,
      value,
    ]),
  );
  const read = readExternalAuth(Object.fromEntries(variables));
  expect(read.refused).toEqual([]);
  return read.providers;
}

const github = { ID: "hub", TYPE: "github" };
const own = { ID: "own", TYPE: "gitea", API_BASE_URL: "https://git.example.com/api/v1" };
const generic = { ID: "other", TYPE: "generic", AUTH_URL: "https://a.example/a", TOKEN_URL: "https://a.example/t" };

describe("the provider of a remote", () => {
  it.each([
    ["git@github.com:acme/shop.git", "hub"],
    ["https://github.com/acme/shop", "hub"],
    ["ssh://git@git.example.com:2222/acme/shop", "own"],
    ["https://git.example.com/acme/shop.git", "own"],
    ["https://gitlab.com/acme/shop", null],
    ["https://github.com.example.com/acme/shop", null],
    ["https://evil.example/?https://github.com/acme/shop", null],
    ["http://github.com/acme/shop", null],
    ["", null],
  ])("%s is of %s", (origin, id) => {
    const found = resolveOrigin(providers(github, own, generic), origin);
    expect(found?.settings.id ?? null).toBe(id);
    if (found !== null) expect(found.ref).toEqual({ owner: "acme", name: "shop" });
  });

  it("is the first whose expression fits, whatever comes of it", () => {
    const mirror = { ...own, REGEX: "github\\.com" };
    expect(resolveOrigin(providers(mirror, github), "https://github.com/acme/shop")).toBeNull();
    expect(resolveOrigin(providers({ ...generic, REGEX: "." }, github), "https://github.com/acme/shop")).toBeNull();
    expect(resolveOrigin(providers(github, mirror), "https://github.com/acme/shop")?.settings.id).toBe("hub");
  });
});

describe("the provider of a pull request's address", () => {
  it("is the one whose pages it is on", () => {
    const all = providers(generic, own, github);
    expect(resolvePullRequestUrl(all, "https://git.example.com/acme/shop/pulls/7/files")?.settings.id).toBe("own");
    expect(resolvePullRequestUrl(all, "https://github.com/acme/shop/pull/7")?.ref.number).toBe(7);
    expect(resolvePullRequestUrl(all, "https://gitlab.com/acme/shop/-/merge_requests/7")).toBeNull();
  });
});

it("asks the address of the provider that was found", async () => {
  const server = new FakeGithub("https://ghe.example.com");
  server.pullRequest({ owner: "acme", name: "shop", number: 7, branch: "fix" });
  const found = resolveOrigin(
    providers({ ...github, API_BASE_URL: server.apiBaseUrl }),
    "git@ghe.example.com:acme/shop",
  );
  if (found === null) throw new Error("No provider");
  const provider = providerOf(found, { token: null, fetch: server.fetch, now: Date.now });
  expect(await provider.findPullRequest(found.ref, "fix")).toMatchObject({ number: 7 });
});
