import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { watch, Viewer, type Contestant } from "../contestants/contestant.ts";
import { followCursor } from "../contestants/tideline.ts";
import { sharedNow } from "../order.ts";
import { median } from "./statistics.ts";

const REST_MS = 60;

export interface Resume {
  /** Milliseconds from dialling to the last missed token, the median. */
  ms: number;
  /** Bytes until then, for each byte of the missed text. */
  bytesRatio: number;
}

/** A viewer that left before the answer began comes back when upstream has written all of it and not yet ended. */
export async function resume(
  contestant: Contestant,
  upstream: string,
  parts: number,
  repeats: number,
): Promise<Resume> {
  const room = await contestant.open();
  const [asker] = await watch(contestant, room);
  if (asker === undefined) throw new Error("Nobody watches.");
  let cursor: { seq: number; epoch: string } | undefined;
  if (contestant.name === "ours") {
    const leaver = new Viewer(contestant, room);
    const where = followCursor(leaver);
    await leaver.until(() => where().seq > 0);
    cursor = where();
    await leaver.close();
  }
  await contestant.prepare(room);
  asker.reset();
  const hold = randomUUID();
  await contestant.ask(room, { tokens: parts, hold, size: 8 }, asker);
  await asker.has(parts);
  const times: number[] = [];
  const bytes: number[] = [];
  for (let repeat = 0; repeat <= repeats; repeat++) {
    const startedAt = sharedNow();
    const viewer = new Viewer(contestant, room, cursor);
    const caughtUpAt = await viewer.has(parts);
    if (viewer.tokens !== parts) throw new Error(`${contestant.name} brought ${viewer.tokens} of ${parts} parts.`);
    if (repeat > 0) {
      times.push(caughtUpAt - startedAt);
      bytes.push(viewer.bytes);
    }
    await viewer.close();
    // What a server does for the one who left is no part of the next one's coming.
    await sleep(REST_MS);
  }
  await fetch(`${upstream}/release/${hold}`);
  await asker.until(() => asker.ended);
  await asker.close();
  return { ms: median(times), bytesRatio: median(bytes) / (parts * 8) };
}
