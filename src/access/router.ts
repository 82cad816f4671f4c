import { OpenAPIHono, type Hook, type RouteConfig } from "@hono/zod-openapi";
import type { Context } from "hono";
import { z } from "zod";
import type { ProblemError } from "../contract/common.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/d1.ts";
import { Problem } from "../platform/problem.ts";
import type { Actor } from "./actor.ts";

/** What every route finds in its context. */
export type AppEnv = {
  Bindings: Env;
  Variables: { actor: Actor | null; db: Database; clock: Clock; requestId: string };
};

/**
 * A router of a feature: routes with zod schemas in, the error format out. Unknown query parameters
 * are a 400 on every route, whether or not it declares a query; a declared JSON body is required.
 */
export function createRouter(): OpenAPIHono<AppEnv> {
  const router = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid });
  const register = router.openapi;
  router.openapi = (route, handler, hook) => register(strictRoute(route), handler, hook);
  return router;
}

/** The actor of a request; throws a 401 Problem when nobody is signed in. */
export function requireActor(c: Context<AppEnv>): Actor {
  if (c.var.actor !== null) return c.var.actor;
  throw new Problem(401, "Sign in first.", {
    detail: "Send a session cookie, or an API token as `Authorization: Bearer <token>`.",
    headers: { "www-authenticate": 'Bearer realm="tideline"' },
  });
}

/** A JSON body of a route: `request: { body: jsonBody(schema) }`. */
export function jsonBody<T extends z.ZodType>(schema: T) {
  return { required: true, content: { "application/json": { schema } } };
}

/** A JSON answer of a route: `responses: { 200: jsonAnswer(schema, "The chat") }`. */
export function jsonAnswer<T extends z.ZodType>(schema: T, description: string) {
  return { description, content: { "application/json": { schema } } };
}

type Target = "json" | "form" | "query" | "param" | "header" | "cookie";

/** The errors of a failed parse as JSON pointers into a body, or as parameter names. */
function problemErrors(error: z.ZodError, target: Target) {
  return error.issues.flatMap((issue) => issueErrors(issue, target === "json" || target === "form"));
}

const refuseInvalid: Hook<unknown, AppEnv, string, void> = (result) => {
  if (!result.success) throw invalidRequest(result.error, result.target);
};

/** The 400 Problem of a request that does not parse. */
export function invalidRequest(error: z.ZodError, target: Target): Problem {
  const errors = problemErrors(error, target);
  return new Problem(400, "The request is not valid.", {
    detail: errors
      .map((error) => `${error.parameter ?? error.pointer ?? ""}: ${error.detail}`.replace(/^: /, ""))
      .join(" "),
    errors,
  });
}

function issueErrors(issue: z.core.$ZodIssue, inBody: boolean): ProblemError[] {
  // Unknown keys are reported on the object that holds them; clients want the keys.
  const unknown = issue.code === "unrecognized_keys" ? issue.keys : null;
  const paths = unknown === null ? [issue.path] : unknown.map((key) => [...issue.path, key]);
  const detail = unknown === null ? issue.message : "Unknown parameter.";
  return paths.map((path) =>
    inBody ? { pointer: jsonPointer(path), detail } : { parameter: path.map(String).join("."), detail },
  );
}

/** RFC 6901; the empty pointer is the whole body. */
function jsonPointer(path: PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

function strictRoute<R extends RouteConfig>(route: R): R {
  const { query = z.strictObject({}), body, ...rest } = route.request ?? {};
  return {
    ...route,
    request: {
      ...rest,
      query: query instanceof z.ZodObject ? query.strict() : query,
      ...(body === undefined ? {} : { body: { ...body, required: true } }),
    },
  };
}
