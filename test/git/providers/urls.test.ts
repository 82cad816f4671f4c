import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gitProviderTypes, type GitProviderType } from "../../../src/contract/git.ts";
import { gitUrls } from "../../../src/git/providers/urls.ts";

const github = gitUrls("github", "");
const gitlab = gitUrls("gitlab", "");
const gitea = gitUrls("gitea", "");

const name = fc.stringMatching(/^[A-Za-z0-9_.-]{1,20}$/).filter((text) => ![".", "..", "-"].includes(text));
/** What git calls it without its ending, which is not part of the name. */
const repositoryName = name.filter((text) => !text.endsWith(".git"));
const ownerOf = (type: GitProviderType) =>
  type === "gitlab" ? fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/")) : name;
const refOf = (type: GitProviderType) =>
  fc.record({ owner: ownerOf(type), name: repositoryName, number: fc.integer({ min: 1, max: 9_999_999_999 }) });
const bases: Record<GitProviderType, string[]> = {
  github: ["", "https://ghe.example.com/api/v3"],
  gitlab: ["", "https://git.example.com/api/v4", "https://example.com:8443/gitlab/api/v4"],
  gitea: ["", "https://example.com/git/api/v1"],
};

describe("where pages are", () => {
  it.each([
    ["github", "", "https://github.com"],
    ["github", "https://api.github.com/", "https://github.com"],
    ["github", "https://ghe.example.com/api/v3", "https://ghe.example.com"],
    ["github", "https://api.acme.ghe.com", "https://acme.ghe.com"],
    ["github", "https://api.example.com", "https://api.example.com"],
    ["gitlab", "", "https://gitlab.com"],
    ["gitlab", "https://Example.com/code/api/v4/", "https://example.com/code"],
    ["gitea", "", "https://gitea.com"],
    ["gitea", "http://127.0.0.1:4250/api/v1", "http://127.0.0.1:4250"],
  ] as const)("%s at %s", (type, apiBaseUrl, web) => {
    expect(gitUrls(type, apiBaseUrl).webBaseUrl).toBe(web);
  });
});

describe("remotes of git", () => {
  it.each([
    "https://github.com/acme/shop",
    "https://github.com/acme/shop/",
    "https://github.com/acme/shop.git",
    "https://github.com/acme/shop.git/",
    "https://GitHub.com/acme/shop",
    "git@github.com:acme/shop.git",
    "git@github.com:acme/shop",
    "ssh://git@github.com/acme/shop.git",
    "ssh://git@github.com:22/acme/shop",
    "  https://github.com/acme/shop\n",
  ])("reads %j", (origin) => {
    expect(github.parseOrigin(origin)).toEqual({ owner: "acme", name: "shop" });
  });

  it.each([
    "http://github.com/acme/shop",
    "https://github.com.example.com/acme/shop",
    "https://example.com/github.com/acme/shop",
    "https://github.com@example.com/acme/shop",
    "https://ann:secret@github.com/acme/shop",
    "https://github.com:8443/acme/shop",
    "https://github.com/acme",
    "https://github.com/acme/shop/pull/1",
    "https://github.com/acme/..",
    "https://github.com/../shop",
    "https://github.com/acme/.git",
    "https://github.com/acme/sh%2Fop",
    "https://github.com/acme/sh op",
    "https://github.com/acme/shop?x",
    "https://github.com//shop",
    "https:\\\\github.com\\acme\\shop",
    "git@example.com:acme/shop",
    "git@github.com:acme/shop/more",
    "root@github.com:acme/shop",
    "ssh://github.com/acme/shop",
    "git://github.com/acme/shop",
    "/srv/git/shop",
    "",
  ])("refuses %j", (origin) => {
    expect(github.parseOrigin(origin)).toBeNull();
  });

  it("reads groups of groups at GitLab alone", () => {
    const origin = "git@gitlab.com:acme/web/shop.git";
    expect(gitlab.parseOrigin(origin)).toEqual({ owner: "acme/web", name: "shop" });
    expect(gitUrls("gitea", "https://gitlab.com/api/v1").parseOrigin(origin)).toBeNull();
    expect(gitlab.parseOrigin("https://gitlab.com/acme/-/shop")).toBeNull();
  });

  it("reads those of a service that has only a part of its host", () => {
    const { parseOrigin } = gitUrls("gitea", "https://example.com/git/api/v1");
    expect(parseOrigin("https://example.com/git/acme/shop.git")).toEqual({ owner: "acme", name: "shop" });
    expect(parseOrigin("ssh://git@example.com:2222/acme/shop.git")).toEqual({ owner: "acme", name: "shop" });
    expect(parseOrigin("https://example.com/acme/shop.git")).toBeNull();
  });
});

describe("addresses of pull requests", () => {
  it.each([
    ["https://github.com/acme/shop/pull/7", 7],
    ["https://github.com/acme/shop/pull/7/files#diff-1", 7],
    ["https://github.com/acme/shop/pull/7?w=1", 7],
    ["https://github.com/acme/shop/pull/7#discussion", 7],
    [" https://github.com/acme/shop/pull/7). ", 7],
    ["https://github.com/acme/shop/pull/7,;", 7],
    ["HTTPS://GITHUB.COM/acme/shop/pull/7", 7],
    ["https://github.com/acme/shop/pull/7/pull/8", 7],
    ["https://github.com/acme/shop/pull/007", 7],
  ])("normalises %j", (url, number) => {
    expect(github.normalizePullRequestUrl(url)).toBe(`https://github.com/acme/shop/pull/${number}`);
  });

  it("reads a repository whose name is the word between", () => {
    expect(github.parsePullRequestUrl("https://github.com/pull/pull/pull/3")).toEqual({
      owner: "pull",
      name: "pull",
      number: 3,
    });
  });

  it.each([
    "https://github.com/acme/shop/pull/0",
    "https://github.com/acme/shop/pull/-1",
    "https://github.com/acme/shop/pull/1e3",
    "https://github.com/acme/shop/pull/99999999999999999999",
    "https://github.com/acme/shop/pull/",
    "https://github.com/acme/shop/pulls/7",
    "https://github.com/acme/shop/issues/7",
    "https://github.com/acme/../pull/7",
    "https://github.com/a/b/shop/pull/7",
    "http://github.com/acme/shop/pull/7",
    "https://github.com.example.com/acme/shop/pull/7",
    "https://github.com@example.com/acme/shop/pull/7",
    "https://example.com/?https://github.com/acme/shop/pull/7",
    "javascript:alert(1)//https://github.com/acme/shop/pull/7",
    "see https://github.com/acme/shop/pull/7",
    "",
  ])("refuses %j", (url) => {
    expect(github.parsePullRequestUrl(url)).toBeNull();
    expect(github.normalizePullRequestUrl(url)).toBeNull();
  });

  it("reads GitLab's two spellings and writes one", () => {
    const written = "https://gitlab.com/acme/web/shop/-/merge_requests/7";
    expect(gitlab.normalizePullRequestUrl(`${written}/diffs`)).toBe(written);
    expect(gitlab.normalizePullRequestUrl("https://gitlab.com/acme/web/shop/merge_requests/7")).toBe(written);
    expect(gitea.normalizePullRequestUrl("https://gitea.com/acme/shop/pulls/7/files")).toBe(
      "https://gitea.com/acme/shop/pulls/7",
    );
  });

  for (const type of gitProviderTypes) {
    it(`says the same of what it wrote itself: ${type}`, () => {
      fc.assert(
        fc.property(refOf(type), fc.constantFrom(...bases[type]), (ref, base) => {
          const urls = gitUrls(type, base);
          const url = urls.pullRequestUrl(ref) ?? "";
          expect(urls.parsePullRequestUrl(url)).toEqual(ref);
          expect(urls.normalizePullRequestUrl(`${url}/files?a#b).`)).toBe(url);
          const { owner, name: repository } = ref;
          for (const start of [`${urls.webBaseUrl}/`, `git@${new URL(url).hostname}:`])
            for (const end of ["", ".git", "/", ".git/"])
              expect(urls.parseOrigin(`${start}${owner}/${repository}${end}`)).toEqual({ owner, name: repository });
        }),
      );
    });

    it(`makes nothing of anything that leads elsewhere: ${type}`, () => {
      const piece = fc.constantFrom(
        "https://",
        "github.com",
        "gitlab.com",
        "gitea.com",
        "evil.example",
        "/",
        "\\",
        "@",
      );
      const more = fc.constantFrom(
        "acme",
        "shop",
        "..",
        "-",
        "pull",
        "pulls",
        "merge_requests",
        "7",
        "?",
        "#",
        "%2e",
        ":",
      );
      const text = fc.array(fc.oneof(piece, more, fc.string({ maxLength: 3 })), { maxLength: 14 });
      fc.assert(
        fc.property(text, (pieces) => {
          const urls = gitUrls(type, "");
          const written = pieces.join("");
          const normal = urls.normalizePullRequestUrl(written);
          // What is read stays under the provider's own pages, whoever parses it next.
          if (normal !== null) expect(new URL(normal).href).toBe(normal);
          if (normal !== null) expect(new URL(normal).origin).toBe(urls.webBaseUrl);
          const ref = urls.parseOrigin(written);
          if (ref !== null)
            expect(new URL(`${urls.webBaseUrl}/${ref.owner}/${ref.name}`).pathname).toBe(`/${ref.owner}/${ref.name}`);
        }),
        { numRuns: 1000 },
      );
    });
  }

  it("writes nothing for what has no name or number", () => {
    for (const number of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(github.pullRequestUrl({ owner: "acme", name: "shop", number })).toBeNull();
    expect(github.pullRequestUrl({ owner: "", name: "shop", number: 1 })).toBeNull();
    expect(github.pullRequestUrl({ owner: "acme", name: " ", number: 1 })).toBeNull();
    expect(github.pullRequestUrl({ owner: "acme/x", name: "shop", number: 1 })).toBeNull();
  });
});

describe("addresses of branches", () => {
  const ref = { owner: "acme", name: "shop" };

  it("keeps slashes and writes all else so that it stays one piece", () => {
    expect(github.branchUrl(ref, "fix/a b#1?")).toBe("https://github.com/acme/shop/tree/fix/a%20b%231%3F");
    expect(gitlab.branchUrl({ owner: "acme/web", name: "shop" }, "fix/ä")).toBe(
      "https://gitlab.com/acme/web/shop/-/tree/fix/%C3%A4",
    );
    expect(gitea.branchUrl(ref, "main")).toBe("https://gitea.com/acme/shop/src/branch/main");
  });

  it.each(["", " ", "a//b", "/a", "a/", "../../settings", "a/../b", "./a"])("writes nothing for %j", (branch) => {
    expect(github.branchUrl(ref, branch)).toBeNull();
  });

  it("can be read back, whatever the branch is called", () => {
    const part = fc.string({ minLength: 1, unit: "binary" }).filter((text) => !/^\s*$|^\.\.?$|\//.test(text));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const url = new URL(github.branchUrl(ref, parts.join("/")) ?? "");
        const path = url.pathname.slice("/acme/shop/tree/".length).split("/");
        expect(path.map(decodeURIComponent)).toEqual(parts.map((one) => one.toWellFormed()));
        expect(url.href).toBe(github.branchUrl(ref, parts.join("/")));
      }),
      { numRuns: 30 },
    );
  });
});
