import { log } from "./log.ts";

/**
 * Asks for each of them at once, and lets nobody's failure keep the others from being asked: each leaves one
 * warning, called `event`, with who it was.
 */
export async function askEach<T>(
  those: readonly T[],
  ask: (one: T) => Promise<unknown>,
  event: string,
  who: (one: T) => Record<string, string>,
): Promise<void> {
  await Promise.all(
    those.map(async (one) => {
      try {
        await ask(one);
      } catch (error) {
        log.warn(event, { ...who(one), error });
      }
    }),
  );
}
