import { z } from "zod";

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

const report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
});

/**
 * What a vitest run amounts to, from its exit code and its JSON report. A run that failed without a failed test
 * (a file that does not load, an unhandled rejection, a crash before the report)
 * and one that found no test count as one failure.
 */
export function tally(code: number, text: string | null): Tally {
  if (text === null) return { passed: 0, failed: 1, skipped: 0 };
  const counts = report.parse(JSON.parse(text));
  const wrong = code !== 0 || counts.numPassedTests === 0;
  const failed = wrong ? Math.max(1, counts.numFailedTests) : counts.numFailedTests;
  return { passed: counts.numPassedTests, failed, skipped: counts.numPendingTests + counts.numTodoTests };
}
