import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { watch, type Contestant } from "../contestants/contestant.ts";
import { call, type Account } from "../contestants/tideline.ts";
import { cpuOf } from "./memory.ts";

/** What one step costs, on average. */
export interface StepCost {
  rowsRead: number;
  rowsWritten: number;
  d1: number;
  cpuMs: number;
}

const counts = z.object({ rowsRead: z.int(), rowsWritten: z.int(), d1: z.int() });
/** For the work after an answer: drain, search, sidebars. */
const SETTLE_MS = 400;

/** The cost of a step in a chat of so many messages, whose prompt is short: a summary stands before the newest ten. */
export async function stepCost(
  contestant: Contestant,
  account: Account,
  group: number,
  messages: number,
  steps: number,
): Promise<StepCost> {
  const room = await contestant.open();
  await call(account, "POST", `/bench/${room}/fill?messages=${messages}`);
  const [viewer] = await watch(contestant, room);
  if (viewer === undefined) throw new Error("Nobody watches.");
  const step = async () => {
    viewer.reset();
    await contestant.ask(room, { tokens: 5 }, viewer);
    await viewer.until(() => viewer.ended);
  };
  for (let warm = 0; warm < 5; warm++) await step();
  await sleep(SETTLE_MS);
  const read = async () => counts.parse(await call(account, "GET", `/bench/${room}/counts`));
  const before = await read();
  const cpuBefore = cpuOf(group);
  for (let count = 0; count < steps; count++) await step();
  await sleep(SETTLE_MS);
  const cpu = cpuOf(group) - cpuBefore;
  const after = await read();
  await viewer.close();
  return {
    rowsRead: (after.rowsRead - before.rowsRead) / steps,
    rowsWritten: (after.rowsWritten - before.rowsWritten) / steps,
    d1: (after.d1 - before.d1) / steps,
    cpuMs: cpu / 1_000_000 / steps,
  };
}
