import { watch, type Contestant } from "../contestants/contestant.ts";
import { maximum, percentile } from "./statistics.ts";

const SENT_AT = /~(\d+\.\d+);/g;

export interface Pace {
  /** Milliseconds that a token took from upstream to a socket, 95th percentile over all tokens and sockets. */
  p95: number;
  /** The most by which the gap between two tokens grew on the way, in milliseconds. */
  gap: number;
}

/** How evenly tokens arrive that upstream writes evenly. Each carries the time at which it left. */
export async function pace(contestant: Contestant, sockets: number, tokens: number, perSecond: number): Promise<Pace> {
  const room = await contestant.open();
  const viewers = await watch(contestant, room, sockets);
  const delays = viewers.map((viewer) => {
    const own: number[] = [];
    viewer.reset();
    viewer.onFrame = (frame, at) => {
      if (contestant.read(frame).tokens === 0) return;
      for (const [, sentAt] of frame.toString("utf8").matchAll(SENT_AT)) own.push(at - Number(sentAt));
    };
    return own;
  });
  const [asker] = viewers;
  if (asker === undefined) throw new Error("Nobody watches.");
  await contestant.prepare(room);
  await contestant.ask(room, { tokens, perSecond, size: 20 }, asker);
  await Promise.all(viewers.map((viewer) => viewer.has(tokens)));
  await asker.until(() => asker.ended);
  await Promise.all(viewers.map((viewer) => viewer.close()));
  const growth = delays.map((own) => maximum(own.slice(1).map((delay, index) => delay - (own[index] ?? delay))));
  return { p95: percentile(delays.flat(), 0.95), gap: maximum(growth) };
}
