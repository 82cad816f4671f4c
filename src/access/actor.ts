import type { OrganizationRole } from "../contract/organizations.ts";
import type { SiteRole } from "../contract/identity.ts";
import type { Permission, RolePermissions } from "./permissions.ts";
import { organizationRolePermissions, siteRolePermissions } from "./roles.ts";

/** What a person is in one organisation. */
export interface Membership {
  roles: readonly OrganizationRole[];
  organization: readonly Permission[];
  member: readonly Permission[];
}

/** Who is asking, as authentication found out; every route decides with it. */
export interface Actor {
  userId: string;
  username: string;
  isServiceAccount: boolean;
  siteRoles: readonly SiteRole[];
  site: readonly Permission[];
  user: readonly Permission[];
  /** By organisation. */
  memberships: Readonly<Record<string, Membership>>;
  /** The groups that the person is in; each organisation is one, under its own id, of all its members. */
  groupIds: readonly string[];
  /** The session whose cookie was sent; null for API tokens. */
  sessionId: string | null;
  /** The API token that was sent; null for sessions. */
  keyId: string | null;
  /** What the credential is good for, see `scopes.ts`; sessions have `all`. An empty list allows nothing. */
  scopes: readonly string[];
}

export interface ActorFacts {
  userId: string;
  username: string;
  isServiceAccount?: boolean;
  siteRoles: readonly SiteRole[];
  memberships: readonly {
    organizationId: string;
    roles: readonly OrganizationRole[];
    /** Of the system role that the kind of account implies. */
    implied: Pick<RolePermissions, "organization" | "member">;
  }[];
  groupIds?: readonly string[];
  sessionId?: string | null;
  keyId?: string | null;
  scopes: readonly string[];
}

/** The one way to an actor: what is stored about a person, with what their roles mean. */
export function actorOf(facts: ActorFacts): Actor {
  const { userId, username, siteRoles, scopes } = facts;
  const onSite = siteRoles.map((role) => siteRolePermissions[role]);
  const memberships = facts.memberships.map(({ organizationId, roles, implied }): [string, Membership] => {
    const held = [implied, ...roles.map((role) => organizationRolePermissions[role])];
    return [
      organizationId,
      {
        roles,
        organization: held.flatMap((role) => role.organization),
        member: held.flatMap((role) => role.member),
      },
    ];
  });
  return {
    userId,
    username,
    isServiceAccount: facts.isServiceAccount ?? false,
    siteRoles,
    site: onSite.flatMap((role) => role.site),
    user: onSite.flatMap((role) => role.user),
    memberships: Object.fromEntries(memberships),
    groupIds: [...(facts.groupIds ?? []), ...facts.memberships.map(({ organizationId }) => organizationId)],
    sessionId: facts.sessionId ?? null,
    keyId: facts.keyId ?? null,
    scopes,
  };
}

/** The organisations that the actor is a member of. */
export function organizationIdsOf(actor: Pick<Actor, "memberships">): string[] {
  return Object.keys(actor.memberships);
}

/** Before the id of an API token where sessions and tokens share one name space. */
export const KEY_CREDENTIAL = "key:";

/** How a credential is named where sockets and revocations meet: a session by its id, a token with a prefix. */
export function credentialName(actor: Pick<Actor, "sessionId" | "keyId">): string {
  if (actor.sessionId !== null) return actor.sessionId;
  return actor.keyId === null ? "" : `${KEY_CREDENTIAL}${actor.keyId}`;
}
