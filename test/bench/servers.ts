import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { lastLines, run, startGroup, type GroupProcess } from "../../src/cli/child-process.ts";
import { migrateLocal } from "../../src/cli/local-database.ts";
import { ensureSecrets } from "../../src/cli/local-secrets.ts";
import { requireFreePort } from "../../src/cli/port.ts";
import { writePrivateFile } from "../../src/cli/private-file.ts";
import { installedProgram, projectDirectory } from "../../src/cli/project.ts";
import { SentenceError } from "../../src/cli/sentence-error.ts";
import { startWorker } from "../../src/cli/worker-process.ts";
import { agentEnvironment, envFileText } from "../../src/cli/worker-settings.ts";
import { wrangler, wranglerEnvironment } from "../../src/cli/wrangler.ts";

/** The programs that the bench measures, each under `wrangler dev` as `npm start` has it. */

const benchDirectory = join(projectDirectory, "test", "bench");
const START_LIMIT_MS = 120_000;

export interface Server {
  url: string;
  /** The process group of its `wrangler dev`, workerd among it. */
  group: number;
  stop(): Promise<void>;
}

export interface Tideline extends Server {
  setupToken: string;
}

export interface Ground {
  /** Where everything of this run is kept. */
  folder: string;
  env: NodeJS.ProcessEnv;
}

export function makeGround(folder: string): Ground {
  return { folder, env: agentEnvironment(process.env) };
}

export async function startUpstream(port: number): Promise<Server> {
  await requireFreePort(port);
  const child = fork(join(benchDirectory, "upstream.ts"), [String(port)]);
  await once(child, "message");
  return {
    url: `http://127.0.0.1:${port}`,
    group: child.pid ?? 0,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

/**
 * The product, whole but for its pages. It runs a bundle and settings of its own: `wrangler dev` would start anew
 * whenever a source file, a setting or a page is saved, in the middle of a figure.
 */
export async function startTideline(ground: Ground, port: number, options: { entry?: string } = {}): Promise<Tideline> {
  await requireFreePort(port);
  const folder = join(ground.folder, `tideline-${port}`);
  const persistTo = join(folder, "state");
  mkdirSync(persistTo, { recursive: true });
  const entry = options.entry === undefined ? [] : [join(benchDirectory, options.entry)];
  const config = copyConfig(folder);
  const script = await bundle(ground, folder, config, entry);
  await migrateLocal(persistTo, ground.env);
  const secretsFile = join(folder, "secrets");
  const secrets = ensureSecrets(secretsFile);
  const settingsFile = join(folder, "env");
  writePrivateFile(settingsFile, envFileText({ ALLOW_PRIVATE_PROVIDERS: "1" }));
  const worker = await startWorker({
    port,
    persistTo,
    envFiles: [secretsFile, settingsFile],
    logFile: join(folder, "worker.log"),
    env: ground.env,
    // The script last: `--env-file` would take it for another file.
    extraArgs: ["--config", config, "--no-bundle", "--ip", "127.0.0.1", "--log-level", "error", script],
  });
  return {
    url: `http://127.0.0.1:${port}`,
    group: worker.pid,
    setupToken: secrets.SETUP_TOKEN ?? "",
    stop: () => worker.stop(),
  };
}

/**
 * The product's settings without its pages, which the others have none of either: local development puts one more
 * Worker before each that has. A binding of that name must be there for `/healthz`.
 */
function copyConfig(folder: string): string {
  const text = readFileSync(join(projectDirectory, "wrangler.toml"), "utf8")
    .replace(/\[assets\][\s\S]*?\n(?=\[\[)/, '[vars]\nASSETS = "none"\n\n')
    .replace('main = "', `main = "${projectDirectory}/`)
    .replace('migrations_dir = "', `migrations_dir = "${projectDirectory}/`);
  const config = join(folder, "wrangler.toml");
  writeFileSync(config, text);
  return config;
}

async function bundle(ground: Ground, folder: string, config: string, entry: string[]): Promise<string> {
  const outdir = join(folder, "bundle");
  const outcome = await wrangler(["deploy", "--config", config, "--dry-run", "--outdir", outdir, ...entry], {
    env: ground.env,
  });
  if (outcome.code !== 0) throw new SentenceError(`The Worker could not be bundled:\n${outcome.stderr}`);
  const names = entry.map((path) => path.replace(/^.*\/|\.ts$/g, ""));
  return join(outdir, `${names[0] ?? "worker"}.js`);
}

/** The peer's packages are its own: nothing of the product stands on them, and only the bench installs them. */
export async function installPeer(): Promise<void> {
  const directory = join(benchDirectory, "peer");
  const installed = join(directory, "node_modules", ".bench-lock");
  const lock = readFileSync(join(directory, "package-lock.json"), "utf8");
  if (existsSync(installed) && readFileSync(installed, "utf8") === lock) return;
  console.log("Installing the peer…");
  const args = ["ci", "--no-audit", "--no-fund", "--legacy-peer-deps", "--ignore-scripts"];
  const path = `${join(projectDirectory, "node_modules", ".bin")}:${process.env.PATH ?? ""}`;
  const { code, stderr } = await run("npm", args, { cwd: directory, env: { ...process.env, PATH: path } });
  if (code !== 0) throw new SentenceError(`The peer could not be installed:\n${stderr}`);
  writeFileSync(installed, lock);
}

/** A Worker of the bench's own, `peer` or `bare`. */
export async function startPlain(ground: Ground, name: "peer" | "bare", port: number, upstream: string) {
  await requireFreePort(port);
  const folder = join(ground.folder, name);
  mkdirSync(folder, { recursive: true });
  const group = startGroup(
    installedProgram("wrangler"),
    [
      "dev",
      ...["--config", join(benchDirectory, name, "wrangler.json")],
      ...["--port", String(port), "--ip", "127.0.0.1", "--inspector-port", "0"],
      ...["--persist-to", join(folder, "state"), "--var", `UPSTREAM:${upstream}`],
      ...["--log-level", "error", "--show-interactive-dev-session=false"],
    ],
    {
      cwd: folder,
      env: { ...wranglerEnvironment(ground.env), WRANGLER_REGISTRY_PATH: join(folder, "registry") },
      logFile: join(folder, "worker.log"),
    },
  );
  const server = { url: `http://127.0.0.1:${port}`, group: group.pid, stop: () => group.stop() };
  try {
    await answers(server.url, group);
  } catch (error) {
    await group.stop();
    throw error;
  }
  return server;
}

async function answers(url: string, group: GroupProcess): Promise<void> {
  let ended = false;
  void group.exited.then(() => (ended = true));
  const deadline = Date.now() + START_LIMIT_MS;
  while (!ended && Date.now() < deadline) {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) }).catch((error: unknown) => {
      // Nobody listens yet: the one failure that waiting mends.
      if (error instanceof Error) return null;
      throw error;
    });
    if (response !== null) return;
    await sleep(100);
  }
  throw new SentenceError(`A Worker of the bench did not start:\n${lastLines(group.logFile, 20)}`);
}
