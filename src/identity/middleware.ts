import { createMiddleware } from "hono/factory";
import type { AppEnv } from "../access/router.ts";
import { needsOriginCheck, requireOwnOrigin } from "../platform/origin.ts";
import { authenticate } from "./authentication.ts";
import { hasSessionCookie, readCredentials } from "./credentials.ts";

/**
 * Puts the actor of the request into the context, or null. Routes that need one call `requireActor`.
 *
 * What could change something or open a socket must come from our own pages, unless a credential in a
 * header shows that no foreign page sent it (browsers add cookies by themselves, never such headers).
 */
export const authentication = createMiddleware<AppEnv>(async function authentication(c, next) {
  const credential = readCredentials(c.req.raw);
  const explicit = credential !== null && !credential.viaCookie;
  if (needsOriginCheck(c.req.raw) && !explicit) {
    requireOwnOrigin(c.req.raw, c.env.ACCESS_URL, hasSessionCookie(c.req.raw));
  }
  const found = credential === null ? null : await authenticate(c.var.db, credential, c.var.clock());
  c.set("actor", found?.actor ?? null);
  if (found?.touch) c.executionCtx.waitUntil(found.touch());
  await next();
});
