import { and, eq, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { Json } from "../contract/common.ts";
import { users } from "../identity/schema.ts";
import type { Database } from "../platform/d1.ts";
import { log } from "../platform/log.ts";
import { seal, unseal } from "../platform/sealing.ts";
import { externalAuthLinks } from "./schema.ts";

/** What a provider gives when it is asked for access. */
export interface Tokens {
  accessToken: string;
  /** "" = none. */
  refreshToken: string;
  /** Integer milliseconds; null = never. */
  expiresAt: number | null;
  /** What else of its answer the configuration asks to keep. */
  extra: Record<string, Json> | null;
}

/** A link with its tokens open. */
export interface ExternalLink extends Tokens {
  providerId: string;
  /** "" = the provider has not refused to refresh it. */
  refreshFailureReason: string;
  refreshFailedAt: number | null;
  /** What the next write is conditional on. */
  version: number;
  createdAt: number;
  updatedAt: number;
}

/** One person's link to one provider. */
export interface LinkStore {
  read(): Promise<ExternalLink | null>;
  /** False, and nothing is changed, where somebody has written since `link` was read. */
  storeTokens(link: ExternalLink, tokens: Tokens, now: number): Promise<boolean>;
  /** Takes the refresh token away and keeps why; false as above. */
  rememberRefusal(link: ExternalLink, reason: string, now: number): Promise<boolean>;
}

interface Whose {
  userId: string;
  providerId: string;
}

const UNREADABLE = "it was stored under another SECRET_KEY than this deployment has now";

export function linkStore(db: Database, secretKey: string, { userId, providerId }: Whose): LinkStore {
  const asRead = ({ version }: ExternalLink) =>
    and(
      eq(externalAuthLinks.userId, userId),
      eq(externalAuthLinks.providerId, providerId),
      eq(externalAuthLinks.version, version),
    );
  const version = sql`${externalAuthLinks.version} + 1`;
  return {
    async read() {
      const [row] = await linkRows(db, userId, eq(externalAuthLinks.providerId, providerId));
      return row === undefined ? null : openLink(row, secretKey);
    },
    async storeTokens(link, tokens, now) {
      const written = await db
        .update(externalAuthLinks)
        .set({ ...(await sealed(tokens, secretKey)), version, updatedAt: now })
        .where(asRead(link))
        .returning({ version: externalAuthLinks.version });
      return written.length > 0;
    },
    async rememberRefusal(link, reason, now) {
      const written = await db
        .update(externalAuthLinks)
        .set({ sealedRefreshToken: "", refreshFailureReason: reason, refreshFailedAt: now, version, updatedAt: now })
        .where(asRead(link))
        .returning({ version: externalAuthLinks.version });
      return written.length > 0;
    },
  };
}

/** All that a person has connected; one a provider, so never many. */
export async function listLinks(db: Database, secretKey: string, userId: string): Promise<ExternalLink[]> {
  const rows = await linkRows(db, userId, sql`true`);
  return Promise.all(rows.map((row) => openLink(row, secretKey)));
}

/**
 * The statement that keeps tokens for a person who is there, in place of what they had of this provider. Versions
 * begin at the time: a renewal that began before somebody disconnected must not know the link that came after by it.
 */
export async function connectStatement(
  secretKey: string,
  { userId, providerId }: Whose,
  tokens: Tokens,
  now: number,
): Promise<SQL> {
  const { sealedAccessToken, sealedRefreshToken, expiresAt, extra } = await sealed(tokens, secretKey);
  return sql`insert into external_auth_links (provider_id, user_id, sealed_access_token, sealed_refresh_token,
      expires_at, extra, refresh_failure_reason, refresh_failed_at, version, created_at, updated_at)
    select ${providerId}, u.id, ${sealedAccessToken}, ${sealedRefreshToken}, ${expiresAt},
      ${extra === null ? null : JSON.stringify(extra)}, '', null, ${now}, ${now}, ${now}
    from users u where u.id = ${userId} and u.deleted = 0 and u.status != 'suspended'
    on conflict (provider_id, user_id) do update set
      sealed_access_token = excluded.sealed_access_token, sealed_refresh_token = excluded.sealed_refresh_token,
      expires_at = excluded.expires_at, extra = excluded.extra, refresh_failure_reason = '',
      refresh_failed_at = null, version = version + 1, updated_at = excluded.updated_at`;
}

export function disconnectStatement({ userId, providerId }: Whose): SQL {
  return sql`delete from external_auth_links where provider_id = ${providerId} and user_id = ${userId}`;
}

type Row = typeof externalAuthLinks.$inferSelect;

/** Of nobody who is gone or suspended: what is connected acts in their name. */
async function linkRows(db: Database, userId: string, which: SQL): Promise<Row[]> {
  const found = await db
    .select({ link: externalAuthLinks })
    .from(externalAuthLinks)
    .innerJoin(users, eq(users.id, externalAuthLinks.userId))
    .where(
      and(eq(externalAuthLinks.userId, userId), which, eq(users.deleted, false), sql`${users.status} != 'suspended'`),
    )
    .orderBy(externalAuthLinks.providerId);
  return found.map(({ link }) => link);
}

async function sealed({ accessToken, refreshToken, expiresAt, extra }: Tokens, secretKey: string) {
  return {
    sealedAccessToken: await seal(accessToken, secretKey),
    sealedRefreshToken: refreshToken === "" ? "" : await seal(refreshToken, secretKey),
    expiresAt,
    extra,
    refreshFailureReason: "",
    refreshFailedAt: null,
  };
}

async function openLink(row: Row, secretKey: string): Promise<ExternalLink> {
  const { sealedAccessToken, sealedRefreshToken, userId: _userId, ...facts } = row;
  try {
    const refreshToken = sealedRefreshToken === "" ? "" : await unseal(sealedRefreshToken, secretKey);
    return { ...facts, accessToken: await unseal(sealedAccessToken, secretKey), refreshToken };
  } catch (error) {
    // The key of the deployment was replaced. Connecting again mends it, so it is said as any other refusal.
    log.warn("external_auth.unreadable_link", { provider: row.providerId, error });
    return { ...facts, accessToken: "", refreshToken: "", expiresAt: 0, refreshFailureReason: UNREADABLE };
  }
}
