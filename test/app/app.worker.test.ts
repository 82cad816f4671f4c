import { describe, expect, it } from "vitest";
import { z } from "zod";
import { problem } from "../../src/contract/common.ts";
import { SECURITY_HEADERS } from "../../src/platform/security-headers.ts";
import { getTestApp, ORIGIN } from "../support/app.ts";

const { anonymous, owner, env, logged, withToken } = await getTestApp({ held: true });

async function problemOf(response: Response) {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  return problem.parse(await response.json());
}

describe("every answer", () => {
  it.each(["/healthz", "/api/v2/buildinfo", "/api/v2/users/me", "/api/v2/nowhere", "/api/docs", "/api/openapi.json"])(
    "has safe headers and a request id: %s",
    async (path) => {
      const response = await anonymous(path);
      for (const [name, value] of Object.entries(SECURITY_HEADERS))
        expect(response.headers.get(name), name).toBe(value);
      expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      expect(response.headers.get("cache-control")).toBe("no-store");
    },
  );

  it("takes over a sane request id and no other", async () => {
    const idFor = async (given: string) =>
      (await anonymous("/healthz", { headers: { "x-request-id": given } })).headers.get("x-request-id");
    expect(await idFor("trace-1.2_3")).toBe("trace-1.2_3");
    for (const given of ["x".repeat(101), "a b", "a;b", '"a"', "<script>"]) expect(await idFor(given)).not.toBe(given);
    const { request_id } = await problemOf(await anonymous("/api/v2/nowhere", { headers: { "x-request-id": "mine" } }));
    expect(request_id).toBe("mine");
  });
});

describe("the log", () => {
  it("has one line a request, that says who, what and how long, and no secret", async () => {
    const token = await withToken(owner);
    logged.length = 0;
    await token.request("/api/v2/users/me?surprise=query-secret", {
      headers: { "x-request-id": "mine", cookie: "a=b" },
    });
    await anonymous("/api/v2/users/login", { method: "POST", body: { login: "ada", password: "body-secret" } });

    expect(logged.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        event: "request",
        method: "GET",
        path: "/api/v2/users/me",
        status: 400,
        ms: expect.any(Number),
        request_id: "mine",
        user_id: owner.userId,
        via: "api_key",
      }),
      expect.objectContaining({ method: "POST", path: "/api/v2/users/login", status: 401 }),
    ]);
    for (const secret of [token.key, "query-secret", "body-secret"]) expect(logged.join()).not.toContain(secret);
  });
});

describe("addresses", () => {
  it("that nothing answers are 404", async () => {
    for (const path of [
      "/api",
      "/api/",
      "/api/v2",
      "/api/v2/nowhere",
      "/api/v3/users/me",
      "/api/v2/users/me/nothing",
    ]) {
      const response = await owner.request(path);
      expect(response.status, path).toBe(404);
      await problemOf(response);
    }
  });

  it("that another method would answer are 405 and name it", async () => {
    const response = await owner.request("/api/v2/users/me", { method: "PUT", body: {} });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, PATCH, DELETE");
    await problemOf(response);
    expect((await anonymous("/api/v2/setup", { method: "PUT", body: {} })).headers.get("allow")).toBe("GET, POST");
  });
});

describe("the address of older clients", () => {
  it("answers for chats and models, and stays out of the description", async () => {
    for (const path of ["chats", "chats/models"]) {
      const [current, older] = await Promise.all(
        ["v2", "experimental"].map((base) => owner.request(`/api/${base}/${path}`)),
      );
      expect(older?.status).toBe(200);
      expect(await older?.json()).toEqual(await current?.json());
    }
    expect((await owner.request("/api/experimental/users/me")).status).toBe(404);
    expect(await (await anonymous("/api/openapi.json")).text()).not.toContain("experimental");
  });
});

describe("the API description", () => {
  it("holds what goes over a chat's socket, which no answer of a route shows", async () => {
    const described = await (await anonymous("/api/openapi.json")).text();
    const { components } = z
      .object({ components: z.object({ schemas: z.record(z.string(), z.unknown()) }) })
      .parse(JSON.parse(described));
    expect(Object.keys(components.schemas)).toEqual(expect.arrayContaining(["ChatStreamFrame", "ChatStreamSend"]));
  });
});

describe("bodies", () => {
  const login = (body: string, headers: Record<string, string> = {}) =>
    anonymous("/api/v2/users/login", { method: "POST", body, headers });

  it("must be JSON and say so", async () => {
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "text/json",
    ]) {
      const response = await login('{"login":"a","password":"b"}', { "content-type": type });
      expect(response.status, type).toBe(415);
      await problemOf(response);
    }
    expect(
      (await login('{"login":"a","password":"b"}', { "content-type": "application/json; charset=utf-8" })).status,
    ).toBe(401);
  });

  it("must be well formed", async () => {
    for (const text of ["{", "", "{'a':1}", "undefined", '{"login":"a"} x', "\u0000"]) {
      const response = await login(text);
      expect(response.status, text).toBe(400);
      await problemOf(response);
    }
  });

  it("are told field by field what is wrong, as JSON pointers", async () => {
    const response = await login('{"login": 7}');
    expect(response.status).toBe(400);
    const { errors, validations } = await problemOf(response);
    expect(errors?.map((error) => error.pointer).sort()).toEqual(["/login", "/password"]);
    expect(validations?.map((validation) => validation.field).sort()).toEqual(["login", "password"]);
    const whole = await problemOf(await login("[]"));
    expect(whole.errors?.map((error) => error.pointer)).toEqual([""]);
  });

  it("may have fields that nobody knows", async () => {
    expect((await login('{"login":"a","password":"b","new":1,"__proto__":{"x":1}}')).status).toBe(401);
  });

  it("over 4 MB are 413, whether or not they say their length", async () => {
    const large = JSON.stringify({ login: "x".repeat(4 * 1024 * 1024), password: "b" });
    const declared = await login(large);
    expect(declared.status).toBe(413);
    await problemOf(declared);
    const streamed = await login(large, { "transfer-encoding": "chunked" });
    expect(streamed.status).toBe(413);
    expect((await login(JSON.stringify({ login: "x".repeat(3_000_000), password: "b" }))).status).toBe(400);
  });

  it("that nest deeper than a stack are no crash", async () => {
    const response = await login(`{"login":${"[".repeat(200_000)}${"]".repeat(200_000)},"password":"b"}`);
    expect(response.status).toBe(400);
  });
});

describe("requests from pages of other sites", () => {
  const patch = (headers: Record<string, string>, overrides: Partial<Env> = {}) =>
    anonymous("/api/v2/users/me", { method: "PATCH", body: { name: "Ada" }, headers }, overrides);
  const { cookie } = owner;

  it("change nothing", async () => {
    for (const origin of ["https://evil.example", "null", "http://localhost:1234", "https://localhost"]) {
      const response = await patch({ cookie, origin });
      expect(response.status, origin).toBe(403);
      await problemOf(response);
    }
    expect((await patch({ cookie })).status).toBe(403);
    expect((await patch({ cookie, origin: ORIGIN })).status).toBe(200);
  });

  it("cannot sign anybody in", async () => {
    const body = { login: "ada", password: "x" };
    const headers = { origin: "https://evil.example" };
    expect((await anonymous("/api/v2/users/login", { method: "POST", body, headers })).status).toBe(403);
  });

  it("open no socket", async () => {
    const upgrade = (path: string, headers: Record<string, string>) =>
      anonymous(path, { headers: { upgrade: "websocket", connection: "upgrade", ...headers } });
    const stream = `/api/v2/chats/01912345-6789-7abc-8def-0123456789ab/stream`;
    for (const path of ["/api/v2/chats/watch", stream]) {
      expect((await upgrade(path, { cookie, origin: "https://evil.example" })).status, path).toBe(403);
      expect((await upgrade(path, { cookie })).status, path).toBe(403);
      expect((await upgrade(path, {})).status, path).toBe(401);
    }
  });

  it("are told from pages at the address that people use", async () => {
    const overrides = { ACCESS_URL: "https://tideline.example" };
    expect((await patch({ cookie, origin: "https://tideline.example" }, overrides)).status).toBe(200);
    expect((await patch({ cookie, origin: "https://evil.example" }, overrides)).status).toBe(403);
  });

  it("may read what they could not see the answer of anyway", async () => {
    expect((await anonymous("/api/v2/users/me", { headers: { cookie, origin: "https://evil.example" } })).status).toBe(
      200,
    );
  });
});

describe("a failure", () => {
  it("that passes is a 503 that says to try again", async () => {
    const away: D1Database = Object.assign(Object.create(env.DB), {
      prepare() {
        throw new Error("D1_ERROR: Network connection lost.");
      },
    });
    const response = await anonymous("/api/v2/setup", {}, { DB: away });
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("2");
    await problemOf(response);
  });

  it("that nobody foresaw is logged under the request id and says nothing of itself", async () => {
    const broken: D1Database = Object.assign(Object.create(env.DB), {
      prepare() {
        throw new Error("D1_ERROR: secret detail");
      },
    });
    const response = await anonymous("/api/v2/setup", {}, { DB: broken });
    expect(response.status).toBe(500);
    const body = await problemOf(response);
    expect(JSON.stringify(body)).not.toContain("secret detail");
    expect(body.detail).toContain(body.request_id);
  });
});

describe("GET /api/v2/buildinfo", () => {
  it("says what is running, where people reach it", async () => {
    const read = async (overrides: Partial<Env>) => (await anonymous("/api/v2/buildinfo", {}, overrides)).json();
    expect(await read({})).toEqual({
      name: "Tideline",
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      dashboard_url: ORIGIN,
    });
    expect(await read({ ACCESS_URL: "https://team.example" })).toMatchObject({ dashboard_url: "https://team.example" });
  });
});
