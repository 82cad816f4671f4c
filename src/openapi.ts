import type { OpenAPIHono } from "@hono/zod-openapi";
import { Hono } from "hono";
import { version } from "../package.json";
import type { AppEnv } from "./access/router.ts";
import { refusals, refusalsOf, type RefusalStatus } from "./api-words/answers.ts";
import { bodyExamples } from "./api-words/examples.ts";
import { fieldWords, parameterWords } from "./api-words/fields.ts";
import { introduction } from "./api-words/introduction.ts";
import { schemaWords } from "./api-words/schemas.ts";
import { watchEnded, watchEvent } from "./contract/chats.ts";
import { problem } from "./contract/common.ts";
import { sendFrame, streamFrame } from "./contract/stream.ts";

type Document = ReturnType<OpenAPIHono<AppEnv>["getOpenAPI31Document"]>;
type Operation = NonNullable<NonNullable<Document["paths"]>[string]["get"]>;

/**
 * `/openapi.json`, made from the routes and their zod schemas, and `/docs`, a page that shows it with
 * nothing from elsewhere. The document is made once an isolate: routes do not change while it runs.
 */
export function docsRoutes(app: OpenAPIHono<AppEnv>) {
  let made: Document | null = null;
  return new Hono<AppEnv>()
    .get("/openapi.json", function openApiDocument(c) {
      made ??= describeApi(app);
      return c.json({ ...made, servers: [{ url: c.env.ACCESS_URL ?? new URL(c.req.url).origin }] });
    })
    .get("/docs", (c) => c.html(DOCS_PAGE));
}

/** The API description, without the address of a deployment. */
export function describeApi(app: OpenAPIHono<AppEnv>): Document {
  app.openAPIRegistry.register("Problem", problem);
  // What goes over sockets, which no answer of a route holds.
  app.openAPIRegistry.register("ChatStreamFrame", streamFrame);
  app.openAPIRegistry.register("ChatStreamSend", sendFrame);
  app.openAPIRegistry.register("ChatWatchEvent", watchEvent);
  app.openAPIRegistry.register("ChatWatchEnded", watchEnded);
  app.openAPIRegistry.registerComponent("securitySchemes", "token", {
    type: "http",
    scheme: "bearer",
    description: "An API token. The headers `x-api-key` and `Tideline-Session-Token` carry one as well.",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "session", {
    type: "apiKey",
    in: "cookie",
    name: "tideline_session",
    description: "What signing in sets. Unsafe methods then need an `Origin` of this deployment.",
  });
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Tideline",
      version,
      description: introduction,
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
    security: [{ token: [] }, { session: [] }],
  });
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const operation of [item.get, item.post, item.put, item.patch, item.delete]) {
      if (operation === undefined) continue;
      describeParameters(operation);
      addExample(operation);
      addRefusals(operation, path);
    }
  }
  document.components = { ...document.components, responses: refusalResponses() };
  for (const [name, schema] of Object.entries(document.components.schemas ?? {})) describeSchema(name, schema);
  return document;
}

/** What every operation of a kind can refuse; saying so on each route would be noise there. */
function addRefusals(operation: Operation, path: string): void {
  const signedIn = operation.security?.length !== 0;
  const json = "requestBody" in operation;
  const statuses: RefusalStatus[] = [
    400,
    ...(signedIn ? ([401, 403] as const) : []),
    ...(path.includes("{") ? ([404] as const) : []),
    ...(json ? ([413, 415] as const) : []),
    ...(refusalsOf[operation.operationId ?? ""] ?? []),
    500,
    503,
  ];
  const responses = (operation.responses ??= {});
  for (const status of statuses) responses[status] ??= { $ref: `#/components/responses/${status}` };
  for (const [status, response] of Object.entries(responses)) {
    if (Number(status) >= 400 && "description" in response) response.content ??= PROBLEM_CONTENT;
  }
  responses["default"] ??= { description: "Another refusal", content: PROBLEM_CONTENT };
}

const PROBLEM_CONTENT = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } };
const RETRY_AFTER = { "Retry-After": { description: "Seconds to wait.", schema: { type: "integer" as const } } };

function refusalResponses() {
  return Object.fromEntries(
    Object.entries(refusals).map(([status, description]) => {
      const headers = status === "429" || status === "503" ? { headers: RETRY_AFTER } : {};
      return [status, { description, ...headers, content: PROBLEM_CONTENT }];
    }),
  );
}

function describeParameters(operation: Operation): void {
  for (const parameter of operation.parameters ?? []) {
    if (!("name" in parameter)) continue;
    const { schema = {} } = parameter;
    const said = "$ref" in schema ? undefined : schema.description;
    const words = parameter.description ?? said ?? parameterWords[parameter.name];
    if (words !== undefined) parameter.description = words;
  }
}

function addExample(operation: Operation): void {
  const body = operation.requestBody;
  const example = bodyExamples[operation.operationId ?? ""];
  if (example === undefined || body === undefined || "$ref" in body) return;
  const json = body.content["application/json"];
  if (json !== undefined) json.example = example;
}

/** As much of a JSON schema as carries words or leads on to what does. */
interface Wordy {
  $ref?: string;
  description?: string;
  properties?: Record<string, Wordy>;
  items?: Wordy;
  additionalProperties?: Wordy | boolean;
  anyOf?: Wordy[];
  oneOf?: Wordy[];
  allOf?: Wordy[];
}

function describeSchema(name: string, schema: Wordy): void {
  const words = schemaWords[name];
  if (words !== undefined) schema.description ??= words;
  describeFields(name, schema);
}

function describeFields(name: string, schema: Wordy): void {
  for (const [field, value] of Object.entries(schema.properties ?? {})) {
    const words = fieldWords[`${name}.${field}`] ?? fieldWords[field];
    if (words !== undefined) value.description ??= words;
    describeFields(name, value);
  }
  const { additionalProperties: others } = schema;
  const inner = [schema.items, typeof others === "object" ? others : undefined];
  for (const part of [...inner, ...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])]) {
    if (part !== undefined) describeFields(name, part);
  }
}

// The script and the styles are assets: the content security policy allows no inline script.
const DOCS_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Tideline API</title>
    <script src="/theme.js"></script>
    <link rel="icon" href="/icon.svg" />
    <link rel="stylesheet" href="/api-docs.css" />
    <script type="module" src="/api-docs.js"></script>
  </head>
  <body>
    <noscript>This page needs JavaScript. The API description itself is at <a href="/api/openapi.json">/api/openapi.json</a>.</noscript>
    <main id="docs" aria-busy="true"><p>Loading the API description …</p></main>
  </body>
</html>
`;
