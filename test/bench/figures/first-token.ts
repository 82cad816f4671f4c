import { setTimeout as sleep } from "node:timers/promises";
import { watch, type Contestant } from "../contestants/contestant.ts";
import { sharedNow } from "../order.ts";
import { median } from "./statistics.ts";

/** Milliseconds from the request to the first token, the median of warm turns in one chat. */
export async function firstToken(contestant: Contestant, turns: number): Promise<number> {
  const room = await contestant.open();
  const [viewer] = await watch(contestant, room);
  if (viewer === undefined) throw new Error("Nobody watches.");
  const times: number[] = [];
  for (let turn = 0; turn <= turns; turn++) {
    await contestant.prepare(room);
    viewer.reset();
    const startedAt = sharedNow();
    const asked = contestant.ask(room, { tokens: 5 }, viewer);
    await viewer.has(5);
    await asked;
    await viewer.until(() => viewer.ended);
    // The first one warms what the others find warm.
    if (turn > 0) times.push((viewer.firstAt ?? Number.NaN) - startedAt);
    await sleep(30);
  }
  await viewer.close();
  return median(times);
}
