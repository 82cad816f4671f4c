import { askEach } from "../platform/ask-each.ts";

export interface Revocation {
  /** Only what this credential opened. */
  sessionId?: string;
  /** What the person reads, in place of that they were signed out. */
  why?: string;
}

/**
 * Ends what a user, or one credential of theirs (`credentialName`), still has open. The next request is
 * refused by authentication anyway; sockets ask nothing, so the user's object closes those it registered.
 */
export async function revokeAccess(env: Env, userId: string, what: Revocation = {}): Promise<void> {
  await env.USERS.getByName(userId).revoke({ userId, ...what });
}

/** An object answers in milliseconds; all of a large group at once would be a storm. */
const ASKED_AT_ONCE = 20;

/**
 * For when people lose some of their rights, but not their account or credential: a role, a group, a share.
 * Call it once D1 has been written. Everything they have open asks anew, and closes unless it may stay. What a
 * call does not reach, the sockets' own check closes within a minute: the change itself stands either way.
 */
export async function recheckAccess(env: Env, userIds: readonly string[]): Promise<void> {
  for (let start = 0; start < userIds.length; start += ASKED_AT_ONCE) {
    const some = userIds.slice(start, start + ASKED_AT_ONCE);
    const ask = (userId: string) => env.USERS.getByName(userId).recheck({ userId });
    await askEach(some, ask, "revocation.unreached", (userId) => ({ userId }));
  }
}
