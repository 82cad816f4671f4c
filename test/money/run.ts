import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";
import { installedProgram, projectDirectory } from "../../src/cli/project.ts";

// `npm run test:money`: what calls cost against whole numbers and an independent list of prices, figures and insights
// against slow and obvious oracles, and limits under many calls at once; then how many cases that were. The same files
// run with all others in `npm test`.

const projects = ["rules", "worker"].flatMap((name) => ["--project", name]);
const files = ["test/usage/", "test/insights/", "test/users/spend-holds", "test/chats/engine/spend"];

const run = spawn(installedProgram("vitest"), ["run", "--silent=false", ...projects, ...files], {
  cwd: projectDirectory,
  stdio: ["inherit", "pipe", "inherit"],
  env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}) },
});
const finished = new Promise<number>((resolve, reject) => {
  run.once("error", reject);
  run.once("close", (code) => resolve(code ?? 1));
});

const reports = new Map<string, { cases: number; disagreements: number }>();
for await (const line of createInterface({ input: run.stdout })) {
  console.log(line);
  const [, name, cases, disagreements] =
    /^(.+): cases (\d+), disagreements (\d+)$/.exec(stripVTControlCharacters(line)) ?? [];
  if (name === undefined) continue;
  const before = reports.get(name) ?? { cases: 0, disagreements: 0 };
  reports.set(name, {
    cases: before.cases + Number(cases),
    disagreements: before.disagreements + Number(disagreements),
  });
}
const status = await finished;

let cases = 0;
let disagreements = 0;
console.log("");
for (const [name, report] of reports) {
  console.log(`${String(report.cases).padStart(9)} cases, ${report.disagreements} disagreements  ${name}`);
  cases += report.cases;
  disagreements += report.disagreements;
}
console.log(`${String(cases).padStart(9)} cases, ${disagreements} disagreements in all`);
console.log(status === 0 ? "\nAll of these passed." : "\nNot all of these passed.");
process.exitCode = status !== 0 || cases === 0 || disagreements > 0 ? 1 : 0;
