import { createRoute } from "@hono/zod-openapi";
import { sql } from "drizzle-orm";
import type { Context } from "hono";
import { z } from "zod";
import { createRouter, jsonAnswer, jsonBody, requireActor, type AppEnv } from "../access/router.ts";
import { auditStatement } from "../audit/record.ts";
import { changePasswordRequest, session, updateUserRequest, user } from "../contract/identity.ts";
import { runBatch } from "../platform/d1.ts";
import { cutPage, pageQuery, unknownCursor } from "../platform/paging.ts";
import { notFound, Problem } from "../platform/problem.ts";
import { requireEntry } from "./giving.ts";
import { clientAddress, countLoginAttempt, forgiveLoginAttempt } from "./login-limit.ts";
import { hashPassword, verifyPassword } from "./password.ts";
import { hasNoPassword, passwordAudit, setPassword } from "./password-change.ts";
import { revokeAccess } from "./revocation.ts";
import { endSession, listSessions, readSession, toSession } from "./sessions.ts";
import { requireUser, requireWatchedUser, toUser, updateUser, type UserRow } from "./users.ts";

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
  summary: "Change the password and end all other sessions; of others, as an admin and without the old one",
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
    const actor = requireActor(c);
    const row = await requireUser(c.var.db, actor, c.req.valid("param").user, "update");
    // Who has somebody's address may sign in as them elsewhere.
    await requireEntry(c.var.db, actor, row);
    const changed = await updateUser(c, row, c.req.valid("json"));
    return c.json(await toUser(c.var.db, changed), 200);
  })
  .openapi(changePassword, async function changePassword(c) {
    const actor = requireActor(c);
    const { db } = c.var;
    const request = c.req.valid("json");
    const row = await requireUser(db, actor, c.req.valid("param").user, "update");
    await requireEntry(db, actor, row);
    const isOwn = row.id === actor.userId;
    if (isOwn) await requireOldPassword(c, row, request.old_password ?? "");
    else if (row.loginType !== "password") throw hasNoPassword(row);
    const isSet = await setPassword(c.env, db, {
      user: row,
      passwordHash: await hashPassword(request.password),
      keptSessionId: isOwn ? actor.sessionId : null,
      now: c.var.clock(),
      audit: (changed) => passwordAudit(c, row, changed),
    });
    if (!isSet) throw new Problem(409, "The account has changed.", { detail: "Look at it again, and try once more." });
    return c.body(null, 204);
  })
  .openapi(listSessionsRoute, async function listUserSessions(c) {
    const actor = requireActor(c);
    const { limit, after_id } = c.req.valid("query");
    const owner = await requireWatchedUser(c.var.db, actor, c.req.valid("param").user);
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
    const [ended] = await runBatch(c.var.db, [
      endSession(c.var.db, owner.id, params.session).getSQL(),
      auditStatement(c, {
        action: "delete",
        resourceType: "session",
        resourceId: params.session,
        target: owner.username,
        when: sql`changes() > 0`,
      }),
    ]);
    if (ended?.meta.changes === 0) throw notFound();
    await revokeAccess(c.env, owner.id, {
      sessionId: params.session,
      why: "You were signed out: your session was ended.",
    });
    return c.body(null, 204);
  });

/** A stolen session must not become a stolen account, and not by guessing either. */
async function requireOldPassword(c: Context<AppEnv>, row: UserRow, password: string): Promise<void> {
  const attempt = { account: row.id, address: clientAddress(c.req.raw.headers) };
  await countLoginAttempt(c.var.db, attempt, c.var.clock());
  if (!(await verifyPassword(password, row.passwordHash))) {
    throw new Problem(400, "The old password is not correct.", {
      errors: [{ pointer: "/old_password", detail: "Not the current password." }],
    });
  }
  await forgiveLoginAttempt(c.var.db, attempt);
}
