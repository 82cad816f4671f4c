import type { Context } from "hono";
import type { AppEnv } from "../access/router.ts";
import { revokeAccess } from "../identity/revocation.ts";
import { log } from "../platform/log.ts";

/** An object answers in milliseconds; all of a large group at once would be a storm. */
const AT_ONCE = 20;

/**
 * Ends what these users have open, once D1 says that they lost something. What a call does not reach, the
 * sockets' own check closes within a minute: the change itself stands either way.
 */
export async function endAccessOf(c: Context<AppEnv>, userIds: readonly string[]): Promise<void> {
  for (let from = 0; from < userIds.length; from += AT_ONCE) {
    const some = userIds.slice(from, from + AT_ONCE);
    const ended = await Promise.allSettled(some.map((userId) => revokeAccess(c.env, userId)));
    for (const [index, { status, ...rest }] of ended.entries()) {
      if (status === "rejected") log.warn("revocation.unreached", { userId: some[index], ...rest });
    }
  }
}
