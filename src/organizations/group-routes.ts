import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { z } from "zod";
import { check, requirePermission, type Action } from "../access/check.ts";
import { filter } from "../access/filter.ts";
import { createRouter, jsonAnswer, jsonBody, requireActor, type AppEnv } from "../access/router.ts";
import { auditStatement, CHANGED, diffOf } from "../audit/record.ts";
import type { ProblemError } from "../contract/common.ts";
import { createGroupRequest, group, updateGroupRequest } from "../contract/organizations.ts";
import { recheckAccess } from "../identity/revocation.ts";
import { newId } from "../platform/ids.ts";
import { cutPage, pageQuery, unknownCursor } from "../platform/paging.ts";
import { notFound, Problem } from "../platform/problem.ts";
import { deleteGroup, insertGroup, readGroup, selectGroupPage, strangersTo, toGroup, updateGroup } from "./groups.ts";
import { endLostAccess } from "./lost-access.ts";
import { organizationParams } from "./organization-routes.ts";
import { requireOrganization } from "./records.ts";
import { groupColumns } from "./schema.ts";

const ROOM = ["Groups"];

const groupParams = z.object({ group: z.string().max(100) });

const listRoute = createRoute({
  method: "get",
  path: "/organizations/{organization}/groups",
  operationId: "listGroups",
  tags: ROOM,
  summary: "The groups of an organisation, by name",
  request: { params: organizationParams, query: pageQuery },
  responses: { 200: jsonAnswer(z.array(group), "One page; `Link` tells of more") },
});

const createGroupRoute = createRoute({
  method: "post",
  path: "/organizations/{organization}/groups",
  operationId: "createGroup",
  tags: ROOM,
  summary: "Make a group",
  request: { params: organizationParams, body: jsonBody(createGroupRequest) },
  responses: { 201: jsonAnswer(group, "The group") },
});

const readRoute = createRoute({
  method: "get",
  path: "/groups/{group}",
  operationId: "readGroup",
  tags: ROOM,
  summary: "One group with its members",
  request: { params: groupParams },
  responses: { 200: jsonAnswer(group, "The group") },
});

const updateRoute = createRoute({
  method: "patch",
  path: "/groups/{group}",
  operationId: "updateGroup",
  tags: ROOM,
  summary: "Rename a group, add and remove members",
  request: { params: groupParams, body: jsonBody(updateGroupRequest) },
  responses: { 200: jsonAnswer(group, "The group as it is now") },
});

const deleteRoute = createRoute({
  method: "delete",
  path: "/groups/{group}",
  operationId: "deleteGroup",
  tags: ROOM,
  summary: "Delete a group, with what was shared with it",
  request: { params: groupParams },
  responses: { 204: { description: "Deleted" } },
});

export const groupRoutes = createRouter()
  .openapi(listRoute, async function list(c) {
    const actor = requireActor(c);
    const organization = await requireOrganization(c.var.db, actor, c.req.valid("param").organization, "read");
    const { limit, after_id } = c.req.valid("query");
    const after = after_id === undefined ? null : await readGroup(c.var.db, after_id);
    if (after === undefined || (after !== null && after.organizationId !== organization.id)) throw unknownCursor();
    // One of a group that the caller does not see: it would tell that there is one.
    if (after !== null && !check(actor, "read", { type: "group", organizationId: organization.id }))
      throw unknownCursor();
    const readable = filter(actor, "read", "group", groupColumns);
    const rows = await selectGroupPage(c.var.db, {
      organizationId: organization.id,
      readable,
      after,
      limit: limit + 1,
    });
    const page = cutPage(rows, limit, c.req.url);
    if (page.link !== null) c.header("link", page.link);
    return c.json(page.rows.map(toGroup), 200);
  })
  .openapi(createGroupRoute, async function create(c) {
    const { id: organizationId } = await requireOrganization(
      c.var.db,
      requireActor(c),
      c.req.valid("param").organization,
      "create",
      "group",
    );
    const { name, display_name: displayName = "" } = c.req.valid("json");
    const made = { id: newId(), organizationId, name, displayName };
    const audit = auditStatement(c, {
      action: "create",
      resourceType: "group",
      resourceId: made.id,
      target: name,
      organizationId,
      diff: diffOf({}, { name, display_name: displayName }),
      when: CHANGED,
    });
    if (!(await insertGroup(c.var.db, made, audit, c.var.clock()))) throw nameTaken(name);
    return c.json(toGroup(await mustRead(c, made.id)), 201);
  })
  .openapi(readRoute, async function read(c) {
    return c.json(toGroup(await permitted(c, c.req.valid("param").group, "read")), 200);
  })
  .openapi(updateRoute, async function update(c) {
    const found = await permitted(c, c.req.valid("param").group, "update");
    refuseEveryone(found);
    const { db } = c.var;
    const { name, display_name, add_users = [], remove_users = [] } = c.req.valid("json");
    const change = {
      name: name ?? found.name,
      displayName: display_name ?? found.displayName,
      add: add_users.filter((id) => !remove_users.includes(id)),
      remove: remove_users,
    };
    const strangers = await strangersTo(db, found.organizationId, add_users);
    if (strangers.length > 0) throw notMembers(add_users, strangers);
    const audit = auditStatement(c, {
      action: "write",
      resourceType: "group",
      resourceId: found.id,
      target: found.name,
      organizationId: found.organizationId,
      diff: {
        ...diffOf(
          { name: found.name, display_name: found.displayName },
          { name: change.name, display_name: change.displayName },
        ),
        ...(change.add.length === 0 ? {} : { added: { new: change.add } }),
        ...(change.remove.length === 0 ? {} : { removed: { old: change.remove } }),
      },
      when: CHANGED,
    });
    const removed = await updateGroup(db, found, change, audit, c.var.clock());
    if (removed === null) throw nameTaken(change.name);
    // Who came in sees at once what is shared with the group, too.
    await Promise.all([endLostAccess(c, removed), recheckAccess(c.env, change.add)]);
    return c.json(toGroup(await mustRead(c, found.id)), 200);
  })
  .openapi(deleteRoute, async function remove(c) {
    const found = await permitted(c, c.req.valid("param").group, "delete");
    refuseEveryone(found);
    const audit = auditStatement(c, {
      action: "delete",
      resourceType: "group",
      resourceId: found.id,
      target: found.name,
      organizationId: found.organizationId,
      when: CHANGED,
    });
    const members = await deleteGroup(c.var.db, found, audit);
    if (members === null) throw notFound();
    await endLostAccess(c, members);
    return c.body(null, 204);
  });

async function permitted(c: Context<AppEnv>, id: string, action: Action) {
  const actor = requireActor(c);
  const found = await mustRead(c, id);
  requirePermission(actor, action, { type: "group", organizationId: found.organizationId });
  return found;
}

async function mustRead(c: Context<AppEnv>, id: string) {
  const found = await readGroup(c.var.db, id);
  if (found === undefined) throw notFound();
  return found;
}

function refuseEveryone(found: { id: string; organizationId: string }): void {
  if (found.id !== found.organizationId) return;
  throw new Problem(409, "The group of everybody can't be changed.", {
    detail: "Its members are those of the organisation: add and remove them there.",
  });
}

function nameTaken(name: string): Problem {
  const detail = `The organisation has a group named "${name}" already.`;
  return new Problem(409, "That name is taken.", { detail, errors: [{ pointer: "/name", detail }] });
}

function notMembers(asked: readonly string[], strangers: readonly string[]): Problem {
  const errors = asked.flatMap((id, index): ProblemError[] =>
    strangers.includes(id)
      ? [{ pointer: `/add_users/${index}`, detail: `${id} is no member of the organisation.` }]
      : [],
  );
  return new Problem(400, "The request is not valid.", {
    detail: "Only members of the organisation can be in its groups.",
    errors,
  });
}
