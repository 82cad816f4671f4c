import { organizationRoles, type OrganizationRole } from "../contract/organizations.ts";
import { siteRoles, type SiteRole } from "../contract/identity.ts";
import type { Actor } from "./actor.ts";

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

/** The roles of an organisation that the actor may give and take there. */
export function mayAssignIn(
  actor: Pick<Actor, "siteRoles" | "memberships">,
  organizationId: string,
): ReadonlySet<OrganizationRole> {
  if (actor.siteRoles.includes("owner")) return new Set(organizationRoles);
  const roles = actor.memberships[organizationId]?.roles ?? [];
  return new Set(roles.flatMap((role) => assignableInOrganization[role] ?? []));
}
