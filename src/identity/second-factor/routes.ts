import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { forbidden } from "../../access/check.ts";
import { createRouter, jsonAnswer, jsonBody, requireActor, type AppEnv } from "../../access/router.ts";
import { auditStatement } from "../../audit/record.ts";
import { user } from "../../contract/identity.ts";
import {
  confirmedRequest,
  confirmSecondFactorRequest,
  newRecoveryCodes as newRecoveryCodesAnswer,
  secondFactorCode,
  secondFactorLoginRequest,
  secondFactorOffer,
} from "../../contract/sign-in.ts";
import { runBatch } from "../../platform/d1.ts";
import { notFound, Problem } from "../../platform/problem.ts";
import { seal } from "../../platform/sealing.ts";
import { requireConfirmation, requireSelf } from "../confirmation.ts";
import { requireEntry } from "../giving.ts";
import { noteFailedSignIn, signIn, whyNoSignIn } from "../sign-in.ts";
import { issueTicket, openTicket, spendTicket } from "../tickets/tickets.ts";
import { userParams } from "../user-routes.ts";
import { readUser, requireUser, type UserRow } from "../users.ts";
import { readSecondFactor, replaceRecoveryCodes, useCode } from "./records.ts";
import { newRecoveryCodes } from "./recovery-codes.ts";
import { isOfPassword, openSignInTicket } from "./sign-in-step.ts";
import { newTotpSecret, stepOfCode, totpUrl } from "./totp.ts";

/** Time to install an app. */
const OFFER_LIFETIME_MS = 30 * 60_000;
/** What apps show beside the account. */
const ISSUER = "Tideline";

const loginRoute = createRoute({
  method: "post",
  path: "/users/login/second-factor",
  operationId: "loginWithSecondFactor",
  tags: ["Users"],
  summary: "End a sign-in that wanted a code too",
  security: [],
  request: { body: jsonBody(secondFactorLoginRequest) },
  responses: { 200: jsonAnswer(user, "Who signed in; the session cookie is set") },
});

const offerRoute = createRoute({
  method: "post",
  path: "/users/{user}/second-factor",
  operationId: "offerSecondFactor",
  tags: ["Sign-in methods"],
  summary: "Get a secret for an authenticator app; nothing is on until a code confirms it",
  request: { params: userParams, body: jsonBody(confirmedRequest) },
  responses: { 200: jsonAnswer(secondFactorOffer, "The secret, shown this once") },
});

const confirmRoute = createRoute({
  method: "post",
  path: "/users/{user}/second-factor/confirm",
  operationId: "confirmSecondFactor",
  tags: ["Sign-in methods"],
  summary: "Turn the second factor on with a first code",
  request: { params: userParams, body: jsonBody(confirmSecondFactorRequest) },
  responses: { 201: jsonAnswer(newRecoveryCodesAnswer, "It is on; the recovery codes are shown this once") },
});

const disableRoute = createRoute({
  method: "post",
  path: "/users/{user}/second-factor/disable",
  operationId: "disableSecondFactor",
  tags: ["Sign-in methods"],
  summary: "Turn one's second factor off with a code",
  request: { params: userParams, body: jsonBody(secondFactorCode) },
  responses: { 204: { description: "Off; the recovery codes are gone" } },
});

const renewCodesRoute = createRoute({
  method: "post",
  path: "/users/{user}/second-factor/recovery-codes",
  operationId: "renewRecoveryCodes",
  tags: ["Sign-in methods"],
  summary: "Get new recovery codes with a code; the old ones are gone",
  request: { params: userParams, body: jsonBody(secondFactorCode) },
  responses: { 201: jsonAnswer(newRecoveryCodesAnswer, "The recovery codes, shown this once") },
});

const removeRoute = createRoute({
  method: "delete",
  path: "/users/{user}/second-factor",
  operationId: "removeSecondFactor",
  tags: ["Sign-in methods"],
  summary: "Take the second factor off the account of somebody who has lost it",
  request: { params: userParams },
  responses: { 204: { description: "Off; the password alone signs in" } },
});

const offerContent = z.object({ user_id: z.string(), secret: z.string() });

export const secondFactorRoutes = createRouter()
  .openapi(loginRoute, async function loginWithSecondFactor(c) {
    const request = c.req.valid("json");
    const { db } = c.var;
    const ticket = await openSignInTicket(c, request.ticket);
    const row = ticket === null ? undefined : await readUser(db, ticket.content.user_id);
    if (ticket === null || row === undefined || !isOfPassword(ticket, row)) throw startAgain();
    const refusal = whyNoSignIn(row);
    if (refusal !== null) throw refusal;
    const now = c.var.clock();
    const kind = await useCode(db, c.env.SECRET_KEY, { userId: row.id, code: request.code, now });
    if (kind === null) {
      await noteFailedSignIn(c, row, "second factor");
      throw new Problem(401, "This code is not right.", {
        detail: "Take the one that the app shows now. Each works once.",
      });
    }
    if (!(await spendTicket(db, ticket, now))) throw startAgain();
    return c.json(await signIn(c, row, kind === "totp" ? "second factor" : "recovery code"), 200);
  })
  .openapi(offerRoute, async function offer(c) {
    const row = await requireSelf(c, c.req.valid("param").user);
    await requireConfirmation(c, row, c.req.valid("json").password);
    if (row.passwordHash === null) {
      throw new Problem(409, "This account has no password.", {
        detail: "The code is asked for after a password. Where you sign in instead may ask for one of its own.",
      });
    }
    if ((await readSecondFactor(c.var.db, row.id)) !== undefined) throw isOnAlready();
    const secret = newTotpSecret();
    const issued = { lifetimeMs: OFFER_LIFETIME_MS, now: c.var.clock() };
    const { ticket } = await issueTicket(c.env, "second-factor-offer", { user_id: row.id, secret }, issued);
    return c.json({ ticket, secret, url: totpUrl(secret, row.email || row.username, ISSUER) }, 200);
  })
  .openapi(confirmRoute, async function confirm(c) {
    const row = await requireSelf(c, c.req.valid("param").user);
    const { ticket, code } = c.req.valid("json");
    const now = c.var.clock();
    const opened = await openTicket(c.env, "second-factor-offer", offerContent, { ticket, now });
    if (opened === null || opened.content.user_id !== row.id) {
      throw new Problem(400, "This took too long.", { detail: "Begin again, with a new secret in the app." });
    }
    const { secret } = opened.content;
    const step = stepOfCode(secret, code.replaceAll(/\s/g, ""), now, 0);
    if (step === null) throw wrongCode();
    const codes = newRecoveryCodes();
    const sealed = await seal(secret, c.env.SECRET_KEY);
    const [made] = await runBatch(c.var.db, [
      sql`insert into second_factors (user_id, sealed_secret, last_step, created_at)
          select ${row.id}, ${sealed}, ${step}, ${now} where true on conflict do nothing`,
      auditStatement(c, change(row, "off", "on", sql`changes() > 0`)),
      ...replaceRecoveryCodes(
        row.id,
        codes,
        sql`exists (select 1 from second_factors where user_id = ${row.id} and sealed_secret = ${sealed})`,
      ),
    ]);
    if (made?.meta.changes === 0) throw isOnAlready();
    return c.json({ recovery_codes: codes }, 201);
  })
  .openapi(disableRoute, async function disable(c) {
    const row = await requireSelf(c, c.req.valid("param").user);
    await requireCode(c, row, c.req.valid("json").code);
    await removeSecondFactor(c, row);
    return c.body(null, 204);
  })
  .openapi(renewCodesRoute, async function renewCodes(c) {
    const row = await requireSelf(c, c.req.valid("param").user);
    await requireCode(c, row, c.req.valid("json").code);
    const codes = newRecoveryCodes();
    const isOn = sql`exists (select 1 from second_factors where user_id = ${row.id})`;
    await runBatch(c.var.db, [
      ...replaceRecoveryCodes(row.id, codes, isOn),
      auditStatement(c, {
        action: "write",
        resourceType: "user",
        resourceId: row.id,
        target: row.username,
        diff: { recovery_codes: { secret: true } },
        when: isOn,
      }),
    ]);
    return c.json({ recovery_codes: codes }, 201);
  })
  .openapi(removeRoute, async function removeFromUser(c) {
    const actor = requireActor(c);
    const row = await requireUser(c.var.db, actor, c.req.valid("param").user, "update");
    if (row.id === actor.userId) throw forbidden("Turn your own off with a code, under Security.");
    // It is half of the way in: with it off, a link for a new password is all of it.
    await requireEntry(c.var.db, actor, row);
    if (!(await removeSecondFactor(c, row))) throw notFound();
    return c.body(null, 204);
  });

async function requireCode(c: Context<AppEnv>, row: UserRow, code: string): Promise<void> {
  const kind = await useCode(c.var.db, c.env.SECRET_KEY, { userId: row.id, code, now: c.var.clock() });
  if (kind === null) throw wrongCode();
}

/** Whether there was one to remove. */
async function removeSecondFactor(c: Context<AppEnv>, row: UserRow): Promise<boolean> {
  const [removed] = await runBatch(c.var.db, [
    sql`delete from second_factors where user_id = ${row.id}`,
    auditStatement(c, change(row, "on", "off", sql`changes() > 0`)),
    sql`delete from recovery_codes where user_id = ${row.id}`,
  ]);
  return removed?.meta.changes !== 0;
}

function change(row: UserRow, old: string, now: string, when: ReturnType<typeof sql>) {
  return {
    action: "write" as const,
    resourceType: "user" as const,
    resourceId: row.id,
    target: row.username,
    diff: { second_factor: { old, new: now } },
    when,
  };
}

function wrongCode(): Problem {
  return new Problem(400, "This code is not right.", {
    errors: [{ pointer: "/code", detail: "Not right. Take the one that the app shows now; each works once." }],
  });
}

function isOnAlready(): Problem {
  return new Problem(409, "The second factor is on already.", { detail: "Turn it off first to use another app." });
}

function startAgain(): Problem {
  return new Problem(401, "This sign-in has taken too long.", { detail: "Begin again with your password." });
}
