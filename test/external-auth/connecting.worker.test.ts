import { eq, sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { auditLogs } from "../../src/audit/schema.ts";
import {
  deleteExternalAuthResponse,
  externalAuthDevice,
  externalAuthResponse,
  externalAuthState,
} from "../../src/contract/external-auth.ts";
import { ORIGIN } from "../support/app.ts";
import { browser, connected, github, other, rowOf, test } from "./support.ts";

const { addUser, clock, db, logged } = test;
const START = "/api/v2/external-auth/github/start";
const PAGE = "/settings/external-auth";
const failure = (word: string, provider = "github") => `${PAGE}?failure=${word}&provider=${provider}`;

const overview = async (person: { request: typeof test.owner.request }) =>
  externalAuthResponse.parse(await (await person.request("/api/v2/external-auth")).json());
const state = async (person: { request: typeof test.owner.request }, id = "github") =>
  externalAuthState.parse(await (await person.request(`/api/v2/external-auth/${id}`)).json());

describe("connecting in a browser", () => {
  it("keeps what the provider gives, sealed, and writes it down", async () => {
    const ann = await addUser("ann");
    expect(await state(ann)).toMatchObject({ authenticated: false, user: null, validate_error: "" });
    expect(await browser(ann).follow(START)).toBe(`${PAGE}?connected=github`);
    expect(await state(ann)).toMatchObject({ authenticated: true, user: { login: "octo-ada", name: "Ada There" } });
    expect((await overview(ann)).links).toMatchObject([
      { provider_id: "github", authenticated: true, has_refresh_token: true, validate_error: "" },
    ]);
    const stored = JSON.stringify(await rowOf(ann.userId));
    expect(stored).toContain("v1.");
    expect(stored).not.toMatch(/access-|refresh-\d/);

    clock.now += 1_000;
    // Once more: it is renewed, not made twice.
    expect(await browser(ann).follow(`${START}?redirect=/settings/account?a=b`)).toBe("/settings/account?a=b");
    const lines = await db.select().from(auditLogs).where(eq(auditLogs.userId, ann.userId)).orderBy(auditLogs.time);
    expect(lines.map((line) => [line.action, line.resourceType, line.resourceTarget])).toEqual([
      ["create", "external_auth_link", "GitHub"],
      ["write", "external_auth_link", "GitHub"],
    ]);
    expect(logged.join("") + JSON.stringify(lines)).not.toMatch(/(access|refresh)-\d/);
  });

  it("answers at the reference's addresses too", async () => {
    const ben = await addUser("ben");
    expect(await browser(ben).follow("/external-auth/github")).toBe(`${PAGE}?connected=github`);
    expect(await browser(ben).follow("/external-auth/github?redirected=true")).toBe(PAGE);
    const there = browser(ben);
    const atProvider = await there.step(await there.step(START));
    const rooted = atProvider.replace("/api/v2/external-auth", "/external-auth");
    expect(await there.follow(rooted)).toBe(`${PAGE}?connected=github`);
  });

  it.each([
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "/.//evil.example",
    "\t//evil.example",
    "javascript:alert(1)",
  ])("never ends at %j", async (redirect) => {
    const who = browser(await addUser(`end${Math.random().toString(36).slice(2)}`));
    expect(await who.follow(`${START}?redirect=${encodeURIComponent(redirect)}`)).toMatch(/^\/([^/\\]|$)/);
  });

  it("ends on the page with a word when the person says no, or the provider fails", async () => {
    const cat = await addUser("cat");
    github.denies = true;
    expect(await browser(cat).follow(START)).toBe(failure("cancelled"));
    github.denies = false;
    const there = browser(cat);
    const back = new URL(await there.step(await there.step(START)));
    back.searchParams.set("code", "made-up");
    expect(await there.follow(back.href)).toBe(failure("provider_failed"));
    expect(await browser(cat).follow("/api/v2/external-auth/nothing/start")).toBe(failure("not_configured", "nothing"));
    expect(await browser(cat).follow("/api/v2/external-auth/broken/start")).toBe(failure("not_configured", "broken"));
    expect(await rowOf(cat.userId)).toBeUndefined();
  });
});

describe("a service of no known kind", () => {
  it("takes the client in a header, keeps what was asked for, and takes all access back by RFC 7009", async () => {
    const who = await addUser("generic");
    const there = browser(who);
    const away = new URL(await there.step("/api/v2/external-auth/generic/start"));
    expect(away.searchParams.get("tenant")).toBe("ours");
    expect(away.searchParams.has("scope")).toBe(false);
    expect(await there.follow("/api/v2/external-auth/generic/start")).toBe(`${PAGE}?connected=generic`);
    expect(await rowOf(who.userId)).toMatchObject({ extra: { scope: "repo" } });
    // It cannot be tried, so it counts as good until it ends.
    expect(await state(who, "generic")).toMatchObject({ authenticated: true, user: null });
    const gone = await who.request("/api/v2/external-auth/generic", { method: "DELETE" });
    expect(await gone.json()).toEqual({ token_revoked: true });
    expect(github.revoked.at(-1)).toMatch(/^refresh-/);
  });
});

describe("attacks on the way back", () => {
  const away = async (name: string) => {
    const person = await addUser(name);
    const there = browser(person);
    const back = await there.step(await there.step(START));
    return { person, there, back };
  };

  it("another state, two states, or none", async () => {
    const { person, back } = await away("dan");
    const cases: [string, (url: URL) => void][] = [
      ["foreign", (url) => url.searchParams.set("state", "foreign")],
      ["two", (url) => url.searchParams.append("state", "foreign")],
      ["none", (url) => url.searchParams.delete("state")],
    ];
    for (const [, change] of cases) {
      const there = browser(person);
      const mine = new URL(await there.step(await there.step(START)));
      change(mine);
      expect(await there.follow(mine.href)).toBe(failure("expired"));
    }
    // A code of somebody else's, brought by a browser that never left.
    expect(await browser(person).follow(back)).toBe(failure("expired"));
    expect(github.hits.code).toBe(0);
    expect(await rowOf(person.userId)).toBeUndefined();
  });

  it("the same answer twice, even with the cookie put back", async () => {
    const { there, back } = await away("eve");
    const kept = new Map(there.jar);
    expect(await there.follow(back)).toBe(`${PAGE}?connected=github`);
    expect(await there.follow(back)).toBe(failure("expired"));
    for (const [name, cookie] of kept) there.jar.set(name, cookie);
    expect(await there.follow(back)).toBe(failure("expired"));
    expect(github.hits.code).toBe(1);
  });

  it("the session of another person, of nobody, and a token", async () => {
    const { person, there, back } = await away("fay");
    const gus = await addUser("gus");
    there.become(gus);
    expect(await there.follow(back)).toBe(failure("signed_out"));
    const second = await away("hal");
    second.there.become(null);
    expect(await second.there.follow(second.back)).toBe(failure("signed_out"));
    for (const { userId } of [person, gus, second.person]) expect(await rowOf(userId)).toBeUndefined();
    const token = await test.withToken(gus);
    expect((await token.request(START)).headers.get("location")).toBe(failure("signed_out"));
    expect((await test.anonymous(START)).headers.get("location")).toBe(failure("signed_out"));
  });

  it("an answer of one provider brought to another, and one that is too late", async () => {
    const { person, there, back } = await away("ivy");
    const cookie = [...there.jar].find(([name]) => name.startsWith("tideline_external_auth"))?.[1];
    const path = "/api/v2/external-auth/other/callback";
    there.jar.set("tideline_external_auth " + path, { value: cookie?.value ?? "", path });
    expect(await there.follow(back.replace("/github/", "/other/"))).toBe(failure("expired", "other"));
    clock.now += 11 * 60_000;
    expect(await there.follow(back)).toBe(failure("expired"));
    expect(await rowOf(person.userId)).toBeUndefined();
    expect(github.hits.code + other.hits.code).toBe(0);
  });

  it("a page of another site that begins it", async () => {
    const jon = await addUser("jon");
    expect(await browser(jon).follow(START, { headers: { "sec-fetch-site": "cross-site" } })).toBe(PAGE);
    expect(await rowOf(jon.userId)).toBeUndefined();
  });

  it("a provider sees a challenge, and the callback of its own", async () => {
    const url = new URL(await browser(await addUser("kim")).step(START));
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      code_challenge_method: "S256",
      redirect_uri: `${ORIGIN}/api/v2/external-auth/github/callback`,
      scope: "repo",
    });
  });
});

describe("connecting with a code", () => {
  const path = "/api/v2/external-auth/other/device";

  it("waits until it was typed in, and connects the person who began", async () => {
    const [lea, max] = [await addUser("lea"), await addUser("max")];
    const begun = externalAuthDevice.parse(await (await lea.request(path)).json());
    expect(begun).toMatchObject({ verification_uri: `${other.base}/login/device`, expires_in: 900, interval: 1 });
    const exchange = (who = lea) => who.request(path, { method: "POST", body: { device_code: begun.device_code } });
    const pending = await exchange();
    expect([pending.status, await pending.json()]).toMatchObject([400, { detail: "authorization_pending" }]);
    other.answerDevice(begun.user_code, true);
    expect(await (await exchange(max)).json()).toMatchObject({ detail: "expired_token" });
    expect((await exchange()).status).toBe(204);
    expect(await state(lea, "other")).toMatchObject({ authenticated: true, device: true });
    expect(await rowOf(max.userId)).toBeUndefined();
  });

  it("says no where the person did, where it is made up, and where there are no codes", async () => {
    const ned = await addUser("ned");
    const begun = externalAuthDevice.parse(await (await ned.request(path)).json());
    other.answerDevice(begun.user_code, false);
    const denied = await ned.request(path, { method: "POST", body: { device_code: begun.device_code } });
    expect(await denied.json()).toMatchObject({ status: 400, detail: "access_denied" });
    const madeUp = await ned.request(path, { method: "POST", body: { device_code: "device-1" } });
    expect(madeUp.status).toBe(400);
    expect((await ned.request("/api/v2/external-auth/github/device")).status).toBe(400);
    expect((await ned.request("/api/v2/external-auth/broken/device")).status).toBe(404);
  });
});

describe("what is connected", () => {
  it("lists what is set up, and what is not set up right, without saying why", async () => {
    const { providers } = await overview(await addUser("ona"));
    expect(providers.map(({ id, unavailable }) => [id, unavailable !== ""])).toEqual([
      ["github", false],
      ["other", false],
      ["generic", false],
      ["broken", true],
    ]);
    expect(JSON.stringify(providers)).not.toContain("secret");
    expect(JSON.stringify(providers)).not.toContain("CLIENT_ID");
  });

  it.each<[number, boolean, string]>([
    [200, true, ""],
    [401, false, "does not accept"],
    [403, false, "does not accept"],
    [429, true, ""],
    [500, false, "status 500"],
    [302, false, "status 302"],
  ])("is as a provider says that answers %i", async (status, authenticated, error) => {
    const person = await connected(`says${status}`, { expiresAt: null });
    github.validationStatus = status;
    const found = await state(person);
    expect(found.authenticated).toBe(authenticated);
    expect(found.validate_error).toContain(error);
  });

  it("is not asked for without end, and says when to come back", async () => {
    const [eager, calm] = [await addUser("eager"), await addUser("calm")];
    await state(eager);
    await db.run(sql`update rate_counters set count = 300 where key = ${`external-auth-look:${eager.userId}`}`);
    for (const path of ["", "/github"]) {
      const refused = await eager.request(`/api/v2/external-auth${path}`);
      expect([refused.status, Number(refused.headers.get("retry-after")) > 0]).toEqual([429, true]);
      expect((await calm.request(`/api/v2/external-auth${path}`)).status).toBe(200);
    }
  });

  it("lists where a GitHub App is installed", async () => {
    const person = await connected("app", { expiresAt: null });
    expect(await state(person)).toMatchObject({ app_installable: false, installations: [] });
    github.installations = ["acme"];
    expect(await state(person)).toMatchObject({
      app_installable: true,
      installations: [{ account: { login: "acme" } }],
    });
  });

  it("is renewed by the list, and not by a look at one", async () => {
    const person = await connected("lister");
    expect(await state(person)).toMatchObject({
      authenticated: false,
      validate_error: "The access to GitHub has expired, and is renewed when it is next needed.",
    });
    expect(github.hits.refresh).toBe(0);
    expect((await overview(person)).links).toMatchObject([{ authenticated: true, validate_error: "" }]);
    expect(github.hits.refresh).toBe(1);
    expect(await state(person)).toMatchObject({ authenticated: true });
  });
});

describe("disconnecting", () => {
  const disconnect = async (person: { request: typeof test.owner.request }) => {
    const response = await person.request("/api/v2/external-auth/github", { method: "DELETE" });
    return response.status === 200 ? deleteExternalAuthResponse.parse(await response.json()) : response.status;
  };

  it("takes the link off, has the access taken back, and is written down", async () => {
    const person = await connected("pat");
    expect(await disconnect(person)).toEqual({ token_revoked: true });
    expect(github.revoked.at(-1)).toMatch(/^access-/);
    expect(await rowOf(person.userId)).toBeUndefined();
    expect(await disconnect(person)).toBe(404);
    const lines = await db.select().from(auditLogs).where(eq(auditLogs.userId, person.userId));
    expect(lines.map(({ action }) => action)).toEqual(["delete"]);
  });

  it("takes it off even where the provider does not answer", async () => {
    const person = await connected("quin");
    github.revocationStatus = 500;
    expect(await disconnect(person)).toEqual({
      token_revoked: false,
      token_revocation_error: "GitHub did not take the access back: it answered with status 500.",
    });
    expect(await rowOf(person.userId)).toBeUndefined();
  });
});
