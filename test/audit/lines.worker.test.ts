import { and, eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { auditLogs } from "../../src/audit/schema.ts";
import { getTestApp, OWNER_PASSWORD, type Client } from "../support/app.ts";
import { PNG } from "../chats/file-bytes.ts";
import { useModel } from "../chats/scripted-model.ts";

useModel();
const test = await getTestApp();
const { db, owner } = test;

/** What a deed leaves in the log, newest last. */
async function linesAfter(deed: () => Promise<unknown>): Promise<(typeof auditLogs.$inferSelect)[]> {
  const before = new Set((await db.select().from(auditLogs)).map((line) => line.id));
  await deed();
  return (await db.select().from(auditLogs).orderBy(auditLogs.id)).filter((line) => !before.has(line.id));
}
const short = (lines: (typeof auditLogs.$inferSelect)[]) =>
  lines.map((line) => [line.action, line.resourceType, line.resourceTarget]);

async function ask(client: Client, method: string, path: string, body?: object, status?: number): Promise<unknown> {
  const response = await client.request(`/api/v2${path}`, { method, ...(body === undefined ? {} : { body }) });
  const text = await response.text();
  if (status === undefined) expect(response.status, text).toBeLessThan(300);
  else expect(response.status, text).toBe(status);
  return text === "" ? null : JSON.parse(text);
}
const idOf = (answer: unknown) => (answer as { id: string }).id;

describe("the audit log has a line", () => {
  it("for the setup, whose person made themselves", async () => {
    const [line] = await db.select().from(auditLogs).where(eq(auditLogs.action, "register"));
    expect(line).toMatchObject({ userId: owner.userId, resourceId: owner.userId, resourceTarget: "ada" });
  });

  it("for signing in, failing to, and signing out", async () => {
    let cookie = "";
    const login = (password: string) =>
      test.anonymous("/api/v2/users/login", {
        method: "POST",
        body: { login: "ada", password },
        headers: { "cf-connecting-ip": "192.0.2.7", "user-agent": "A browser" },
      });
    const lines = await linesAfter(async () => {
      expect((await login("not the password")).status).toBe(401);
      const response = await login(OWNER_PASSWORD);
      cookie = response.headers.get("set-cookie")?.split(";")[0] ?? "";
      await test.anonymous("/api/v2/users/logout", {
        method: "POST",
        headers: { cookie, origin: "http://localhost" },
      });
    });
    expect(lines.map((line) => [line.action, line.userId])).toEqual([
      ["login_failed", null],
      ["login", owner.userId],
      ["logout", owner.userId],
    ]);
    expect(lines[1]).toMatchObject({ ip: "192.0.2.7", userAgent: "A browser" });
    expect(JSON.stringify(lines)).not.toContain('password":"');
    expect(JSON.stringify(lines)).not.toContain(OWNER_PASSWORD);
  });

  it("for providers and models, never with a key, and none for what was refused", async () => {
    const key = "sk-ant-secret-key-0001";
    const lines = await linesAfter(async () => {
      const provider = idOf(await ask(owner, "POST", "/chats/providers", { provider: "anthropic", api_key: key }));
      await ask(owner, "POST", "/chats/providers", { provider: "anthropic", api_key: key }, 409);
      await ask(owner, "PATCH", `/chats/providers/${provider}`, { enabled: false, api_key: `${key}2` });
      const model = { provider: "anthropic", model: "claude", context_limit: 1_000, enabled: true };
      const config = idOf(await ask(owner, "POST", "/chats/model-configs", model));
      await ask(owner, "POST", "/chats/model-configs", model, 409);
      await ask(owner, "PATCH", `/chats/model-configs/${config}`, { context_limit: 2_000 });
      await ask(owner, "DELETE", `/chats/model-configs/${config}`);
      await ask(owner, "DELETE", `/chats/providers/${provider}`);
    });
    expect(short(lines)).toEqual([
      ["create", "provider", "anthropic"],
      ["write", "provider", "Anthropic"],
      ["create", "model_config", "claude"],
      ["write", "model_config", "claude"],
      ["delete", "model_config", "claude"],
      ["delete", "provider", "Anthropic"],
    ]);
    expect(lines[1]?.diff).toEqual({ enabled: { old: true, new: false }, api_key: { secret: true } });
    expect(lines[3]?.diff).toEqual({ context_limit: { old: 1_000, new: 2_000 } });
    expect(JSON.stringify(lines)).not.toContain("sk-ant");
  });

  it("for the system prompt, cut short, and none when it stays", async () => {
    const put = (system_prompt: string) => ask(owner, "PUT", "/chats/config/system-prompt", { system_prompt });
    const lines = await linesAfter(async () => {
      await put("Be kind.");
      await put("Be kind.");
      await put("x".repeat(5_000));
    });
    expect(lines.map((line) => line.diff.system_prompt?.new)).toEqual([
      "Be kind.",
      `${"x".repeat(2_000)}… (5000 characters)`,
    ]);
  });

  it("for workspaces that come, are renamed, started anew and go", async () => {
    const lines = await linesAfter(async () => {
      const { workspace } = (await ask(owner, "POST", "/workspaces", { name: "mine" })) as {
        workspace: { id: string };
      };
      await ask(owner, "POST", "/workspaces", { name: "mine" }, 409);
      await ask(owner, "PATCH", `/workspaces/${workspace.id}`, { name: "ours" });
      const { agent_token: token } = (await ask(owner, "POST", `/workspaces/${workspace.id}/builds`)) as {
        agent_token: string;
      };
      expect(JSON.stringify(await db.select().from(auditLogs))).not.toContain(token);
      await ask(owner, "DELETE", `/workspaces/${workspace.id}`);
    });
    expect(short(lines)).toEqual([
      ["create", "workspace", "mine"],
      ["write", "workspace", "mine"],
      ["write", "workspace", "ours"],
      ["delete", "workspace", "ours"],
    ]);
    expect(lines[1]?.diff).toEqual({ name: { old: "mine", new: "ours" } });
    expect(lines[2]?.diff).toEqual({ agent_token: { secret: true } });
  });

  it("for an owner of the site who reads a file out of another's chat, and none for whom it was shared with", async () => {
    const [ann, bob] = [await test.addUser("ann"), await test.addUser("bob")];
    const upload = await ann.request("/api/v2/chats/files", { method: "POST", body: PNG });
    const file = ((await upload.json()) as { id: string }).id;
    const content = [
      { type: "text", text: "Look" },
      { type: "file", file_id: file },
    ];
    const chat = idOf(await ask(ann, "POST", "/chats", { content }));
    await ask(ann, "PATCH", `/chats/${chat}/shares`, { user_roles: { bob: "viewer" } });
    const read = (client: Client) => client.request(`/api/v2/chats/files/${file}`);
    const none = await linesAfter(async () => {
      expect([(await read(ann)).status, (await read(bob)).status]).toEqual([200, 200]);
    });
    expect(none).toEqual([]);
    const lines = await linesAfter(async () => expect((await read(owner)).status).toBe(200));
    expect(lines).toMatchObject([{ action: "read", resourceType: "chat", resourceId: chat, userId: owner.userId }]);
    expect(
      await db
        .select()
        .from(auditLogs)
        .where(and(eq(auditLogs.resourceId, chat), eq(auditLogs.action, "read"))),
    ).toHaveLength(1);
  });
});
