import { spawnSync } from "node:child_process";
import { installedProgram, projectDirectory } from "../../src/cli/project.ts";
import { checklist } from "./checklist.ts";

// `npm run test:hardening`: every file that the checklist names, and then the list itself. What needs a browser
// runs with `npm run test:browser`, and what asks for rights with `npm run test:access`.

const files = new Set(["test/hardening/"]);
for (const { tests } of checklist) {
  for (const file of Object.keys(tests)) if (!/^test\/access\/|\.browser\.test\.ts$/.test(file)) files.add(file);
}

const projects = ["rules", "worker", "agent"].flatMap((name) => ["--project", name]);
const { status } = spawnSync(installedProgram("vitest"), ["run", ...projects, ...files], {
  cwd: projectDirectory,
  stdio: "inherit",
});

for (const { attack, tests } of checklist) {
  console.log(`\n${attack}`);
  for (const [file, titles] of Object.entries(tests)) {
    console.log(`  ${file}`);
    for (const title of titles) console.log(`    ${title}`);
  }
}
console.log(status === 0 ? "\nAll of these passed." : "\nNot all of these passed.");
process.exitCode = status ?? 1;
