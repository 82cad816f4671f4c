import { createRoute } from "@hono/zod-openapi";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createRouter, jsonAnswer, jsonBody } from "../../src/access/router.ts";
import { Problem } from "../../src/platform/problem.ts";

const app = createRouter();
app.onError((error) => {
  // What the framework refuses by itself becomes a problem in the app.
  if (!(error instanceof Problem)) throw error;
  return Response.json({ status: error.status, errors: error.errors, detail: error.detail }, { status: error.status });
});
const answer = { 200: jsonAnswer(z.object({}), "Fine") };
const body = z.object({ deep: z.array(z.object({ "a/b~c": z.string() })).optional() });
const paged = z.object({ limit: z.coerce.number().int().optional() });
app.openapi(createRoute({ method: "get", path: "/plain", responses: answer }), (c) => c.json({}, 200));
app.openapi(createRoute({ method: "get", path: "/paged", request: { query: paged }, responses: answer }), (c) =>
  c.json({}, 200),
);
app.openapi(createRoute({ method: "post", path: "/made", request: { body: jsonBody(body) }, responses: answer }), (c) =>
  c.json({}, 200),
);
const loose = { content: { "application/json": { schema: body } } };
app.openapi(createRoute({ method: "post", path: "/loose", request: { body: loose }, responses: answer }), (c) =>
  c.json({}, 200),
);
const byId = z.object({ id: z.uuid() });
app.openapi(createRoute({ method: "get", path: "/by/{id}", request: { params: byId }, responses: answer }), (c) =>
  c.json({}, 200),
);

const post = (path: string, text: string) =>
  app.request(path, { method: "POST", body: text, headers: { "content-type": "application/json" } });

describe("createRouter", () => {
  it("refuses unknown query parameters, declared queries or not", async () => {
    for (const path of ["/plain?x=1", "/paged?x=1", "/paged?limit=1&x=1"]) {
      const response = await app.request(path);
      expect(response.status, path).toBe(400);
      expect(await response.json()).toMatchObject({ errors: [{ parameter: "x", detail: "Unknown parameter." }] });
    }
    expect((await app.request("/plain")).status).toBe(200);
    expect((await app.request("/paged?limit=1")).status).toBe(200);
  });

  it("names wrong parameters of the query and the path", async () => {
    expect(await (await app.request("/paged?limit=x")).json()).toMatchObject({ errors: [{ parameter: "limit" }] });
    expect(await (await app.request("/by/7")).json()).toMatchObject({ errors: [{ parameter: "id" }] });
  });

  it("points into bodies as RFC 6901 says", async () => {
    const response = await post("/made", '{"deep":[{"a/b~c":"fine"},{"a/b~c":7}]}');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ pointer: "/deep/1/a~1b~0c" }] });
  });

  it("ignores unknown fields of a body", async () => {
    expect((await post("/made", '{"unknown":1}')).status).toBe(200);
  });

  it("requires a declared body, also where the route forgot to", async () => {
    for (const path of ["/made", "/loose"]) {
      expect((await post(path, "[]")).status, path).toBe(400);
      const withoutType = app.request(path, { method: "POST", body: new TextEncoder().encode("[]") });
      await expect(withoutType, path).rejects.toMatchObject({ status: 415 });
    }
  });
});
