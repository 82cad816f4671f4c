import { and, eq } from "drizzle-orm";
import type { Context } from "hono";
import { forbidden } from "../access/check.ts";
import { requireActor, type AppEnv } from "../access/router.ts";
import type { SignInMethods } from "../contract/sign-in.ts";
import { Problem } from "../platform/problem.ts";
import { clientAddress, countLoginAttempt, forgiveLoginAttempt } from "./login-limit.ts";
import { verifyPassword } from "./password.ts";
import { sessions } from "./schema.ts";
import { requireUser, type UserRow } from "./users.ts";

/** So long after signing in a person need not show again who they are. */
const FRESH_MS = 15 * 60_000;

/**
 * The account that `{user}` names, when it is the caller's own and they have signed in. Ways to sign in are nobody
 * else's to change, and no API token's: who stole one would make it last for ever.
 */
export async function requireSelf(c: Context<AppEnv>, reference: string): Promise<UserRow> {
  const actor = requireActor(c);
  const row = await requireUser(c.var.db, actor, reference, "update");
  if (row.id !== actor.userId) throw forbidden("Only the person themselves can change this.");
  if (actor.sessionId === null) throw forbidden("An API token cannot change how somebody signs in.");
  return row;
}

/** What shows that whoever asks is the person and not only their browser. */
export async function confirmationNeeded(c: Context<AppEnv>, row: UserRow): Promise<SignInMethods["confirmation"]> {
  const { sessionId } = requireActor(c);
  const session = await c.var.db
    .select({ createdAt: sessions.createdAt })
    .from(sessions)
    .where(and(eq(sessions.id, sessionId ?? ""), eq(sessions.userId, row.id)))
    .get();
  if (session !== undefined && session.createdAt > c.var.clock() - FRESH_MS) return "none";
  return row.passwordHash === null ? "sign_in" : "password";
}

/**
 * Throws unless the person has signed in just now or gives the password: a session that was stolen, or a computer
 * left alone, must not become an account of somebody else's.
 */
export async function requireConfirmation(
  c: Context<AppEnv>,
  row: UserRow,
  password: string | undefined,
): Promise<void> {
  const needed = await confirmationNeeded(c, row);
  if (needed === "none") return;
  if (needed === "sign_in") {
    throw new Problem(403, "Sign in again first.", {
      detail: "For your safety this is possible only for some minutes after signing in. Sign out, and in again.",
    });
  }
  const attempt = { account: row.id, address: clientAddress(c.req.raw.headers) };
  await countLoginAttempt(c.var.db, attempt, c.var.clock());
  if (!(await verifyPassword(password ?? "", row.passwordHash))) {
    throw new Problem(400, "The password is not correct.", {
      errors: [{ pointer: "/password", detail: password === undefined ? "Give your password." : "Not your password." }],
    });
  }
  await forgiveLoginAttempt(c.var.db, attempt);
}
