import { setTimeout as sleep } from "node:timers/promises";

/** Asks until the answer is not null; fails with what was awaited. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | null> | T | null,
  limitMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  while (Date.now() < deadline) {
    const answer = await ask();
    if (answer !== null) return answer;
    await sleep(100);
  }
  throw new Error(`In ${limitMs / 1000} s it did not happen: ${what}`);
}
