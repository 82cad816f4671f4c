import { sql } from "drizzle-orm";
import { index, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { AccessColumns } from "../access/filter.ts";
import { auditActions, auditResourceTypes, type AuditDiff } from "../contract/audit.ts";
import { instant, json } from "../platform/columns.ts";

/**
 * Who did what to which object, from where. Triggers refuse every update and delete. No CHECK holds the
 * enums: SQLite could not widen it without rewriting a table that is never rewritten.
 */
export const auditLogs = sqliteTable(
  "audit_logs",
  {
    id: text("id").primaryKey(),
    time: instant("time").notNull(),
    /** Without a foreign key: the line outlives whom it speaks of. Null when nobody was signed in. */
    userId: text("user_id"),
    organizationId: text("organization_id"),
    action: text("action", { enum: auditActions }).notNull(),
    resourceType: text("resource_type", { enum: auditResourceTypes }).notNull(),
    resourceId: text("resource_id").notNull(),
    resourceTarget: text("resource_target").notNull(),
    diff: json<AuditDiff>("diff").notNull(),
    ip: text("ip").notNull().default(""),
    userAgent: text("user_agent").notNull().default(""),
    requestId: text("request_id").notNull().default(""),
  },
  (table) => [
    index("audit_logs_time").on(sql`${table.time} desc`, sql`${table.id} desc`),
    index("audit_logs_user").on(table.userId, sql`${table.time} desc`, sql`${table.id} desc`),
    index("audit_logs_resource").on(table.resourceType, table.resourceId, sql`${table.time} desc`),
    index("audit_logs_organization").on(table.organizationId, sql`${table.time} desc`, sql`${table.id} desc`),
  ],
);

/** Of `audit_logs`, for `filter`. */
export const auditColumns: AccessColumns = { organization: auditLogs.organizationId };
