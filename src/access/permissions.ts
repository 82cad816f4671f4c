/**
 * The words in which rights are said. A role is a list of permissions at levels (`roles.ts`), a credential
 * narrows them (`scopes.ts`), and `decision.ts` tells what is left of both.
 */

/** `use` is to work with it: to send to a chat, to run things in a workspace. `share` hands `read`, `use` and more on. */
export const actions = ["create", "read", "use", "update", "delete", "share"] as const;
export type Action = (typeof actions)[number];

export const resourceTypes = [
  "chat",
  "workspace",
  "template",
  "user",
  "api_key",
  "usage",
  "organization",
  "organization_member",
  "group",
  "audit_log",
  "deployment_config",
] as const;
export type ResourceType = (typeof resourceTypes)[number];

export interface Permission {
  resource: ResourceType | "*";
  actions: readonly Action[] | "*";
  /** Forbids instead of allowing: beats permissions of its own level and of weaker ones. */
  negate?: boolean;
}

/** What a role allows, by the level at which it holds. */
export interface RolePermissions {
  /** Everywhere. */
  site: readonly Permission[];
  /** On what one owns, wherever it belongs. */
  user: readonly Permission[];
  /** On everything that belongs to the organisation in which one has the role. */
  organization: readonly Permission[];
  /** On what one owns there. As strong as `user`, both weaker than `organization`. */
  member: readonly Permission[];
}

/** What stands in an object's list of shares, and what each name allows. Weaker than every level of a role. */
export const shareRoles = {
  workspace: {
    use: ["read", "use"],
    admin: ["read", "use", "update", "share"],
  },
  chat: {
    viewer: ["read"],
    collaborator: ["read", "use"],
  },
} as const satisfies Partial<Record<ResourceType, Record<string, readonly Action[]>>>;

/** The names in a share list that allow an action on a type. */
export function shareRolesFor(action: Action, type: ResourceType): string[] {
  const roles: Partial<Record<ResourceType, Record<string, readonly Action[]>>> = shareRoles;
  return Object.entries(roles[type] ?? {})
    .filter(([, allowed]) => allowed.includes(action))
    .map(([name]) => name);
}

/** Whether the permission speaks of this action on this type. */
export function speaksOf(permission: Permission, action: Action, type: ResourceType): boolean {
  const onResource = permission.resource === "*" || permission.resource === type;
  return onResource && (permission.actions === "*" || permission.actions.includes(action));
}
