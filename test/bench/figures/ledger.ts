import { z } from "zod";
import { call, type Account } from "../contestants/tideline.ts";
import { OWN_CALLS } from "../counting/ledger.ts";
import { median, percentile } from "./statistics.ts";

const summary = z.object({ message_count: z.int(), chat_count: z.int() });
const WARM_UP = 20;
/** A moment in which the machine does something else lies in one stretch and not in the middle one of them. */
const STRETCHES = 5;

/**
 * Milliseconds that a summary of one's own last 30 days takes in a ledger of so many rows: the 95th percentile, in
 * the middle of some stretches.
 */
export async function ledgerTime(account: Account, rows: number, summaries: number): Promise<number> {
  await call(account, "POST", `/bench/ledger/fill?rows=${rows}`);
  const times: number[] = [];
  for (let index = -WARM_UP; index < summaries; index++) {
    const before = performance.now();
    const answer = summary.parse(await call(account, "GET", "/chats/cost/me/summary"));
    if (index >= 0) times.push(performance.now() - before);
    if (answer.message_count !== OWN_CALLS) throw new Error(`The summary has ${answer.message_count} messages.`);
  }
  const length = Math.ceil(times.length / STRETCHES);
  const stretches = Array.from({ length: STRETCHES }, (_, index) => times.slice(index * length, (index + 1) * length));
  return median(stretches.map((stretch) => percentile(stretch, 0.95)));
}
