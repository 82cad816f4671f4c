import { createRoute } from "@hono/zod-openapi";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { requirePermission } from "../access/check.ts";
import { createRouter, jsonAnswer, jsonBody, requireActor } from "../access/router.ts";
import { auditStatement, diffOf } from "../audit/record.ts";
import {
  assignableSiteRole,
  createUserRequest,
  siteRoles,
  updateRolesRequest,
  user,
  userStatuses,
  usersResponse,
} from "../contract/identity.ts";
import { runBatch } from "../platform/d1.ts";
import { cutPage, pageQuery, unknownCursor } from "../platform/paging.ts";
import { Problem } from "../platform/problem.ts";
import { givableRoles, requireGivable, siteRoleTexts, storedRoles } from "./giving.ts";
import { hashPassword } from "./password.ts";
import { activateUser, changeRoles, deleteUser, suspendUser } from "./standing.ts";
import { creationOf, readNewUser, readOrganizations } from "./user-creation.ts";
import { listUsers, userCursor } from "./user-list.ts";
import { userParams } from "./user-routes.ts";
import { nameTaken, readUser, requireUser, toUser } from "./users.ts";

const usersQuery = pageQuery.extend({
  q: z.string().max(200).optional().meta({ description: "A part of the user name, name or e-mail address." }),
  status: z.enum(userStatuses).optional(),
  role: z.enum(siteRoles).optional(),
  service_account: z
    .enum(["true", "false"])
    .transform((text) => text === "true")
    .optional()
    .meta({ description: "Only service accounts, or only people." }),
});

const listRoute = createRoute({
  method: "get",
  path: "/users",
  operationId: "listUsers",
  tags: ["Users"],
  summary: "List accounts by user name; who may not manage people sees their own",
  request: { query: usersQuery },
  responses: { 200: jsonAnswer(usersResponse, "A page, and how many there are on all; `Link` tells of more") },
});

const createUserRoute = createRoute({
  method: "post",
  path: "/users",
  operationId: "createUser",
  tags: ["Users"],
  summary: "Create an account for a person, or a service account",
  request: { body: jsonBody(createUserRequest) },
  responses: { 201: jsonAnswer(user, "The new account") },
});

const listRoles = createRoute({
  method: "get",
  path: "/users/roles",
  operationId: "listSiteRoles",
  tags: ["Users"],
  summary: "List the roles of the deployment, and whether the caller may give them",
  responses: { 200: jsonAnswer(z.array(assignableSiteRole), "The roles") },
});

const changeRolesRoute = createRoute({
  method: "put",
  path: "/users/{user}/roles",
  operationId: "updateUserRoles",
  tags: ["Users"],
  summary: "Set the roles of an account; everybody keeps the role member",
  request: { params: userParams, body: jsonBody(updateRolesRequest) },
  responses: { 200: jsonAnswer(user, "The account as it is now") },
});

const suspendRoute = createRoute({
  method: "put",
  path: "/users/{user}/status/suspend",
  operationId: "suspendUser",
  tags: ["Users"],
  summary: "Suspend an account: its sessions end, what it has open closes, its tokens are refused",
  request: { params: userParams },
  responses: { 200: jsonAnswer(user, "The account as it is now") },
});

const activateRoute = createRoute({
  method: "put",
  path: "/users/{user}/status/activate",
  operationId: "activateUser",
  tags: ["Users"],
  summary: "Make a suspended or dormant account active again",
  request: { params: userParams },
  responses: { 200: jsonAnswer(user, "The account as it is now") },
});

const deleteRoute = createRoute({
  method: "delete",
  path: "/users/{user}",
  operationId: "deleteUser",
  tags: ["Users"],
  summary: "Delete an account; its user name and e-mail address are free again, its chats stay",
  request: { params: userParams },
  responses: { 204: { description: "Deleted, with its sessions, tokens, memberships and what was shared with it" } },
});

/** Accounts in the hands of those who manage them. Before the routes of one user: `roles` is no user's name there. */
export const userAdminRoutes = createRouter()
  .openapi(listRoute, async function listAccounts(c) {
    const actor = requireActor(c);
    const { limit, after_id: afterId, ...search } = c.req.valid("query");
    const after = afterId === undefined ? null : await userCursor(c.var.db, actor, afterId);
    if (after === undefined) throw unknownCursor();
    const { users, count } = await listUsers(c.var.db, actor, search, { after, limit: limit + 1 });
    const page = cutPage(users, limit, c.req.url);
    if (page.link !== null) c.header("link", page.link);
    return c.json({ users: page.rows, count }, 200);
  })
  .openapi(createUserRoute, async function createAccount(c) {
    const actor = requireActor(c);
    const { db } = c.var;
    requirePermission(actor, "create", { type: "user" });
    const request = c.req.valid("json");
    const facts = readNewUser(request);
    const roles = storedRoles(request.roles ?? []);
    requireGivable(actor, roles);
    const organizationIds = await readOrganizations(db, actor, request.organization_ids);
    const passwordHash = request.password === undefined ? null : await hashPassword(request.password);
    const made = { ...facts, roles, organizationIds, passwordHash };
    await runBatch(db, [
      ...creationOf(made, c.var.clock()),
      auditStatement(c, {
        action: "create",
        resourceType: "user",
        resourceId: made.id,
        target: made.username,
        diff: diffOf(
          {},
          {
            username: made.username,
            email: made.email,
            login_type: made.loginType,
            service_account: made.isServiceAccount,
            roles,
            organization_ids: organizationIds,
          },
        ),
        when: sql`exists (select 1 from users where id = ${made.id})`,
      }),
    ]);
    const row = await readUser(db, made.id);
    if (row === undefined) throw nameTaken();
    return c.json(await toUser(db, row), 201);
  })
  .openapi(listRoles, async function listSiteRoles(c) {
    const givable = givableRoles(requireActor(c));
    const roles = siteRoles.map((name) => {
      const { displayName, description } = siteRoleTexts[name];
      return { name, display_name: displayName, description, assignable: givable.has(name) };
    });
    return c.json(roles, 200);
  })
  .openapi(changeRolesRoute, async function changeUserRoles(c) {
    const actor = requireActor(c);
    const row = await requireUser(c.var.db, actor, c.req.valid("param").user, "update");
    const roles = storedRoles(c.req.valid("json").roles);
    requireGivable(
      actor,
      siteRoles.filter((role) => roles.includes(role) !== row.roles.includes(role)),
    );
    return c.json(await toUser(c.var.db, await changeRoles(c, row, roles)), 200);
  })
  .openapi(suspendRoute, async function suspendAccount(c) {
    const actor = requireActor(c);
    const row = await requireUser(c.var.db, actor, c.req.valid("param").user, "update");
    if (row.id === actor.userId)
      throw new Problem(400, "You cannot suspend yourself.", { detail: "Ask another admin." });
    return c.json(await toUser(c.var.db, await suspendUser(c, row)), 200);
  })
  .openapi(activateRoute, async function activateAccount(c) {
    const actor = requireActor(c);
    const row = await requireUser(c.var.db, actor, c.req.valid("param").user, "update");
    return c.json(await toUser(c.var.db, await activateUser(c, row)), 200);
  })
  .openapi(deleteRoute, async function deleteAccount(c) {
    const actor = requireActor(c);
    const row = await requireUser(c.var.db, actor, c.req.valid("param").user, "read");
    if (row.id === actor.userId)
      throw new Problem(403, "You cannot delete yourself.", { detail: "Ask another admin." });
    await deleteUser(c, await requireUser(c.var.db, actor, row.id, "delete"));
    return c.body(null, 204);
  });
