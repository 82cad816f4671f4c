import { describe, expect, it } from "vitest";
import { z } from "zod";
import { refusalsOf } from "../../src/api-words/answers.ts";
import { bodyExamples } from "../../src/api-words/examples.ts";
import { problem } from "../../src/contract/common.ts";
import { getTestApp, type Client } from "../support/app.ts";

/*
 * What holds for every route there is. The routes come out of the API description, so a new one is
 * tested from its first day.
 */

const test = await getTestApp({ held: true });
// With a token, since signing out is a route too and would end a session.
const owner = await test.withToken(test.owner);
const member = await test.withToken(await test.addUser("grace"));

const schema: z.ZodType<Record<string, unknown>> = z.record(z.string(), z.unknown());
const operation = z.object({
  operationId: z.string(),
  tags: z.array(z.string()).min(1),
  summary: z.string().min(1),
  security: z.array(z.unknown()).optional(),
  parameters: z.array(z.object({ name: z.string(), in: z.string(), description: z.string().optional() })).default([]),
  requestBody: z
    .object({
      required: z.boolean(),
      content: z.record(z.string(), z.object({ schema, example: z.unknown().optional() })),
    })
    .optional(),
  responses: z.record(z.string(), z.unknown()),
});
const document = z.object({
  openapi: z.string(),
  servers: z.array(z.object({ url: z.string() })),
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.object({ schemas: z.record(z.string(), schema), responses: z.record(z.string(), schema) }),
});
const wordy = z.object({
  properties: z.record(z.string(), z.object({ description: z.string().optional() })).optional(),
});

/** The schema that the route of an operation parses its body with. */
function bodySchema(operationId: string): z.ZodType {
  const routes = test.app.openAPIRegistry.definitions.flatMap((one) => (one.type === "route" ? [one.route] : []));
  const found = routes.find((route) => route.operationId === operationId)?.request?.body?.content["application/json"];
  if (found === undefined || !("schema" in found) || !(found.schema instanceof z.ZodType))
    throw new Error(`${operationId} has no JSON body`);
  return found.schema;
}

const text = await (await test.anonymous("/api/openapi.json")).text();
const description = document.parse(JSON.parse(text));
const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, described]) => ({ path, method: method.toUpperCase(), ...described })),
);

/** Things of the owner's, so that bodies get past the lookup of what they are about. */
async function make(path: string, body: unknown): Promise<{ id?: string; workspace?: { id: string } }> {
  const response = await owner.request(path, { method: "POST", body });
  expect(response.status, path).toBe(201);
  return response.json();
}
const workspaceId = (await make("/api/v2/workspaces", { name: "own" })).workspace?.id ?? "";
const chatId = (await make("/api/v2/chats", { content: [{ type: "text", text: "Hello" }] })).id ?? "";

const UNKNOWN_ID = "01912345-6789-7abc-8def-0123456789ab";

function pathWith(path: string, value: string): string {
  return path.replaceAll(/\{[^}]+\}/g, encodeURIComponent(value));
}

/** The operation with its address: own things where "me" has some, else something that is not there. */
function addressOf(path: string): string {
  const own = { "{user}": "me", "{workspace}": workspaceId, "{chat}": chatId };
  return pathWith(
    Object.entries(own).reduce((text, [name, id]) => text.replace(name, id), path),
    UNKNOWN_ID,
  );
}

describe("the API description", () => {
  it("is OpenAPI 3.1 with an id, a summary and the error of every operation", () => {
    expect(description.openapi).toBe("3.1.0");
    expect(operations.length).toBeGreaterThan(15);
    const ids = operations.map((described) => described.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const described of operations) expect(described.responses, described.operationId).toHaveProperty("default");
  });

  it("has the schemas of the contract as components, and every reference leads somewhere", () => {
    expect(description.components.schemas).toHaveProperty("Problem");
    expect(description.components.schemas).toHaveProperty("User");
    const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map((match) => match[1]);
    expect(references).toContain("User");
    for (const reference of references) expect(Object.keys(description.components.schemas)).toContain(reference);
  });

  it("says what every schema, field and parameter is", () => {
    const { schemas } = description.components;
    const fields = Object.entries(schemas).flatMap(([name, described]) =>
      Object.entries(wordy.parse(described).properties ?? {}).map(([field, value]) => ({ name, field, value })),
    );
    const silent = [
      ...Object.keys(schemas).filter((name) => !schemas[name]?.["description"]),
      ...fields.filter(({ value }) => !value.description).map(({ name, field }) => `${name}.${field}`),
      ...operations.flatMap(({ operationId, parameters }) =>
        parameters.filter((parameter) => !parameter.description).map(({ name }) => `${operationId} ${name}`),
      ),
    ];
    expect(silent).toEqual([]);
    const ids = operations.map(({ operationId }) => operationId);
    expect(Object.keys({ ...refusalsOf, ...bodyExamples }).filter((id) => !ids.includes(id))).toEqual([]);
  });

  it("explains each refusal once, and every operation that can be too often says when to come back", () => {
    const shared = new Set([...text.matchAll(/"#\/components\/responses\/(\d+)"/g)].map((match) => match[1]));
    for (const status of shared) expect(description.components.responses, status).toHaveProperty(status ?? "");
    for (const status of ["429", "503"])
      expect(description.components.responses[status], status).toHaveProperty("headers.Retry-After");
  });

  it("gives examples that their operations take", () => {
    for (const { operationId, requestBody } of operations) {
      const json = requestBody?.content["application/json"];
      if (!(operationId in bodyExamples)) continue;
      expect(json?.example, operationId).toEqual(bodyExamples[operationId]);
      const { success, error } = bodySchema(operationId).safeParse(bodyExamples[operationId]);
      expect(success, `${operationId}: ${error?.message}`).toBe(true);
    }
  });

  it("requires every body that it declares", () => {
    for (const { operationId, requestBody } of operations)
      expect(requestBody?.required ?? true, operationId).toBe(true);
  });

  it("has each path once, and every parameter in braces", () => {
    for (const { path, parameters } of operations) {
      expect(path).toMatch(/^\/(healthz|api\/v2\/)/);
      const inPath = parameters.filter((parameter) => parameter.in === "path").map((parameter) => parameter.name);
      expect(inPath.sort(), path).toEqual([...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]).sort());
    }
  });
});

describe.each(operations.map((described) => [`${described.method} ${described.path}`, described] as const))(
  "%s",
  (_, described) => {
    const { method, path, security } = described;
    const body = described.requestBody === undefined ? undefined : {};

    // Where providers lead browsers back to: they add parameters of their own, and no person wants JSON there.
    const takesAll = path.endsWith("/callback");
    it("refuses a query parameter that it does not know, by name", async () => {
      const response = await owner.request(`${addressOf(path)}?surprise=1`, { method, body });
      if (takesAll) return expect(response.status).toBe(302);
      expect(response.status).toBe(400);
      const { errors } = problem.parse(await response.json());
      expect(errors).toContainEqual({ parameter: "surprise", detail: "Unknown parameter." });
    });

    it("needs a sign-in unless it says otherwise", async () => {
      const response = await test.anonymous(addressOf(path), { method, body: validLooking(described) });
      if (security?.length === 0) expect(response.status).not.toBe(404);
      else expect([400, 401]).toContain(response.status);
    });

    it("is never broken by what clients send", async () => {
      for (const client of [owner, member]) {
        for (const value of ["me", UNKNOWN_ID, "0", "-1", "\u0000", "'", "💥", "x".repeat(3_000)]) {
          await expectNoCrash(client, pathWith(path, value), { method, body });
        }
        if (described.requestBody === undefined) continue;
        for (const sent of hostileBodies(described))
          await expectNoCrash(client, addressOf(path), { method, body: sent });
      }
    });
  },
);

async function expectNoCrash(client: Client, path: string, options: { method: string; body?: unknown }): Promise<void> {
  const response = await client.request(path, options);
  const sent = `${options.method} ${path.slice(0, 100)} ${(JSON.stringify(options.body) ?? "").slice(0, 200)}`;
  expect(response.status, sent).toBeLessThan(500);
  expect(response.headers.get("x-request-id"), sent).not.toBeNull();
  if (response.status < 400) return;
  expect(response.headers.get("content-type"), sent).toBe("application/problem+json");
  problem.parse(await response.json());
}

type Described = (typeof operations)[number];

function propertiesOf(described: Described): string[] {
  const given = described.requestBody?.content["application/json"]?.schema ?? {};
  const name = z.string().safeParse(given["$ref"]).data?.split("/").at(-1) ?? "";
  const resolved = description.components.schemas[name] ?? given;
  return Object.keys(schema.safeParse(resolved["properties"]).data ?? {});
}

function validLooking(described: Described): unknown {
  if (described.requestBody === undefined) return undefined;
  return Object.fromEntries(propertiesOf(described).map((name) => [name, "something"]));
}

const HOSTILE = [
  null,
  true,
  -1,
  1e308,
  0.1,
  "",
  " ",
  "\u0000",
  "\ud800",
  "x".repeat(5_000),
  [],
  {},
  [null],
  [[]],
  { a: { b: [] } },
  "1e999",
  "NaN",
  "../..",
  "%s%n",
  "' or 1=1 --",
  UNKNOWN_ID,
  [{ type: "text", text: 7 }],
  [{ type: "nothing" }],
];

/** Wrong as a whole, and wrong in each field and in all of them. */
function hostileBodies(described: Described): unknown[] {
  const names = propertiesOf(described);
  const whole = ["null", "[]", "7", '"text"', "true", "{", "{}", '{"a":1,"a":2}', '{"__proto__":null,"constructor":1}'];
  const single = names.flatMap((name) => HOSTILE.map((value) => ({ [name]: value })));
  const every = HOSTILE.map((value) => Object.fromEntries(names.map((name) => [name, value])));
  return [...whole, ...single, ...every];
}
