import { cpSync, existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "./child-process.ts";
import { projectDirectory } from "./project.ts";
import { SentenceError } from "./sentence-error.ts";
import { agentEnvironment } from "./worker-settings.ts";

const template = join(projectDirectory, "src", "cli", "sample");

/** Fails with one sentence when git is not there. */
export async function requireGit(env: NodeJS.ProcessEnv): Promise<void> {
  const { code } = await run("git", ["--version"], { cwd: projectDirectory, env });
  if (code !== 0) throw new SentenceError("git was not found. Install it (https://git-scm.com) and start again.");
}

/** Makes the sample project in `directory`, unless it is there: what an agent changed in it stays. */
export async function ensureSampleRepository(directory: string, env: NodeJS.ProcessEnv): Promise<void> {
  if (existsSync(directory)) return;
  // Made beside its place and moved there whole, so that a start that was cut off leaves no half of it.
  const draft = `${directory}.new`;
  rmSync(draft, { recursive: true, force: true });
  cpSync(template, draft, { recursive: true });
  // The sample stands inside a checkout: without a repository of its own, git would speak of that one.
  await git(["init", "--quiet", "--initial-branch=main"]);
  await git(["config", "user.name", "Tideline"]);
  await git(["config", "user.email", "sample@tideline.invalid"]);
  await git(["add", "--all"]);
  await git(["commit", "--quiet", "--no-verify", "-m", "A small project with one failing test"]);
  renameSync(draft, directory);

  async function git(args: readonly string[]): Promise<void> {
    const { code, stdout, stderr } = await run("git", ["-c", "commit.gpgsign=false", ...args], {
      cwd: draft,
      // Without a GIT_DIR that a hook may have left there.
      env: agentEnvironment(env),
    });
    if (code !== 0) throw new SentenceError(`git ${args[0]} failed in ${draft}: ${(stderr || stdout).trim()}`);
  }
}
