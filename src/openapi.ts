import type { OpenAPIHono } from "@hono/zod-openapi";
import { Hono } from "hono";
import { version } from "../package.json";
import type { AppEnv } from "./access/router.ts";
import { problem } from "./contract/common.ts";
import { sendFrame, streamFrame } from "./contract/stream.ts";

type Document = ReturnType<OpenAPIHono<AppEnv>["getOpenAPI31Document"]>;

/**
 * `/openapi.json`, made from the routes and their zod schemas, and `/docs`, a page that shows it with
 * nothing from elsewhere. The document is made once an isolate: routes do not change while it runs.
 */
export function docsRoutes(app: OpenAPIHono<AppEnv>) {
  let made: Document | null = null;
  return new Hono<AppEnv>()
    .get("/openapi.json", function openApiDocument(c) {
      made ??= describe(app);
      return c.json({ ...made, servers: [{ url: c.env.ACCESS_URL ?? new URL(c.req.url).origin }] });
    })
    .get("/docs", (c) => c.html(DOCS_PAGE));
}

function describe(app: OpenAPIHono<AppEnv>): Document {
  app.openAPIRegistry.register("Problem", problem);
  // What goes over sockets, which no answer of a route holds.
  app.openAPIRegistry.register("ChatStreamFrame", streamFrame);
  app.openAPIRegistry.register("ChatStreamSend", sendFrame);
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
      description: "Chats with coding agents. Errors are RFC 9457 problems on every operation.",
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
    security: [{ token: [] }, { session: [] }],
  });
  return withProblems(document);
}

/** Every operation can refuse; saying so on each route would be noise there. */
function withProblems(document: Document): Document {
  const content = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } };
  for (const path of Object.values(document.paths ?? {})) {
    for (const operation of [path.get, path.post, path.put, path.patch, path.delete]) {
      if (operation?.responses) operation.responses["default"] ??= { description: "A problem", content };
    }
  }
  return document;
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
