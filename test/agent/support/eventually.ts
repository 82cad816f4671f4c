import { setTimeout as sleep } from "node:timers/promises";

/** Asks until the answer is there; fails when it is not in time. */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  withinMs = 15_000,
): Promise<Exclude<T, false | null | undefined>> {
  const until = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (isThere(answer)) return answer;
    if (performance.now() > until) throw new Error(`It did not come true in ${withinMs} ms: ${ask.toString()}`);
    await sleep(20);
  }
}

function isThere<T>(answer: T): answer is Exclude<T, false | null | undefined> {
  return answer !== false && answer !== null && answer !== undefined;
}
