import type { Reporter, TestModule } from "vitest/node";
import type { FaultOutcome } from "./proof.ts";

/** Prints what the fault tests have proven: a row for each fault, at the end of the run. */
export default class FaultTable implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows = modules.flatMap((module) =>
      [...module.children.allTests()].flatMap((test) => {
        const { fault } = test.meta();
        return fault === undefined ? [] : [row(fault, test.result().state === "passed")];
      }),
    );
    if (rows.length > 0) console.log(`\n${table([HEADINGS, ...rows])}\n`);
  }
}

const HEADINGS = ["fault", "ended", "lost", "twice", "seconds", ""];

function row({ fault, ended, lost, twice, seconds }: FaultOutcome, passed: boolean): string[] {
  return [fault, ended ?? "not seen", lost, twice, seconds?.toFixed(1) ?? "–", passed ? "✓" : "✗"];
}

function table(rows: string[][]): string {
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? "").length)));
  const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [headings = [], ...others] = rows;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(headings), rule, ...others.map(line)].join("\n");
}
