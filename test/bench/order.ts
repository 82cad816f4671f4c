import { z } from "zod";

/** What the bench wants upstream to do. It travels in the user's message, so that each contestant carries it alike. */
export const order = z.object({
  /** How many tokens the answer has. */
  tokens: z.int().min(1).default(1),
  /** 0 writes as fast as the socket takes them. */
  perSecond: z.number().min(0).default(0),
  delayMs: z.int().min(0).default(0),
  /** Waits with the end of the answer until `POST /release/<hold>`. */
  hold: z.string().optional(),
  /** Characters of a token. */
  size: z.int().min(6).default(8),
  /** Runs a sub-agent so many times, one after the other, before it answers. */
  children: z.int().min(0).default(0),
});
export type Order = z.infer<typeof order>;

export function orderText(wanted: Partial<Order>): string {
  return `bench ${JSON.stringify(wanted)}`;
}

/** The newest order in a text, or null when it holds none. */
export function readOrder(text: string): Order | null {
  const found = text.match(/bench (\{[^{}]*\})/g)?.at(-1);
  return found === undefined ? null : order.parse(JSON.parse(found.slice("bench ".length)));
}

/** Each token begins with this, and nothing else that a contestant sends holds it. */
export const TOKEN_MARK = "~";
export const LAST_TOKEN = `${TOKEN_MARK}END`;

/** A clock that all processes of one machine share, in milliseconds. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1_000_000;
}
