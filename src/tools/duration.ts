const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** A model may write any number of digits; times are stored as integers. The agent refuses far less. */
const LONGEST_MS = 24 * 3_600_000;

/** Milliseconds of a Go duration such as "1h30m", a day at most; 0 for text that is none. */
export function durationMs(text: string): number {
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    sum += Number(amount) * (UNIT_MS[unit ?? ""] ?? 0);
  }
  return Math.min(Math.round(sum), LONGEST_MS);
}
