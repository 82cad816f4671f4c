import { z } from "zod";
import { id, oneLine, timestamp } from "./common.ts";
import { minimalUser, userStatuses } from "./identity.ts";

/** Whose workspaces may be shared in an organisation. */
export const shareableWorkspaceOwners = ["none", "everyone", "service_accounts"] as const;
export type ShareableWorkspaceOwners = (typeof shareableWorkspaceOwners)[number];

/** Roles that somebody can be given in an organisation. What all members have is a system role, nobody's to give. */
export const organizationRoles = [
  "organization-admin",
  "organization-auditor",
  "organization-user-admin",
  "organization-template-admin",
  "organization-workspace-creation-ban",
] as const;
export type OrganizationRole = (typeof organizationRoles)[number];

export const organizationName = z
  .string()
  .trim()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/, {
    error: "Use 1 to 32 small letters, digits or dashes; begin and end with a letter or digit.",
  });
const displayName = oneLine(64);

export const organization = z
  .object({
    id,
    name: z.string(),
    display_name: z.string(),
    is_default: z.boolean(),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: "Organization" });
export type Organization = z.infer<typeof organization>;

/** `POST /api/v2/organizations`. */
export const createOrganizationRequest = z
  .object({ name: organizationName, display_name: displayName.optional() })
  .meta({ id: "CreateOrganizationRequest" });

/** `PATCH /api/v2/organizations/{organization}`: what is absent stays. */
export const updateOrganizationRequest = z
  .object({ name: organizationName.optional(), display_name: displayName.optional() })
  .meta({ id: "UpdateOrganizationRequest" });

export const organizationMember = z
  .object({
    user_id: id,
    organization_id: id,
    username: z.string(),
    name: z.string(),
    avatar_url: z.string(),
    email: z.string(),
    status: z.enum(userStatuses),
    is_service_account: z.boolean(),
    roles: z.array(z.enum(organizationRoles)),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: "OrganizationMember" });
export type OrganizationMember = z.infer<typeof organizationMember>;

/** `GET /api/v2/organizations/{organization}/members`, by user name. */
export const organizationMembersResponse = z
  .object({ members: z.array(organizationMember), count: z.int() })
  .meta({ id: "OrganizationMembersResponse" });

/** `PUT /api/v2/organizations/{organization}/members/{user}/roles`: the roles that hold from now on. */
export const updateMemberRolesRequest = z
  .object({ roles: z.array(z.enum(organizationRoles)).max(organizationRoles.length) })
  .meta({ id: "UpdateMemberRolesRequest" });

/** A role with whether the caller may give it. */
export const assignableOrganizationRole = z
  .object({
    name: z.enum(organizationRoles),
    display_name: z.string(),
    description: z.string(),
    assignable: z.boolean(),
  })
  .meta({ id: "AssignableOrganizationRole" });
export type AssignableOrganizationRole = z.infer<typeof assignableOrganizationRole>;

export const groupName = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,34}[A-Za-z0-9])?$/, {
    error: "Use 1 to 36 letters, digits, dashes or underscores; begin and end with a letter or digit.",
  });

/** `members` are at most 100, by user name; `member_count` counts all. */
export const group = z
  .object({
    id,
    organization_id: id,
    name: z.string(),
    display_name: z.string(),
    avatar_url: z.string(),
    /** The group of all members of the organisation, whose id it bears. It has no list of its own to change. */
    is_everyone: z.boolean(),
    member_count: z.int(),
    members: z.array(minimalUser),
    created_at: timestamp,
  })
  .meta({ id: "Group" });
export type Group = z.infer<typeof group>;

/** `POST /api/v2/organizations/{organization}/groups`. */
export const createGroupRequest = z
  .object({ name: groupName, display_name: displayName.optional() })
  .meta({ id: "CreateGroupRequest" });

/** `PATCH /api/v2/groups/{group}`: all or nothing. Who is a member already, or none any more, is no error. */
export const updateGroupRequest = z
  .object({
    name: groupName.optional(),
    display_name: displayName.optional(),
    add_users: z.array(id).max(100).optional(),
    remove_users: z.array(id).max(100).optional(),
  })
  .meta({ id: "UpdateGroupRequest" });

/** `GET /api/v2/organizations/{organization}/settings/workspace-sharing`. */
export const workspaceSharingSettings = z
  .object({
    /** A switch of the deployment: nothing is shared whatever the organisation says. */
    sharing_globally_disabled: z.boolean(),
    /** Deprecated: whether the mode is `none`. */
    sharing_disabled: z.boolean(),
    shareable_workspace_owners: z.enum(shareableWorkspaceOwners),
    /** How many workspaces would lose shares under each other mode. For those who may change it. */
    shares_removed: z.object({ none: z.int(), everyone: z.int(), service_accounts: z.int() }).optional(),
  })
  .meta({ id: "WorkspaceSharingSettings" });
export type WorkspaceSharingSettings = z.infer<typeof workspaceSharingSettings>;

/** `PATCH …/settings/workspace-sharing`. The new field wins over the deprecated one, unless it is empty; one of the two is needed. */
export const updateWorkspaceSharingRequest = z
  .object({
    shareable_workspace_owners: z
      .enum([...shareableWorkspaceOwners, ""], { error: `Use one of ${shareableWorkspaceOwners.join(", ")}.` })
      .optional(),
    sharing_disabled: z.boolean().optional(),
  })
  .meta({ id: "UpdateWorkspaceSharingRequest" });
