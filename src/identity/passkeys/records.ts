import { and, asc, eq } from "drizzle-orm";
import { toWireTime, toWireTimeOrNull } from "../../platform/clock.ts";
import type { Passkey } from "../../contract/sign-in.ts";
import type { Database } from "../../platform/d1.ts";
import { passkeys } from "./schema.ts";

export type PasskeyRow = typeof passkeys.$inferSelect;

/** Nobody has so many devices; so the list needs no pages. */
export const PASSKEYS_PER_USER = 20;

/** The user's passkeys, oldest first. */
export async function listPasskeys(db: Database, userId: string): Promise<PasskeyRow[]> {
  return db
    .select()
    .from(passkeys)
    .where(eq(passkeys.userId, userId))
    .orderBy(asc(passkeys.createdAt), asc(passkeys.id))
    .limit(PASSKEYS_PER_USER);
}

/** The passkey of this user. */
export async function readPasskey(db: Database, userId: string, id: string): Promise<PasskeyRow | undefined> {
  return db
    .select()
    .from(passkeys)
    .where(and(eq(passkeys.id, id), eq(passkeys.userId, userId)))
    .get();
}

/** The passkey that its authenticator calls so. */
export async function readPasskeyByCredential(db: Database, credentialId: string): Promise<PasskeyRow | undefined> {
  return db.select().from(passkeys).where(eq(passkeys.credentialId, credentialId)).get();
}

export function toPasskey(row: PasskeyRow): Passkey {
  return {
    id: row.id,
    name: row.name,
    backed_up: row.backedUp,
    created_at: toWireTime(row.createdAt),
    last_used_at: toWireTimeOrNull(row.lastUsedAt),
  };
}
