import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installedProgram, projectDirectory } from "../src/cli/project.ts";
import { SentenceError } from "../src/cli/sentence-error.ts";
import { build } from "../src/cli/web-build.ts";
import { findChromium, howToGetChromium } from "./browser/support/chromium.ts";
import { tally, type Tally } from "./support/tally.ts";

// `npm test` runs every stage; `node test/run.ts types rules` runs the named ones. No stage stops the next:
// whoever reads the end of the output learns all that is wrong. A stage that is not a test run counts as one.

/** Longer than the slowest stage takes on two busy cores; a stage that hangs must not hold CI for ever. */
const STAGE_LIMIT_MS = 12 * 60_000;

const typeSettings = [
  "tsconfig.json",
  "tsconfig.node.json",
  "tsconfig.tests.json",
  "tsconfig.web.json",
  "tsconfig.browser.json",
];

const stages: Record<string, () => Promise<Tally>> = {
  types: () => each(typeSettings.map((settings) => () => program("tsc", ["-p", settings]))),
  lint: () => program("oxlint", ["--type-aware"]),
  format: () => program("oxfmt", ["--check", "."]),
  unused: () => program("knip", []),
  rules: () => vitest("rules"),
  worker: () => vitest("worker"),
  agent: () => vitest("agent"),
  build: buildAll,
  faults: () => vitest("faults", ["--reporter=./test/faults/support/fault-table.ts"]),
  browser,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in stages));
if (unknown.length > 0) {
  console.error(`There is no stage ${unknown.join(", ")}. There are: ${Object.keys(stages).join(", ")}.`);
  process.exit(1);
}

const results: (Tally & { name: string; seconds: number })[] = [];
for (const [name, stage] of Object.entries(stages)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.log(`\n━━ ${name} ${"━".repeat(Math.max(0, 76 - name.length))}`);
  const startedAt = Date.now();
  results.push({ name, ...(await stage()), seconds: (Date.now() - startedAt) / 1000 });
}

console.log(`\n━━ all ${"━".repeat(73)}`);
for (const { name, passed, failed, skipped, seconds } of results) {
  const mark = failed > 0 ? "✗" : skipped > 0 ? "–" : "✓";
  console.log(
    `${mark} ${name.padEnd(10)} ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""} (${seconds.toFixed(1)} s)`,
  );
}
const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.reduce((sum, result) => sum + result.failed, 0);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

async function each(parts: (() => Promise<Tally>)[]): Promise<Tally> {
  let failedParts = 0;
  for (const part of parts) failedParts += (await part()).failed;
  return failedParts > 0 ? { passed: 0, failed: 1, skipped: 0 } : { passed: 1, failed: 0, skipped: 0 };
}

async function program(name: string, args: string[]): Promise<Tally> {
  return (await runStage(name, args)) === 0
    ? { passed: 1, failed: 0, skipped: 0 }
    : { passed: 0, failed: 1, skipped: 0 };
}

async function vitest(project: string, more: string[] = []): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), "tideline-tests-"));
  const report = join(folder, "report.json");
  try {
    const code = await runStage("vitest", [
      ...["run", "--project", project],
      ...["--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
      ...more,
    ]);
    return tally(code, existsSync(report) ? readFileSync(report, "utf8") : null);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function buildAll(): Promise<Tally> {
  try {
    await build(process.env);
    return { passed: 1, failed: 0, skipped: 0 };
  } catch (error) {
    if (!(error instanceof SentenceError)) throw error;
    console.error(error.message);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

async function browser(): Promise<Tally> {
  if (process.env.SKIP_BROWSER === "1") {
    console.log("Skipped, because SKIP_BROWSER=1 asks for it.");
    return { passed: 0, failed: 0, skipped: 1 };
  }
  if (findChromium(process.env) === null) {
    console.error(howToGetChromium);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  return vitest("browser");
}

function runStage(name: string, args: string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(installedProgram(name), args, {
      cwd: projectDirectory,
      stdio: "inherit",
      timeout: STAGE_LIMIT_MS,
    });
    child.once("error", (error) => {
      console.error(`${name} could not be started: ${error.message}`);
      resolve(127);
    });
    child.once("exit", (code, signal) => {
      if (signal) console.error(`${name} was ended by ${signal}.`);
      resolve(code ?? 1);
    });
  });
}
