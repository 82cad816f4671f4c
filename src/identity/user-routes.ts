import { createRoute } from "@hono/zod-openapi";
import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { createRouter, jsonAnswer, jsonBody, requireActor } from "../access/router.ts";
import { changePasswordRequest, session, updateUserRequest, user } from "../contract/identity.ts";
import { cutPage, pageQuery, unknownCursor } from "../platform/paging.ts";
import { notFound, Problem } from "../platform/problem.ts";
import { clientAddress, countLoginAttempt, forgiveLoginAttempt } from "./login-limit.ts";
import { hashPassword, verifyPassword } from "./password.ts";
import { revokeAccess } from "./revocation.ts";
import { users } from "./schema.ts";
import { endOtherSessions, endSession, listSessions, readSession, toSession } from "./sessions.ts";
import { requireUser, toUser, updateUser } from "./users.ts";

export const userParams = z.object({
  user: z.string().max(100).meta({ description: 'An id, a user name, or "me".' }),
});

const readUserRoute = createRoute({
  method: "get",
  path: "/users/{user}",
  operationId: "readUser",
  tags: ["Users"],
  summary: "Read a user",
  request: { params: userParams },
  responses: { 200: jsonAnswer(user, "The user") },
});

const updateUserRoute = createRoute({
  method: "patch",
  path: "/users/{user}",
  operationId: "updateUser",
  tags: ["Users"],
  summary: "Change the name, user name or e-mail address",
  request: { params: userParams, body: jsonBody(updateUserRequest) },
  responses: { 200: jsonAnswer(user, "The user as it is now") },
});

const changePassword = createRoute({
  method: "put",
  path: "/users/{user}/password",
  operationId: "changePassword",
  tags: ["Users"],
  summary: "Change the password and end all other sessions",
  request: { params: userParams, body: jsonBody(changePasswordRequest) },
  responses: { 204: { description: "Changed" } },
});

const listSessionsRoute = createRoute({
  method: "get",
  path: "/users/{user}/sessions",
  operationId: "listSessions",
  tags: ["Users"],
  summary: "List where the user is signed in, newest first",
  request: { params: userParams, query: pageQuery },
  responses: { 200: jsonAnswer(z.array(session), "The sessions; `Link` tells of more") },
});

const revokeSession = createRoute({
  method: "delete",
  path: "/users/{user}/sessions/{session}",
  operationId: "revokeSession",
  tags: ["Users"],
  summary: "End a session",
  request: { params: userParams.extend({ session: z.string().max(100) }) },
  responses: { 204: { description: "Ended, its sockets too" } },
});

export const userRoutes = createRouter()
  .openapi(readUserRoute, async function readUser(c) {
    const row = await requireUser(c.var.db, requireActor(c), c.req.valid("param").user, "read");
    return c.json(await toUser(c.var.db, row), 200);
  })
  .openapi(updateUserRoute, async function changeUser(c) {
    const row = await requireUser(c.var.db, requireActor(c), c.req.valid("param").user, "update");
    const changed = await updateUser(c.var.db, row.id, c.req.valid("json"), c.var.clock());
    return c.json(await toUser(c.var.db, changed), 200);
  })
  .openapi(changePassword, async function changePassword(c) {
    const actor = requireActor(c);
    const { db } = c.var;
    const request = c.req.valid("json");
    const row = await requireUser(db, actor, c.req.valid("param").user, "update");
    // A stolen session must not become a stolen account by guessing.
    const attempt = { account: row.id, address: clientAddress(c.req.raw.headers) };
    await countLoginAttempt(db, attempt, c.var.clock());
    if (!(await verifyPassword(request.old_password ?? "", row.passwordHash))) {
      throw new Problem(400, "The old password is not correct.", {
        errors: [{ pointer: "/old_password", detail: "Not the current password." }],
      });
    }
    await forgiveLoginAttempt(db, attempt);
    const passwordHash = await hashPassword(request.password);
    const [, ended] = await db.batch([
      db
        .update(users)
        .set({ passwordHash, updatedAt: c.var.clock() })
        .where(and(eq(users.id, row.id), eq(users.deleted, false))),
      endOtherSessions(db, row.id, actor.userId === row.id ? actor.sessionId : null),
    ]);
    await Promise.all(ended.map(({ id }) => revokeAccess(c.env, row.id, { sessionId: id })));
    return c.body(null, 204);
  })
  .openapi(listSessionsRoute, async function listUserSessions(c) {
    const actor = requireActor(c);
    const { limit, after_id } = c.req.valid("query");
    const owner = await requireUser(c.var.db, actor, c.req.valid("param").user, "read");
    const after = after_id === undefined ? null : await readSession(c.var.db, owner.id, after_id);
    if (after === undefined) throw unknownCursor();
    const rows = await listSessions(c.var.db, owner.id, { after, limit: limit + 1 }, c.var.clock());
    const page = cutPage(rows, limit, c.req.url);
    if (page.link !== null) c.header("link", page.link);
    return c.json(
      page.rows.map((row) => toSession(row, actor.sessionId)),
      200,
    );
  })
  .openapi(revokeSession, async function revokeUserSession(c) {
    const params = c.req.valid("param");
    const owner = await requireUser(c.var.db, requireActor(c), params.user, "update");
    if (!(await endSession(c.var.db, owner.id, params.session))) throw notFound();
    await revokeAccess(c.env, owner.id, { sessionId: params.session });
    return c.body(null, 204);
  });
