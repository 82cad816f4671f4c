import { organizationRoles, type OrganizationRole } from "../contract/organizations.ts";
import { siteRoles, type SiteRole } from "../contract/identity.ts";
import type { Actor } from "./actor.ts";
import { ALL_SCOPE } from "./scopes.ts";

/** Who may give or take which role. The system roles are nobody's to give. */
const assignableSiteRoles: Partial<Record<SiteRole, readonly SiteRole[]>> = {
  owner: siteRoles,
  "user-admin": ["member"],
};

const assignableInOrganization: Partial<Record<OrganizationRole, readonly OrganizationRole[]>> = {
  "organization-admin": organizationRoles,
};

/** The roles of the site that the actor may give and take. */
export function mayAssignOnSite(actor: Pick<Actor, "siteRoles">): ReadonlySet<SiteRole> {
  return new Set(actor.siteRoles.flatMap((role) => assignableSiteRoles[role] ?? []));
}

/**
 * The roles of an organisation that the actor may give and take there: none with a token that is not good for
 * everything, which through an admin of its making would be good for everything in the organisation.
 */
export function mayAssignIn(
  actor: Pick<Actor, "siteRoles" | "memberships" | "scopes">,
  organizationId: string,
): ReadonlySet<OrganizationRole> {
  if (!actor.scopes.includes(ALL_SCOPE)) return new Set();
  if (actor.siteRoles.includes("owner")) return new Set(organizationRoles);
  const roles = actor.memberships[organizationId]?.roles ?? [];
  return new Set(roles.flatMap((role) => assignableInOrganization[role] ?? []));
}
