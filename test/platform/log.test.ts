import { DrizzleQueryError } from "drizzle-orm/errors";
import { describe, expect, it } from "vitest";
import { createLog, redact } from "../../src/platform/log.ts";

function logged(fields: object): string {
  let line = "";
  createLog((_, text) => (line = text)).info("test", fields);
  return line;
}

describe("log", () => {
  it("writes one JSON object a line", () => {
    expect(JSON.parse(logged({ status: 200, path: "/a\nb" }))).toMatchObject({
      level: "info",
      event: "test",
      status: 200,
      path: "/a\nb",
    });
    expect(logged({ text: "two\nlines" })).not.toContain("\n");
  });

  it.each([
    "password",
    "old_password",
    "passwordHash_secret",
    "secretHash",
    "SECRET_KEY",
    "setup_token",
    "agentToken",
    "apiKey",
    "api-key",
    "x-api-key",
    "Authorization",
    "cookie",
    "Set-Cookie",
    "credentials",
    "privateKey",
    "key",
  ])("hides what stands under %s", (name) => {
    expect(logged({ [name]: "hunter2-value" })).not.toContain("hunter2-value");
    expect(logged({ deep: [{ [name]: { inner: "hunter2-value" } }] })).not.toContain("hunter2-value");
  });

  it.each([
    ["an API token", "tl_abcdefghij-0123456789abcdefghijABCDEFGHIJ01"],
    ["an agent token", "tla_0123456789abcdef"],
    ["a provider key", "sk-ant-api03-abcdefghijklmnop"],
    ["a bearer header", "Bearer eyJhbGciOi.J9.x"],
    ["a session cookie", "a=1; tideline_session=0199-abc.secretsecret; b=2"],
  ])("hides %s in the middle of a text", (_, secret) => {
    const secretPart = secret.replace(/^a=1; tideline_session=|; b=2$|^Bearer /g, "");
    expect(logged({ text: `request with ${secret} failed` })).not.toContain(secretPart);
    expect(logged({ error: new Error(`failed with ${secret}`, { cause: new Error(secret) }) })).not.toContain(
      secretPart,
    );
    expect(logged({ headers: new Headers({ "x-note": secret }) })).not.toContain(secretPart);
  });

  it("keeps what was bound to a failed query to itself", () => {
    const error = new DrizzleQueryError("insert into t values (?)", ["a private\n    message"], new Error("D1_ERROR"));
    const line = logged({ error });
    expect(line).not.toContain("private");
    expect(line).toContain("insert into t");
    expect(line).toContain("D1_ERROR");
  });

  it("keeps what gives nothing away", () => {
    expect(redact({ input_tokens: 12, has_api_key: true, token: null, tokens: 3, path: "/keys/tokens" })).toEqual({
      input_tokens: 12,
      has_api_key: true,
      token: null,
      tokens: 3,
      path: "/keys/tokens",
    });
  });

  it("ends on structures that contain themselves", () => {
    const loop: { self?: object } = {};
    loop.self = loop;
    expect(logged({ loop })).toContain("[deep]");
  });
});
