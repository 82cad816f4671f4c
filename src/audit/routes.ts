import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { organizationIdsOf, type Actor } from "../access/actor.ts";
import { check, forbidden } from "../access/check.ts";
import { filter } from "../access/filter.ts";
import { createRouter, jsonAnswer, requireActor } from "../access/router.ts";
import { auditActions, auditLogResponse, auditResourceTypes } from "../contract/audit.ts";
import { id } from "../contract/common.ts";
import { csvAnswer } from "../platform/csv.ts";
import type { Database } from "../platform/d1.ts";
import { cutPage, pageQuery, unknownCursor } from "../platform/paging.ts";
import { CSV_HEAD, csvLine } from "./csv.ts";
import { auditCursor, countAudit, selectAudit, toAuditLog, type AuditQuestion } from "./records.ts";
import { auditColumns } from "./schema.ts";

const ROOM = ["Audit log"];
const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const filters = {
  q: z
    .string()
    .trim()
    .max(200)
    .optional()
    .meta({ description: "Part of the object's name or of a user name, or a whole id or address." }),
  user: z.string().trim().max(100).optional().meta({ description: "The id or name of who did it." }),
  action: z.enum(auditActions).optional(),
  resource_type: z.enum(auditResourceTypes).optional(),
  organization: id.optional(),
  from: instant.optional().meta({ description: "RFC 3339; this instant and later.", format: "date-time" }),
  to: instant.optional().meta({ description: "RFC 3339; before this instant.", format: "date-time" }),
};
const filterQuery = z.strictObject(filters);

const listRoute = createRoute({
  method: "get",
  path: "/audit",
  operationId: "listAuditLogs",
  tags: ROOM,
  summary: "Who did what to which object, newest first",
  request: { query: pageQuery.extend(filters) },
  responses: { 200: jsonAnswer(auditLogResponse, "One page, and how many there are in all") },
});

const exportRoute = createRoute({
  method: "get",
  path: "/audit/export",
  operationId: "exportAuditLogs",
  tags: ROOM,
  summary: "The audit log as CSV, newest first",
  request: { query: filterQuery },
  responses: { 200: { description: "The file", content: { "text/csv": { schema: z.string() } } } },
});

export const auditRoutes = createRouter();

auditRoutes.openapi(listRoute, async function listAudit(c) {
  const { limit, after_id, ...query } = c.req.valid("query");
  const { db } = c.var;
  const question = ask(requireActor(c), query);
  const after = after_id === undefined ? null : await auditCursor(db, question.readable, after_id);
  if (after_id !== undefined && after === null) throw unknownCursor();
  const [rows, count] = await Promise.all([
    selectAudit(db, question, { after, limit: limit + 1 }),
    countAudit(db, question),
  ]);
  const page = cutPage(rows.map(toAuditLog), limit, c.req.url);
  if (page.link !== null) c.header("link", page.link);
  return c.json({ audit_logs: page.rows, count }, 200);
});

auditRoutes.openapi(exportRoute, async function exportAudit(c) {
  const question = ask(requireActor(c), c.req.valid("query"));
  const day = new Date(c.var.clock()).toISOString().slice(0, 10);
  // The first piece is read before it answers: what is wrong is a Problem still.
  const first = await selectAudit(c.var.db, question, { after: null, limit: EXPORT_PAGE });
  return csvAnswer(`audit-log-${day}.csv`, csvLines(c.var.db, question, first));
});

/** Throws a 403 Problem for those to whom no line of the log can be shown. */
function ask(actor: Actor, query: z.infer<typeof filterQuery>): AuditQuestion {
  const everywhere = check(actor, "read", { type: "audit_log", organizationId: null });
  const somewhere = organizationIdsOf(actor).some((organizationId) =>
    check(actor, "read", { type: "audit_log", organizationId }),
  );
  if (!everywhere && !somewhere) throw forbidden("The audit log is for auditors.");
  return {
    readable: filter(actor, "read", "audit_log", auditColumns),
    text: query.q || null,
    user: query.user || null,
    action: query.action ?? null,
    resourceType: query.resource_type ?? null,
    organizationId: query.organization ?? null,
    from: query.from ?? null,
    to: query.to ?? null,
  };
}

/** Read and written in pieces, so that the length of the log does not matter. */
const EXPORT_PAGE = 500;

async function* csvLines(db: Database, question: AuditQuestion, first: Awaited<ReturnType<typeof selectAudit>>) {
  yield CSV_HEAD;
  for (let rows = first; rows.length > 0;) {
    yield rows.map((row) => csvLine(toAuditLog(row))).join("");
    const after = rows.length < EXPORT_PAGE ? undefined : rows.at(-1)?.log;
    rows = after === undefined ? [] : await selectAudit(db, question, { after, limit: EXPORT_PAGE });
  }
}
