import type { Context } from "hono";
import type { AppEnv } from "../access/router.ts";
import { auditStatement } from "../audit/record.ts";
import type { User } from "../contract/identity.ts";
import type { OutsideWay } from "../contract/sign-in.ts";
import { runBatch } from "../platform/d1.ts";
import { Problem } from "../platform/problem.ts";
import { senderOf, setSessionCookie } from "./cookie.ts";
import { openSession } from "./sessions.ts";
import { wakeUser } from "./status.ts";
import { toUser, type UserRow } from "./users.ts";

/** How somebody showed who they are, as the audit log says it. */
export type SignInWay =
  | "invite"
  | "reset link"
  | "password"
  | "second factor"
  | "recovery code"
  | "passkey"
  | OutsideWay;

/** Why nobody signs in to this account, whatever they know or hold; null when somebody may. */
export function whyNoSignIn(row: UserRow): Problem | null {
  if (row.status === "suspended") {
    return new Problem(401, "This account is suspended.", { detail: "Ask an owner of this deployment." });
  }
  if (row.isServiceAccount) {
    return new Problem(401, "This is a service account.", { detail: "It acts by API tokens and does not sign in." });
  }
  return null;
}

/**
 * Signs the browser of this request in as somebody who has shown who they are: session, cookie, audit line. The one
 * end of every way to sign in. Throws a 401 Problem for an account that nobody signs in to.
 */
export async function signIn(c: Context<AppEnv>, row: UserRow, way: SignInWay): Promise<User> {
  const refusal = whyNoSignIn(row);
  if (refusal !== null) throw refusal;
  const { db } = c.var;
  const now = c.var.clock();
  if (row.status === "dormant") await wakeUser(db, row.id, now);
  const session = await openSession(db, row, senderOf(c), now, (opened) =>
    auditStatement(c, {
      action: "login",
      resourceType: "user",
      resourceId: row.id,
      target: row.username,
      userId: row.id,
      diff: { method: { new: way } },
      when: opened,
    }),
  );
  setSessionCookie(c, session);
  return toUser(db, { ...row, status: "active", lastSeenAt: now });
}

/** Writes down that somebody tried and failed, where there is such an account. */
export async function noteFailedSignIn(c: Context<AppEnv>, row: UserRow, way: SignInWay): Promise<void> {
  await runBatch(c.var.db, [
    auditStatement(c, {
      action: "login_failed",
      resourceType: "user",
      resourceId: row.id,
      target: row.username,
      userId: null,
      diff: { method: { new: way } },
    }),
  ]);
}
