import type { Context } from "hono";
import { z } from "zod";
import type { AppEnv } from "../../access/router.ts";
import type { secondFactorNeeded } from "../../contract/sign-in.ts";
import { toWireTime } from "../../platform/clock.ts";
import { sha256Hex } from "../../platform/sealing.ts";
import { issueTicket, openTicket, type Ticket } from "../tickets/tickets.ts";
import type { UserRow } from "../users.ts";
import { countRecoveryCodes, readSecondFactor } from "./records.ts";

/** Time to fetch a phone from another room. */
const LIFETIME_MS = 5 * 60_000;

const content = z.object({ user_id: z.string(), password: z.string() });

/** What is still wanted of somebody who gave the right password; null when nothing is. */
export async function secondFactorStep(
  c: Context<AppEnv>,
  row: UserRow,
): Promise<z.infer<typeof secondFactorNeeded> | null> {
  const { db } = c.var;
  if ((await readSecondFactor(db, row.id)) === undefined) return null;
  const { ticket, expiresAt } = await issueTicket(
    c.env,
    "second-factor-sign-in",
    { user_id: row.id, password: passwordMark(row) },
    { lifetimeMs: LIFETIME_MS, now: c.var.clock() },
  );
  const canRecover = (await countRecoveryCodes(db, row.id)) > 0;
  return {
    second_factor: {
      ticket,
      expires_at: toWireTime(expiresAt),
      methods: canRecover ? ["totp", "recovery_code"] : ["totp"],
    },
  };
}

/** The ticket of somebody who gave the right password a while ago; null when it is not one, or too old. */
export async function openSignInTicket(
  c: Context<AppEnv>,
  ticket: string,
): Promise<Ticket<z.infer<typeof content>> | null> {
  return openTicket(c.env, "second-factor-sign-in", content, { ticket, now: c.var.clock() });
}

/** Whether a ticket is of the password that the account has now: after a change the old one opens nothing. */
export function isOfPassword(ticket: Ticket<z.infer<typeof content>>, row: UserRow): boolean {
  return ticket.content.password === passwordMark(row);
}

/** Tells one stored password from the next and says nothing about it. */
function passwordMark(row: UserRow): string {
  return sha256Hex(row.passwordHash ?? "");
}
