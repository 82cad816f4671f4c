import { expect } from "vitest";

/** For tests that hold a figure against a slow and obvious oracle. `npm run test:money` adds up what they say. */

/** Says how many cases were tried, and fails on those on which the two disagree, with the first few of them. */
export function reportCases(name: string, cases: number, disagreements: readonly unknown[]): void {
  console.info(`${name}: cases ${cases}, disagreements ${disagreements.length}`);
  expect(disagreements.slice(0, 3), `${disagreements.length} of ${cases} cases disagree`).toEqual([]);
  expect(cases).toBeGreaterThan(0);
}

/** Compares what is under test with what the oracle says. Throws when they differ. */
export type Compare = (actual: unknown, oracle: unknown) => void;

/** The same for generated cases that end at the first disagreement, as fast-check has it. */
export async function countCases(name: string, run: (compare: Compare) => void | Promise<void>): Promise<void> {
  let cases = 0;
  const disagreements: unknown[] = [];
  const compare: Compare = (actual, oracle) => {
    cases += 1;
    try {
      expect(actual).toEqual(oracle);
    } catch (difference) {
      disagreements.push({ actual, oracle });
      throw difference;
    }
  };
  try {
    await run(compare);
  } catch (failure) {
    console.info(`${name}: cases ${cases}, disagreements ${disagreements.length}`);
    throw failure;
  }
  reportCases(name, cases, disagreements);
}
