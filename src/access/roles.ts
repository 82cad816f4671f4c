import type { SiteRole } from "../contract/identity.ts";

export const actions = ["create", "read", "update", "delete"] as const;
export type Action = (typeof actions)[number];

export const resourceTypes = [
  "chat",
  "workspace",
  "user",
  "api_key",
  "deployment_config",
  "usage",
  "organization",
] as const;
export type ResourceType = (typeof resourceTypes)[number];

/**
 * Where a permission holds: `site` everywhere, `organization` for what belongs to an organisation of
 * the actor, `own` for what the actor owns. Listed from the strongest to the weakest.
 */
export const levels = ["site", "organization", "own"] as const;
export type Level = (typeof levels)[number];

export interface Permission {
  level: Level;
  resource: ResourceType | "*";
  actions: readonly Action[] | "*";
  /** Forbids instead of allowing: beats permissions of its own level and of weaker ones. */
  negate?: boolean;
}

/** What each role of the site may do. Roles add up. */
export const sitePermissions: Record<SiteRole, readonly Permission[]> = {
  owner: [{ level: "site", resource: "*", actions: "*" }],
  member: [
    { level: "own", resource: "chat", actions: "*" },
    { level: "own", resource: "workspace", actions: "*" },
    { level: "own", resource: "api_key", actions: "*" },
    { level: "own", resource: "usage", actions: "*" },
    { level: "own", resource: "user", actions: ["read", "update"] },
    { level: "organization", resource: "organization", actions: ["read"] },
  ],
};
