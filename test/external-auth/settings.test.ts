import { describe, expect, it } from "vitest";
import { findProvider, readExternalAuth } from "../../src/external-auth/settings.ts";

const github = { EXTERNAL_AUTH_0_TYPE: "github", EXTERNAL_AUTH_0_CLIENT_ID: "tideline" };
const first = (env: Record<string, string>) => readExternalAuth(env).providers[0];

describe("providers of the environment", () => {
  it("are GitHub's own addresses where nothing else is said", () => {
    expect(first(github)).toEqual({
      id: "github",
      type: "github",
      displayName: "GitHub",
      displayIcon: "",
      clientId: "tideline",
      clientSecret: null,
      authUrl: "https://github.com/login/oauth/authorize",
      tokenUrl: "https://github.com/login/oauth/access_token",
      validateUrl: "https://api.github.com/user",
      revokeUrl: "https://api.github.com/applications/tideline/grant",
      deviceCodeUrl: "https://github.com/login/device/code",
      deviceFlow: false,
      appInstallUrl: "",
      appInstallationsUrl: "https://api.github.com/user/installations",
      noRefresh: false,
      scopes: ["repo"],
      extraTokenKeys: [],
      regex: expect.any(RegExp),
      apiBaseUrl: "",
      webhookSecret: "",
    });
  });

  it.each([
    ["github", "https://ghe.example.com/api/v3", "https://ghe.example.com/login/oauth/authorize", "/api/v3/user"],
    ["github", "https://ghe.example.com/api/v3/", "https://ghe.example.com/login/oauth/authorize", "/api/v3/user"],
    [
      "github",
      "https://api.acme.ghe.com",
      "https://acme.ghe.com/login/oauth/authorize",
      "https://api.acme.ghe.com/user",
    ],
    ["github", "https://api.github.com", "https://github.com/login/oauth/authorize", "https://api.github.com/user"],
    ["gitlab", "", "https://gitlab.com/oauth/authorize", "https://gitlab.com/api/v4/user"],
    ["gitlab", "https://x.example.com/git/api/v4", "https://x.example.com/git/oauth/authorize", "/git/api/v4/user"],
    ["gitea", "http://10.0.0.4:3000/api/v1", "http://10.0.0.4:3000/login/oauth/authorize", "/api/v1/user"],
  ])("of %s at %s sign in at %s", (type, api, authUrl, validateUrl) => {
    const found = first({ ...github, EXTERNAL_AUTH_0_TYPE: type, EXTERNAL_AUTH_0_API_BASE_URL: api });
    expect(found?.authUrl).toBe(authUrl);
    expect(found?.validateUrl.endsWith(validateUrl)).toBe(true);
  });

  it("take the API from where people sign in, so that a token never goes to the public one", () => {
    const found = first({ ...github, EXTERNAL_AUTH_0_AUTH_URL: "https://ghe.example.com/login/oauth/authorize" });
    expect(found?.apiBaseUrl).toBe("https://ghe.example.com/api/v3");
    expect(found?.tokenUrl).toBe("https://ghe.example.com/login/oauth/access_token");
    expect(found?.regex.test("https://github.com/a/b")).toBe(false);
  });

  it("are told apart by number, with gaps, and by id", () => {
    const env = {
      ...github,
      EXTERNAL_AUTH_7_ID: "work",
      EXTERNAL_AUTH_7_TYPE: "gitlab",
      EXTERNAL_AUTH_7_CLIENT_ID: "b",
      EXTERNAL_AUTH_7_SCOPES: "api, read_user",
      EXTERNAL_AUTH_7_NO_REFRESH: "true",
    };
    expect(readExternalAuth(env).providers.map(({ id }) => id)).toEqual(["github", "work"]);
    expect(findProvider(env, "work")).toMatchObject({ scopes: ["api", "read_user"], noRefresh: true });
    expect(findProvider(env, "other")).toBeNull();
  });

  it.each([
    ["https://github.com/o/r.git", true],
    ["git@github.com:o/r.git", true],
    ["ssh://git@github.com:22/o/r", true],
    ["https://user@github.com/o/r", true],
    ["https://github.com.evil.example/o/r", false],
    ["https://evil.example/github.com/o/r", false],
    ["https://notgithub.com/o/r", false],
    ["https://githubxcom/o/r", false],
  ])("has the remote %s: %s", (origin, isTheirs) => {
    expect(first(github)?.regex.test(origin)).toBe(isTheirs);
  });

  it.each<[string, Record<string, string>, string]>([
    ["no client", { EXTERNAL_AUTH_0_TYPE: "github" }, "EXTERNAL_AUTH_0_CLIENT_ID is missing."],
    ["an unknown type", { ...github, EXTERNAL_AUTH_0_TYPE: "svn" }, "EXTERNAL_AUTH_0_TYPE must be one of"],
    ["a generic one without addresses", { ...github, EXTERNAL_AUTH_0_TYPE: "generic" }, "TOKEN_URL is missing."],
    ["an address that is none", { ...github, EXTERNAL_AUTH_0_TOKEN_URL: "nowhere" }, "TOKEN_URL cannot be used"],
    ["an address of secrets", { ...github, EXTERNAL_AUTH_0_API_BASE_URL: "http://169.254.169.254/" }, "API_BASE_URL"],
    ["a password in an address", { ...github, EXTERNAL_AUTH_0_AUTH_URL: "https://a:b@c.example.com" }, "AUTH_URL"],
    ["a broken expression", { ...github, EXTERNAL_AUTH_0_REGEX: "(" }, "REGEX is no regular expression."],
    ["an odd word for yes", { ...github, EXTERNAL_AUTH_0_NO_REFRESH: "maybe" }, "NO_REFRESH must be true or false."],
    ["an id with a slash", { ...github, EXTERNAL_AUTH_0_ID: "a/b" }, "ID must be letters"],
    ["the id of the sign-in", { ...github, EXTERNAL_AUTH_0_ID: "oidc" }, "ID is oidc, which is taken."],
    [
      "codes without an address",
      { ...github, EXTERNAL_AUTH_0_TYPE: "gitea", EXTERNAL_AUTH_0_DEVICE_FLOW: "1" },
      "DEVICE_CODE_URL is missing.",
    ],
  ])("refuses %s, and goes on", (_, env, reason) => {
    const found = readExternalAuth({ ...env, EXTERNAL_AUTH_1_TYPE: "gitlab", EXTERNAL_AUTH_1_CLIENT_ID: "b" });
    expect(found.providers.map(({ type }) => type)).toEqual(["gitlab"]);
    expect(found.refused).toHaveLength(1);
    expect(found.refused[0]?.reason).toContain(reason);
  });

  it("refuses the second of one id", () => {
    const env = { ...github, EXTERNAL_AUTH_1_TYPE: "github", EXTERNAL_AUTH_1_CLIENT_ID: "b" };
    expect(readExternalAuth(env)).toMatchObject({
      providers: [{ clientId: "tideline" }],
      refused: [{ id: "external-auth-1" }],
    });
  });
});
