import { describe, expect, it } from "vitest";
import { SECURITY_HEADERS } from "../../src/platform/security-headers.ts";
import { PNG } from "../chats/file-bytes.ts";
import { useModel } from "../chats/scripted-model.ts";
import { answeredChat } from "../chats/support.ts";
import { getTestApp, ORIGIN, type RequestOptions } from "../support/app.ts";

useModel();
const test = await getTestApp();
const { anonymous, owner } = test;
const chat = await answeredChat(owner);
const upload = await owner.request("/api/v2/chats/files", { method: "POST", body: PNG });
const { id: fileId } = await upload.json<{ id: string }>();

const signedIn = { cookie: owner.cookie, origin: ORIGIN };
const kinds: [string, number, string, RequestOptions][] = [
  ["JSON", 200, "/api/v2/users/me", {}],
  ["a created thing", 201, "/api/v2/workspaces", { method: "POST", body: { name: "one" } }],
  ["nothing", 204, `/api/v2/chats/${chat.id}/archive`, { method: "POST" }],
  ["a way elsewhere", 302, "/api/v2/users/oidc/start", { redirect: "manual" }],
  ["a refusal of a body", 400, "/api/v2/workspaces", { method: "POST", body: {} }],
  [
    "a refusal of another site",
    403,
    "/api/v2/workspaces",
    { method: "POST", headers: { origin: "https://evil.example" } },
  ],
  ["a thing that is not there", 404, `/api/v2/chats/${fileId}`, {}],
  ["a path that is not there", 404, "/api/v2/nowhere", {}],
  ["a method that is not there", 405, "/api/v2/users/me", { method: "POST" }],
  ["a body that is too large", 413, "/api/v2/workspaces", { method: "POST", body: "x".repeat(5_000_000) }],
  [
    "a body of another type",
    415,
    "/api/v2/workspaces",
    { method: "POST", body: "x", headers: { "content-type": "text/plain" } },
  ],
  ["the audit log as CSV", 200, "/api/v2/audit/export", {}],
  ["a chat in a file", 200, `/api/v2/chats/${chat.id}/export`, {}],
  ["events", 200, `/api/v2/chats/${chat.id}/stream`, { method: "HEAD", headers: { accept: "text/event-stream" } }],
  ["the description", 200, "/api/openapi.json", {}],
  ["the documentation", 200, "/api/docs", {}],
  ["health", 200, "/healthz", {}],
];

const answerTo = (path: string, options: RequestOptions) =>
  anonymous(path, { ...options, headers: { ...signedIn, ...options.headers } });

describe("every kind of answer", () => {
  it.each(kinds)("%s (%i) has the policy of the page and no word for other sites", async (_, status, path, options) => {
    const response = await answerTo(path, options);
    expect(response.status).toBe(status);
    const headers = Object.fromEntries(response.headers);
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      // The documentation brings its own script and says so.
      if (path === "/api/docs" && name === "content-security-policy")
        expect(headers[name]).toContain("frame-ancestors 'none'");
      else expect(headers[name], name).toBe(value);
    }
    expect(Object.keys(headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
  });

  it.each(kinds.filter(([, , path]) => path.startsWith("/api/v2/")))(
    "%s (%i) is kept by no shared cache",
    async (_, __, path, options) => {
      const response = await answerTo(path, options);
      expect(response.headers.get("cache-control") ?? "").toMatch(/no-store|private/);
    },
  );

  it("has a policy that runs no script but our own, and is in nobody's frame", () => {
    const policy = Object.fromEntries(
      (SECURITY_HEADERS["content-security-policy"] ?? "").split("; ").map((directive) => {
        const [name = "", ...sources] = directive.split(" ");
        return [name, sources.join(" ")];
      }),
    );
    expect(policy).toMatchObject({
      "default-src": "'self'",
      "script-src": "'self'",
      "img-src": "'self' data: blob:",
      "connect-src": "'self'",
      "frame-ancestors": "'none'",
      "base-uri": "'none'",
      "object-src": "'none'",
    });
  });
});

describe("a preflight of another site", () => {
  it("is told nothing", async () => {
    for (const path of ["/api/v2/users/me", "/api/v2/chats", "/api/v2/users/login"]) {
      const headers = {
        origin: "https://evil.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "x-api-key, content-type",
      };
      const response = await anonymous(path, { method: "OPTIONS", headers });
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect([...response.headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
    }
  });
});

describe("an uploaded file", () => {
  it("is of no other site, runs nothing and is kept by its reader's browser alone", async () => {
    const response = await owner.request(`/api/v2/chats/files/${fileId}`);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-security-policy": "default-src 'none'; sandbox",
      "cross-origin-resource-policy": "same-origin",
      "x-content-type-options": "nosniff",
      "content-type": "image/png",
    });
    expect(response.headers.get("cache-control")).toMatch(/^private/);
    expect((await anonymous(`/api/v2/chats/files/${fileId}`)).status).toBe(401);
  });
});
