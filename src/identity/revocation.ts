/**
 * Ends what a user, or one credential of theirs (`credentialName`), still has open. The next request is
 * refused by authentication anyway; sockets ask nothing, so the user's object closes those it registered.
 */
export async function revokeAccess(env: Env, userId: string, only: { sessionId?: string } = {}): Promise<void> {
  await env.USERS.getByName(userId).revoke({ userId, ...only });
}

/** So many objects are asked at a time; more would wait for each other anyway. */
const ASKED_AT_ONCE = 20;

/**
 * For when people lose some of their rights, but not their account or credential: a role, a group, a share.
 * Call it once D1 has been written. Everything they have open asks anew, and closes unless it may stay.
 */
export async function recheckAccess(env: Env, userIds: readonly string[]): Promise<void> {
  for (let start = 0; start < userIds.length; start += ASKED_AT_ONCE) {
    const some = userIds.slice(start, start + ASKED_AT_ONCE);
    await Promise.all(some.map((userId) => env.USERS.getByName(userId).recheck({ userId })));
  }
}
