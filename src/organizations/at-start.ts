import { createMiddleware } from "hono/factory";
import type { AppEnv } from "../access/router.ts";
import { log } from "../platform/log.ts";
import { reconcileSystemRoles } from "./system-roles.ts";

/**
 * A Worker has no start of its own: the first request of an isolate brings the system roles in order, behind
 * its own answer. One that failed leaves it to the next request.
 */
export function systemRolesAtStart() {
  let begun = false;
  return createMiddleware<AppEnv>(async function systemRolesAtStart(c, next) {
    if (!begun) {
      begun = true;
      const reconciled = reconcileSystemRoles(c.var.db, c.var.clock()).catch((error: unknown) => {
        begun = false;
        log.warn("system_roles.not_reconciled", { error });
      });
      c.executionCtx.waitUntil(reconciled);
    }
    await next();
  });
}
