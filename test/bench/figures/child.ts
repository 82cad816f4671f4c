import { Viewer, watch, type Contestant } from "../contestants/contestant.ts";
import { percentile } from "./statistics.ts";

const CHAT_ID = /"result":\{"chat_id":"([0-9a-f-]{36})"/;
/** Long enough for the parent to be waiting when the child begins to answer. */
const CHILD_DELAY_MS = 250;

/**
 * Milliseconds from the frame that says that a child has settled to the frame with the result of the parent's
 * waiting call, 95th percentile. Both leave after what they tell of is stored; one client sees both.
 */
export async function childReport(contestant: Contestant, children: number): Promise<number> {
  const room = await contestant.open();
  const [parent] = await watch(contestant, room);
  if (parent === undefined) throw new Error("Nobody watches.");
  let child: Viewer | null = null;
  let settledAt: number | null = null;
  let working = false;
  const times: number[] = [];
  parent.onFrame = (frame, at) => {
    const text = frame.toString("utf8");
    if (child === null) {
      const id = CHAT_ID.exec(text)?.[1];
      if (id === undefined) return;
      child = new Viewer(contestant, id);
      child.onFrame = (news, seenAt) => {
        const reading = contestant.read(news);
        if (reading.tokens > 0) working = true;
        if (reading.ended && working) settledAt = seenAt;
      };
      return;
    }
    // A preview of the call's result is no result.
    if (!text.includes('"report":') || !text.includes('"role":"tool"') || settledAt === null) return;
    times.push(at - settledAt);
    settledAt = null;
    working = false;
  };
  parent.reset();
  await contestant.ask(room, { children, delayMs: CHILD_DELAY_MS }, parent);
  await parent.until(() => parent.ended);
  await parent.close();
  await (child as Viewer | null)?.close();
  if (times.length < children * 0.8) throw new Error(`Only ${times.length} of ${children} reports were seen.`);
  return percentile(times, 0.95);
}
