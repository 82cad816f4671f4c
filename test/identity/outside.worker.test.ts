import { eq, like } from "drizzle-orm";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { auditLogs } from "../../src/audit/schema.ts";
import { outsideAccounts } from "../../src/identity/outside/schema.ts";
import { rateCounters, sessions, users } from "../../src/identity/schema.ts";
import { DEFAULT_ORGANIZATION_ID, organizationMembers } from "../../src/organizations/schema.ts";
import { Github } from "../fixtures/oidc-server/github.ts";
import { OidcProvider, type Mischief, type Somebody } from "../fixtures/oidc-server/provider.ts";
import { getTestApp, ORIGIN, type RequestOptions } from "../support/app.ts";

const test = await getTestApp();
const { db, clock, owner } = test;
const provider = await OidcProvider.create("https://id.example.org", [`${ORIGIN}/api/v2/users/oidc/callback`]);
const github = new Github("https://git.example.org");

const setUp = {
  OIDC_ISSUER_URL: provider.issuer,
  OIDC_CLIENT_ID: provider.client.id,
  OIDC_CLIENT_SECRET: provider.client.secret,
  OIDC_ALLOW_SIGNUPS: "true",
  GITHUB_LOGIN_CLIENT_ID: github.client.id,
  GITHUB_LOGIN_CLIENT_SECRET: github.client.secret,
  GITHUB_LOGIN_BASE_URL: github.base,
  GITHUB_LOGIN_ALLOW_SIGNUPS: "true",
};

// Everything in between is real; only the network ends at the two providers.
const network = vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
  const request = new Request(input, init);
  if (request.url.startsWith(provider.issuer)) return provider.answer(request);
  if (request.url.startsWith(github.base)) return github.answer(request);
  throw new Error(`Nobody should be asked: ${request.url}`);
});
afterAll(() => network.mockRestore());

beforeEach(() => {
  provider.mischief = null;
  provider.slim = false;
});

type Settings = Partial<Env>;

/** A browser: follows redirects between us and the providers and keeps our cookies. */
function browser(settings: Settings = {}, cookie = "") {
  const jar = new Map(cookie === "" ? [] : [cookie.split("=") as [string, string]]);
  async function request(path: string, options: RequestOptions = {}): Promise<Response> {
    const header = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...options.headers, ...(header === "" ? {} : { cookie: header }) };
    const response = await test.anonymous(path, { ...options, headers }, { ...setUp, ...settings });
    for (const line of response.headers.getSetCookie()) {
      const [name = "", ...value] = (line.split(";")[0] ?? "").split("=");
      if (line.includes("Max-Age=0")) jar.delete(name);
      else jar.set(name, value.join("="));
    }
    return response;
  }
  /** Where it ends: the path of the last page of ours. */
  async function follow(from: string): Promise<string> {
    let at = from;
    for (let hops = 0; hops < 10; hops++) {
      const url = new URL(at, ORIGIN);
      if (url.origin === ORIGIN && !url.pathname.startsWith("/api/")) return url.pathname + url.search;
      const response =
        url.origin === ORIGIN
          ? await request(url.pathname + url.search)
          : await fetch(url.href, { redirect: "manual" });
      if (response.status !== 302) throw new Error(`${at} answered ${response.status}: ${await response.text()}`);
      at = response.headers.get("location") ?? "";
    }
    throw new Error("Too many redirects");
  }
  const whoAmI = async () => (await request("/api/v2/users/me")).json<{ id: string; username: string }>();
  return { jar, request, follow, whoAmI, signIn: (way: "oidc" | "github") => follow(`/api/v2/users/${way}/start`) };
}

const newcomer = (name: string): Somebody => ({
  subject: `${name}-there`,
  email: `${name}@example.org`,
  emailVerified: true,
  name: `${name} There`,
  username: name,
});

async function userByEmail(email: string) {
  return db.select().from(users).where(eq(users.email, email)).get();
}

async function addPerson(username: string, loginType: "oidc" | "github" | "password") {
  const person = await test.addUser(username);
  await db
    .update(users)
    .set({ loginType, passwordHash: loginType === "password" ? "scrypt$1$1$1$AA==$AA==" : null })
    .where(eq(users.id, person.userId));
  return person;
}

describe("what there is to sign in with", () => {
  it("is public", async () => {
    expect(await (await test.anonymous("/api/v2/users/auth-methods")).json()).toEqual({
      password: { enabled: true },
      passkey: { enabled: true },
      github: { enabled: false },
      oidc: { enabled: false, sign_in_text: "" },
    });
    const answer = await browser({ OIDC_SIGN_IN_TEXT: "Sign in with Example" }).request("/api/v2/users/auth-methods");
    expect(await answer.json()).toMatchObject({
      github: { enabled: true },
      oidc: { enabled: true, sign_in_text: "Sign in with Example" },
    });
  });

  it("leads back with a word when it is not set up", async () => {
    const { follow } = browser({ OIDC_CLIENT_ID: "" });
    expect(await follow("/api/v2/users/oidc/start?back=/chats/1")).toBe(
      "/login?failure=not_configured&way=oidc&back=%2Fchats%2F1",
    );
  });
});

describe("signing in with OpenID Connect", () => {
  it("makes a member of the default organisation, once, and ends where it was wanted", async () => {
    provider.who = newcomer("grace");
    const first = browser();
    expect(await first.follow("/api/v2/users/oidc/start?back=%2Fchats%2F7%3Fa%3Db")).toBe("/chats/7?a=b");
    const me = await first.whoAmI();
    expect(me).toMatchObject({ username: "grace", name: "grace There", login_type: "oidc", roles: ["member"] });
    const memberships = await db.select().from(organizationMembers).where(eq(organizationMembers.userId, me.id));
    expect(memberships.map(({ organizationId }) => organizationId)).toEqual([DEFAULT_ORGANIZATION_ID]);
    const lines = await db.select().from(auditLogs).where(eq(auditLogs.resourceId, me.id));
    expect(lines.map(({ action, userId }) => [action, userId])).toEqual([
      ["register", me.id],
      ["login", me.id],
    ]);

    // Their name and address there change: they are who they were.
    provider.who = { ...newcomer("grace"), email: "other@example.org", username: "another" };
    const again = browser();
    expect(await again.signIn("oidc")).toBe("/");
    expect((await again.whoAmI()).id).toBe(me.id);
  });

  it("takes what the id token lacks from userinfo", async () => {
    provider.slim = true;
    provider.who = { ...newcomer("lean"), emailVerified: "true" };
    const person = browser();
    expect(await person.signIn("oidc")).toBe("/");
    expect(await person.whoAmI()).toMatchObject({ username: "lean", email: "lean@example.org" });
  });

  it("takes no signs into a name that would mislead its readers", async () => {
    provider.who = { ...newcomer("sly"), name: "Sly\n\u202Enimda" };
    const person = browser();
    expect(await person.signIn("oidc")).toBe("/");
    expect(await person.whoAmI()).toMatchObject({ username: "sly", name: "Sly  nimda" });
  });

  it("finds another user name when that one is taken or none", async () => {
    await test.addUser("taken");
    provider.who = { ...newcomer("taken"), email: "taken-too@example.org" };
    const person = browser();
    await person.signIn("oidc");
    expect(await person.whoAmI()).toMatchObject({ username: "taken-2" });
    provider.who = { subject: "odd", email: "élodie.dupont@example.org", emailVerified: true, username: "🙂" };
    const odd = browser();
    await odd.signIn("oidc");
    expect(await odd.whoAmI()).toMatchObject({ username: "elodie-dupont" });
  });

  it("makes one account of two sign-ins at once", async () => {
    provider.who = newcomer("twin");
    await Promise.all([browser().signIn("oidc"), browser().signIn("oidc")]);
    const accounts = await db.select().from(users).where(eq(users.email, "twin@example.org"));
    expect(accounts).toHaveLength(1);
  });

  it.each<[string, Partial<Somebody>, Settings, string]>([
    ["an address that is not checked", { emailVerified: false }, {}, "email_unverified"],
    ["no word on whether it is checked", { emailVerified: undefined }, {}, "email_unverified"],
    ["no address", { email: undefined }, {}, "email_unverified"],
    ["a domain that is not let in", {}, { OIDC_EMAIL_DOMAIN: "example.com, example.net" }, "email_domain"],
    [
      "a domain that only looks like one",
      { email: "x@evil-example.com" },
      { OIDC_EMAIL_DOMAIN: "example.com" },
      "email_domain",
    ],
    ["nobody new being let in", {}, { OIDC_ALLOW_SIGNUPS: "false" }, "signups_off"],
    ["nobody having said that new people are let in", {}, { OIDC_ALLOW_SIGNUPS: "" }, "signups_off"],
  ])("refuses %s", async (_, particulars, settings, failure) => {
    provider.who = { ...newcomer("refused"), ...particulars };
    const person = browser(settings);
    expect(await person.signIn("oidc")).toBe(`/login?failure=${failure}&way=oidc`);
    expect((await person.request("/api/v2/users/me")).status).toBe(401);
    expect(await userByEmail("refused@example.org")).toBeUndefined();
  });

  it("lets in a domain that is named, whoever they are", async () => {
    provider.who = { ...newcomer("named"), email: "named@Example.ORG" };
    expect(await browser({ OIDC_EMAIL_DOMAIN: "@example.org", OIDC_ALLOW_SIGNUPS: "" }).signIn("oidc")).toBe("/");
  });

  it.each<[Mischief, string]>([
    ["refuses", "cancelled"],
    ["wrong state", "provider_failed"],
    ["wrong issuer", "provider_failed"],
    ["wrong audience", "provider_failed"],
    ["wrong nonce", "provider_failed"],
    ["expired", "provider_failed"],
    ["wrong signature", "provider_failed"],
    ["no id token", "provider_failed"],
  ])("signs nobody in when the provider does this: %s", async (mischief, failure) => {
    provider.who = newcomer("mallory");
    provider.mischief = mischief;
    const person = browser();
    expect(await person.signIn("oidc")).toBe(`/login?failure=${failure}&way=oidc`);
    expect((await person.request("/api/v2/users/me")).status).toBe(401);
    expect(await userByEmail("mallory@example.org")).toBeUndefined();
  });

  it("signs nobody in whose particulars are another's, or whose provider is away", async () => {
    provider.who = newcomer("mallory");
    provider.slim = true;
    provider.mischief = "another subject in userinfo";
    expect(await browser().signIn("oidc")).toBe("/login?failure=provider_failed&way=oidc");
    provider.mischief = "is down";
    // Another address, so that nothing is known of it yet.
    const away = browser({ OIDC_ISSUER_URL: `${provider.issuer}/other` });
    expect(await away.signIn("oidc")).toBe("/login?failure=provider_failed&way=oidc");
  });

  it("calls no endpoint in a private network that a public issuer names", async () => {
    const asked: string[] = [];
    network.mockImplementationOnce(async (input) => {
      asked.push(new Request(input).url);
      const issuer = "https://sly.example.org";
      return Response.json({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: "http://169.254.169.254/latest",
        jwks_uri: `${issuer}/keys`,
      });
    });
    const person = browser({ OIDC_ISSUER_URL: "https://sly.example.org" });
    expect(await person.signIn("oidc")).toBe("/login?failure=provider_failed&way=oidc");
    expect(asked).toEqual(["https://sly.example.org/.well-known/openid-configuration"]);
  });
});

describe("the way there and back", () => {
  const start = (path = "/api/v2/users/oidc/start", settings: Settings = {}) => {
    const person = browser(settings);
    return person.request(path).then((response) => ({ person, to: new URL(response.headers.get("location") ?? "") }));
  };

  it("asks for a code with PKCE, state, nonce and the exact address to come back to", async () => {
    const { to } = await start();
    const query = Object.fromEntries(to.searchParams);
    expect(query).toMatchObject({
      response_type: "code",
      client_id: "tideline",
      redirect_uri: `${ORIGIN}/api/v2/users/oidc/callback`,
      scope: "openid profile email",
      code_challenge_method: "S256",
    });
    for (const secret of ["state", "nonce", "code_challenge"]) expect(query[secret]?.length).toBeGreaterThan(40);
    const { to: other } = await start();
    expect(other.searchParams.get("state")).not.toBe(query.state);
    const { to: elsewhere } = await start(undefined, { ACCESS_URL: "https://tideline.example.org/" });
    expect(elsewhere.searchParams.get("redirect_uri")).toBe("https://tideline.example.org/api/v2/users/oidc/callback");
  });

  it("keeps what it must know in a cookie that says nothing and is gone afterwards", async () => {
    const { person, to } = await start();
    const cookie = person.jar.get("tideline_outside") ?? "";
    expect(cookie).not.toContain(to.searchParams.get("state"));
    const response = await test.anonymous("/api/v2/users/oidc/start", {}, setUp);
    expect(response.headers.get("set-cookie")).toMatch(
      /^tideline_outside=[^;]+; Path=\/api\/v2\/users\/; Max-Age=600; HttpOnly; SameSite=Lax$/,
    );
    provider.who = newcomer("cookie");
    expect(await person.follow(to.href)).toBe("/");
    expect([...person.jar.keys()]).toEqual(["tideline_session"]);
  });

  it.each([
    "https://evil.example.org/",
    "//evil.example.org",
    "/\\evil.example.org",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/.//evil.example.org",
    "/chats/..//evil.example.org",
    "/%2e//evil.example.org",
  ])("leads to no other site: %j", async (back) => {
    provider.who = newcomer("cookie");
    const end = await browser().follow(`/api/v2/users/oidc/start?back=${encodeURIComponent(back)}`);
    expect(end).toBe("/");
  });

  it("is for the browser that left, once, and not for long", async () => {
    provider.who = newcomer("victim");
    const { person, to } = await start();
    const cameBack = (await fetch(to.href, { redirect: "manual" })).headers.get("location") ?? "";
    const expired = "/login?failure=expired&way=oidc";
    // Somebody else's browser is led to it: whoever signed in would be the attacker.
    expect(await browser().follow(cameBack)).toBe(expired);
    // The cookie of another provider's way.
    const cookie = person.jar.get("tideline_outside") ?? "";
    expect(await browser({}, `tideline_outside=${cookie}`).follow("/api/v2/users/github/callback?code=1&state=1")).toBe(
      "/login?failure=expired&way=github",
    );
    expect(await person.follow(cameBack)).toBe("/");
    // Kept by whoever could: the cookie is used up.
    expect(await browser({}, `tideline_outside=${cookie}`).follow(cameBack)).toBe(expired);

    const late = await start();
    clock.now += 11 * 60_000;
    expect(await late.person.follow(late.to.href)).toBe(expired);
  });

  it("is gone a hundred times in a quarter of an hour from one address", async () => {
    provider.who = newcomer("cookie");
    const first = browser();
    await first.signIn("oidc");
    await db.update(rateCounters).set({ count: 100 }).where(like(rateCounters.key, "outside:%"));
    expect(await browser().signIn("oidc")).toBe("/login?failure=too_many&way=oidc");
    clock.now += 15 * 60_000;
    expect(await browser().signIn("oidc")).toBe("/");
  });

  it("is not misled by what somebody puts into the address or the cookie", async () => {
    for (const query of ["", "?code=a&code=b", "?state=%00", "?error=access_denied", `?code=${"x".repeat(5_000)}`]) {
      const person = browser({}, "tideline_outside=v1.AAAA.BBBB");
      expect(await person.follow(`/api/v2/users/oidc/callback${query}`)).toBe("/login?failure=expired&way=oidc");
    }
  });
});

describe("accounts that are here already", () => {
  it("adopts one that was made for this way, by a checked address, and no second person", async () => {
    const person = await addPerson("invited", "oidc");
    await db.update(users).set({ lastSeenAt: null }).where(eq(users.id, person.userId));
    provider.who = { ...newcomer("invited"), email: "Invited@example.com" };
    const first = browser();
    expect(await first.signIn("oidc")).toBe("/");
    expect((await first.whoAmI()).id).toBe(person.userId);

    provider.who = { ...provider.who, subject: "somebody-else-there" };
    expect(await browser().signIn("oidc")).toBe("/login?failure=already_linked&way=oidc");
  });

  it("lures nobody into an account whose owner gave it their address and can still sign in to it", async () => {
    const person = await addPerson("lure", "oidc");
    provider.who = { subject: "the-boss", email: "lure@example.com", emailVerified: true };
    expect(await browser().signIn("oidc")).toBe("/login?failure=already_linked&way=oidc");
    expect(await db.select().from(outsideAccounts).where(eq(outsideAccounts.userId, person.userId))).toEqual([]);
  });

  it.each(["password", "github"] as const)("takes over none that signs in with %s", async (loginType) => {
    const person = await addPerson(`owned-${loginType}`, loginType);
    const before = await db.select().from(sessions).where(eq(sessions.userId, person.userId));
    provider.who = { subject: `thief-${loginType}`, email: `owned-${loginType}@example.com`, emailVerified: true };
    const failure = loginType === "password" ? "uses_password" : "uses_other_way";
    expect(await browser().signIn("oidc")).toBe(`/login?failure=${failure}&way=oidc`);
    expect(await db.select().from(sessions).where(eq(sessions.userId, person.userId))).toEqual(before);
    expect(await db.select().from(outsideAccounts).where(eq(outsideAccounts.userId, person.userId))).toEqual([]);
  });

  it("lets nobody in who is suspended, wakes who is dormant, and begins anew for who was deleted", async () => {
    provider.who = newcomer("sleeper");
    await browser().signIn("oidc");
    const row = await userByEmail("sleeper@example.org");
    const set = (change: Partial<typeof users.$inferInsert>) =>
      db
        .update(users)
        .set(change)
        .where(eq(users.id, row?.id ?? ""));
    await set({ status: "suspended" });
    expect(await browser().signIn("oidc")).toBe("/login?failure=suspended&way=oidc");
    await set({ status: "dormant" });
    const woken = browser();
    expect(await woken.signIn("oidc")).toBe("/");
    expect(await woken.whoAmI()).toMatchObject({ status: "active" });
    await set({ deleted: true });
    const anew = browser();
    expect(await anew.signIn("oidc")).toBe("/");
    const me = await anew.whoAmI();
    expect(me.username).toBe("sleeper");
    expect(me.id).not.toBe(row?.id);
  });

  it("links one when its owner, who is signed in, asks for it, and takes it off again", async () => {
    const person = await addPerson("linker", "password");
    provider.who = { subject: "linker-there", email: "private@elsewhere.example", emailVerified: false };
    const mine = browser({}, person.cookie);
    const methods = "/api/v2/users/me/sign-in-methods";
    async function begin() {
      const response = await mine.request("/api/v2/users/me/outside-accounts/oidc", {
        method: "POST",
        body: {},
        headers: { origin: ORIGIN },
      });
      expect(response.status).toBe(200);
      return (await response.json<{ url: string }>()).url;
    }
    expect(await mine.follow(await begin())).toBe("/settings/security");
    const linked = await (await mine.request(methods)).json<{ outside_accounts: { id: string; label: string }[] }>();
    expect(linked.outside_accounts).toMatchObject([{ way: "oidc", label: "private@elsewhere.example" }]);

    const stranger = browser();
    expect(await stranger.signIn("oidc")).toBe("/");
    expect((await stranger.whoAmI()).id).toBe(person.userId);

    // Somebody else's link stays theirs.
    const other = await test.addUser("second-linker");
    const theirs = browser({}, other.cookie);
    const response = await theirs.request("/api/v2/users/me/outside-accounts/oidc", {
      method: "POST",
      body: {},
      headers: { origin: ORIGIN },
    });
    expect(await theirs.follow((await response.json<{ url: string }>()).url)).toBe(
      "/settings/security?failure=already_linked&way=oidc",
    );

    const link = `/api/v2/users/me/outside-accounts/${linked.outside_accounts[0]?.id}`;
    expect((await other.request(link, { method: "DELETE" })).status).toBe(404);
    expect((await person.request(link, { method: "DELETE" })).status).toBe(204);
    expect(await browser().signIn("oidc")).toBe("/login?failure=email_unverified&way=oidc");
  });

  it("keeps the only way to sign in", async () => {
    provider.who = newcomer("only");
    const person = browser();
    await person.signIn("oidc");
    const [account] = await db.select().from(outsideAccounts).where(eq(outsideAccounts.subject, "only-there"));
    const options = { method: "DELETE", headers: { origin: ORIGIN } };
    const response = await person.request(`/api/v2/users/me/outside-accounts/${account?.id}`, options);
    expect(response.status).toBe(409);
    expect(await browser().signIn("oidc")).toBe("/");
  });

  it("links nothing for who has signed out, or in as somebody else, meanwhile", async () => {
    const person = await addPerson("leaver", "password");
    provider.who = newcomer("leaver-there");
    const mine = browser({}, person.cookie);
    const options = { method: "POST", body: {}, headers: { origin: ORIGIN } };
    const response = await mine.request("/api/v2/users/me/outside-accounts/oidc", options);
    mine.jar.set("tideline_session", owner.cookie.split("=")[1] ?? "");
    expect(await mine.follow((await response.json<{ url: string }>()).url)).toBe(
      "/settings/security?failure=signed_out&way=oidc",
    );
    expect(await db.select().from(outsideAccounts).where(eq(outsideAccounts.subject, "leaver-there-there"))).toEqual(
      [],
    );
  });
});

describe("signing in with GitHub", () => {
  const ada = {
    id: 583_231,
    login: "octo-ada",
    name: "Octo Ada",
    emails: [
      { email: "noreply@github.example", primary: false, verified: true },
      { email: "octo@example.org", primary: true, verified: true },
    ],
    memberships: {},
  };

  it("makes an account by the number, whatever the person calls themselves", async () => {
    github.who = ada;
    const person = browser();
    expect(await person.signIn("github")).toBe("/");
    const me = await person.whoAmI();
    expect(me).toMatchObject({ username: "octo-ada", email: "octo@example.org", login_type: "github" });
    github.who = { ...ada, login: "renamed", emails: [] };
    const again = browser();
    await again.signIn("github");
    expect((await again.whoAmI()).id).toBe(me.id);
    // Whoever takes the old name is somebody else.
    github.who = { ...ada, id: 999, emails: [{ email: "new@example.org", primary: true, verified: true }] };
    const other = browser();
    await other.signIn("github");
    expect(await other.whoAmI()).toMatchObject({ username: "octo-ada-2" });
  });

  it("asks for members of the organisations that are let in", async () => {
    const settings = { GITHUB_LOGIN_ALLOWED_ORGS: "Other, acme" };
    const refused = "/login?failure=not_in_organization&way=github";
    github.who = {
      ...ada,
      id: 1001,
      login: "nobody",
      emails: [{ email: "n@example.org", primary: true, verified: true }],
    };
    expect(await browser(settings).signIn("github")).toBe(refused);
    github.who = { ...github.who, memberships: { acme: "pending" } };
    expect(await browser(settings).signIn("github")).toBe(refused);
    github.who = { ...github.who, memberships: { acme: "active" } };
    expect(await browser(settings).signIn("github")).toBe("/");
  });

  it("takes no address that GitHub has not checked", async () => {
    github.who = { ...ada, id: 1002, emails: [{ email: "ada@example.com", primary: true, verified: false }] };
    expect(await browser().signIn("github")).toBe("/login?failure=email_unverified&way=github");
  });

  it("lets nobody new in unless somebody said so", async () => {
    github.who = { ...ada, id: 1003, emails: [{ email: "o3@example.org", primary: true, verified: true }] };
    expect(await browser({ GITHUB_LOGIN_ALLOW_SIGNUPS: "" }).signIn("github")).toBe(
      "/login?failure=signups_off&way=github",
    );
  });
});
