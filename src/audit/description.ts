import type { AuditAction, AuditDiff, AuditResourceType } from "../contract/audit.ts";

/** What a line says of itself. */
export interface Described {
  action: AuditAction;
  resourceType: AuditResourceType;
  target: string;
  diff: AuditDiff;
  /** Who did it; null when nobody was signed in. */
  username: string | null;
}

const nouns: Record<AuditResourceType, string> = {
  user: "the account",
  session: "the session",
  api_key: "the API token",
  account_link: "the account link",
  organization: "the organisation",
  organization_member: "the membership of",
  group: "the group",
  workspace: "the workspace",
  workspace_sharing: "whose workspaces may be shared in",
  chat: "the chat",
  chat_share: "the chat",
  provider: "the provider",
  model_config: "the model",
  usage_limit: "the spend limit",
  usage: "the costs of",
  external_auth_link: "the connected account",
  setting: "the setting",
};

/** What is done to an object; signing in and out has none. */
const verbs: Record<Exclude<AuditAction, "login" | "login_failed" | "logout" | "register">, string> = {
  create: "created",
  write: "changed",
  delete: "deleted",
  read: "read",
  share: "changed the sharing of",
};

/** One sentence of it all, for a person who goes through a list. */
export function describeAudit({ action, resourceType, target, diff, username }: Described): string {
  switch (action) {
    case "login":
      return `${username ?? target} signed in.`;
    case "logout":
      return `${username ?? target} signed out.`;
    case "login_failed":
      return `Somebody tried to sign in as ${quoted(target)} and failed.`;
    case "register":
      return `${username ?? target} made the account ${quoted(target)}.`;
    default: {
      const fields = action === "write" || action === "share" ? Object.keys(diff) : [];
      const which = fields.length === 0 ? "" : ` (${fields.map((field) => field.replaceAll("_", " ")).join(", ")})`;
      return `${username ?? "Tideline"} ${verbs[action]} ${nouns[resourceType]} ${quoted(target)}${which}.`;
    }
  }
}

function quoted(name: string): string {
  return `“${name}”`;
}
