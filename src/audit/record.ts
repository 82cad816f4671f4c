import type { Context } from "hono";
import { sql, type SQL } from "drizzle-orm";
import type { AppEnv } from "../access/router.ts";
import type { AuditAction, AuditDiff, AuditResourceType } from "../contract/audit.ts";
import type { Json } from "../contract/common.ts";
import { newId } from "../platform/ids.ts";
import { auditLogs } from "./schema.ts";

/** What is to be written down. Names and values are as they were at that time; secrets never are in it. */
export interface AuditEntry {
  action: AuditAction;
  resourceType: AuditResourceType;
  resourceId: string;
  /** The name by which people know the object. */
  target: string;
  organizationId?: string | null;
  diff?: AuditDiff;
  /** Who did it, where that is not the request's actor: whoever has just signed in. */
  userId?: string | null;
  /** Written only where this holds once the statements before it have run: a change that lost a race left no line. */
  when?: SQL;
}

/** User agents are shown in a list; some are absurdly long. */
const USER_AGENT_LENGTH = 300;

/** For the line behind a change: whether the statement right before it in the batch changed a row. */
export const CHANGED = sql`changes() > 0`;

/**
 * The statement that writes a line of the audit log, for the batch of the change itself: either both are
 * there or neither is.
 */
export function auditStatement(c: Context<AppEnv>, entry: AuditEntry): SQL {
  return sql`insert into audit_logs (id, time, user_id, organization_id, action, resource_type, resource_id,
      resource_target, diff, ip, user_agent, request_id) ${auditLine(c, entry)}`;
}

/** The same for a `batch()` of drizzle's, which takes its own builders only. */
export function auditInsert(c: Context<AppEnv>, entry: AuditEntry) {
  return c.var.db.insert(auditLogs).select(auditLine(c, entry));
}
export type AuditInsert = ReturnType<typeof auditInsert>;

/** Every column of the table, in its order. */
function auditLine(c: Context<AppEnv>, entry: AuditEntry): SQL {
  const { action, resourceType, resourceId, target, organizationId = null, diff = {}, when = sql`true` } = entry;
  const userId = entry.userId === undefined ? (c.var.actor?.userId ?? null) : entry.userId;
  const headers = c.req.raw.headers;
  return sql`select ${newId()}, ${c.var.clock()}, ${userId}, ${organizationId}, ${action}, ${resourceType}, ${resourceId},
      ${target}, ${JSON.stringify(diff)}, ${headers.get("cf-connecting-ip") ?? ""},
      ${(headers.get("user-agent") ?? "").slice(0, USER_AGENT_LENGTH)}, ${c.var.requestId}
    where ${when}`;
}

/** The fields that differ, with both values; of those in `secrets` only that they changed. */
export function diffOf<T extends Record<string, Json>>(
  before: Partial<T>,
  after: Partial<T>,
  secrets: readonly (keyof T)[] = [],
): AuditDiff {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  const diff: AuditDiff = {};
  for (const field of fields) {
    const [old, now] = [before[field] ?? null, after[field] ?? null];
    if (JSON.stringify(old) === JSON.stringify(now)) continue;
    diff[field] = secrets.includes(field) ? { secret: true } : { old, new: now };
  }
  return diff;
}
