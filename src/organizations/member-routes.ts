import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import type { Actor } from "../access/actor.ts";
import { mayAssignIn } from "../access/assignment.ts";
import { check, forbidden, type AccessObject } from "../access/check.ts";
import { filter } from "../access/filter.ts";
import { createRouter, jsonAnswer, jsonBody, requireActor } from "../access/router.ts";
import { auditStatement, CHANGED, diffOf } from "../audit/record.ts";
import {
  assignableOrganizationRole,
  organizationMember,
  organizationMembersResponse,
  organizationRoles,
  updateMemberRolesRequest,
  type OrganizationRole,
} from "../contract/organizations.ts";
import { readUser } from "../identity/users.ts";
import type { Database } from "../platform/d1.ts";
import { cutPage, pageQuery, unknownCursor } from "../platform/paging.ts";
import { notFound, Problem } from "../platform/problem.ts";
import { deleteMember, insertMember, listMembers, readMember, toMember, updateMemberRoles } from "./members.ts";
import { endLostAccess } from "./lost-access.ts";
import { organizationParams } from "./organization-routes.ts";
import { requireOrganization } from "./records.ts";
import { roleWords } from "./role-words.ts";
import { memberColumns } from "./schema.ts";

const ROOM = ["Organizations"];

const memberParams = organizationParams.extend({
  user: z.string().max(100).meta({ description: "An id or a user name." }),
});

const listRoute = createRoute({
  method: "get",
  path: "/organizations/{organization}/members",
  operationId: "listOrganizationMembers",
  tags: ROOM,
  summary: "The members of an organisation that you may see, by user name",
  request: {
    params: organizationParams,
    query: pageQuery.extend({
      q: z.string().max(200).default("").meta({ description: "Part of a user name, name or e-mail address." }),
    }),
  },
  responses: { 200: jsonAnswer(organizationMembersResponse, "One page, and how many there are in all") },
});

const listRolesRoute = createRoute({
  method: "get",
  path: "/organizations/{organization}/members/roles",
  operationId: "listOrganizationRoles",
  tags: ROOM,
  summary: "The roles that members can have, and which of them you may give",
  request: { params: organizationParams },
  responses: { 200: jsonAnswer(z.array(assignableOrganizationRole), "The roles") },
});

const addRoute = createRoute({
  method: "post",
  path: "/organizations/{organization}/members/{user}",
  operationId: "addOrganizationMember",
  tags: ROOM,
  summary: "Make somebody a member",
  request: { params: memberParams },
  responses: { 201: jsonAnswer(organizationMember, "The member") },
});

const removeRoute = createRoute({
  method: "delete",
  path: "/organizations/{organization}/members/{user}",
  operationId: "removeOrganizationMember",
  tags: ROOM,
  summary: "Take somebody out, with their groups and what was shared with them there",
  request: { params: memberParams },
  responses: { 204: { description: "Taken out" } },
});

const updateRolesRoute = createRoute({
  method: "put",
  path: "/organizations/{organization}/members/{user}/roles",
  operationId: "updateOrganizationMemberRoles",
  tags: ROOM,
  summary: "Set the roles of a member",
  request: { params: memberParams, body: jsonBody(updateMemberRolesRequest) },
  responses: { 200: jsonAnswer(organizationMember, "The member as they are now") },
});

export const memberRoutes = createRouter()
  .openapi(listRoute, async function list(c) {
    const actor = requireActor(c);
    const { id: organizationId } = await requireOrganization(
      c.var.db,
      actor,
      c.req.valid("param").organization,
      "read",
    );
    const { q, limit, after_id } = c.req.valid("query");
    const readable = filter(actor, "read", "organization_member", memberColumns);
    const after = after_id === undefined ? null : await readMember(c.var.db, organizationId, after_id);
    // One of somebody whom the caller does not see: it would tell that they are a member.
    if (after === undefined || (after !== null && !check(actor, "read", memberObject(after.member))))
      throw unknownCursor();
    const found = await listMembers(c.var.db, {
      organizationId,
      readable,
      q,
      after: after === null ? null : after.user,
      limit: limit + 1,
    });
    const rows = found.members.map((row) => ({ id: row.user.id, row }));
    const page = cutPage(rows, limit, c.req.url);
    if (page.link !== null) c.header("link", page.link);
    return c.json({ members: page.rows.map(({ row }) => toMember(row)), count: found.count }, 200);
  })
  .openapi(listRolesRoute, async function listRoles(c) {
    const actor = requireActor(c);
    const row = await requireOrganization(c.var.db, actor, c.req.valid("param").organization, "read");
    const assignable = mayAssignIn(actor, row.id);
    return c.json(
      organizationRoles.map((name) => ({ name, ...roleWords[name], assignable: assignable.has(name) })),
      200,
    );
  })
  .openapi(addRoute, async function add(c) {
    const params = c.req.valid("param");
    const { db } = c.var;
    const { id: organizationId } = await requireOrganization(
      db,
      requireActor(c),
      params.organization,
      "create",
      "organization_member",
    );
    const user = await readUser(db, params.user);
    if (user === undefined) throw notFound();
    const audit = auditStatement(c, {
      action: "create",
      resourceType: "organization_member",
      resourceId: user.id,
      target: user.username,
      organizationId,
      when: CHANGED,
    });
    const added = await insertMember(db, organizationId, user.id, audit, c.var.clock());
    const member = await readMember(db, organizationId, user.id);
    if (member === undefined) throw notFound();
    if (!added) throw new Problem(409, "Already a member.", { detail: `${user.username} is in the organisation.` });
    return c.json(toMember(member), 201);
  })
  .openapi(removeRoute, async function remove(c) {
    const actor = requireActor(c);
    const params = c.req.valid("param");
    const { db } = c.var;
    const { id: organizationId } = await requireOrganization(
      db,
      actor,
      params.organization,
      "delete",
      "organization_member",
    );
    const { member, user } = await mustFindMember(db, organizationId, params.user);
    requireAssignable(actor, organizationId, member.roles);
    const audit = auditStatement(c, {
      action: "delete",
      resourceType: "organization_member",
      resourceId: user.id,
      target: user.username,
      organizationId,
      diff: diffOf({ roles: member.roles }, { roles: [] }),
      when: CHANGED,
    });
    const before = { organizationId, userId: user.id, before: member.roles };
    if (!(await deleteMember(db, before, audit))) throw changedMeanwhile();
    await endLostAccess(c, [user.id]);
    return c.body(null, 204);
  })
  .openapi(updateRolesRoute, async function updateRoles(c) {
    const actor = requireActor(c);
    const params = c.req.valid("param");
    const { db } = c.var;
    const { id: organizationId } = await requireOrganization(
      db,
      actor,
      params.organization,
      "update",
      "organization_member",
    );
    const { member, user } = await mustFindMember(db, organizationId, params.user);
    const asked = c.req.valid("json").roles;
    // In the order of the contract, each once: one spelling of a set.
    const roles = organizationRoles.filter((role) => asked.includes(role));
    const taken = member.roles.filter((role) => !roles.includes(role));
    const given = roles.filter((role) => !member.roles.includes(role));
    requireAssignable(actor, organizationId, [...taken, ...given]);
    if (taken.length + given.length > 0) {
      const audit = auditStatement(c, {
        action: "write",
        resourceType: "organization_member",
        resourceId: user.id,
        target: user.username,
        organizationId,
        diff: diffOf({ roles: member.roles }, { roles }),
        when: CHANGED,
      });
      const before = { organizationId, userId: user.id, before: member.roles };
      if (!(await updateMemberRoles(db, before, roles, audit, c.var.clock()))) throw changedMeanwhile();
      // A role can forbid as well as allow, so any change may take something away.
      await endLostAccess(c, [user.id]);
    }
    return c.json(toMember(await mustFindMember(db, organizationId, user.id)), 200);
  });

function memberObject({ userId, organizationId }: { userId: string; organizationId: string }): AccessObject {
  return { type: "organization_member", ownerId: userId, organizationId };
}

async function mustFindMember(db: Database, organizationId: string, reference: string) {
  const user = await readUser(db, reference);
  const found = user === undefined ? undefined : await readMember(db, organizationId, user.id);
  if (found === undefined) throw notFound();
  return found;
}

/** Nobody gives or takes a role that is not theirs to give, and nobody takes out who holds one. */
function requireAssignable(actor: Actor, organizationId: string, roles: readonly OrganizationRole[]): void {
  const assignable = mayAssignIn(actor, organizationId);
  const beyond = roles.filter((role) => !assignable.has(role));
  if (beyond.length > 0) throw forbidden(`You may not give or take ${beyond.join(", ")}.`);
}

function changedMeanwhile(): Problem {
  return new Problem(409, "Somebody else changed this member just now.", { detail: "Look again, then repeat it." });
}
