import { lte } from "drizzle-orm";
import { z } from "zod";
import type { Json } from "../../contract/common.ts";
import type { Database } from "../../platform/d1.ts";
import { newId } from "../../platform/ids.ts";
import { seal, unseal } from "../../platform/sealing.ts";
import { usedTickets } from "./schema.ts";

/*
 * What the server has to remember between two steps of a sign-in, given to the client, sealed. So whoever begins and
 * never ends leaves nothing behind, and beginning costs no write. What must happen only once writes down the ticket
 * when it does.
 */

/** What a ticket is for: one for one step is no good at another. */
type TicketKind =
  | "second-factor-sign-in"
  | "second-factor-offer"
  | "passkey-creation"
  | "passkey-sign-in"
  | "outside"
  | "external-auth"
  | "external-auth-device";

export interface Ticket<T> {
  id: string;
  expiresAt: number;
  content: T;
}

const envelope = z.object({ id: z.string(), kind: z.string(), expires_at: z.number(), content: z.json() });

/** A ticket that opens again until `lifetimeMs` from now, and that nobody else can make or read. */
export async function issueTicket(
  env: Pick<Env, "SECRET_KEY">,
  kind: TicketKind,
  content: Json,
  { lifetimeMs, now }: { lifetimeMs: number; now: number },
): Promise<{ ticket: string; expiresAt: number }> {
  const expiresAt = now + lifetimeMs;
  const ticket = await seal(JSON.stringify({ id: newId(), kind, expires_at: expiresAt, content }), env.SECRET_KEY);
  return { ticket, expiresAt };
}

/** What a ticket of this kind holds; null when it is not ours, of another kind, or expired. */
export async function openTicket<S extends z.ZodType>(
  env: Pick<Env, "SECRET_KEY">,
  kind: TicketKind,
  schema: S,
  { ticket, now }: { ticket: string; now: number },
): Promise<Ticket<z.output<S>> | null> {
  const text = await unseal(ticket, env.SECRET_KEY).catch(() => {
    // Whatever a client sends may stand here; all that matters is that we did not make it.
    return null;
  });
  if (text === null) return null;
  const opened = envelope.parse(JSON.parse(text));
  if (opened.kind !== kind || opened.expires_at <= now) return null;
  return { id: opened.id, expiresAt: opened.expires_at, content: schema.parse(opened.content) };
}

/** Uses a ticket up; false when it was used before. Of two at once one is first. */
export async function spendTicket(
  db: Database,
  ticket: Pick<Ticket<unknown>, "id" | "expiresAt">,
  now: number,
): Promise<boolean> {
  const [, spent] = await db.batch([
    db.delete(usedTickets).where(lte(usedTickets.expiresAt, now)),
    db
      .insert(usedTickets)
      .values({ id: ticket.id, expiresAt: ticket.expiresAt })
      .onConflictDoNothing()
      .returning({ id: usedTickets.id }),
  ]);
  return spent.length > 0;
}
