import type { Clock } from "../platform/clock.ts";
import { log } from "../platform/log.ts";
import { refuseAbove, type RateLimit } from "../platform/rate-limit.ts";

const MINUTE_MS = 60_000;

/** More than a script of good will needs, and a bound on what a stolen token can fill and spend in a night. */
const limits = {
  /** Each one calls a model. */
  chat: { limit: 1_000, windowMs: 10 * MINUTE_MS, title: "Too many new chats." },
  upload: { limit: 600, windowMs: 10 * MINUTE_MS, title: "Too many files." },
  /** Each one has git look through a workspace. */
  local_changes: { limit: 600, windowMs: 10 * MINUTE_MS, title: "Too many looks into the workspace." },
  /** Each one asks a provider, in the name of the chat's owner. */
  diff_refresh: { limit: 60, windowMs: 10 * MINUTE_MS, title: "Too many looks for pull requests." },
  diff: { limit: 300, windowMs: 10 * MINUTE_MS, title: "Too many diffs." },
  /** Somebody moves in with all their chats. */
  import: { limit: 1_000, windowMs: 10 * MINUTE_MS, title: "Too many imported chats." },
} as const satisfies Record<string, RateLimit & { title: string }>;

/**
 * Counts one more of these for the user and throws a 429 Problem when it is one too many. The user's object
 * counts, so that D1 is not written on the way to a first token; ask it beside whatever else is asked.
 */
export async function limitUse(
  { env, clock }: { env: Pick<Env, "USERS">; clock: Clock },
  userId: string,
  kind: keyof typeof limits,
): Promise<void> {
  const { limit, windowMs, title } = limits[kind];
  const now = clock();
  const counted = await env.USERS.getByName(userId)
    .countUse({ kind, windowMs, now })
    .catch((error: unknown) => {
      // Better one chat too many than none at all.
      log.warn("limit.not_counted", { kind, userId, error });
      return undefined;
    });
  refuseAbove(counted, limit, now, title);
}
