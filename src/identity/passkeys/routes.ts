import { createRoute } from "@hono/zod-openapi";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { createRouter, jsonAnswer, jsonBody, requireActor } from "../../access/router.ts";
import { auditStatement } from "../../audit/record.ts";
import { user } from "../../contract/identity.ts";
import {
  confirmedRequest,
  createPasskeyRequest,
  passkey,
  passkeyCreation,
  passkeyLoginRequest,
  passkeyRequest,
  renamePasskeyRequest,
} from "../../contract/sign-in.ts";
import { runBatch } from "../../platform/d1.ts";
import { newId } from "../../platform/ids.ts";
import { notFound, Problem } from "../../platform/problem.ts";
import { limitRate } from "../../platform/rate-limit.ts";
import { requireConfirmation, requireSelf } from "../confirmation.ts";
import { clientAddress } from "../login-limit.ts";
import { noteFailedSignIn, signIn } from "../sign-in.ts";
import { issueTicket, openTicket, spendTicket } from "../tickets/tickets.ts";
import { userParams } from "../user-routes.ts";
import { readUser, requireWatchedUser, type UserRow } from "../users.ts";
import { CEREMONY_MS, creationOptions, newChallenge, requestOptions, verifyCreation, verifyUse } from "./ceremony.ts";
import { listPasskeys, PASSKEYS_PER_USER, readPasskey, readPasskeyByCredential, toPasskey } from "./records.ts";

/** A signature cannot be guessed; this bounds what somebody can make us compute. */
const SIGN_IN_RATE = { limit: 100, windowMs: 15 * 60_000 };

const passkeyParams = userParams.extend({ passkey: z.string().max(100) });

const loginOptionsRoute = createRoute({
  method: "post",
  path: "/users/login/passkey/options",
  operationId: "beginPasskeyLogin",
  tags: ["Users"],
  summary: "Get what a browser needs to sign in with a passkey",
  security: [],
  responses: { 200: jsonAnswer(passkeyRequest, "For `navigator.credentials.get`") },
});

const loginRoute = createRoute({
  method: "post",
  path: "/users/login/passkey",
  operationId: "loginWithPasskey",
  tags: ["Users"],
  summary: "Sign in with a passkey",
  security: [],
  request: { body: jsonBody(passkeyLoginRequest) },
  responses: { 200: jsonAnswer(user, "Who signed in; the session cookie is set") },
});

const listRoute = createRoute({
  method: "get",
  path: "/users/{user}/passkeys",
  operationId: "listPasskeys",
  tags: ["Sign-in methods"],
  summary: "List passkeys, oldest first",
  request: { params: userParams },
  responses: { 200: jsonAnswer(z.array(passkey), `All of them; at most ${PASSKEYS_PER_USER}`) },
});

const optionsRoute = createRoute({
  method: "post",
  path: "/users/{user}/passkeys/options",
  operationId: "beginPasskey",
  tags: ["Sign-in methods"],
  summary: "Get what a browser needs to make a passkey",
  request: { params: userParams, body: jsonBody(confirmedRequest) },
  responses: { 200: jsonAnswer(passkeyCreation, "For `navigator.credentials.create`") },
});

const createPasskeyRoute = createRoute({
  method: "post",
  path: "/users/{user}/passkeys",
  operationId: "createPasskey",
  tags: ["Sign-in methods"],
  summary: "Keep the passkey that a browser has made",
  request: { params: userParams, body: jsonBody(createPasskeyRequest) },
  responses: { 201: jsonAnswer(passkey, "The passkey") },
});

const renameRoute = createRoute({
  method: "patch",
  path: "/users/{user}/passkeys/{passkey}",
  operationId: "renamePasskey",
  tags: ["Sign-in methods"],
  summary: "Rename a passkey",
  request: { params: passkeyParams, body: jsonBody(renamePasskeyRequest) },
  responses: { 200: jsonAnswer(passkey, "The passkey as it is now") },
});

const deleteRoute = createRoute({
  method: "delete",
  path: "/users/{user}/passkeys/{passkey}",
  operationId: "deletePasskey",
  tags: ["Sign-in methods"],
  summary: "Delete a passkey: it signs nobody in from now on",
  request: { params: passkeyParams },
  responses: { 204: { description: "Deleted" } },
});

const loginContent = z.object({ challenge: z.string() });
const creationContent = loginContent.extend({ user_id: z.string() });

export const passkeyRoutes = createRouter()
  .openapi(loginOptionsRoute, async function beginLogin(c) {
    const challenge = newChallenge();
    const issued = { lifetimeMs: CEREMONY_MS, now: c.var.clock() };
    const { ticket } = await issueTicket(c.env, "passkey-sign-in", { challenge }, issued);
    return c.json({ ticket, public_key: requestOptions(c, challenge) }, 200);
  })
  .openapi(loginRoute, async function login(c) {
    const { ticket, credential } = c.req.valid("json");
    const { db } = c.var;
    const now = c.var.clock();
    await limitRate(db, `passkey:${clientAddress(c.req.raw.headers)}`, SIGN_IN_RATE, now);
    const opened = await openTicket(c.env, "passkey-sign-in", loginContent, { ticket, now });
    if (opened === null) throw tookTooLong(401);
    const found = await readPasskeyByCredential(db, credential.id);
    const row = found === undefined ? undefined : await readUser(db, found.userId);
    if (found === undefined || row === undefined) {
      throw new Problem(401, "This passkey is not known here.", {
        detail: "It may have been deleted, or it is of another account. Sign in another way.",
      });
    }
    const used = await verifyUse(c, found, credential, opened.content.challenge);
    if (used === null) {
      await noteFailedSignIn(c, row, "passkey");
      throw new Problem(401, "This passkey was not accepted.", { detail: "Try again, or sign in another way." });
    }
    if (!(await spendTicket(db, opened, now))) throw tookTooLong(401);
    const who = await signIn(c, row, "passkey");
    await runBatch(db, [
      sql`update passkeys set counter = max(counter, ${used.counter}), backed_up = ${used.backedUp ? 1 : 0},
          last_used_at = ${now} where id = ${found.id}`,
    ]);
    return c.json(who, 200);
  })
  .openapi(listRoute, async function list(c) {
    const row = await requireWatchedUser(c.var.db, requireActor(c), c.req.valid("param").user);
    return c.json((await listPasskeys(c.var.db, row.id)).map(toPasskey), 200);
  })
  .openapi(optionsRoute, async function beginCreation(c) {
    const row = await requireSelf(c, c.req.valid("param").user);
    await requireConfirmation(c, row, c.req.valid("json").password);
    const challenge = newChallenge();
    const issued = { lifetimeMs: CEREMONY_MS, now: c.var.clock() };
    const { ticket } = await issueTicket(c.env, "passkey-creation", { challenge, user_id: row.id }, issued);
    const existing = await listPasskeys(c.var.db, row.id);
    return c.json({ ticket, public_key: creationOptions(c, row, challenge, existing) }, 200);
  })
  .openapi(createPasskeyRoute, async function create(c) {
    const row = await requireSelf(c, c.req.valid("param").user);
    const { ticket, name, credential } = c.req.valid("json");
    const { db } = c.var;
    const now = c.var.clock();
    const opened = await openTicket(c.env, "passkey-creation", creationContent, { ticket, now });
    if (opened === null || opened.content.user_id !== row.id) throw tookTooLong(400);
    const made = await verifyCreation(c, credential, opened.content.challenge);
    if (made === null) {
      throw new Problem(400, "This passkey was not accepted.", {
        detail: "It was made for another site, or without asking who you are. Try another device or browser.",
      });
    }
    if (!(await spendTicket(db, opened, now))) throw tookTooLong(400);
    const id = newId();
    await runBatch(db, [
      sql`insert into passkeys (id, user_id, credential_id, public_key, counter, transports, backed_up, name, created_at)
          select ${id}, ${row.id}, ${made.credentialId}, ${made.publicKey}, ${made.counter},
            ${JSON.stringify(credential.response.transports ?? [])}, ${made.backedUp ? 1 : 0}, ${name}, ${now}
          where (select count(*) from passkeys where user_id = ${row.id}) < ${PASSKEYS_PER_USER}
          on conflict do nothing`,
      auditStatement(c, { ...ofUser(row), diff: { passkey: { old: null, new: name } }, when: sql`changes() > 0` }),
    ]);
    const stored = await readPasskey(db, row.id, id);
    if (stored === undefined) {
      throw new Problem(409, "This passkey cannot be added.", {
        detail: `It is known here already, or you have ${PASSKEYS_PER_USER}: delete one that you no longer use.`,
      });
    }
    return c.json(toPasskey(stored), 201);
  })
  .openapi(renameRoute, async function rename(c) {
    const params = c.req.valid("param");
    const row = await requireSelf(c, params.user);
    const before = await readPasskey(c.var.db, row.id, params.passkey);
    if (before === undefined) throw notFound();
    const { name } = c.req.valid("json");
    await runBatch(c.var.db, [
      sql`update passkeys set name = ${name} where id = ${before.id} and user_id = ${row.id} and name != ${name}`,
      auditStatement(c, {
        ...ofUser(row),
        diff: { passkey: { old: before.name, new: name } },
        when: sql`changes() > 0`,
      }),
    ]);
    return c.json(toPasskey({ ...before, name }), 200);
  })
  .openapi(deleteRoute, async function remove(c) {
    const params = c.req.valid("param");
    const row = await requireSelf(c, params.user);
    const before = await readPasskey(c.var.db, row.id, params.passkey);
    if (before === undefined) throw notFound();
    await runBatch(c.var.db, [
      sql`delete from passkeys where id = ${before.id} and user_id = ${row.id}`,
      auditStatement(c, {
        ...ofUser(row),
        diff: { passkey: { old: before.name, new: null } },
        when: sql`changes() > 0`,
      }),
    ]);
    return c.body(null, 204);
  });

function ofUser(row: UserRow) {
  return { action: "write" as const, resourceType: "user" as const, resourceId: row.id, target: row.username };
}

function tookTooLong(status: 400 | 401): Problem {
  return new Problem(status, "This took too long.", { detail: "Try again." });
}
