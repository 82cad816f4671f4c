/**
 * Ends what a user, or one credential of theirs (`credentialName`), still has open. The next request is
 * refused by authentication anyway; sockets ask nothing, so the user's object closes those it registered.
 */
export async function revokeAccess(env: Env, userId: string, only: { sessionId?: string } = {}): Promise<void> {
  await env.USERS.getByName(userId).revoke({ userId, ...only });
}
