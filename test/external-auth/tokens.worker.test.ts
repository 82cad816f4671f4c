import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { freshToken } from "../../src/external-auth/fresh-token.ts";
import { connectStatement, disconnectStatement } from "../../src/external-auth/links.ts";
import { externalAuthLinks } from "../../src/external-auth/schema.ts";
import { tokenSource } from "../../src/external-auth/tokens.ts";
import { users } from "../../src/identity/schema.ts";
import { runBatch } from "../../src/platform/d1.ts";
import { soon } from "../support/soon.ts";
import { browser, connected, github, oidc, rowOf, test } from "./support.ts";

const { addUser, db } = test;
const tokens = tokenSource(env);

describe("tokens of what people have connected", () => {
  it.each([5, 50])("are renewed once for %i who ask at once", async (callers) => {
    const { userId } = await connected(`crowd-${callers}`);
    github.refreshMs = 30;
    const answers = await Promise.all(Array.from({ length: callers }, () => tokens.token(userId, "github")));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ state: "ready", token: expect.stringMatching(/^access-/) });
    expect(github.hits).toMatchObject({ refresh: 1, validate: 1 });
    // Whoever comes later has it without asking anybody.
    expect(await tokens.token(userId, "github")).toEqual(answers[0]);
    expect(github.hits).toMatchObject({ refresh: 1, validate: 1 });
  });

  it("survive isolates that race past the flight: the losers write nothing and have the winner's", async () => {
    const { userId } = await connected("racer");
    const before = (await rowOf(userId))?.version ?? 0;
    const which = { userId, providerId: "github" };
    github.refreshMs = 30;
    const answers = await Promise.all([freshToken(env, which), freshToken(env, which)]);
    expect(answers[0]).toMatchObject({ state: "ready" });
    expect(answers[1]).toEqual(answers[0]);
    expect(await rowOf(userId)).toMatchObject({ refreshFailureReason: "", refreshFailedAt: null, version: before + 1 });
    expect(await tokens.token(userId, "github")).toEqual(answers[0]);
    expect(github.hits.refresh).toBe(2);
  });

  it("of who disconnected and connected anew meanwhile are those of the new account", async () => {
    const { userId } = await connected("switcher");
    const which = { userId, providerId: "github" };
    github.refreshMs = 60;
    const late = freshToken(env, which);
    await soon(() => expect(github.hits.refresh).toBe(1));
    await runBatch(db, [disconnectStatement(which)]);
    const anew = { ...github.issue(), expiresAt: null, extra: null };
    await runBatch(db, [await connectStatement(env.SECRET_KEY, which, anew, Date.now())]);
    const expected = { state: "ready", token: anew.accessToken, expiresAt: null };
    expect(await late).toEqual(expected);
    expect(await tokens.token(userId, "github")).toEqual(expected);
  });

  it("are refused with the provider's reason, which is kept and asked for once", async () => {
    const { userId, request } = await connected("spent", { refreshToken: "was-never-good" });
    const answer = await tokens.token(userId, "github");
    expect(answer).toMatchObject({ state: "refused", reason: expect.stringContaining("incorrect or expired") });
    const stored = (await rowOf(userId))?.refreshFailureReason;
    expect(stored).toBe("The refresh token [hidden] passed is incorrect or expired. (bad_refresh_token)");
    await tokens.token(userId, "github");
    expect(github.hits.refresh).toBe(1);
    const listed = await (await request("/api/v2/external-auth")).text();
    expect(listed).toContain("incorrect or expired");
    expect(listed).not.toContain("was-never-good");
  });

  it("come after what passes", async () => {
    const { userId } = await connected("patient");
    github.mishaps = [{ status: 503 }, "gone"];
    expect(await tokens.token(userId, "github")).toMatchObject({ state: "ready" });
    expect(github.hits.refresh).toBe(3);
  });

  it("take nothing from anybody where the deployment's own secret is wrong", async () => {
    const { userId } = await connected("blameless");
    github.mishaps = [{ status: 401, body: { error: "invalid_client" } }];
    expect(await tokens.token(userId, "github")).toMatchObject({ state: "unavailable" });
    expect(await tokens.token(userId, "github")).toMatchObject({ state: "ready" });
  });

  it("are nobody's who is suspended, has none, or whose key is another", async () => {
    const { userId } = await connected("gone", { expiresAt: null });
    expect(await tokens.token(userId, "github")).toMatchObject({ state: "ready" });
    expect(await tokens.token(userId, "other")).toEqual({ state: "not_connected" });
    expect(await tokens.token(userId, "nothing")).toEqual({ state: "not_connected" });
    const rekeyed = tokenSource({ ...env, SECRET_KEY: "another" });
    expect(await rekeyed.token(userId, "github")).toMatchObject({ state: "refused" });
    await db.update(users).set({ status: "suspended" }).where(eq(users.id, userId));
    expect(await tokens.token(userId, "github")).toEqual({ state: "not_connected" });
  });
});

describe("tokens that came with a sign-in", () => {
  const signIn = async (name: string, offline = true) => {
    oidc.who = { subject: name, email: `${name}@example.org`, emailVerified: true, username: name };
    oidc.offline = offline;
    const there = browser(null);
    await there.follow("/api/v2/users/oidc/start");
    return (await there.request("/api/v2/users/me")).json<{ id: string }>();
  };
  const expire = (userId: string) =>
    db.update(externalAuthLinks).set({ expiresAt: 1 }).where(eq(externalAuthLinks.userId, userId));

  it("are kept where they can be renewed, and renewed once for all who ask", async () => {
    const { id } = await signIn("ria");
    const first = await tokens.token(id, "oidc");
    expect(first.state).toBe("ready");
    await expire(id);
    oidc.refreshes = 0;
    const answers = await Promise.all(Array.from({ length: 5 }, () => tokens.token(id, "oidc")));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ state: "ready" });
    expect(answers[0]).not.toEqual(first);
    expect(oidc.refreshes).toBe(1);
    // The next one needs the token that came with the last.
    await expire(id);
    expect(await tokens.token(id, "oidc")).toMatchObject({ state: "ready" });
  });

  it("are refused for good when the provider takes them back, until the next sign-in", async () => {
    const { id } = await signIn("sam");
    await expire(id);
    oidc.forgetRefreshTokens();
    expect(await tokens.token(id, "oidc")).toMatchObject({ state: "refused" });
    expect(await rowOf(id)).toMatchObject({ sealedRefreshToken: "" });
    await signIn("sam");
    expect(await tokens.token(id, "oidc")).toMatchObject({ state: "ready" });
  });

  it("are not among what people connect, and not kept where they end with the hour", async () => {
    const { id } = await signIn("tom");
    const tom = await test.signIn(id, "tom");
    expect(await (await tom.request("/api/v2/external-auth")).json()).toMatchObject({ links: [] });
    expect((await tom.request("/api/v2/external-auth/oidc", { method: "DELETE" })).status).toBe(404);
    expect(await rowOf((await signIn("uma", false)).id)).toBeUndefined();
  });

  it("end with the link, and with a suspension", async () => {
    const { id } = await signIn("val");
    await test.owner.request(`/api/v2/users/${id}/status/suspend`, { method: "PUT" });
    expect(await rowOf(id)).toBeUndefined();
    const wes = await signIn("wes");
    await db.update(users).set({ passwordHash: "scrypt$1$1$1$AA==$AA==" }).where(eq(users.id, wes.id));
    const session = await test.signIn(wes.id, "wes");
    const methods = await session.request("/api/v2/users/me/sign-in-methods");
    const { outside_accounts } = await methods.json<{ outside_accounts: { id: string }[] }>();
    const path = `/api/v2/users/me/outside-accounts/${outside_accounts[0]?.id}`;
    expect((await session.request(path, { method: "DELETE" })).status).toBe(204);
    expect(await rowOf(wes.id)).toBeUndefined();
    expect(await addUser("nobody-else")).toBeDefined();
  });
});
