import type { Context } from "hono";
import type { AppEnv } from "../access/router.ts";
import { recheckAccess } from "../identity/revocation.ts";
import { endLostUse } from "../workspaces/lost-use.ts";

/** Call it once D1 says that these users lost a membership, a group or a role: what hangs on it ends. */
export async function endLostAccess(c: Context<AppEnv>, userIds: readonly string[]): Promise<void> {
  await Promise.all([recheckAccess(c.env, userIds), endLostUse(c.env, c.var.db, { userIds })]);
}
