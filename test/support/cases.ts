import { expect } from "vitest";

/**
 * For tests that hold a figure against a slow and obvious oracle: says how many cases were tried, and fails on
 * those on which the two disagree, with the first few of them.
 */
export function reportCases(name: string, cases: number, disagreements: readonly unknown[]): void {
  console.info(`${name}: cases ${cases}, disagreements ${disagreements.length}`);
  expect(disagreements.slice(0, 3), `${disagreements.length} of ${cases} cases disagree`).toEqual([]);
  expect(cases).toBeGreaterThan(0);
}
