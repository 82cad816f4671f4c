import { z } from "zod";
import { id, json, timestamp } from "./common.ts";

export const auditActions = [
  "create",
  "write",
  "delete",
  "read",
  "login",
  "login_failed",
  "logout",
  "register",
  "share",
] as const;
export type AuditAction = (typeof auditActions)[number];

export const auditResourceTypes = [
  "user",
  "session",
  "api_key",
  "account_link",
  "organization",
  "organization_member",
  "group",
  "workspace",
  "workspace_sharing",
  "chat",
  "chat_share",
  "provider",
  "model_config",
  "setting",
  "usage_limit",
  "usage",
  "external_auth_link",
] as const;
export type AuditResourceType = (typeof auditResourceTypes)[number];

/** What changed: each field with what it was and is. Of a secret only that it changed. */
export const auditDiff = z.record(
  z.string(),
  z.object({ old: json.optional(), new: json.optional(), secret: z.boolean().optional() }),
);
export type AuditDiff = z.infer<typeof auditDiff>;

export const auditLog = z
  .object({
    id,
    time: timestamp,
    /** Null: nobody was signed in, or Tideline itself did it. */
    user: z.object({ id, username: z.string(), name: z.string(), avatar_url: z.string() }).nullable(),
    organization_id: id.nullable(),
    action: z.enum(auditActions),
    resource_type: z.enum(auditResourceTypes),
    resource_id: z.string(),
    /** Its name at that time. */
    resource_target: z.string(),
    diff: auditDiff,
    ip: z.string(),
    user_agent: z.string(),
    request_id: z.string(),
    /** One sentence of it all. */
    description: z.string(),
  })
  .meta({ id: "AuditLog" });
export type AuditLog = z.infer<typeof auditLog>;

/** `GET /api/v2/audit`, newest first. */
export const auditLogResponse = z
  .object({ audit_logs: z.array(auditLog), count: z.int() })
  .meta({ id: "AuditLogResponse" });
