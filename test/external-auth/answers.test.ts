import { describe, expect, it } from "vitest";
import { judgeRefusal, refreshResult } from "../../src/external-auth/token-endpoint.ts";
import { isRateLimit, userOf, webAddress } from "../../src/external-auth/validation.ts";

describe("what a provider answers", () => {
  it.each<[Record<string, string>, boolean]>([
    [{ "x-ratelimit-remaining": "0" }, true],
    [{ "ratelimit-remaining": "0" }, true],
    [{ "retry-after": "60" }, true],
    [{ "x-ratelimit-remaining": "12" }, false],
    [{}, false],
  ])("with %j is a rate limit: %s", (headers, isLimit) => expect(isRateLimit(new Headers(headers))).toBe(isLimit));

  it.each([
    ["bad_refresh_token", "refused"],
    ["invalid_grant", "refused"],
    ["temporarily_unavailable", "unavailable"],
    ["invalid_client", "misconfigured"],
    ["incorrect_client_credentials", "misconfigured"],
    ["something_new", "misconfigured"],
  ])("to a refresh, %s is %s", (error, outcome) => expect(judgeRefusal("GitHub", error, "").outcome).toBe(outcome));

  it.each([
    [3_600, 3_601_000],
    ["3600", 3_601_000],
    [9_999_999_999_999, null],
    [1e300, null],
    [-1, null],
    ["soon", null],
  ])("of a token that is good for %j seconds ends at %j", (lifetime, expiresAt) => {
    const link = { accessToken: "a", refreshToken: "r", expiresAt: 1, extra: null, providerId: "github" };
    const facts = { refreshFailureReason: "", refreshFailedAt: null, version: 1, createdAt: 1, updatedAt: 1 };
    const text = JSON.stringify({ access_token: "new", expires_in: lifetime });
    const answer = { status: 200, headers: new Headers(), text };
    const settings = { displayName: "GitHub", extraTokenKeys: [] };
    expect(refreshResult(settings, { ...link, ...facts }, answer, 1_000)).toMatchObject({
      outcome: "tokens",
      tokens: { accessToken: "new", refreshToken: "r", expiresAt },
    });
  });

  it("names a person in the words of each service, or nobody", () => {
    const github = {
      id: 1,
      login: "ada",
      name: null,
      avatar_url: "https://a.example/1",
      html_url: "https://b.example/ada",
    };
    expect(userOf(JSON.stringify(github))).toEqual({
      ...{ id: "1", login: "ada", name: "", avatar_url: "https://a.example/1", profile_url: "https://b.example/ada" },
    });
    expect(userOf(JSON.stringify({ id: 2, username: "grace", web_url: "javascript:alert(1)" }))).toMatchObject({
      login: "grace",
      profile_url: "",
    });
    expect(userOf(JSON.stringify({ sub: "abc", preferred_username: "lin" }))).toMatchObject({
      id: "abc",
      login: "lin",
    });
    for (const text of ["", "[]", "null", "<html>", '{"login":7}', "{}"]) expect(userOf(text)).toBeNull();
  });

  it.each(["javascript:alert(1)", "data:text/html,x", "//x", "", null])("leads nowhere with %j", (address) => {
    expect(webAddress(address)).toBe("");
  });
});
