import { describe, expect, it } from "vitest";
import { tally } from "../support/tally.ts";

const report = (numPassedTests: number, numFailedTests: number, numPendingTests = 0) =>
  JSON.stringify({ numPassedTests, numFailedTests, numPendingTests, numTodoTests: 0 });

describe("tally", () => {
  it("counts what the report says", () => {
    expect(tally(0, report(7, 0))).toEqual({ passed: 7, failed: 0, skipped: 0 });
    expect(tally(1, report(5, 2, 1))).toEqual({ passed: 5, failed: 2, skipped: 1 });
  });

  it("lets no failed run pass: without a failed test, without a report, without any test", () => {
    expect(tally(1, report(7, 0)).failed).toBe(1);
    expect(tally(0, null).failed).toBe(1);
    expect(tally(137, null).failed).toBe(1);
    expect(tally(0, report(0, 0)).failed).toBe(1);
  });
});
