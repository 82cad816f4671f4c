import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { run } from "./child-process.ts";
import { installedProgram, projectDirectory } from "./project.ts";
import { SentenceError } from "./sentence-error.ts";

const products = ["web/dist/index.html", "web/dist/tideline-agent.cjs"];
const sources = ["web", "src/contract", "src/agent", "src/cli/bundle-agent.ts", "package-lock.json"];

/** Builds the web app and the agent's bundle when something that they are made of is newer than they are. */
export async function ensureBuild(env: NodeJS.ProcessEnv, onBuild: () => void): Promise<void> {
  if (!buildIsStale(projectDirectory)) return;
  onBuild();
  await build(env);
}

/** Builds the web app and the agent's bundle. */
export async function build(env: NodeJS.ProcessEnv): Promise<void> {
  await step("The web app", installedProgram("vite"), ["build", "web", "--logLevel", "warn"]);
  // After the web app, whose build empties the folder.
  await step("The agent's bundle", process.execPath, ["src/cli/bundle-agent.ts"]);

  async function step(what: string, program: string, args: readonly string[]): Promise<void> {
    const { code, stdout, stderr } = await run(program, args, { cwd: projectDirectory, env });
    if (code !== 0) throw new SentenceError(`${what} could not be built.\n${(stderr || stdout).trim()}`);
  }
}

/** Whether a product is missing or older than a source. Folders count too, since a deleted file leaves no other trace. */
export function buildIsStale(root: string): boolean {
  const made = products.map((path) => join(root, path));
  if (made.some((path) => !existsSync(path))) return true;
  const oldest = Math.min(...made.map((path) => statSync(path).mtimeMs));
  return sources.some((path) => newest(join(root, path)) > oldest);
}

function newest(path: string): number {
  if (!existsSync(path)) return 0;
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  const inside = readdirSync(path)
    // The web folder's own time changes with the build inside it.
    .filter((name) => name !== "dist" && name !== "node_modules")
    .map((name) => newest(join(path, name)));
  return Math.max(path.endsWith(join("/", "web")) ? 0 : mtimeMs, ...inside);
}
