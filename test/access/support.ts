import { actorOf, type Actor } from "../../src/access/actor.ts";
import { systemRolePermissions } from "../../src/access/roles.ts";
import type { SiteRole } from "../../src/contract/identity.ts";
import type { OrganizationRole, ShareableWorkspaceOwners } from "../../src/contract/organizations.ts";

/** An actor as they are put together from what is stored, with the roles that the test names. */
export function actorWith(facts: {
  userId?: string;
  siteRoles?: readonly SiteRole[];
  organizations?: Readonly<Record<string, readonly OrganizationRole[]>>;
  mode?: ShareableWorkspaceOwners;
  isServiceAccount?: boolean;
  groupIds?: readonly string[];
  scopes?: readonly string[];
}): Actor {
  const { userId = "me", siteRoles = ["member"], organizations = { ours: [] }, mode = "everyone" } = facts;
  const { isServiceAccount = false, groupIds = [], scopes = ["all"] } = facts;
  const system = isServiceAccount ? "organization-service-account" : "organization-member";
  return actorOf({
    userId,
    username: userId,
    isServiceAccount,
    siteRoles,
    memberships: Object.entries(organizations).map(([organizationId, roles]) => ({
      organizationId,
      roles,
      implied: systemRolePermissions(system, mode),
    })),
    groupIds,
    scopes,
  });
}
