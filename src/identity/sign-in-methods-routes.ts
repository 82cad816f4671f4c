import { createRoute } from "@hono/zod-openapi";
import { createRouter, jsonAnswer, requireActor } from "../access/router.ts";
import { signInMethods } from "../contract/sign-in.ts";
import { toWireTime } from "../platform/clock.ts";
import { confirmationNeeded } from "./confirmation.ts";
import { listOutsideAccounts, toOutsideAccount } from "./outside/accounts.ts";
import { listPasskeys } from "./passkeys/records.ts";
import { countRecoveryCodes, readSecondFactor } from "./second-factor/records.ts";
import { userParams } from "./user-routes.ts";
import { requireWatchedUser } from "./users.ts";

const readRoute = createRoute({
  method: "get",
  path: "/users/{user}/sign-in-methods",
  operationId: "readSignInMethods",
  tags: ["Sign-in methods"],
  summary: "How somebody signs in",
  request: { params: userParams },
  responses: { 200: jsonAnswer(signInMethods, "All their ways") },
});

export const signInMethodsRoutes = createRouter().openapi(readRoute, async function readSignInMethods(c) {
  const actor = requireActor(c);
  const { db } = c.var;
  const row = await requireWatchedUser(db, actor, c.req.valid("param").user);
  const [passkeys, factor, codes, accounts, confirmation] = await Promise.all([
    listPasskeys(db, row.id),
    readSecondFactor(db, row.id),
    countRecoveryCodes(db, row.id),
    listOutsideAccounts(db, row.id),
    confirmationNeeded(c, row),
  ]);
  return c.json(
    {
      login_type: row.loginType,
      has_password: row.passwordHash !== null,
      passkey_count: passkeys.length,
      second_factor:
        factor === undefined ? null : { created_at: toWireTime(factor.createdAt), recovery_codes_left: codes },
      outside_accounts: accounts.map(toOutsideAccount),
      confirmation,
    },
    200,
  );
});
