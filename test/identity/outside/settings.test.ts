import { describe, expect, it } from "vitest";
import { githubSettings, oidcSettings } from "../../../src/identity/outside/settings.ts";
import { usernameCandidates } from "../../../src/identity/outside/user-names.ts";
import { username } from "../../../src/contract/identity.ts";

const oidc = { OIDC_ISSUER_URL: "https://id.example.org", OIDC_CLIENT_ID: "us" };
const github = { GITHUB_LOGIN_CLIENT_ID: "us", GITHUB_LOGIN_CLIENT_SECRET: "s" };

describe("what is set up", () => {
  it("is nothing while something needed is missing or makes no sense", () => {
    expect(oidcSettings({})).toBeNull();
    expect(oidcSettings({ ...oidc, OIDC_CLIENT_ID: " " })).toBeNull();
    for (const address of ["", "id.example.org", "file:///etc/passwd", "https://"]) {
      expect(oidcSettings({ ...oidc, OIDC_ISSUER_URL: address })).toBeNull();
    }
    expect(githubSettings({ GITHUB_LOGIN_CLIENT_ID: "us" })).toBeNull();
    expect(githubSettings({ ...github, GITHUB_LOGIN_BASE_URL: "nonsense" })).toBeNull();
  });

  it("asks for an id token whatever scopes are named", () => {
    expect(oidcSettings(oidc)?.scopes).toBe("openid profile email");
    expect(oidcSettings({ ...oidc, OIDC_SCOPES: "email, groups openid" })?.scopes).toBe("openid email groups");
  });

  it("lets nobody new in unless somebody said who", () => {
    expect(oidcSettings(oidc)?.allowSignups).toBe(false);
    expect(oidcSettings({ ...oidc, OIDC_EMAIL_DOMAIN: "@Example.org  example.net" })).toMatchObject({
      allowSignups: true,
      emailDomains: ["example.org", "example.net"],
    });
    const no = { ...oidc, OIDC_EMAIL_DOMAIN: "example.org", OIDC_ALLOW_SIGNUPS: "0" };
    expect(oidcSettings(no)?.allowSignups).toBe(false);
    expect(oidcSettings({ ...oidc, OIDC_ALLOW_SIGNUPS: "Yes" })?.allowSignups).toBe(true);
    expect(githubSettings(github)?.allowSignups).toBe(false);
    expect(githubSettings({ ...github, GITHUB_LOGIN_ALLOWED_ORGS: "Acme" })).toMatchObject({
      allowSignups: true,
      allowedOrganizations: ["acme"],
    });
  });
});

describe("user names for newcomers", () => {
  it.each([
    [{ login: "ada", email: "x@example.org" }, "ada"],
    [{ login: "", email: "grace.hopper@example.org" }, "grace-hopper"],
    [{ login: "Ada Lovelace (she)", email: "" }, "Ada-Lovelace-she"],
    [{ login: "ada@corp.example", email: "" }, "ada"],
    [{ login: "Zoë", email: "" }, "Zoe"],
    [{ login: "🙂", email: "名@example.org" }, "user"],
    [{ login: "a".repeat(60), email: "" }, "a".repeat(32)],
    [{ login: "-_-x-_-", email: "" }, "x"],
    [{ login: `${"a".repeat(31)}.b`, email: "" }, "a".repeat(31)],
  ])("make of %j the name %s", (identity, name) => {
    expect(usernameCandidates(identity, "")[0]).toBe(name);
  });

  it("are many, different, and all of our kind", () => {
    for (const login of ["ada", "a".repeat(40), `${"a".repeat(29)}-b`, "x"]) {
      const names = usernameCandidates({ login, email: "" }, "");
      expect(new Set(names).size).toBe(21);
      for (const name of [...names, ...usernameCandidates({ login, email: "" }, "x7Kq")])
        expect(username.safeParse(name).success).toBe(true);
    }
  });
});
