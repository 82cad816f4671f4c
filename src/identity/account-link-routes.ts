import { createRoute } from "@hono/zod-openapi";
import { sql } from "drizzle-orm";
import type { Context } from "hono";
import { createRouter, jsonAnswer, jsonBody, type AppEnv } from "../access/router.ts";
import { auditStatement, diffOf } from "../audit/record.ts";
import {
  acceptInviteRequest,
  inspectAccountLinkRequest,
  openAccountLink,
  resetPasswordRequest,
  user,
} from "../contract/identity.ts";
import { toWireTime } from "../platform/clock.ts";
import { runBatch } from "../platform/d1.ts";
import { newId } from "../platform/ids.ts";
import { Problem } from "../platform/problem.ts";
import { limitRate } from "../platform/rate-limit.ts";
import { isOpen, linkIsDead, openLink, useUp, type OpenLink } from "./account-links.ts";
import { clientAddress } from "./login-limit.ts";
import { hashPassword } from "./password.ts";
import { passwordAudit, setPassword } from "./password-change.ts";
import { readSecondFactor } from "./second-factor/records.ts";
import { signIn } from "./sign-in.ts";
import { creationOf, openOrganizations } from "./user-creation.ts";
import { nameTaken, readUser, toUser } from "./users.ts";

/** No link is guessed at any rate; this keeps strangers from making us hash passwords all day. */
const LINK_USES = { limit: 60, windowMs: 15 * 60_000 };

const ROOM = { tags: ["Invites"], security: [] };

const inspectRoute = createRoute({
  method: "post",
  path: "/account-links/inspect",
  operationId: "inspectAccountLink",
  ...ROOM,
  summary: "What a link is for, before it is used",
  request: { body: jsonBody(inspectAccountLinkRequest) },
  responses: { 200: jsonAnswer(openAccountLink, "An invite or a password reset that works") },
});

const acceptRoute = createRoute({
  method: "post",
  path: "/account-links/accept-invite",
  operationId: "acceptInvite",
  ...ROOM,
  summary: "Make the account that an invite is for, once, and sign in",
  request: { body: jsonBody(acceptInviteRequest) },
  responses: { 201: jsonAnswer(user, "The new account; the session cookie is set") },
});

const resetRoute = createRoute({
  method: "post",
  path: "/account-links/reset-password",
  operationId: "resetPassword",
  ...ROOM,
  summary: "Choose a new password by a link, once; every session of the account ends",
  description: "Signs in, unless the account has a second factor: a link does not stand in for that.",
  request: { body: jsonBody(resetPasswordRequest) },
  responses: { 200: jsonAnswer(user, "The account with its new password; the session cookie is set") },
});

/** What people do with a link that somebody sent them. Tokens come in bodies: addresses are written into logs. */
export const accountLinkRoutes = createRouter()
  .openapi(inspectRoute, async function inspect(c) {
    const { link, user: owner } = await findLink(c, c.req.valid("json").token, null);
    return c.json(
      {
        kind: link.kind,
        email: link.email,
        username: owner?.username ?? "",
        expires_at: toWireTime(link.expiresAt),
      },
      200,
    );
  })
  .openapi(acceptRoute, async function acceptInvite(c) {
    const { db } = c.var;
    const request = c.req.valid("json");
    const open = await findLink(c, request.token, "invite");
    const { link, maker } = open;
    if (link.email !== "" && link.email.toLowerCase() !== request.email.toLowerCase()) throw isForAnother(link.email);
    const organizationIds = await openOrganizations(db, open.actor, link.organizationIds);
    if (organizationIds.length === 0) throw linkIsDead();
    const passwordHash = await hashPassword(request.password);
    const now = c.var.clock();
    const { username, email, name } = request;
    const id = newId();
    const account = { id, username, email, name, loginType: "password", isServiceAccount: false } as const;
    const isMade = sql`exists (select 1 from users where id = ${id})`;
    await runBatch(db, [
      ...creationOf({ ...account, passwordHash, roles: link.roles, organizationIds }, now, isOpen(open, now)),
      useUp(open, id, now, isMade),
      auditStatement(c, {
        action: "register",
        resourceType: "user",
        resourceId: id,
        target: username,
        userId: id,
        diff: diffOf(
          {},
          { username, email, roles: link.roles, organization_ids: organizationIds, invited_by: maker.username },
        ),
        when: isMade,
      }),
    ]);
    const row = await readUser(db, id);
    if (row !== undefined) return c.json(await signIn(c, row, "invite"), 201);
    // Throws unless the link is as it was; then it was the name.
    await openLink(db, request.token, "invite", now);
    throw nameTaken();
  })
  .openapi(resetRoute, async function resetPassword(c) {
    const { db } = c.var;
    const { token, password } = c.req.valid("json");
    const open = await findLink(c, token, "password_reset");
    const owner = open.user;
    if (owner === null) throw linkIsDead();
    const passwordHash = await hashPassword(password);
    const now = c.var.clock();
    const isSet = await setPassword(c.env, db, {
      user: owner,
      passwordHash,
      keptSessionId: null,
      now,
      ticket: useUp(open, owner.id, now, isOpen(open, now)),
      audit: (changed) => passwordAudit(c, owner, changed, owner.id),
    });
    if (!isSet) throw linkIsDead();
    if ((await readSecondFactor(db, owner.id)) !== undefined) return c.json(await toUser(db, owner), 200);
    return c.json(await signIn(c, { ...owner, passwordHash }, "reset link"), 200);
  });

/** Counts the use, then looks: whoever tries many is stopped, whether or not they were links. */
async function findLink(c: Context<AppEnv>, token: string, kind: OpenLink["link"]["kind"] | null): Promise<OpenLink> {
  const now = c.var.clock();
  await limitRate(c.var.db, `account-links:${clientAddress(c.req.raw.headers)}`, LINK_USES, now);
  return openLink(c.var.db, token, kind, now);
}

function isForAnother(email: string): Problem {
  const detail = `This invite is for ${email}.`;
  return new Problem(400, "The request is not valid.", { detail, errors: [{ pointer: "/email", detail }] });
}
