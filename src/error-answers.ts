import type { Context, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import type { AppEnv } from "./access/router.ts";
import { toProblem } from "./platform/failure.ts";
import { Problem, problemResponse } from "./platform/problem.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** The one error handler: expected refusals as they are; anything else is logged and says nothing. */
export function answerError(error: Error, c: Context<AppEnv>): Response {
  return problemResponse(problemOf(error, c), c.var.requestId);
}

function problemOf(error: Error, c: Context<AppEnv>): Problem {
  // What Hono and its validators refuse by themselves: malformed JSON, a wrong content type.
  if (error instanceof HTTPException && error.status < 500) {
    const detail = error.status === 415 ? "Send JSON with `Content-Type: application/json`." : undefined;
    return new Problem(error.status, `${error.message || "The request is not valid"}.`, { detail });
  }
  return toProblem(error, { method: c.req.method, path: c.req.path, request_id: c.var.requestId });
}

/** Answers a path that no route serves with 404, or with 405 where another method would do. */
export function answerUnknownPath(app: Hono<AppEnv>, c: Context<AppEnv>): Response {
  const allowed = METHODS.filter((method) => isRouted(app, method, c.req.path));
  if (allowed.length === 0) return problemResponse(new Problem(404, "There is no such address."), c.var.requestId);
  const allow = allowed.join(", ");
  const problem = new Problem(405, "This address does not answer that method.", {
    detail: `It answers ${allow}.`,
    headers: { allow },
  });
  return problemResponse(problem, c.var.requestId);
}

/** Middleware is registered for all methods; a route has one. */
function isRouted(app: Hono<AppEnv>, method: string, path: string): boolean {
  const [matches] = app.router.match(method, path);
  return matches.some(([[, route]]) => route.method === method);
}
