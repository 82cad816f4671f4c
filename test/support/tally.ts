import { basename } from "node:path";
import { z } from "zod";

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
  /** Tests that count as passed, but did so only when their file was run again. */
  passedAgain?: string[];
}

/** A vitest run: its exit code and its JSON report, if it came to write one. */
export interface Run {
  code: number;
  report: string | null;
}

const counted = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
});

const byFile = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});
type TestFile = z.infer<typeof byFile>["testResults"][number];

/**
 * What a vitest run amounts to. A run that failed without a failed test
 * (a file that does not load, an unhandled rejection, a crash before the report)
 * and one that found no test count as one failure.
 */
export function tally({ code, report }: Run): Tally {
  if (report === null) return { passed: 0, failed: 1, skipped: 0 };
  const counts = counted.parse(JSON.parse(report));
  const wrong = code !== 0 || counts.numPassedTests === 0;
  const failed = wrong ? Math.max(1, counts.numFailedTests) : counts.numFailedTests;
  return { passed: counts.numPassedTests, failed, skipped: counts.numPendingTests + counts.numTodoTests };
}

/** The files in which a test failed, or that failed as a whole. */
export function failedFiles(run: Run): string[] {
  return filesOf(run)
    .filter(({ status }) => status === "failed")
    .map(({ name }) => name);
}

/** What a run amounts to whose failed files were run again: for these files the new run is the one that counts. */
export function tallyOfBoth(first: Run, again: readonly Run[]): Tally {
  const before = filesOf(first);
  const anew = again.flatMap(filesOf);
  const kept = before.filter(({ name }) => anew.every((file) => file.name !== name));
  const tests = [...kept, ...anew].flatMap(({ assertionResults }) => assertionResults);
  const count = (status: string) => tests.filter((test) => test.status === status).length;
  const wrong = again.some(({ code }) => code !== 0) || kept.some(({ status }) => status === "failed");
  const failed = Math.max(wrong ? 1 : 0, count("failed"));
  const passedBefore = new Set(before.flatMap(passedIn));
  return {
    passed: count("passed"),
    failed,
    skipped: tests.length - count("passed") - count("failed"),
    passedAgain: anew.flatMap(passedIn).filter((name) => !passedBefore.has(name)),
  };
}

function filesOf({ report }: Run): TestFile[] {
  return report === null ? [] : byFile.parse(JSON.parse(report)).testResults;
}

function passedIn({ name, assertionResults }: TestFile): string[] {
  return assertionResults
    .filter(({ status }) => status === "passed")
    .map(({ fullName }) => `${basename(name)}: ${fullName}`);
}
