import { createRoute } from "@hono/zod-openapi";
import { and, eq, isNull, sql } from "drizzle-orm";
import type { Context } from "hono";
import { z } from "zod";
import type { Actor } from "../access/actor.ts";
import { requirePermission } from "../access/check.ts";
import { createRouter, jsonAnswer, jsonBody, requireActor, type AppEnv } from "../access/router.ts";
import { auditStatement, diffOf } from "../audit/record.ts";
import { accountLink, createdAccountLink, createInviteRequest } from "../contract/identity.ts";
import { runBatch } from "../platform/d1.ts";
import { cutPage, pageQuery, unknownCursor } from "../platform/paging.ts";
import { notFound, Problem } from "../platform/problem.ts";
import { limitRate } from "../platform/rate-limit.ts";
import {
  INVITE_LIFE_MS,
  listInvites,
  newAccountLink,
  readInvite,
  RESET_LIFE_MS,
  toAccountLink,
  type AccountLinkRow,
} from "./account-links.ts";
import { requireEntry, requireGivable, storedRoles } from "./giving.ts";
import { hasNoPassword } from "./password-change.ts";
import { accountLinks } from "./schema.ts";
import { readOrganizations } from "./user-creation.ts";
import { userParams } from "./user-routes.ts";
import { requireUser } from "./users.ts";

/** A school invites a year at once; a stolen account does not fill the mailboxes of a town. */
const LINKS_MADE = { limit: 200, windowMs: 60 * 60_000 };

const listRoute = createRoute({
  method: "get",
  path: "/invites",
  operationId: "listInvites",
  tags: ["Invites"],
  summary: "List invites that wait to be accepted, newest first",
  request: { query: pageQuery },
  responses: { 200: jsonAnswer(z.array(accountLink), "The invites; `Link` tells of more") },
});

const createInvite = createRoute({
  method: "post",
  path: "/invites",
  operationId: "createInvite",
  tags: ["Invites"],
  summary: "Make a link with which one person makes their own account; it works once, for seven days",
  request: { body: jsonBody(createInviteRequest) },
  responses: { 201: jsonAnswer(createdAccountLink, "The invite with its address, shown this once") },
});

const deleteInvite = createRoute({
  method: "delete",
  path: "/invites/{invite}",
  operationId: "deleteInvite",
  tags: ["Invites"],
  summary: "Take an invite back",
  request: { params: z.object({ invite: z.string().max(100) }) },
  responses: { 204: { description: "Taken back; its link does not work any more" } },
});

const createReset = createRoute({
  method: "post",
  path: "/users/{user}/password-reset",
  operationId: "createPasswordReset",
  tags: ["Users"],
  summary: "Make a link with which a person chooses a new password; it works once, for a day",
  request: { params: userParams },
  responses: {
    201: jsonAnswer(createdAccountLink, "The link with its address, shown this once; earlier ones are void"),
  },
});

export const inviteRoutes = createRouter()
  .openapi(listRoute, async function listOpenInvites(c) {
    requireInviter(c);
    const { limit, after_id } = c.req.valid("query");
    const after = after_id === undefined ? null : await readInvite(c.var.db, after_id);
    if (after === undefined) throw unknownCursor();
    const page = cutPage(await listInvites(c.var.db, { after, limit: limit + 1 }, c.var.clock()), limit, c.req.url);
    if (page.link !== null) c.header("link", page.link);
    return c.json(page.rows.map(toAccountLink), 200);
  })
  .openapi(createInvite, async function invite(c) {
    const actor = requireInviter(c);
    const request = c.req.valid("json");
    const roles = storedRoles(request.roles ?? []);
    requireGivable(actor, roles);
    const organizationIds = await readOrganizations(c.var.db, actor, request.organization_ids);
    await limitRate(c.var.db, `links:${actor.userId}`, LINKS_MADE, c.var.clock());
    const facts = { kind: "invite", userId: null, email: request.email, roles, organizationIds } as const;
    const { row, url, statement } = newAccountLink(c, { ...facts, createdBy: actor.userId }, INVITE_LIFE_MS);
    const diff = diffOf({}, { email: request.email, roles, organization_ids: organizationIds });
    await runBatch(c.var.db, [statement, auditStatement(c, { ...target(row, request.email), action: "create", diff })]);
    return c.json({ link: toAccountLink(row), url }, 201);
  })
  .openapi(deleteInvite, async function takeInviteBack(c) {
    requireInviter(c);
    const row = await readInvite(c.var.db, c.req.valid("param").invite);
    if (row === undefined) throw notFound();
    const [deleted] = await runBatch(c.var.db, [
      c.var.db
        .delete(accountLinks)
        .where(and(eq(accountLinks.id, row.id), isNull(accountLinks.usedAt)))
        .getSQL(),
      auditStatement(c, { ...target(row, row.email), action: "delete", when: sql`changes() > 0` }),
    ]);
    if (deleted?.meta.changes === 0) throw notFound();
    return c.body(null, 204);
  })
  .openapi(createReset, async function createPasswordReset(c) {
    const actor = requireActor(c);
    const { db } = c.var;
    const user = await requireUser(db, actor, c.req.valid("param").user, "update");
    // One's own password takes the old one: a stolen session must not become a stolen account.
    if (user.id === actor.userId)
      throw new Problem(403, "Change your own password with the old one.", {
        detail: "Or ask another admin for a link.",
      });
    await requireEntry(db, actor, user);
    if (user.loginType !== "password") throw hasNoPassword(user);
    await limitRate(db, `links:${actor.userId}`, LINKS_MADE, c.var.clock());
    const { row, url, statement } = newAccountLink(
      c,
      {
        kind: "password_reset",
        userId: user.id,
        email: user.email,
        roles: [],
        organizationIds: [],
        createdBy: actor.userId,
      },
      RESET_LIFE_MS,
    );
    await runBatch(db, [
      sql`delete from account_links where kind = 'password_reset' and user_id = ${user.id} and used_at is null`,
      statement,
      auditStatement(c, { ...target(row, user.username), action: "create" }),
    ]);
    return c.json({ link: toAccountLink(row), url }, 201);
  });

/** Whoever may make accounts may let people make their own. */
function requireInviter(c: Context<AppEnv>): Actor {
  const actor = requireActor(c);
  requirePermission(actor, "create", { type: "user" });
  return actor;
}

function target(row: Pick<AccountLinkRow, "id" | "kind">, name: string) {
  const label = row.kind === "invite" ? "invite" : "password reset";
  return {
    resourceType: "account_link",
    resourceId: row.id,
    target: name === "" ? label : `${label}: ${name}`,
  } as const;
}
