/** Scopes of tokens, in words that a person chooses by. */

export const scopeResources = [
  { value: "*", label: "Everything" },
  { value: "chat", label: "Chats" },
  { value: "workspace", label: "Workspaces" },
  { value: "template", label: "Templates" },
  { value: "user", label: "People" },
  { value: "api_key", label: "API tokens" },
  { value: "usage", label: "Usage" },
  { value: "organization", label: "Organisations" },
  { value: "organization_member", label: "Members" },
  { value: "group", label: "Groups" },
  { value: "audit_log", label: "Audit log" },
  { value: "deployment_config", label: "Deployment settings" },
] as const;

export const scopeActions = [
  { value: "*", label: "Anything" },
  { value: "read", label: "Read" },
  { value: "create", label: "Create" },
  { value: "use", label: "Use" },
  { value: "update", label: "Change" },
  { value: "delete", label: "Delete" },
  { value: "share", label: "Share" },
] as const;

/** The usual choices. */
export const scopePresets = [
  { value: "all", label: "Everything", description: "Whatever the account may do.", scopes: ["all"] },
  {
    value: "read",
    label: "Read only",
    description: "Sees all that the account sees, and changes nothing.",
    scopes: ["*:read"],
  },
  {
    value: "chats",
    label: "Chats only",
    description: "Reads, starts and continues chats. No workspaces, settings or people.",
    scopes: ["chat:*"],
  },
] as const;

/** One of the choices above. */
export interface ScopePair {
  resource: string;
  action: string;
}

/** What is sent: each pair once. */
export function scopesOf(pairs: readonly ScopePair[]): string[] {
  return [...new Set(pairs.map(({ resource, action }) => `${resource}:${action}`))];
}

/** "Read only"; "Chats: read, use · Workspaces: anything". What this page does not know it shows as it is. */
export function scopeWords(scopes: readonly string[]): string {
  if (scopes.includes("all")) return "Everything";
  const preset = scopePresets.find((each) => each.scopes.length === scopes.length && each.scopes[0] === scopes[0]);
  if (preset !== undefined) return preset.label;
  const byResource = new Map<string, string[]>();
  for (const scope of scopes) {
    const [resource = "", action = ""] = scope.split(":");
    const what = named(scopeResources, resource);
    byResource.set(what, [...(byResource.get(what) ?? []), named(scopeActions, action).toLowerCase()]);
  }
  return [...byResource].map(([what, acts]) => `${what}: ${acts.join(", ")}`).join(" · ");
}

function named(words: readonly { value: string; label: string }[], name: string): string {
  return words.find(({ value }) => value === name)?.label ?? name;
}
