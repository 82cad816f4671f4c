import { expect, it } from "vitest";
import { durationMs } from "../../src/tools/duration.ts";
import { findTool } from "../../src/tools/catalogue.ts";

it("reads Go durations", () => {
  expect(durationMs("1h30m")).toBe(5_400_000);
  expect(durationMs("500ms")).toBe(500);
  expect(durationMs("1.5s")).toBe(1_500);
});

it("awaits a call for a time that can be stored, whatever the model asks for", () => {
  const patience = findTool("execute")?.patienceMs({ command: "true", timeout: `${"9".repeat(400)}h` });
  expect(patience).toSatisfy(Number.isSafeInteger);
  expect(patience).toBeLessThanOrEqual(25 * 3_600_000);
});
