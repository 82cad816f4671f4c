import { and, desc, eq, getTableColumns, isNull, lt, lte, or, sql, type SQL } from "drizzle-orm";
import type { ApiToken } from "../contract/identity.ts";
import { toWireTime, toWireTimeOrNull } from "../platform/clock.ts";
import type { Database } from "../platform/d1.ts";
import { sha256Hex } from "../platform/sealing.ts";
import { newApiToken, tokenPrefix } from "./credentials.ts";
import { apiKeys, users } from "./schema.ts";
import { TOUCH_INTERVAL_MS } from "./sessions.ts";

const DEFAULT_LIFETIME_SECONDS = 30 * 86_400;

type ApiKeyRow = typeof apiKeys.$inferSelect;

export interface NewApiKey {
  userId: string;
  name: string;
  scopes: readonly string[];
  /** 0 means "the default", as for clients that always send the field. */
  lifetimeSeconds: number;
  /** Who makes it, where that is not the user. */
  createdBy: string | null;
}

/** A token that is not yet stored: the caller's batch runs `statement`. Its key is nowhere else afterwards. */
export function newApiKey(token: NewApiKey, now: number): { id: string; key: string; statement: SQL } {
  const { id, secret, key } = newApiToken();
  const expiresAt = now + (token.lifetimeSeconds || DEFAULT_LIFETIME_SECONDS) * 1000;
  // Not for somebody who was deleted meanwhile: a deletion takes the tokens that there are.
  const statement = sql`insert into api_keys
      (id, user_id, secret_hash, token_name, scopes, created_at, expires_at, last_used, created_by)
    select ${id}, ${token.userId}, ${sha256Hex(secret)}, ${token.name}, ${JSON.stringify(token.scopes)}, ${now},
      ${expiresAt}, null, ${token.createdBy}
    where exists (select 1 from users where id = ${token.userId} and deleted = 0)`;
  return { id, key, statement };
}

/** Names the outer table in so many words: alone in its query, drizzle would leave it out. */
const creatorName = sql<string | null>`(
  select coalesce(nullif(u.name, ''), u.username) from users u where u.id = api_keys.created_by)`;
const creatorActive = sql<boolean>`exists (
  select 1 from users u where u.id = api_keys.created_by and u.deleted = 0 and u.status != 'suspended')`.mapWith(
  Boolean,
);

export interface ListedApiKey extends ApiKeyRow {
  creatorName: string | null;
  creatorActive: boolean;
}

/** A page of the user's tokens, expired ones too, newest first, after the given one. */
export async function listApiKeys(
  db: Database,
  userId: string,
  page: { after: { id: string; createdAt: number } | null; limit: number },
): Promise<ListedApiKey[]> {
  const { after } = page;
  const older: SQL | undefined =
    after === null
      ? undefined
      : or(
          lt(apiKeys.createdAt, after.createdAt),
          and(eq(apiKeys.createdAt, after.createdAt), lt(apiKeys.id, after.id)),
        );
  return db
    .select({ ...getTableColumns(apiKeys), creatorName, creatorActive })
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

/** Statement that deletes one token of the user. */
export function deleteApiKey(db: Database, userId: string, id: string) {
  return db.delete(apiKeys).where(and(eq(apiKeys.id, id), eq(apiKeys.userId, userId)));
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

export function toApiToken(row: ListedApiKey): ApiToken {
  return {
    id: row.id,
    token_name: row.tokenName,
    prefix: tokenPrefix(row.id),
    scopes: row.scopes,
    created_at: toWireTime(row.createdAt),
    expires_at: toWireTime(row.expiresAt),
    last_used: toWireTimeOrNull(row.lastUsed),
    created_by: row.createdBy,
    creator: row.creatorName === null ? null : { name: row.creatorName, active: row.creatorActive },
  };
}
