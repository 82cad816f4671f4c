import { z } from "zod";
import { call, type Account } from "../contestants/tideline.ts";
import { OWN_CALLS } from "../counting/ledger.ts";
import { percentile } from "./statistics.ts";

const summary = z.object({ message_count: z.int() });
const WARM_UP = 5;

/** Makes the ledger that many rows long, and answers it. */
export async function fillLedger(account: Account, rows: number): Promise<number> {
  await call(account, "POST", `/bench/ledger/fill?rows=${rows}`);
  return rows;
}

/** Milliseconds that a summary of one's own last 30 days takes, the 95th percentile. */
export async function ledgerTime(account: Account, summaries: number): Promise<number> {
  const times: number[] = [];
  for (let index = -WARM_UP; index < summaries; index++) {
    const before = performance.now();
    const answer = summary.parse(await call(account, "GET", "/chats/cost/me/summary"));
    if (index >= 0) times.push(performance.now() - before);
    if (answer.message_count !== OWN_CALLS) throw new Error(`The summary has ${answer.message_count} messages.`);
  }
  return percentile(times, 0.95);
}
