import { infiniteQueryOptions } from "@tanstack/react-query";
import { auditLogResponse } from "../../../src/contract/audit.ts";
import type { AuditAction, AuditResourceType } from "../../../src/contract/audit.ts";
import { get } from "./client.ts";

/** How many entries a page of the log has. */
const PAGE = 50;

/** What the log is narrowed to; what is absent is not asked. A type, so that it fits where queries are taken. */
export type AuditSearch = {
  q?: string | undefined;
  user?: string | undefined;
  action?: AuditAction | undefined;
  resource_type?: AuditResourceType | undefined;
  organization?: string | undefined;
  /** RFC 3339; from then on, and before then. */
  from?: string | undefined;
  to?: string | undefined;
};

export function auditQuery(search: AuditSearch) {
  return infiniteQueryOptions({
    queryKey: ["audit-log", search],
    queryFn: ({ signal, pageParam }) =>
      get("/audit", auditLogResponse, { signal, query: { ...search, limit: PAGE, after_id: pageParam } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => (page.audit_logs.length < PAGE ? undefined : page.audit_logs.at(-1)?.id),
  });
}

/** Where the same entries are as a file. */
export function auditFile(search: AuditSearch): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined) query.set(name, value);
  }
  return `/api/v2/audit/export${query.size === 0 ? "" : `?${query}`}`;
}
