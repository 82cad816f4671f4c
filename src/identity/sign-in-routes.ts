import { createRoute } from "@hono/zod-openapi";
import { createRouter, jsonAnswer, jsonBody } from "../access/router.ts";
import { auditStatement, CHANGED, diffOf } from "../audit/record.ts";
import { loginRequest, setupRequest, setupState, user } from "../contract/identity.ts";
import { secondFactorNeeded } from "../contract/sign-in.ts";
import { runBatch } from "../platform/d1.ts";
import { Problem } from "../platform/problem.ts";
import { sameText } from "../platform/sealing.ts";
import { expiredSessionCookie, senderOf, setSessionCookie } from "./cookie.ts";
import { clientAddress, countLoginAttempt, forgiveLoginAttempt } from "./login-limit.ts";
import { hashPassword, verifyPassword } from "./password.ts";
import { revokeAccess } from "./revocation.ts";
import { secondFactorStep } from "./second-factor/sign-in-step.ts";
import { endSession } from "./sessions.ts";
import { completeSetup, isSetupCompleted, setupIsDone } from "./setup.ts";
import { noteFailedSignIn, signIn, whyNoSignIn } from "./sign-in.ts";
import { readUser, readUserByLogin, toUser } from "./users.ts";

const readSetup = createRoute({
  method: "get",
  path: "/setup",
  operationId: "readSetup",
  tags: ["Setup"],
  summary: "Whether the first person has been here",
  security: [],
  responses: { 200: jsonAnswer(setupState, "The state of the setup") },
});

const finishSetup = createRoute({
  method: "post",
  path: "/setup",
  operationId: "completeSetup",
  tags: ["Setup"],
  summary: "Make the first person the owner, once, and sign them in",
  security: [],
  request: { body: jsonBody(setupRequest) },
  responses: { 201: jsonAnswer(user, "The new owner; the session cookie is set") },
});

const login = createRoute({
  method: "post",
  path: "/users/login",
  operationId: "login",
  tags: ["Users"],
  summary: "Sign in with a password",
  security: [],
  request: { body: jsonBody(loginRequest) },
  responses: {
    200: jsonAnswer(user, "Who signed in; the session cookie is set"),
    202: jsonAnswer(secondFactorNeeded, "The password is right; a code is wanted too"),
  },
});

const logout = createRoute({
  method: "post",
  path: "/users/logout",
  operationId: "logout",
  tags: ["Users"],
  summary: "End the session that sends this",
  security: [],
  responses: { 204: { description: "Signed out; the cookie is gone" } },
});

export const signInRoutes = createRouter()
  .openapi(readSetup, async function readSetup(c) {
    return c.json({ completed: await isSetupCompleted(c.var.db) }, 200);
  })
  .openapi(finishSetup, async function finishSetup(c) {
    const request = c.req.valid("json");
    const { db } = c.var;
    if (await isSetupCompleted(db)) throw setupIsDone();
    const attempt = { account: "setup", address: clientAddress(c.req.raw.headers) };
    await countLoginAttempt(db, attempt, c.var.clock());
    // An empty SETUP_TOKEN is no token: it must not be matched by an empty one.
    if (!c.env.SETUP_TOKEN || !sameText(request.token, c.env.SETUP_TOKEN)) {
      throw new Problem(403, "This setup link is not valid.", {
        detail: "Open the link that the start or the deployment printed.",
        errors: [{ pointer: "/token", detail: "Not the setup token of this deployment." }],
      });
    }
    const passwordHash = await hashPassword(request.password);
    const { userId, session } = await completeSetup(
      db,
      request,
      passwordHash,
      senderOf(c),
      c.var.clock(),
      (id, isMade) =>
        auditStatement(c, {
          action: "register",
          resourceType: "user",
          resourceId: id,
          target: request.username,
          userId: id,
          diff: diffOf({}, { roles: ["owner", "member"] }),
          when: isMade,
        }),
    );
    await forgiveLoginAttempt(db, attempt);
    setSessionCookie(c, session);
    const row = await readUser(db, userId);
    if (row === undefined) throw new Error("The user that the setup made is missing");
    return c.json(await toUser(db, row), 201);
  })
  .openapi(login, async function login(c) {
    const request = c.req.valid("json");
    const { db } = c.var;
    const now = c.var.clock();
    const row = await readUserByLogin(db, request.login);
    // By id where there is one, so that name and e-mail address share one count.
    const attempt = { account: row?.id ?? request.login, address: clientAddress(c.req.raw.headers) };
    await countLoginAttempt(db, attempt, now);
    const correct = await verifyPassword(request.password, row?.passwordHash ?? null);
    if (!correct || row === undefined) {
      // Beside the answer: how long that takes must not tell that there is such an account.
      if (row !== undefined) c.executionCtx.waitUntil(noteFailedSignIn(c, row, "password"));
      throw new Problem(401, "Incorrect user name, e-mail address or password.");
    }
    await forgiveLoginAttempt(db, attempt);
    const refusal = whyNoSignIn(row);
    if (refusal !== null) throw refusal;
    const step = await secondFactorStep(c, row);
    return step === null ? c.json(await signIn(c, row, "password"), 200) : c.json(step, 202);
  })
  .openapi(logout, async function logout(c) {
    const { actor, db } = c.var;
    if (actor !== null && actor.sessionId !== null) {
      await runBatch(db, [
        endSession(db, actor.userId, actor.sessionId).getSQL(),
        auditStatement(c, {
          action: "logout",
          resourceType: "session",
          resourceId: actor.sessionId,
          target: actor.username,
          when: CHANGED,
        }),
      ]);
      await revokeAccess(c.env, actor.userId, { sessionId: actor.sessionId });
    }
    c.header("set-cookie", expiredSessionCookie(c.req.url), { append: true });
    return c.body(null, 204);
  });
