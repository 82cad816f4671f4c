// Run by npm after an install: lets git run `npm run check` before each commit.
// Plain JavaScript, since the first install may run on a Node that reads no TypeScript.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

if (!process.env.CI && existsSync(".git")) {
  if (configured() === "") execFileSync("git", ["config", "core.hooksPath", ".githooks"]);
}

/** Somebody's own choice stays. */
function configured() {
  try {
    return execFileSync("git", ["config", "--get", "core.hooksPath"], { encoding: "utf8" }).trim();
  } catch (error) {
    // git says with exit code 1 that nothing is set; without a git there is nothing to install into.
    return error.status === 1 ? "" : "unknown";
  }
}
