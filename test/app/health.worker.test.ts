import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import { createApp } from "../../src/app.ts";
import { health } from "../../src/contract/health.ts";
import { SCHEMA_VERSION } from "../../src/platform/schema-version.ts";
import { send } from "../support/app.ts";

const app = createApp();

async function readHealth(overrides: Partial<Env> = {}) {
  const response = await send(app, "/healthz", {}, overrides);
  const text = await response.text();
  return {
    status: response.status,
    text,
    retryAfter: response.headers.get("retry-after"),
    body: health.parse(JSON.parse(text)),
  };
}

function failing(body: { checks: { name: string; ok: boolean }[] }): string[] {
  return body.checks.filter((check) => !check.ok).map((check) => check.name);
}

afterEach(() => env.DB.prepare("delete from d1_migrations where name like '9999%'").run());

describe("GET /healthz", () => {
  it("is 200 when everything is there", async () => {
    const { status, body, text } = await readHealth();
    expect(body.ok).toBe(true);
    expect(status).toBe(200);
    expect(text).not.toContain(env.SECRET_KEY);
    expect(text).not.toContain(env.SETUP_TOKEN);
  });

  it.each<[string, Partial<Env>, string]>([
    ["no SECRET_KEY", { SECRET_KEY: "" }, "secret SECRET_KEY"],
    ["a SECRET_KEY that was never set", { SECRET_KEY: undefined }, "secret SECRET_KEY"],
    ["a short SECRET_KEY", { SECRET_KEY: "only-31-bytes-only-31-bytes-onl" }, "secret SECRET_KEY"],
    ["no SETUP_TOKEN", { SETUP_TOKEN: "" }, "secret SETUP_TOKEN"],
    ["no bucket", { FILES: undefined }, "binding FILES"],
    ["no chat objects", { CHATS: undefined }, "binding CHATS"],
  ])("is 503 with %s, and names it without its value", async (_, overrides, name) => {
    const { status, body, text, retryAfter } = await readHealth(overrides);
    expect(status).toBe(503);
    expect(retryAfter).toBe("30");
    expect(failing(body)).toEqual([name]);
    expect(text).not.toContain("only-31-bytes");
  });

  it("is 503 on a database that lacks a migration, and fine on one that is ahead", async () => {
    const newest = env.DB.prepare("select * from d1_migrations where name = ?").bind(SCHEMA_VERSION);
    const row = await newest.first<{ id: number; applied_at: string }>();
    await env.DB.prepare("delete from d1_migrations where name = ?").bind(SCHEMA_VERSION).run();
    const behind = await readHealth();
    await env.DB.prepare("insert into d1_migrations (id, name, applied_at) values (?, ?, ?)")
      .bind(row?.id, SCHEMA_VERSION, row?.applied_at)
      .run();
    await env.DB.prepare("insert into d1_migrations (name) values ('9999_future.sql')").run();
    const ahead = await readHealth();

    expect(behind.status).toBe(503);
    expect(failing(behind.body)).toEqual(["database"]);
    expect(behind.text).toContain(SCHEMA_VERSION);
    expect(ahead.status).toBe(200);
  });

  it("is 503 when the database does not answer", async () => {
    const broken: D1Database = Object.assign(Object.create(env.DB), {
      prepare() {
        throw new Error("D1_ERROR: internal address 10.0.0.7");
      },
    });
    const { status, body, text } = await readHealth({ DB: broken });
    expect(status).toBe(503);
    expect(failing(body)).toEqual(["database"]);
    expect(text).not.toContain("10.0.0.7");
  });
});
