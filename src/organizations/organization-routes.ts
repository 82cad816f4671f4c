import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { z } from "zod";
import type { Actor } from "../access/actor.ts";
import { check, requirePermission } from "../access/check.ts";
import { filter } from "../access/filter.ts";
import { createRouter, jsonAnswer, jsonBody, requireActor, type AppEnv } from "../access/router.ts";
import { auditStatement, CHANGED, diffOf } from "../audit/record.ts";
import {
  createOrganizationRequest,
  organization,
  updateOrganizationRequest,
  type Organization,
} from "../contract/organizations.ts";
import { requireUser } from "../identity/users.ts";
import { newId } from "../platform/ids.ts";
import { cutPage, pageQuery, unknownCursor } from "../platform/paging.ts";
import { notFound, Problem } from "../platform/problem.ts";
import {
  deleteOrganization,
  insertOrganization,
  listOrganizations,
  readHoldings,
  readOrganization,
  requireOrganization,
  toOrganization,
  updateOrganization,
  type Holdings,
} from "./records.ts";
import { organizationColumns } from "./schema.ts";

const ROOM = ["Organizations"];

export const organizationParams = z.object({
  organization: z.string().max(100).meta({ description: "An id or a name." }),
});

const listRoute = createRoute({
  method: "get",
  path: "/organizations",
  operationId: "listOrganizations",
  tags: ROOM,
  summary: "The organisations that you may see, by name",
  request: { query: pageQuery },
  responses: { 200: jsonAnswer(z.array(organization), "One page; `Link` tells of more") },
});

const createOrganizationRoute = createRoute({
  method: "post",
  path: "/organizations",
  operationId: "createOrganization",
  tags: ROOM,
  summary: "Make an organisation; you become its first admin",
  request: { body: jsonBody(createOrganizationRequest) },
  responses: { 201: jsonAnswer(organization, "The organisation") },
});

const readRoute = createRoute({
  method: "get",
  path: "/organizations/{organization}",
  operationId: "readOrganization",
  tags: ROOM,
  summary: "One organisation",
  request: { params: organizationParams },
  responses: { 200: jsonAnswer(organization, "The organisation") },
});

const updateRoute = createRoute({
  method: "patch",
  path: "/organizations/{organization}",
  operationId: "updateOrganization",
  tags: ROOM,
  summary: "Rename an organisation",
  request: { params: organizationParams, body: jsonBody(updateOrganizationRequest) },
  responses: { 200: jsonAnswer(organization, "The organisation as it is now") },
});

const deleteRoute = createRoute({
  method: "delete",
  path: "/organizations/{organization}",
  operationId: "deleteOrganization",
  tags: ROOM,
  summary: "Delete an organisation in which nobody else and nothing is left",
  request: { params: organizationParams },
  responses: { 204: { description: "Deleted" } },
});

const listOfUserRoute = createRoute({
  method: "get",
  path: "/users/{user}/organizations",
  operationId: "listUserOrganizations",
  tags: ROOM,
  summary: "The organisations of a user, by name",
  request: {
    params: z.object({ user: z.string().max(100).meta({ description: 'An id, a user name, or "me".' }) }),
    query: pageQuery,
  },
  responses: { 200: jsonAnswer(z.array(organization), "One page; `Link` tells of more") },
});

export const organizationRoutes = createRouter()
  .openapi(listRoute, async function list(c) {
    return c.json(await pageOf(c, requireActor(c), null, c.req.valid("query")), 200);
  })
  .openapi(listOfUserRoute, async function listOfUser(c) {
    const actor = requireActor(c);
    const user = await requireUser(c.var.db, actor, c.req.valid("param").user, "read");
    return c.json(await pageOf(c, actor, user.id, c.req.valid("query")), 200);
  })
  .openapi(createOrganizationRoute, async function create(c) {
    const actor = requireActor(c);
    const { name, display_name } = c.req.valid("json");
    requirePermission(actor, "create", { type: "organization", organizationId: null });
    const made = { id: newId(), name, displayName: display_name || name, creatorId: actor.userId };
    const audit = auditStatement(c, {
      action: "create",
      resourceType: "organization",
      resourceId: made.id,
      target: name,
      organizationId: made.id,
      diff: diffOf({}, { name, display_name: made.displayName }),
      when: CHANGED,
    });
    if (!(await insertOrganization(c.var.db, made, audit, c.var.clock()))) throw nameTaken(name);
    const row = await readOrganization(c.var.db, made.id);
    if (row === undefined) throw notFound(); // Somebody else deleted it meanwhile.
    return c.json(toOrganization(row), 201);
  })
  .openapi(readRoute, async function read(c) {
    const row = await requireOrganization(c.var.db, requireActor(c), c.req.valid("param").organization, "read");
    return c.json(toOrganization(row), 200);
  })
  .openapi(updateRoute, async function update(c) {
    const row = await requireOrganization(c.var.db, requireActor(c), c.req.valid("param").organization, "update");
    const request = c.req.valid("json");
    const change = { name: request.name ?? row.name, displayName: request.display_name ?? row.displayName };
    const diff = diffOf(
      { name: row.name, display_name: row.displayName },
      { name: change.name, display_name: change.displayName },
    );
    if (Object.keys(diff).length === 0) return c.json(toOrganization(row), 200);
    const audit = auditStatement(c, {
      action: "write",
      resourceType: "organization",
      resourceId: row.id,
      target: row.name,
      organizationId: row.id,
      diff,
      when: CHANGED,
    });
    if (!(await updateOrganization(c.var.db, row.id, change, audit, c.var.clock()))) throw nameTaken(change.name);
    const changed = await readOrganization(c.var.db, row.id);
    if (changed === undefined) throw notFound();
    return c.json(toOrganization(changed), 200);
  })
  .openapi(deleteRoute, async function remove(c) {
    const actor = requireActor(c);
    const row = await requireOrganization(c.var.db, actor, c.req.valid("param").organization, "delete");
    if (row.isDefault) {
      throw new Problem(409, "The default organisation can't be deleted.", {
        detail: "What belongs to no other organisation belongs to it.",
      });
    }
    const audit = auditStatement(c, {
      action: "delete",
      resourceType: "organization",
      resourceId: row.id,
      target: row.name,
      organizationId: row.id,
      when: CHANGED,
    });
    if (!(await deleteOrganization(c.var.db, row.id, actor.userId, audit, c.var.clock()))) {
      throw notEmpty(await readHoldings(c.var.db, row.id, actor.userId));
    }
    return c.body(null, 204);
  });

/** One page of the organisations that the actor may read, of all or of one user; says where the next one is. */
async function pageOf(
  c: Context<AppEnv>,
  actor: Actor,
  memberId: string | null,
  { limit, after_id }: z.infer<typeof pageQuery>,
): Promise<Organization[]> {
  const after = after_id === undefined ? null : await readOrganization(c.var.db, after_id);
  if (after === undefined) throw unknownCursor();
  if (after !== null && !check(actor, "read", { type: "organization", organizationId: after.id }))
    throw unknownCursor();
  const readable = filter(actor, "read", "organization", organizationColumns);
  const rows = await listOrganizations(c.var.db, { readable, memberId, after, limit: limit + 1 });
  const page = cutPage(rows, limit, c.req.url);
  if (page.link !== null) c.header("link", page.link);
  return page.rows.map(toOrganization);
}

function nameTaken(name: string): Problem {
  const detail = `There is an organisation named "${name}" already.`;
  return new Problem(409, "That name is taken.", { detail, errors: [{ pointer: "/name", detail }] });
}

function notEmpty({ members, workspaces, chats }: Holdings): Problem {
  const left = [counted(members, "other member"), counted(workspaces, "workspace"), counted(chats, "chat")];
  const detail = `It still has ${left.filter((words) => words !== null).join(", ")}.`;
  return new Problem(409, "The organisation is not empty.", { detail });
}

function counted(count: number, noun: string): string | null {
  return count === 0 ? null : `${count} ${noun}${count === 1 ? "" : "s"}`;
}
