import { describe, expect, it } from "vitest";
import { problem } from "../../src/contract/common.ts";
import { SESSION_COOKIE } from "../../src/identity/credentials.ts";
import { getTestApp, ORIGIN } from "../support/app.ts";

/* What stands in Authorization and its likes before anybody is known: the part that everybody reaches. */

const test = await getTestApp();
const { anonymous, owner } = test;
const me = "/api/v2/users/me";
const { key } = await test.withToken(owner);
const session = owner.cookie.slice(SESSION_COOKIE.length + 1);

const hostile = [
  "",
  " ",
  "Bearer",
  "tl_",
  "tl_0123456789-",
  `${key}x`,
  key.slice(0, -1),
  key.toLowerCase(),
  `${key},${key}`,
  `${key} ${key}`,
  `${key};`,
  `"${key}"`,
  `${session}.${session}`,
  "' or '1'='1",
  `tl_' or 1=1--${key.slice(13)}`,
  "../../../etc/passwd",
  "%00",
  "\u00ff\u00fe",
  "undefined",
  "null",
  "[object Object]",
  "__proto__",
  "{}",
  "x".repeat(8_000),
  `tl_${"a".repeat(7_000)}`,
  "0".repeat(36) + "." + "A".repeat(43),
];

const spellings: [string, (secret: string) => Record<string, string>][] = [
  ["Authorization: Bearer", (secret) => ({ authorization: `Bearer ${secret}` })],
  ["x-api-key", (secret) => ({ "x-api-key": secret })],
  ["Tideline-Session-Token", (secret) => ({ "tideline-session-token": secret })],
  ["the cookie", (secret) => ({ cookie: `${SESSION_COOKIE}=${secret}`, origin: ORIGIN })],
];

describe.each(spellings)("a hostile credential in %s", (name, headers) => {
  it("is a 401 that repeats none of it", async () => {
    for (const secret of hostile) {
      // A cookie ends at its semicolon, so that what is before it is a good one.
      if (name === "the cookie" && secret === `${key};`) continue;
      const response = await anonymous(me, { headers: headers(secret) });
      expect(response.status, secret.slice(0, 50)).toBe(401);
      const text = await response.text();
      problem.parse(JSON.parse(text));
      if (secret.length > 8) expect(text).not.toContain(secret);
    }
  });

  it("with a NUL or a line break never leaves the client", () => {
    for (const bad of ["\u0000", "\r\n", "\n"]) {
      expect(() => new Headers(headers(`a${bad}b`))).toThrow(TypeError);
    }
  });
});

describe("several credentials at once", () => {
  it("let none through that is wrong, whatever stands beside it", async () => {
    const good = { cookie: owner.cookie, origin: ORIGIN };
    for (const wrong of spellings.slice(0, 3).map(([, headers]) => headers("wrong"))) {
      expect((await anonymous(me, { headers: { ...good, ...wrong } })).status).toBe(401);
    }
    const two = { authorization: "Bearer wrong", "x-api-key": key };
    expect((await anonymous(me, { headers: two })).status).toBe(401);
    const headers = new Headers({ authorization: `Bearer ${key}` });
    headers.append("authorization", `Bearer ${key}`);
    expect((await anonymous(me, { headers: Object.fromEntries(headers) })).status).toBe(401);
  });

  it("are the person of the header, not of the cookie", async () => {
    const other = await test.addUser("other");
    const headers = {
      cookie: owner.cookie,
      origin: ORIGIN,
      authorization: `Bearer ${(await test.withToken(other)).key}`,
    };
    const response = await anonymous(me, { headers });
    expect(await response.json()).toMatchObject({ id: other.userId });
  });

  it("do not take the Origin check off a cookie", async () => {
    const headers = { cookie: owner.cookie, origin: "https://evil.example" };
    const others: Record<string, string>[] = [
      {},
      { authorization: "Basic YTpi" },
      { authorization: "Bearer wrong" },
      { "x-api-key": "" },
    ];
    for (const beside of others) {
      const options = { method: "PATCH", body: { name: "Eve" }, headers: { ...headers, ...beside } };
      expect([401, 403]).toContain((await anonymous(me, options)).status);
    }
    expect(await (await owner.request(me)).json()).not.toMatchObject({ name: "Eve" });
  });
});

describe("a credential in the address", () => {
  it("is none", async () => {
    for (const name of ["token", "api_key", "key", "access_token", "session", SESSION_COOKIE]) {
      expect([400, 401], name).toContain((await anonymous(`${me}?${name}=${key}`)).status);
    }
  });
});
