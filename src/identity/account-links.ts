import { and, desc, eq, gt, isNull, sql, type SQL } from "drizzle-orm";
import type { Context } from "hono";
import type { Actor } from "../access/actor.ts";
import type { AppEnv } from "../access/router.ts";
import { ALL_SCOPE } from "../access/scopes.ts";
import type { AccountLink } from "../contract/identity.ts";
import { toWireTime } from "../platform/clock.ts";
import type { Database } from "../platform/d1.ts";
import { newId, randomText } from "../platform/ids.ts";
import { Problem } from "../platform/problem.ts";
import { sha256Hex } from "../platform/sealing.ts";
import { mayEnter, ungivable } from "./giving.ts";
import { mayAct, readActor } from "./actors.ts";
import { accountLinks, users } from "./schema.ts";

const DAY_MS = 86_400_000;
/** A week with a holiday in it. */
export const INVITE_LIFE_MS = 7 * DAY_MS;
/** Whoever asked for it waits for it. */
export const RESET_LIFE_MS = DAY_MS;
/** 256 bits: nobody guesses it, however many links there are. */
const SECRET_BYTES = 32;

export type AccountLinkRow = typeof accountLinks.$inferSelect;

/** A link that is not yet stored: the caller's batch runs `statement`. Its address is nowhere else afterwards. */
export function newAccountLink(
  c: Context<AppEnv>,
  facts: Pick<AccountLinkRow, "kind" | "userId" | "email" | "roles" | "organizationIds" | "createdBy">,
  lifeMs: number,
): { row: AccountLinkRow; url: string; statement: SQL } {
  const token = randomText(SECRET_BYTES);
  const now = c.var.clock();
  const row = {
    ...facts,
    id: newId(),
    secretHash: sha256Hex(token),
    createdAt: now,
    expiresAt: now + lifeMs,
    usedAt: null,
  };
  const page = facts.kind === "invite" ? "invite" : "reset-password";
  const origin = (c.env.ACCESS_URL || new URL(c.req.url).origin).replace(/\/+$/, "");
  return {
    row,
    // Behind the #, where no browser sends it and no log sees it; the page sends it in a body.
    url: `${origin}/${page}#${token}`,
    statement: c.var.db.insert(accountLinks).values(row).getSQL(),
  };
}

/** A page of the invites that nobody has used and that still work, newest first. */
export async function listInvites(
  db: Database,
  page: { after: { id: string; createdAt: number } | null; limit: number },
  now: number,
): Promise<AccountLinkRow[]> {
  const { after } = page;
  return db
    .select()
    .from(accountLinks)
    .where(
      and(
        eq(accountLinks.kind, "invite"),
        isNull(accountLinks.usedAt),
        gt(accountLinks.expiresAt, now),
        after === null
          ? undefined
          : sql`(${accountLinks.createdAt}, ${accountLinks.id}) < (${after.createdAt}, ${after.id})`,
      ),
    )
    .orderBy(desc(accountLinks.createdAt), desc(accountLinks.id))
    .limit(page.limit);
}

export async function readInvite(db: Database, id: string): Promise<AccountLinkRow | undefined> {
  return db
    .select()
    .from(accountLinks)
    .where(and(eq(accountLinks.id, id), eq(accountLinks.kind, "invite"), isNull(accountLinks.usedAt)))
    .get();
}

/** A link that works, with whoever made it and whomever it is for. */
export interface OpenLink {
  link: AccountLinkRow;
  maker: typeof users.$inferSelect;
  /** What the maker may do now. */
  actor: Actor;
  /** Whose password it resets; null for an invite. */
  user: typeof users.$inferSelect | null;
}

/**
 * What a token opens. Throws the same 400 Problem for tokens that nobody made, that were used, that have expired,
 * and for links whose maker could not give what they give any more.
 */
export async function openLink(
  db: Database,
  token: string,
  kind: AccountLinkRow["kind"] | null,
  now: number,
): Promise<OpenLink> {
  const found = await db
    .select({ link: accountLinks, maker: users })
    .from(accountLinks)
    .innerJoin(users, eq(users.id, accountLinks.createdBy))
    .where(
      and(
        eq(accountLinks.secretHash, sha256Hex(token)),
        isNull(accountLinks.usedAt),
        gt(accountLinks.expiresAt, now),
        mayAct,
      ),
    )
    .get();
  if (found === undefined || (kind !== null && found.link.kind !== kind)) throw linkIsDead();
  const { link, maker } = found;
  const actor = await readActor(db, maker.id, { sessionId: null, keyId: null, scopes: [ALL_SCOPE] });
  if (actor === null) throw linkIsDead();
  if (link.kind === "invite") {
    if (ungivable(actor, link.roles).length > 0) throw linkIsDead();
    return { link, maker, actor, user: null };
  }
  const user = link.userId === null ? null : await readAccount(db, link.userId);
  if (user === null || !(await mayEnter(db, actor, user))) throw linkIsDead();
  return { link, maker, actor, user };
}

/**
 * Whether a link is still open and its maker still who they were when it was looked at: for the batch that uses it,
 * so that of those who use it at once one does.
 */
export function isOpen({ link, maker }: Pick<OpenLink, "link" | "maker">, now: number): SQL {
  return sql`exists (
    select 1 from account_links l join users m on m.id = l.created_by
    where l.id = ${link.id} and l.used_at is null and l.expires_at > ${now}
      and m.deleted = 0 and m.status != 'suspended' and json(m.roles) = json(${JSON.stringify(maker.roles)}))`;
}

/** Statement that uses a link up, where `when` holds. */
export function useUp({ link }: Pick<OpenLink, "link">, userId: string, now: number, when: SQL): SQL {
  return sql`update account_links set used_at = ${now}, user_id = ${userId} where id = ${link.id} and ${when}`;
}

export function linkIsDead(): Problem {
  return new Problem(400, "This link does not work.", {
    detail: "It was used already, has expired or is not complete. Ask for a new one.",
    errors: [{ pointer: "/token", detail: "No link that works." }],
  });
}

export function toAccountLink(row: AccountLinkRow): AccountLink {
  return {
    id: row.id,
    kind: row.kind,
    email: row.email,
    user_id: row.userId,
    roles: row.roles,
    organization_ids: row.organizationIds,
    created_by: row.createdBy,
    created_at: toWireTime(row.createdAt),
    expires_at: toWireTime(row.expiresAt),
  };
}

/** Who has a password that a link may reset. */
async function readAccount(db: Database, id: string): Promise<OpenLink["user"]> {
  const found = await db
    .select()
    .from(users)
    .where(and(eq(users.id, id), mayAct, eq(users.loginType, "password")))
    .get();
  return found ?? null;
}
