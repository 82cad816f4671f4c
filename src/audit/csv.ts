import type { AuditLog } from "../contract/audit.ts";
import { csvRow } from "../platform/csv.ts";

const columns = [
  "time",
  "user",
  "action",
  "resource_type",
  "resource_id",
  "resource_target",
  "organization_id",
  "description",
  "diff",
  "ip",
  "user_agent",
  "request_id",
] as const;

/** The first line of the file. */
export const CSV_HEAD = `${columns.join(",")}\r\n`;

/** A line of the audit log as a line of CSV. */
export function csvLine(entry: AuditLog): string {
  return csvRow([
    entry.time,
    entry.user?.username ?? "",
    entry.action,
    entry.resource_type,
    entry.resource_id,
    entry.resource_target,
    entry.organization_id ?? "",
    entry.description,
    JSON.stringify(entry.diff),
    entry.ip,
    entry.user_agent,
    entry.request_id,
  ]);
}
