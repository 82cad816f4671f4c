import { and, eq, gt, ne } from "drizzle-orm";
import { KEY_CREDENTIAL } from "../access/actor.ts";
import { ALL_SCOPE } from "../access/scopes.ts";
import type { Database } from "../platform/d1.ts";
import { apiKeys, sessions, users } from "./schema.ts";

/** What a credential of a user, by its `credentialName`, is still good for; null when it has ended. */
export async function credentialScopes(
  db: Database,
  userId: string,
  name: string,
  now: number,
): Promise<string[] | null> {
  if (name.startsWith(KEY_CREDENTIAL)) {
    const [key] = await db
      .select({ scopes: apiKeys.scopes })
      .from(apiKeys)
      .where(
        and(eq(apiKeys.id, name.slice(KEY_CREDENTIAL.length)), eq(apiKeys.userId, userId), gt(apiKeys.expiresAt, now)),
      );
    return key?.scopes ?? null;
  }
  const [session] = await db
    .select({ id: sessions.id })
    .from(sessions)
    .where(
      and(
        eq(sessions.id, name),
        eq(sessions.userId, userId),
        gt(sessions.expiresAt, now),
        gt(sessions.absoluteExpiresAt, now),
      ),
    );
  return session ? [ALL_SCOPE] : null;
}

/** Whether what a user opened with a credential may stay open: neither of the two has ended. */
export async function mayStayOpen(db: Database, userId: string, name: string, now: number): Promise<boolean> {
  const [scopes, person] = await Promise.all([
    credentialScopes(db, userId, name, now),
    db
      .select({ id: users.id })
      .from(users)
      .where(and(eq(users.id, userId), ne(users.status, "suspended"), eq(users.deleted, false)))
      .get(),
  ]);
  return scopes !== null && person !== undefined;
}
