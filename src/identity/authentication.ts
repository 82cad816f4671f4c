import { and, eq, sql } from "drizzle-orm";
import { KEY_CREDENTIAL, type Actor } from "../access/actor.ts";
import { ALL_SCOPE } from "../access/scopes.ts";
import { prepared, type Database } from "../platform/d1.ts";
import { sameText, sha256Hex } from "../platform/sealing.ts";
import { mayAct, rightsOfUser, toActor } from "./actors.ts";
import { touchApiKey } from "./api-keys.ts";
import type { Credential } from "./credentials.ts";
import { apiKeys, sessions, users } from "./schema.ts";
import { touchSession, TOUCH_INTERVAL_MS } from "./sessions.ts";
import { wakeUser } from "./status.ts";

export interface Authentication {
  actor: Actor;
  /** Writes that this use was now; null when that stands there already. Nobody needs to wait for it. */
  touch: (() => Promise<void>) | null;
}

/**
 * Who a credential belongs to, or null when it is unknown, wrong, expired, or its user is suspended or
 * deleted. Read from D1 at every request: what was revoked is over at the next one.
 */
export async function authenticate(db: Database, credential: Credential, now: number): Promise<Authentication | null> {
  return credential.kind === "session" ? bySession(db, credential, now) : byToken(db, credential, now);
}

const sessionById = prepared((db) =>
  db
    .select({ session: sessions, user: users, rights: rightsOfUser })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(and(eq(sessions.id, sql.placeholder("id")), mayAct))
    .prepare(),
);

const keyById = prepared((db) =>
  db
    .select({ key: apiKeys, user: users, rights: rightsOfUser })
    .from(apiKeys)
    .innerJoin(users, eq(users.id, apiKeys.userId))
    .where(and(eq(apiKeys.id, sql.placeholder("id")), mayAct))
    .prepare(),
);

/**
 * The same for a credential whose secret was shown when a socket was opened, by its `credentialName`: what it is
 * still good for now.
 */
export async function authenticateAgain(
  db: Database,
  { userId, credential: name }: { userId: string; credential: string },
  now: number,
): Promise<Authentication | null> {
  const found = name.startsWith(KEY_CREDENTIAL)
    ? ofKey(db, await keyById(db).get({ id: name.slice(KEY_CREDENTIAL.length) }), now)
    : ofSession(db, await sessionById(db).get({ id: name }), now);
  return found?.actor.userId === userId ? found : null;
}

async function bySession(db: Database, credential: Credential, now: number): Promise<Authentication | null> {
  const found = await sessionById(db).get({ id: credential.id });
  return found && fits(credential, found.session.secretHash) ? ofSession(db, found, now) : null;
}

async function byToken(db: Database, credential: Credential, now: number): Promise<Authentication | null> {
  const found = await keyById(db).get({ id: credential.id });
  return found && fits(credential, found.key.secretHash) ? ofKey(db, found, now) : null;
}

interface FoundUser {
  user: typeof users.$inferSelect;
  rights: string;
}

function ofSession(
  db: Database,
  found: (FoundUser & { session: typeof sessions.$inferSelect }) | undefined,
  now: number,
): Authentication | null {
  if (found === undefined || found.session.expiresAt <= now) return null;
  const { session, user } = found;
  const actor = toActor(user, found.rights, { sessionId: session.id, keyId: null, scopes: [ALL_SCOPE] });
  const stale = session.lastUsedAt <= now - TOUCH_INTERVAL_MS;
  return { actor, touch: touching(db, user, now, stale ? () => touchSession(db, session.id, user.id, now) : null) };
}

function ofKey(
  db: Database,
  found: (FoundUser & { key: typeof apiKeys.$inferSelect }) | undefined,
  now: number,
): Authentication | null {
  if (found === undefined || found.key.expiresAt <= now) return null;
  const { key, user } = found;
  const actor = toActor(user, found.rights, { sessionId: null, keyId: key.id, scopes: key.scopes });
  const stale = key.lastUsed === null || key.lastUsed <= now - TOUCH_INTERVAL_MS;
  return { actor, touch: touching(db, user, now, stale ? () => touchApiKey(db, key.id, user.id, now) : null) };
}

/** Who uses a credential is not dormant. */
function touching(
  db: Database,
  user: Pick<typeof users.$inferSelect, "id" | "status">,
  now: number,
  touch: Authentication["touch"],
): Authentication["touch"] {
  if (user.status !== "dormant") return touch;
  return async () => {
    await wakeUser(db, user.id, now);
    await touch?.();
  };
}

function fits(credential: Credential, secretHash: string): boolean {
  return sameText(sha256Hex(credential.secret), secretHash);
}
