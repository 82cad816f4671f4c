import { and, desc, eq, isNull, lt, lte, or, type SQL } from "drizzle-orm";
import { ALL_SCOPE } from "../access/scopes.ts";
import type { ApiToken } from "../contract/identity.ts";
import { toWireTime, toWireTimeOrNull } from "../platform/clock.ts";
import type { Database } from "../platform/d1.ts";
import { sha256Hex } from "../platform/sealing.ts";
import { newApiToken, tokenPrefix } from "./credentials.ts";
import { apiKeys, users } from "./schema.ts";
import { TOUCH_INTERVAL_MS } from "./sessions.ts";

const DEFAULT_LIFETIME_SECONDS = 30 * 86_400;

type ApiKeyRow = typeof apiKeys.$inferSelect;

/** Makes a token for the user. Its key is in the answer and nowhere else afterwards. */
export async function createApiKey(
  db: Database,
  userId: string,
  request: { token_name: string; lifetime_seconds?: number | undefined },
  now: number,
): Promise<{ id: string; key: string }> {
  const { id, secret, key } = newApiToken();
  // 0 means "the default", as for clients that always send the field.
  const lifetimeSeconds = request.lifetime_seconds || DEFAULT_LIFETIME_SECONDS;
  await db.insert(apiKeys).values({
    id,
    userId,
    secretHash: sha256Hex(secret),
    tokenName: request.token_name,
    scopes: [ALL_SCOPE],
    createdAt: now,
    expiresAt: now + lifetimeSeconds * 1000,
    lastUsed: null,
  });
  return { id, key };
}

/** A page of the user's tokens, expired ones too, newest first, after the given one. */
export async function listApiKeys(
  db: Database,
  userId: string,
  page: { after: { id: string; createdAt: number } | null; limit: number },
): Promise<ApiKeyRow[]> {
  const { after } = page;
  const older: SQL | undefined =
    after === null
      ? undefined
      : or(
          lt(apiKeys.createdAt, after.createdAt),
          and(eq(apiKeys.createdAt, after.createdAt), lt(apiKeys.id, after.id)),
        );
  return db
    .select()
    .from(apiKeys)
    .where(and(eq(apiKeys.userId, userId), older))
    .orderBy(desc(apiKeys.createdAt), desc(apiKeys.id))
    .limit(page.limit);
}

export async function readApiKey(db: Database, userId: string, id: string) {
  return db
    .select()
    .from(apiKeys)
    .where(and(eq(apiKeys.id, id), eq(apiKeys.userId, userId)))
    .get();
}

/** Deletes one token of the user; false when there is none with that id. */
export async function deleteApiKey(db: Database, userId: string, id: string): Promise<boolean> {
  const deleted = await db
    .delete(apiKeys)
    .where(and(eq(apiKeys.id, id), eq(apiKeys.userId, userId)))
    .returning({ id: apiKeys.id });
  return deleted.length > 0;
}

/** Notes the use of a token, at most once a minute. */
export async function touchApiKey(db: Database, id: string, userId: string, now: number): Promise<void> {
  await db.batch([
    db
      .update(apiKeys)
      .set({ lastUsed: now })
      .where(and(eq(apiKeys.id, id), or(isNull(apiKeys.lastUsed), lte(apiKeys.lastUsed, now - TOUCH_INTERVAL_MS)))),
    db.update(users).set({ lastSeenAt: now }).where(eq(users.id, userId)),
  ]);
}

export function toApiToken(row: ApiKeyRow): ApiToken {
  return {
    id: row.id,
    token_name: row.tokenName,
    prefix: tokenPrefix(row.id),
    scopes: row.scopes,
    created_at: toWireTime(row.createdAt),
    expires_at: toWireTime(row.expiresAt),
    last_used: toWireTimeOrNull(row.lastUsed),
  };
}
