import { describe, expect, it } from "vitest";
import { failedFiles, tally, tallyOfBoth, type Run } from "../support/tally.ts";

const run = (code: number, numPassedTests: number, numFailedTests: number, numPendingTests = 0): Run => ({
  code,
  report: JSON.stringify({ numPassedTests, numFailedTests, numPendingTests, numTodoTests: 0 }),
});
const none = (code: number): Run => ({ code, report: null });

describe("tally", () => {
  it("counts what the report says", () => {
    expect(tally(run(0, 7, 0))).toEqual({ passed: 7, failed: 0, skipped: 0 });
    expect(tally(run(1, 5, 2, 1))).toEqual({ passed: 5, failed: 2, skipped: 1 });
  });

  it("lets no failed run pass: without a failed test, without a report, without any test", () => {
    expect(tally(run(1, 7, 0)).failed).toBe(1);
    expect(tally(none(0)).failed).toBe(1);
    expect(tally(none(137)).failed).toBe(1);
    expect(tally(run(0, 0, 0)).failed).toBe(1);
  });
});

/** Each file with its tests, as `name: status`. */
function files(code: number, results: Record<string, Record<string, "passed" | "failed" | "skipped">>): Run {
  const testResults = Object.entries(results).map(([name, tests]) => ({
    name: `/project/${name}`,
    // One that could not be loaded has no tests.
    status: Object.values(tests).every((status) => status === "passed") && name !== "broken" ? "passed" : "failed",
    assertionResults: Object.entries(tests).map(([fullName, status]) => ({ fullName, status })),
  }));
  return { code, report: JSON.stringify({ testResults }) };
}

describe("files that are run again", () => {
  const first = files(1, { calm: { one: "passed" }, hasty: { two: "failed", three: "passed", four: "skipped" } });

  it("are those in which something failed, and none when there is no report", () => {
    expect(failedFiles(first)).toEqual(["/project/hasty"]);
    expect(failedFiles(files(1, { broken: {} }))).toEqual(["/project/broken"]);
    expect(failedFiles(none(1))).toEqual([]);
  });

  it("count by their second run, which names what passed only there", () => {
    const again = files(0, { hasty: { two: "passed", three: "passed", four: "passed" } });
    const passedAgain = ["hasty: two", "hasty: four"];
    expect(tallyOfBoth(first, [again])).toEqual({ passed: 4, failed: 0, skipped: 0, passedAgain });
    const loaded = tallyOfBoth(files(1, { calm: { one: "passed" }, broken: {} }), [
      files(0, { broken: { five: "passed" } }),
    ]);
    // By its name it would be broken still.
    expect(loaded).toMatchObject({ passed: 2, failed: 0, passedAgain: ["broken: five"] });
  });

  it("stay failed when they fail again, in another test, too, or end without a report", () => {
    const other = files(1, { hasty: { two: "passed", three: "failed", four: "passed" } });
    expect(tallyOfBoth(first, [other])).toMatchObject({
      passed: 3,
      failed: 1,
      passedAgain: ["hasty: two", "hasty: four"],
    });
    expect(tallyOfBoth(first, [none(137)])).toEqual({ passed: 2, failed: 1, skipped: 1, passedAgain: [] });
    expect(tallyOfBoth(first, [none(0)]).failed).toBe(1);
    const unhandled = files(1, { hasty: { two: "passed", three: "passed", four: "passed" } });
    expect(tallyOfBoth(first, [unhandled]).failed).toBe(1);
    const twice = files(1, { hasty: { two: "failed" }, broken: {} });
    expect(tallyOfBoth(twice, [files(0, { hasty: { two: "passed" } }), none(1)]).failed).toBe(1);
  });
});
