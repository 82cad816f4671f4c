import { and, asc, eq, sql } from "drizzle-orm";
import type { Context } from "hono";
import type { AppEnv } from "../../access/router.ts";
import { auditStatement } from "../../audit/record.ts";
import { asOneLine } from "../../contract/common.ts";
import type { OutsideAccount } from "../../contract/sign-in.ts";
import { connectStatement } from "../../external-auth/links.ts";
import { OIDC_LINK } from "../../external-auth/settings.ts";
import { DEFAULT_ORGANIZATION_ID } from "../../organizations/schema.ts";
import { toWireTime } from "../../platform/clock.ts";
import { runBatch, type Database } from "../../platform/d1.ts";
import { newId, randomText } from "../../platform/ids.ts";
import { users } from "../schema.ts";
import { creationOf } from "../user-creation.ts";
import { isPerson, readUserByLogin, type UserRow } from "../users.ts";
import { OutsideRefusal, type OutsideIdentity } from "./identity.ts";
import type { OidcTokens } from "./oidc.ts";
import type { Known } from "./matching.ts";
import { outsideAccounts } from "./schema.ts";
import { usernameCandidates } from "./user-names.ts";

type OutsideAccountRow = typeof outsideAccounts.$inferSelect;

/** What is known here about somebody who comes from a provider. */
export async function readKnown(db: Database, identity: OutsideIdentity): Promise<Known> {
  const linked = await db
    .select({ id: users.id, status: users.status })
    .from(outsideAccounts)
    .innerJoin(users, eq(users.id, outsideAccounts.userId))
    .where(and(eq(outsideAccounts.issuer, identity.issuer), eq(outsideAccounts.subject, identity.subject), isPerson))
    .get();
  // What has an @ is looked up as an address, and every other text would be a user name.
  const row = identity.email.includes("@") ? await readUserByLogin(db, identity.email) : undefined;
  if (row === undefined) return { linked, sameEmail: undefined };
  const other = await db
    .select({ id: outsideAccounts.id })
    .from(outsideAccounts)
    .where(and(eq(outsideAccounts.userId, row.id), eq(outsideAccounts.issuer, identity.issuer)))
    .get();
  return { linked, sameEmail: { ...row, isTaken: other !== undefined || row.lastSeenAt !== null } };
}

/** Notes a sign-in at the link that made it possible. */
export async function touchLink(db: Database, identity: OutsideIdentity, now: number): Promise<void> {
  await db
    .update(outsideAccounts)
    .set({ lastUsedAt: now, label: labelOf(identity) })
    .where(and(eq(outsideAccounts.issuer, identity.issuer), eq(outsideAccounts.subject, identity.subject)));
}

/** Links somebody there to an account here. Throws when either of the two is linked already. */
export async function linkAccount(
  c: Context<AppEnv>,
  row: Pick<UserRow, "id" | "username">,
  identity: OutsideIdentity,
): Promise<void> {
  const [linked] = await runBatch(c.var.db, [
    linkStatement(row.id, identity, c.var.clock()),
    auditStatement(c, {
      action: "write",
      resourceType: "user",
      resourceId: row.id,
      target: row.username,
      userId: row.id,
      diff: { outside_account: { old: null, new: `${identity.way}: ${labelOf(identity)}` } },
      when: sql`changes() > 0`,
    }),
  ]);
  if (linked?.meta.changes === 0) throw new OutsideRefusal("already_linked");
}

/**
 * Keeps what the provider gave beside the sign-in, where it can be renewed (scope `offline_access`): what cannot is
 * over within the hour. It lies with what people connect, and is renewed as that is.
 */
export async function keepOidcTokens(c: Context<AppEnv>, userId: string, tokens: OidcTokens): Promise<void> {
  if (tokens.refreshToken === "") return;
  const whose = { userId, providerId: OIDC_LINK };
  await runBatch(c.var.db, [
    await connectStatement(c.env.SECRET_KEY, whose, { ...tokens, extra: null }, c.var.clock()),
  ]);
}

/** Makes an account for somebody whom nobody here knows: a plain member of the default organisation. */
export async function createAccount(c: Context<AppEnv>, identity: OutsideIdentity): Promise<string> {
  const { db } = c.var;
  const now = c.var.clock();
  const id = newId();
  const isMade = sql`exists (select 1 from users where id = ${id})`;
  const taken = await takenNames(db, usernameCandidates(identity, ""));
  const free = usernameCandidates(identity, "").find((name) => !taken.has(name.toLowerCase()));
  // All plain ones are taken: one with a random end is not.
  const username = free ?? usernameCandidates(identity, randomText(4).replaceAll(/[^A-Za-z0-9]/g, "0"))[0] ?? id;
  await runBatch(db, [
    ...creationOf(
      {
        id,
        username,
        email: identity.email,
        name: asOneLine(identity.name, 200),
        loginType: identity.way,
        passwordHash: null,
        isServiceAccount: false,
        roles: ["member"],
        organizationIds: [DEFAULT_ORGANIZATION_ID],
      },
      now,
      sql`not exists (select 1 from outside_accounts o join users u on u.id = o.user_id and u.deleted = 0
            where o.issuer = ${identity.issuer} and o.subject = ${identity.subject})`,
    ),
    linkStatement(id, identity, now, isMade),
    auditStatement(c, {
      action: "register",
      resourceType: "user",
      resourceId: id,
      target: username,
      userId: id,
      diff: { outside_account: { old: null, new: `${identity.way}: ${labelOf(identity)}` } },
      when: isMade,
    }),
  ]);
  return id;
}

/** Takes a link off an account that can still be signed in to without it; whether it did. */
export async function unlinkAccount(c: Context<AppEnv>, row: UserRow, link: OutsideAccountRow): Promise<boolean> {
  const [removed] = await runBatch(c.var.db, [
    sql`delete from outside_accounts where id = ${link.id} and user_id = ${row.id} and (
          exists (select 1 from users where id = ${row.id} and password_hash is not null)
          or exists (select 1 from passkeys where user_id = ${row.id})
          or exists (select 1 from outside_accounts o where o.user_id = ${row.id} and o.id != ${link.id}))`,
    auditStatement(c, {
      action: "write",
      resourceType: "user",
      resourceId: row.id,
      target: row.username,
      diff: { outside_account: { old: `${link.way}: ${link.label}`, new: null } },
      when: sql`changes() > 0`,
    }),
    sql`delete from external_auth_links where user_id = ${row.id} and provider_id = ${OIDC_LINK} and not exists (
          select 1 from outside_accounts o where o.user_id = ${row.id} and o.way = 'oidc')`,
  ]);
  return removed?.meta.changes !== 0;
}

/** One a provider, so never many. */
export async function listOutsideAccounts(db: Database, userId: string): Promise<OutsideAccountRow[]> {
  return db
    .select()
    .from(outsideAccounts)
    .where(eq(outsideAccounts.userId, userId))
    .orderBy(asc(outsideAccounts.createdAt), asc(outsideAccounts.id));
}

export function toOutsideAccount(row: OutsideAccountRow): OutsideAccount {
  return {
    id: row.id,
    way: row.way,
    issuer: row.issuer,
    label: row.label,
    created_at: toWireTime(row.createdAt),
    last_used_at: toWireTime(row.lastUsedAt),
  };
}

/** In place of a link to an account that is deleted, and of no other. */
function linkStatement(userId: string, identity: OutsideIdentity, now: number, when = sql`true`) {
  return sql`insert into outside_accounts (id, user_id, way, issuer, subject, label, created_at, last_used_at)
    select ${newId()}, ${userId}, ${identity.way}, ${identity.issuer}, ${identity.subject}, ${labelOf(identity)},
      ${now}, ${now}
    where ${when} and not exists (
      select 1 from outside_accounts o where o.user_id = ${userId} and o.issuer = ${identity.issuer})
    on conflict (issuer, subject) do update
      set user_id = excluded.user_id, label = excluded.label, created_at = excluded.created_at,
        last_used_at = excluded.last_used_at
      where (select u.deleted from users u where u.id = outside_accounts.user_id) = 1`;
}

function labelOf(identity: OutsideIdentity): string {
  return (identity.way === "github" ? identity.login : identity.email || identity.login).slice(0, 320);
}

async function takenNames(db: Database, names: readonly string[]): Promise<Set<string>> {
  const rows = await db.all<{ name: string }>(sql`
    select lower(username) as name from users
    where deleted = 0 and lower(username) in (select lower(value) from json_each(${JSON.stringify(names)}))`);
  return new Set(rows.map(({ name }) => name));
}
