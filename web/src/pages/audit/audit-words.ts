import type { AuditAction, AuditDiff, AuditResourceType } from "../../../../src/contract/audit.ts";
import type { Json } from "../../../../src/contract/common.ts";

/** What was done, as the filter names it. */
export const actionWords: Record<AuditAction, string> = {
  create: "Created",
  write: "Changed",
  delete: "Deleted",
  read: "Read",
  login: "Signed in",
  login_failed: "Failed to sign in",
  logout: "Signed out",
  register: "Made an account",
  share: "Shared",
};

/** To what it was done. */
export const kindWords: Record<AuditResourceType, string> = {
  user: "Account",
  session: "Session",
  api_key: "API token",
  account_link: "Account link",
  organization: "Organisation",
  organization_member: "Membership",
  group: "Group",
  workspace: "Workspace",
  workspace_sharing: "Sharing mode",
  chat: "Chat",
  chat_share: "Chat sharing",
  provider: "Provider",
  model_config: "Model",
  usage_limit: "Spend limit",
  usage: "Costs",
  external_auth_link: "Connected account",
  setting: "Setting",
};

export interface SentencePart {
  text: string;
  /** Chosen by a person, so it stands for itself: whatever is in it turns nothing around it. */
  name: boolean;
}

/** The sentence of an entry, cut where names are in it: who did it at its beginning, and the object in quotes. */
export function sentenceParts(description: string, username: string | null, target: string): SentencePart[] {
  const who = username !== null && username !== "" && description.startsWith(username) ? username : "";
  const rest = description.slice(who.length);
  const opened = target === "" ? -1 : rest.indexOf(`“${target}”`);
  const parts =
    opened < 0
      ? [
          { text: who, name: true },
          { text: rest, name: false },
        ]
      : [
          { text: who, name: true },
          { text: rest.slice(0, opened + 1), name: false },
          { text: target, name: true },
          { text: rest.slice(opened + 1 + target.length), name: false },
        ];
  return parts.filter(({ text }) => text !== "");
}

export interface ChangeRow {
  field: string;
  /** Null: there was, or is, nothing. */
  before: string | null;
  after: string | null;
  /** Nobody is told more than that it changed. */
  secret: boolean;
}

/** The changed fields as people read them, in their order. */
export function changeRows(diff: AuditDiff): ChangeRow[] {
  return Object.entries(diff).map(([field, { old, new: next, secret = false }]) => ({
    field: fieldWords(field),
    before: secret ? null : valueWords(old),
    after: secret ? null : valueWords(next),
    secret,
  }));
}

function fieldWords(field: string): string {
  const words = field.replaceAll("_", " ");
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

function valueWords(value: Json | undefined): string | null {
  if (value === undefined || value === null || value === "") return null;
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) {
    return value.length === 0 ? "none" : value.join(", ");
  }
  return typeof value === "number" ? String(value) : JSON.stringify(value, null, 2);
}
