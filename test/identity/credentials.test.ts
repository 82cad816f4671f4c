import { describe, expect, it } from "vitest";
import { expiredSessionCookie, sessionCookie } from "../../src/identity/cookie.ts";
import { newApiToken, newSessionSecret, readCredentials, sessionValue } from "../../src/identity/credentials.ts";
import { clientAddress } from "../../src/identity/login-limit.ts";

const token = newApiToken();
const sessionId = "01912345-6789-7abc-8def-0123456789ab";
const sessionSecret = newSessionSecret();
const session = sessionValue(sessionId, sessionSecret);

function read(headers: Record<string, string>) {
  return readCredentials(new Request("https://tideline.example/", { headers }));
}

describe("readCredentials", () => {
  const asToken = { kind: "token", id: token.id, secret: token.secret };
  const asSession = { kind: "session", id: sessionId, secret: sessionSecret };

  it.each([
    ["authorization", `Bearer ${token.key}`, { ...asToken, viaCookie: false }],
    ["Authorization", `bearer  ${token.key} `, { ...asToken, viaCookie: false }],
    ["authorization", `Bearer ${session}`, { ...asSession, viaCookie: false }],
    ["x-api-key", token.key, { ...asToken, viaCookie: false }],
    ["x-api-key", session, { ...asSession, viaCookie: false }],
    ["Tideline-Session-Token", token.key, { ...asToken, viaCookie: false }],
    ["tideline-session-token", session, { ...asSession, viaCookie: false }],
    ["cookie", `tideline_session=${session}`, { ...asSession, viaCookie: true }],
    ["cookie", `theme=dark; tideline_session=${session}; other=1`, { ...asSession, viaCookie: true }],
    ["cookie", `tideline_session=${token.key}`, { ...asToken, viaCookie: true }],
  ])("reads %s: %s", (name, value, expected) => {
    expect(read({ [name]: value })).toEqual(expected);
  });

  it.each([
    ["nothing", {}],
    ["another scheme", { authorization: `Basic ${token.key}` }],
    ["a bare value", { authorization: token.key }],
    ["an agent's token", { authorization: "Bearer tla_0123456789" }],
    ["a cut token", { authorization: `Bearer ${token.key.slice(0, -1)}` }],
    ["a cookie with another name", { cookie: `xtideline_session=${session}` }],
    ["a session id alone", { cookie: `tideline_session=${sessionId}` }],
    ["something long", { "x-api-key": "x".repeat(7_000) }],
  ])("finds none in %s", (_, headers) => {
    expect(read(headers)).toBeNull();
  });

  it("lets a header win over the cookie, a broken one too", () => {
    const cookie = `tideline_session=${session}`;
    expect(read({ cookie, "x-api-key": token.key })?.kind).toBe("token");
    expect(read({ cookie, authorization: "Bearer nonsense" })).toBeNull();
    expect(read({ cookie, authorization: "Bearer" })).toBeNull();
  });
});

describe("readCredentials behind a proxy that asks for a password", () => {
  it("still reads the cookie, as a cookie", () => {
    expect(read({ cookie: `tideline_session=${session}`, authorization: "Basic YTpi" })).toMatchObject({
      viaCookie: true,
    });
  });
});

describe("newApiToken", () => {
  it("has the documented form and never repeats", () => {
    expect(token.key).toMatch(/^tl_[A-Za-z0-9]{10}-[A-Za-z0-9]{32}$/);
    expect(newApiToken().key).not.toBe(token.key);
  });
});

describe("the session cookie", () => {
  it.each([
    ["https://tideline.example/api/v2/users/login", true],
    ["http://192.168.1.10:8787/", true],
    ["https://localhost/", true],
    ["http://localhost:8787/", false],
    ["http://127.0.0.1:8787/", false],
    ["http://[::1]:8787/", false],
    ["http://localhost.evil.example/", true],
  ])("%s: Secure %s", (url, secure) => {
    const flags = sessionCookie(url, "id", "secret").split("; ");
    expect(flags).toEqual([
      "tideline_session=id.secret",
      "Path=/",
      "Max-Age=7776000",
      "HttpOnly",
      "SameSite=Lax",
      ...(secure ? ["Secure"] : []),
    ]);
    expect(expiredSessionCookie(url)).toContain("Max-Age=0");
  });
});

describe("clientAddress", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["2001:DB8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["", ""],
  ])("%s counts as %s", (address, expected) => {
    expect(clientAddress(new Headers(address === "" ? {} : { "cf-connecting-ip": address }))).toBe(expected);
  });
});
