import { z } from "zod";
import { auditActions, auditResourceTypes } from "../../../../src/contract/audit.ts";
import type { AuditSearch } from "../../api/audit-queries.ts";

const day = z.iso.date().optional().catch(undefined);

/** What the address of the page says: what the log is narrowed to. What is absent narrows nothing. */
export const auditPageSearch = z.object({
  q: z.string().max(200).optional().catch(undefined),
  /** Who did it: a user name. */
  user: z.string().max(100).optional().catch(undefined),
  action: z.enum(auditActions).optional().catch(undefined),
  kind: z.enum(auditResourceTypes).optional().catch(undefined),
  organization: z.uuid().optional().catch(undefined),
  /** `own` goes from day to day. */
  range: z.enum(["day", "week", "month", "own"]).optional().catch(undefined),
  /** Days of the reader's zone, such as "2026-11-22"; the last one is part of the range. */
  from: day,
  to: day,
});
export type AuditFilters = z.infer<typeof auditPageSearch>;

const DAY_MS = 86_400_000;

/** How far back each goes, in days. */
export const ranges = {
  day: { label: "Last 24 hours", days: 1 },
  week: { label: "Last 7 days", days: 7 },
  month: { label: "Last 30 days", days: 30 },
} as const;

/** What the server is asked. `openedAt`: the moment from which a range goes back, which does not slide while somebody reads. */
export function searchOf(filters: AuditFilters, openedAt: number): AuditSearch {
  const { q, user, action, kind, organization } = filters;
  return {
    q: q?.trim() || undefined,
    user: user?.trim() || undefined,
    action,
    resource_type: kind,
    organization,
    ...timesOf(filters, openedAt),
  };
}

export function isNarrowed(filters: AuditFilters): boolean {
  return Object.values(searchOf(filters, 0)).some((value) => value !== undefined);
}

function timesOf({ range, from, to }: AuditFilters, openedAt: number): Pick<AuditSearch, "from" | "to"> {
  if (range === undefined) return {};
  if (range !== "own") return { from: new Date(openedAt - ranges[range].days * DAY_MS).toISOString() };
  return { from: beginningOf(from, 0), to: beginningOf(to, 1) };
}

/** The first moment of a day in the reader's zone, or of one some days later; undefined for no day. */
function beginningOf(text: string | undefined, later: number): string | undefined {
  const [year, month, date] = (text ?? "").split("-").map(Number);
  if (year === undefined || month === undefined || date === undefined) return undefined;
  const moment = new Date(year, month - 1, date + later);
  return Number.isNaN(moment.getTime()) ? undefined : moment.toISOString();
}
