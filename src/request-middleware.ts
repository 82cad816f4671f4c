import { bodyLimit } from "hono/body-limit";
import { createMiddleware } from "hono/factory";
import type { AppEnv } from "./access/router.ts";
import { FILE_MAX_BYTES } from "./contract/files.ts";
import type { Clock } from "./platform/clock.ts";
import { openDatabase } from "./platform/d1.ts";
import { newId } from "./platform/ids.ts";
import type { Log } from "./platform/log.ts";
import { Problem } from "./platform/problem.ts";
import { SECURITY_HEADERS } from "./platform/security-headers.ts";

/** What a client may call its request; anything else is replaced, since it goes into logs and headers. */
const SANE_REQUEST_ID = /^[A-Za-z0-9._-]{1,100}$/;
/** Far above any message (1 MB of text), far below what an isolate holds in memory. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** The addresses that take more: files, and chats in files. */
const UPLOAD = /^\/api\/(v2|experimental)\/chats\/(files|import)$/;

/** What every request has: an id, a clock, the database; and what every answer has: that id, safe headers, one log line. */
export function requestFrame(clock: Clock, log: Log) {
  return createMiddleware<AppEnv>(async function requestFrame(c, next) {
    const startedAt = performance.now();
    const given = c.req.header("x-request-id") ?? "";
    const requestId = SANE_REQUEST_ID.test(given) ? given : newId();
    c.set("requestId", requestId);
    c.set("clock", clock);
    c.set("db", openDatabase(c.env.DB));
    c.set("actor", null);
    await next();
    // The answer to an upgrade cannot be copied, and its headers reach no page.
    if (c.res.status !== 101) c.res = framed(c.res, requestId);
    log.info("request", {
      method: c.req.method,
      path: c.req.path,
      status: c.res.status,
      ms: Math.round(performance.now() - startedAt),
      request_id: requestId,
      user_id: c.var.actor?.userId,
      via: c.var.actor === null ? undefined : c.var.actor.sessionId === null ? "api_key" : "session",
    });
  });
}

const limitUsual = limitTo(MAX_BODY_BYTES, "The request is too large.");
const limitUpload = limitTo(FILE_MAX_BYTES, "File too large.");

/** Answers 413 to a body over the limit, whether or not it says its length. */
export const limitBody = createMiddleware<AppEnv>((c, next) =>
  UPLOAD.test(c.req.path) ? limitUpload(c, next) : limitUsual(c, next),
);

function limitTo(maxSize: number, title: string) {
  return bodyLimit({
    maxSize,
    onError: () => {
      throw new Problem(413, title, { detail: `At most ${maxSize / 1024 / 1024} MiB.` });
    },
  });
}

function framed(response: Response, requestId: string): Response {
  const copy = new Response(response.body, response);
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
    // A route may be stricter, as files are.
    if (!copy.headers.has(name)) copy.headers.set(name, value);
  }
  if (!copy.headers.has("cache-control")) copy.headers.set("cache-control", "no-store");
  copy.headers.set("x-request-id", requestId);
  return copy;
}
