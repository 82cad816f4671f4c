import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installedProgram, projectDirectory } from "../src/cli/project.ts";
import { SentenceError } from "../src/cli/sentence-error.ts";
import { build } from "../src/cli/web-build.ts";
import { findChromium, howToGetChromium } from "./browser/support/chromium.ts";
import { failedFiles, tally, tallyOfBoth, type Run, type Tally } from "./support/tally.ts";

// `npm test` runs every stage; `node test/run.ts types rules` runs the named ones. No stage stops the next:
// whoever reads the end of the output learns all that is wrong. A stage that is not a test run counts as one.

/** Longer than the slowest stage takes on two busy cores; a stage that hangs must not hold CI for ever. */
const STAGE_LIMIT_MS = 16 * 60_000;

/** Where more browser files fail, it is not the machine that was busy. */
const RUN_AGAIN_AT_MOST = 2;

const typeSettings = [
  "tsconfig.json",
  "tsconfig.node.json",
  "tsconfig.tests.json",
  "tsconfig.web.json",
  "tsconfig.browser.json",
];

type Stage = (output: Output) => Promise<Tally>;
/** Where a stage's programs write: here and now, or into what is printed when it is over. */
type Output = "here" | Buffer[];

const stages: Record<string, Stage> = {
  types: (output) => each(typeSettings.map((settings) => () => program("tsc", ["-p", settings], output))),
  lint: (output) => program("oxlint", ["--type-aware"], output),
  format: (output) => program("oxfmt", ["--check", "."], output),
  unused: (output) => program("knip", [], output),
  rules: (output) => vitest("rules", output),
  worker: (output) => vitest("worker", output),
  build: buildAll,
  agent: (output) => vitest("agent", output),
  faults: (output) => vitest("faults", output, ["--reporter=./test/faults/support/fault-table.ts"]),
  browser,
};

/** Both wait for other processes most of the time, each for its own. */
const SIDE_BY_SIDE = ["agent", "faults"];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in stages));
if (unknown.length > 0) {
  console.error(`There is no stage ${unknown.join(", ")}. There are: ${Object.keys(stages).join(", ")}.`);
  process.exit(1);
}

const results: (Tally & { name: string; seconds: number })[] = [];
const wanted = Object.keys(stages).filter((name) => asked.length === 0 || asked.includes(name));
for (const group of groupsOf(wanted)) {
  const title = group.join(" and ");
  console.log(`\n━━ ${title} ${"━".repeat(Math.max(0, 76 - title.length))}`);
  results.push(...(await Promise.all(group.map((name) => runTimed(name, group.length > 1)))));
}

console.log(`\n━━ all ${"━".repeat(73)}`);
for (const { name, passed, failed, skipped, seconds } of results) {
  const mark = failed > 0 ? "✗" : skipped > 0 ? "–" : "✓";
  console.log(
    `${mark} ${name.padEnd(10)} ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""} (${seconds.toFixed(1)} s)`,
  );
}
for (const test of results.flatMap(({ passedAgain = [] }) => passedAgain)) {
  console.log(`passed only when run again: ${test}`);
}
const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.reduce((sum, result) => sum + result.failed, 0);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

function groupsOf(names: string[]): string[][] {
  const beside = names.filter((name) => SIDE_BY_SIDE.includes(name));
  return names.flatMap((name) => {
    if (!SIDE_BY_SIDE.includes(name)) return [[name]];
    return name === beside[0] ? [beside] : [];
  });
}

async function runTimed(name: string, besideOthers: boolean) {
  const output: Output = besideOthers ? [] : "here";
  const startedAt = Date.now();
  const result = await stages[name]!(output);
  if (output !== "here") process.stdout.write(Buffer.concat(output));
  return { name, ...result, seconds: (Date.now() - startedAt) / 1000 };
}

async function each(parts: (() => Promise<Tally>)[]): Promise<Tally> {
  let failedParts = 0;
  for (const part of parts) failedParts += (await part()).failed;
  return failedParts > 0 ? { passed: 0, failed: 1, skipped: 0 } : { passed: 1, failed: 0, skipped: 0 };
}

async function program(name: string, args: string[], output: Output): Promise<Tally> {
  return (await runStage(name, args, output)) === 0
    ? { passed: 1, failed: 0, skipped: 0 }
    : { passed: 0, failed: 1, skipped: 0 };
}

async function vitest(project: string, output: Output, more: string[] = []): Promise<Tally> {
  return tally(await runVitest(project, output, more));
}

async function runVitest(project: string, output: Output, more: string[] = []): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), "tideline-tests-"));
  const report = join(folder, "report.json");
  try {
    const args = ["run", "--project", project, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const code = await runStage("vitest", [...args, ...more], output);
    return { code, report: existsSync(report) ? readFileSync(report, "utf8") : null };
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

async function browser(output: Output): Promise<Tally> {
  if (process.env.SKIP_BROWSER === "1") {
    console.log("Skipped, because SKIP_BROWSER=1 asks for it.");
    return { passed: 0, failed: 0, skipped: 1 };
  }
  if (findChromium(process.env) === null) {
    console.error(howToGetChromium);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const first = await runVitest("browser*", output);
  const files = failedFiles(first);
  if (files.length === 0 || files.length > RUN_AGAIN_AT_MOST) return tally(first);
  const again: Run[] = [];
  for (const file of files) {
    console.log(`\nOnce more, with nothing beside it: ${file}`);
    again.push(await runVitest("browser*", output, [file]));
  }
  return tallyOfBoth(first, again);
}

function runStage(name: string, args: string[], output: Output): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(installedProgram(name), args, {
      cwd: projectDirectory,
      stdio: output === "here" ? "inherit" : ["ignore", "pipe", "pipe"],
      timeout: STAGE_LIMIT_MS,
    });
    if (output !== "here") {
      child.stdout?.on("data", (bytes: Buffer) => output.push(bytes));
      child.stderr?.on("data", (bytes: Buffer) => output.push(bytes));
    }
    child.once("error", (error) => {
      console.error(`${name} could not be started: ${error.message}`);
      resolve(127);
    });
    child.once("close", (code, signal) => {
      if (signal) console.error(`${name} was ended by ${signal}.`);
      resolve(code ?? 1);
    });
  });
}
