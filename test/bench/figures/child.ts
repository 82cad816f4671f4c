import { Viewer, watch, type Contestant } from "../contestants/contestant.ts";
import { percentile } from "./statistics.ts";

const CHAT_ID = /"result":\{"chat_id":"([0-9a-f-]{36})"/;
/** Long enough for the parent to be waiting when the child begins to answer. */
const CHILD_DELAY_MS = 600;
/** A child is there for others when its row is in D1. */
const DIAL_AFTER_MS = 300;

/**
 * Milliseconds from the frame that says that a child has settled to the frame with the result of the parent's
 * waiting call, 95th percentile. Both leave after what they tell of is stored; one client sees both.
 */
export async function childReport(contestant: Contestant, children: number): Promise<number> {
  const room = await contestant.open();
  const [parent] = await watch(contestant, room);
  if (parent === undefined) throw new Error("Nobody watches.");
  let child: Viewer | null = null;
  let childId: string | null = null;
  let working = false;
  // The n-th settling belongs to the n-th result; which of the two frames comes first is not said.
  const settled: number[] = [];
  const reported: number[] = [];
  const dial = (id: string) => {
    child = new Viewer(contestant, id);
    child.onFrame = (news, seenAt) => {
      const reading = contestant.read(news);
      if (reading.tokens > 0) working = true;
      if (!reading.ended || !working) return;
      settled.push(seenAt);
      working = false;
    };
  };
  parent.onFrame = (frame, at) => {
    const text = frame.toString("utf8");
    if (childId === null) {
      childId = CHAT_ID.exec(text)?.[1] ?? null;
      if (childId !== null) setTimeout(dial, DIAL_AFTER_MS, childId);
    }
    if (text.includes('"report":') && text.includes('"role":"tool"')) reported.push(at);
  };
  parent.reset();
  await contestant.ask(room, { children, delayMs: CHILD_DELAY_MS }, parent);
  await parent.until(() => parent.ended);
  await parent.close();
  await (child as Viewer | null)?.close();
  if (settled.length !== children || reported.length !== children) {
    throw new Error(`Of ${children} runs ${settled.length} settled and ${reported.length} were reported.`);
  }
  const times = reported.map((at, index) => at - (settled[index] ?? Number.NaN));
  return percentile(times, 0.95);
}
