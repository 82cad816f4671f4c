import { describe, expect, it } from "vitest";
import { z } from "zod";
import { useModel } from "../chats/scripted-model.ts";
import { answeredChat } from "../chats/support.ts";
import { connectStatement } from "../../src/external-auth/links.ts";
import { SESSION_COOKIE } from "../../src/identity/credentials.ts";
import { runBatch } from "../../src/platform/d1.ts";
import { getTestApp, OWNER_PASSWORD, SETUP_TOKEN, type Client } from "../support/app.ts";

/*
 * Every secret that Tideline is given or makes, looked for in all that it stores and says: the rows of every
 * table, the answer of every route that reads, the log, and the audit log.
 */

useModel();
const test = await getTestApp();
const { anonymous, env, logged, owner } = test;
const PROVIDER_KEY = "sk-ant-a-key-of-a-provider-0123456789";
const PASSWORD = "a password of somebody else";

async function post(client: Pick<Client, "request">, path: string, body: object, method = "POST") {
  const response = await client.request(`/api/v2${path}`, { method, body });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answers ${response.status}: ${text}`);
  return z.record(z.string(), z.unknown()).parse(text === "" ? {} : JSON.parse(text));
}

const chat = await answeredChat(owner);
const workspace = await post(owner, "/workspaces", { name: "one" });
const workspaceId = z.object({ id: z.string() }).parse(workspace["workspace"]).id;
await post(owner, "/chats/providers", { provider: "anthropic", api_key: PROVIDER_KEY });
const person = await post(owner, "/users", { username: "grace", email: "grace@example.com", password: PASSWORD });
const personId = z.string().parse(person["id"]);
const login = await anonymous("/api/v2/users/login", { method: "POST", body: { login: "grace", password: PASSWORD } });
const session = /=([^;]+);/.exec(login.headers.get("set-cookie") ?? "")?.[1] ?? "";
const token = await post(owner, "/users/me/keys/tokens", { token_name: "script" });
const key = z.string().parse(token["key"]);
const secretOfLink = (link: Record<string, unknown>) => {
  const url = new URL(z.string().parse(link["url"]));
  return (url.hash || url.search || url.pathname).split(/[/#?=]/).at(-1) ?? "";
};
const invite = secretOfLink(await post(owner, "/invites", { email: "new@example.com" }));
const reset = secretOfLink(await post(owner, `/users/${personId}/password-reset`, {}));

// A service that is asked nothing, so that its routes answer without a network.
const external = { secret: "a secret of an application", access: "an access of a person", refresh: "what renews it" };
Object.assign(env, {
  EXTERNAL_AUTH_0_ID: "vault",
  EXTERNAL_AUTH_0_CLIENT_ID: "tideline",
  EXTERNAL_AUTH_0_CLIENT_SECRET: external.secret,
  EXTERNAL_AUTH_0_AUTH_URL: "https://vault.example.com/authorize",
  EXTERNAL_AUTH_0_TOKEN_URL: "https://vault.example.com/token",
  EXTERNAL_AUTH_0_WEBHOOK_SECRET: "a secret of webhooks",
});
const link = { accessToken: external.access, refreshToken: external.refresh, expiresAt: null, extra: null };
await runBatch(test.db, [
  await connectStatement(env.SECRET_KEY, { userId: owner.userId, providerId: "vault" }, link, Date.now()),
]);

const secrets: [string, string][] = [
  ["the key of the deployment", env.SECRET_KEY],
  ["the token of the setup", SETUP_TOKEN],
  ["the owner's password", OWNER_PASSWORD],
  ["a password that an admin set", PASSWORD],
  ["the key of a provider", PROVIDER_KEY],
  ["an API token", key.split("-")[1] ?? ""],
  ["a session", session.split(".")[1] ?? ""],
  ["the session in use", owner.cookie.slice(SESSION_COOKIE.length + 1).split(".")[1] ?? ""],
  ["the token of a workspace's agent", z.string().parse(workspace["agent_token"])],
  ["the secret of an application elsewhere", external.secret],
  ["the secret of webhooks", "a secret of webhooks"],
  ["the access to a connected account", external.access],
  ["what renews it", external.refresh],
  ["the link of an invite", invite],
  ["the link of a password reset", reset],
];

// Refusals and failures say what they were sent to nobody.
for (const body of [
  { login: "grace", password: `${PASSWORD}x` },
  { login: [PASSWORD], password: 7 },
]) {
  await anonymous("/api/v2/users/login", { method: "POST", body });
}
await owner.request("/api/v2/chats/providers", { method: "POST", body: { provider: "no", api_key: PROVIDER_KEY } });
await anonymous("/api/v2/users/me", { headers: { authorization: `Bearer ${key}x` } });
const broken: Partial<Env> = { DB: Object.create(null) };
await anonymous("/api/v2/users/me", { headers: { authorization: `Bearer ${key}` } }, broken);

async function everyTable(): Promise<string> {
  const { results } = await env.DB.prepare("select name from sqlite_master where type = 'table'").all<{
    name: string;
  }>();
  const names = results.map(({ name }) => name).filter((name) => !/^(sqlite_|_cf_|d1_)/.test(name));
  expect(names.length).toBeGreaterThan(20);
  const tables = await env.DB.batch(names.map((name) => env.DB.prepare(`select * from "${name}"`)));
  return JSON.stringify(tables.map(({ results: rows }) => rows));
}

const paths = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

async function everyAnswer(): Promise<string> {
  const ids: Record<string, string> = { chat: chat.id, workspace: workspaceId, user: personId, external_auth: "vault" };
  const description = paths.parse(await (await anonymous("/api/openapi.json")).json());
  const texts: string[] = [];
  for (const [path, methods] of Object.entries(description.paths)) {
    if (!("get" in methods) || /watch|stream|start|callback/.test(path)) continue;
    for (const user of [personId, owner.userId]) {
      const named = path.replaceAll(/\{([^}]+)\}/g, (_, name: string) =>
        name === "user" ? user : (ids[name] ?? "none"),
      );
      texts.push(await (await owner.request(named + (path.endsWith("/search") ? "?q=hello" : ""))).text());
    }
  }
  expect(texts.length).toBeGreaterThan(60);
  return texts.join("\n");
}

const places: [string, string][] = [
  ["the tables", await everyTable()],
  ["the answers", await everyAnswer()],
  ["the log", logged.join("\n")],
  ["the audit log", await (await owner.request("/api/v2/audit/export")).text()],
];

describe.each(secrets)("%s", (_, secret) => {
  it.each(places)("is not in %s", (_place, text) => {
    expect(secret.length).toBeGreaterThan(10);
    expect(text.length).toBeGreaterThan(1_000);
    expect(text.includes(secret)).toBe(false);
  });
});

describe("what is written once", () => {
  it("is told by a flag, and kept when a change leaves it out", async () => {
    const listed = z
      .array(z.looseObject({ provider: z.string(), has_api_key: z.boolean(), id: z.string() }))
      .parse(await (await owner.request("/api/v2/chats/providers")).json());
    const anthropic = listed.find(({ provider }) => provider === "anthropic");
    expect(anthropic?.has_api_key).toBe(true);
    const changed = await post(owner, `/chats/providers/${anthropic?.id}`, { display_name: "Ours" }, "PATCH");
    expect(changed).toMatchObject({ has_api_key: true });
    expect(JSON.stringify(changed)).not.toContain('api_key":"');
  });
});
