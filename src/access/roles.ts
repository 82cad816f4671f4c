import type { OrganizationRole, ShareableWorkspaceOwners } from "../contract/organizations.ts";
import type { SiteRole } from "../contract/identity.ts";
import type { Permission, RolePermissions } from "./permissions.ts";

/** The built-in roles, as data. Nothing else in the program knows what a role's name means. */

const NOTHING: RolePermissions = { site: [], user: [], organization: [], member: [] };

export const siteRolePermissions: Record<SiteRole, RolePermissions> = {
  owner: { ...NOTHING, site: [{ resource: "*", actions: "*" }] },
  member: {
    ...NOTHING,
    user: [
      { resource: "user", actions: ["read", "update"] },
      { resource: "api_key", actions: "*" },
      { resource: "usage", actions: ["read"] },
    ],
  },
  auditor: {
    ...NOTHING,
    site: [
      { resource: "audit_log", actions: ["read"] },
      { resource: "user", actions: ["read"] },
      { resource: "organization", actions: ["read"] },
      { resource: "organization_member", actions: ["read"] },
      { resource: "group", actions: ["read"] },
      { resource: "template", actions: ["read"] },
      { resource: "usage", actions: ["read"] },
      { resource: "deployment_config", actions: ["read"] },
    ],
  },
  "template-admin": {
    ...NOTHING,
    site: [
      { resource: "template", actions: "*" },
      { resource: "workspace", actions: ["read"] },
      { resource: "user", actions: ["read"] },
      { resource: "organization", actions: ["read"] },
      { resource: "organization_member", actions: ["read"] },
      { resource: "group", actions: ["read"] },
    ],
  },
  "user-admin": {
    ...NOTHING,
    site: [
      { resource: "user", actions: "*" },
      { resource: "group", actions: "*" },
      { resource: "organization", actions: ["read"] },
      { resource: "organization_member", actions: "*" },
    ],
  },
};

/** Of an organisation; its two system roles are rows of the database, see `systemRolePermissions`. */
export const organizationRolePermissions: Record<OrganizationRole, RolePermissions> = {
  "organization-admin": {
    ...NOTHING,
    organization: [
      { resource: "organization", actions: "*" },
      { resource: "organization_member", actions: "*" },
      { resource: "group", actions: "*" },
      { resource: "workspace", actions: "*" },
      { resource: "template", actions: "*" },
      { resource: "usage", actions: ["read"] },
      { resource: "audit_log", actions: ["read"] },
    ],
  },
  "organization-auditor": {
    ...NOTHING,
    organization: [
      { resource: "audit_log", actions: ["read"] },
      { resource: "organization", actions: ["read"] },
      { resource: "organization_member", actions: ["read"] },
      { resource: "group", actions: ["read"] },
    ],
  },
  "organization-user-admin": {
    ...NOTHING,
    organization: [
      { resource: "organization_member", actions: "*" },
      { resource: "group", actions: "*" },
      { resource: "organization", actions: ["read"] },
    ],
  },
  "organization-template-admin": {
    ...NOTHING,
    organization: [
      { resource: "template", actions: "*" },
      { resource: "workspace", actions: ["read"] },
      { resource: "organization_member", actions: ["read"] },
      { resource: "group", actions: ["read"] },
    ],
  },
  "organization-workspace-creation-ban": {
    ...NOTHING,
    organization: [{ resource: "workspace", actions: ["create"], negate: true }],
  },
};

/** What everybody in an organisation has, by kind of account. */
export const systemRoles = ["organization-member", "organization-service-account"] as const;
export type SystemRole = (typeof systemRoles)[number];

const FLOOR: readonly Permission[] = [{ resource: "organization", actions: ["read"] }];
const OWN_THINGS: readonly Permission[] = [
  { resource: "chat", actions: "*" },
  { resource: "workspace", actions: "*" },
  { resource: "organization_member", actions: ["read"] },
];
const NO_SHARING: Permission = { resource: "workspace", actions: ["share"], negate: true };
const SEE_MEMBERS: Permission = { resource: "organization_member", actions: ["read"] };
const SEE_GROUPS: Permission = { resource: "group", actions: ["read"] };

/**
 * What a system role holds under an organisation's sharing mode. `none` forbids at the level of the
 * organisation, so that nobody there shares anything; `service_accounts` forbids members their own
 * workspaces only, so that an admin may still share those of a service account.
 */
export function systemRolePermissions(
  role: SystemRole,
  mode: ShareableWorkspaceOwners,
): Pick<RolePermissions, "organization" | "member"> {
  const isMember = role === "organization-member";
  switch (mode) {
    case "none":
      return { organization: [...FLOOR, NO_SHARING], member: isMember ? [...OWN_THINGS, NO_SHARING] : OWN_THINGS };
    case "everyone":
      return { organization: [...FLOOR, SEE_MEMBERS, SEE_GROUPS], member: OWN_THINGS };
    case "service_accounts":
      return isMember
        ? { organization: [...FLOOR, SEE_MEMBERS], member: [...OWN_THINGS, NO_SHARING] }
        : { organization: [...FLOOR, SEE_MEMBERS, SEE_GROUPS], member: OWN_THINGS };
  }
}
