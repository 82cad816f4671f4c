/**
 * Ends what a user, or one of their sessions, still has open. The next request is refused by
 * authentication anyway; sockets ask nothing, so the user's object closes the ones it registered.
 */
export async function revokeAccess(env: Env, userId: string, only: { sessionId?: string } = {}): Promise<void> {
  await env.USERS.getByName(userId).revoke({ userId, ...only });
}
