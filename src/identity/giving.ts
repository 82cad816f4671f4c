import { eq } from "drizzle-orm";
import type { Actor } from "../access/actor.ts";
import { mayAssignIn, mayAssignOnSite } from "../access/assignment.ts";
import { forbidden } from "../access/check.ts";
import { ALL_SCOPE } from "../access/scopes.ts";
import { siteRoles, type SiteRole } from "../contract/identity.ts";
import { organizationMembers } from "../organizations/schema.ts";
import type { Database } from "../platform/d1.ts";

type GivingActor = Pick<Actor, "userId" | "siteRoles" | "memberships" | "scopes">;

interface Account {
  id: string;
  roles: readonly SiteRole[];
}

/**
 * The roles that the actor may give and take with the credential in hand. A token that is not good for everything
 * makes plain members only: with an owner of its making it would be good for everything after all.
 */
export function givableRoles(actor: Pick<Actor, "siteRoles" | "scopes">): ReadonlySet<SiteRole> {
  const own = mayAssignOnSite(actor);
  if (actor.scopes.includes(ALL_SCOPE)) return own;
  return new Set([...own].filter((role) => role === "member"));
}

/**
 * Throws a 403 Problem unless the actor may take the account in hand: change it or end it. Nobody is to undo or
 * become somebody with more rights.
 */
export function requireSway(actor: Pick<Actor, "userId" | "siteRoles" | "scopes">, account: Account): void {
  if (account.id === actor.userId) return;
  if (ungivable(actor, account.roles).length === 0) return;
  throw forbidden("This account has a role that you could not give. Ask somebody who can.");
}

/** Throws a 403 Problem unless the actor may come into the account: by its password, its address or a token. */
export async function requireEntry(db: Database, actor: GivingActor, account: Account): Promise<void> {
  requireSway(actor, account);
  if (await mayEnter(db, actor, account)) return;
  throw forbidden("This account has a role in an organisation that you could not give. Ask somebody who can.");
}

/** Whether the actor could give every role that the account has, of the deployment and in organisations. */
export async function mayEnter(db: Database, actor: GivingActor, account: Account): Promise<boolean> {
  if (account.id === actor.userId) return true;
  if (ungivable(actor, account.roles).length > 0) return false;
  const held = await db
    .select({ organizationId: organizationMembers.organizationId, roles: organizationMembers.roles })
    .from(organizationMembers)
    .where(eq(organizationMembers.userId, account.id));
  return held.every(({ organizationId, roles }) => {
    if (roles.length === 0) return true;
    const givable = mayAssignIn(actor, organizationId);
    return roles.every((role) => givable.has(role));
  });
}

/** Throws a 403 Problem that names the roles which the actor may not give. */
export function requireGivable(actor: Pick<Actor, "siteRoles" | "scopes">, roles: readonly SiteRole[]): void {
  const beyond = ungivable(actor, roles);
  if (beyond.length > 0) throw forbidden(`You may not give or take the role ${beyond.join(", ")}.`);
}

/** Those of the roles that the actor could not give. */
export function ungivable(actor: Pick<Actor, "siteRoles" | "scopes">, roles: readonly SiteRole[]): SiteRole[] {
  const givable = givableRoles(actor);
  return roles.filter((role) => !givable.has(role));
}

/** Roles as they are stored: each once, in the order of the contract, and `member` for everybody. */
export function storedRoles(asked: readonly SiteRole[]): SiteRole[] {
  return siteRoles.filter((role) => role === "member" || asked.includes(role));
}

/** What people read where roles are given. */
export const siteRoleTexts: Record<SiteRole, { displayName: string; description: string }> = {
  owner: { displayName: "Owner", description: "May do everything, and give every role." },
  member: { displayName: "Member", description: "Works with own chats and workspaces. Everybody has this role." },
  auditor: { displayName: "Auditor", description: "Reads the audit log, people and settings; changes nothing." },
  "template-admin": { displayName: "Template admin", description: "Manages templates and sees all workspaces." },
  "user-admin": { displayName: "User admin", description: "Manages people, service accounts and groups." },
};
