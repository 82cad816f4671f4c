import type { AuditLog } from "../contract/audit.ts";

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

/** A line of the audit log as a line of CSV (RFC 4180). */
export function csvLine(entry: AuditLog): string {
  const cells = [
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
  ];
  return `${cells.map(csvCell).join(",")}\r\n`;
}

/**
 * A spreadsheet takes what begins with one of these for a formula and runs it when the file is opened;
 * names and user agents are chosen by anybody. An apostrophe before it makes it text (OWASP, CSV injection).
 */
const FORMULA = /^[\s]*[=+\-@\t\r\n]/;

export function csvCell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
