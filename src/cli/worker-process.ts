import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { lastLines, startGroup, type GroupProcess } from "./child-process.ts";
import { installedProgram, projectDirectory } from "./project.ts";
import { SentenceError } from "./sentence-error.ts";
import { wranglerEnvironment } from "./wrangler.ts";

export interface WorkerOptions {
  port: number;
  persistTo: string;
  envFiles: readonly string[];
  logFile: string;
  env: NodeJS.ProcessEnv;
  /** More arguments for wrangler dev: fault tests run a build of their own. */
  extraArgs: readonly string[];
}

export interface LocalWorker extends GroupProcess {
  url: string;
}

/** Starts the Worker in wrangler dev and answers when `/healthz` says that all is well. */
export async function startWorker(options: WorkerOptions): Promise<LocalWorker> {
  const args = [
    "dev",
    "--port",
    String(options.port),
    "--persist-to",
    options.persistTo,
    // 0 finds a free one; nobody debugs by it here, and a fixed one would collide.
    "--inspector-port",
    "0",
    "--show-interactive-dev-session=false",
    ...options.envFiles.flatMap((file) => ["--env-file", file]),
    ...options.extraArgs,
  ];
  // The log goes on over restarts; what an earlier Worker complained of is past.
  const logStart = existsSync(options.logFile) ? statSync(options.logFile).size : 0;
  const group = startGroup(installedProgram("wrangler"), args, {
    cwd: projectDirectory,
    env: {
      ...wranglerEnvironment(options.env),
      // Else two checkouts on one machine would announce the same Worker to each other.
      WRANGLER_REGISTRY_PATH: join(options.persistTo, "registry"),
    },
    logFile: options.logFile,
  });
  const worker = { ...group, url: `http://localhost:${options.port}` };
  try {
    await healthy(worker, logStart);
  } catch (error) {
    await worker.stop();
    throw error;
  }
  return worker;
}

/** Compiling and starting take about 5 s on a laptop; a busy machine may need far longer. */
const START_LIMIT_MS = 120_000;

async function healthy(worker: LocalWorker, logStart: number): Promise<void> {
  let ended = false;
  void worker.exited.then(() => (ended = true));
  const deadline = Date.now() + START_LIMIT_MS;
  let last = "it did not answer";
  const log = (lines: number) => lastLines(worker.logFile, lines, logStart);
  while (Date.now() < deadline) {
    if (ended) throw new SentenceError(`The Worker did not start:\n${log(12)}`);
    const answer = await probe(`${worker.url}/healthz`);
    if (answer?.ok) return;
    // wrangler stays up after code that does not build, to wait for better code; nobody here will write it.
    const [, broken] = /✘ \[ERROR\] (Build failed[^]*)/.exec(log(60)) ?? [];
    if (broken !== undefined) throw new SentenceError(`The Worker did not start. ${broken.trim()}`);
    if (answer) last = `/healthz says ${answer.status}: ${answer.text.slice(0, 500)}`;
    // A Worker that answers has started; what it says is missing will not come by itself.
    if (answer?.status === 503) break;
    await sleep(150);
  }
  throw new SentenceError(`The Worker is not well: ${last}\n${log(12)}\nIts log is ${worker.logFile}`);
}

async function probe(url: string): Promise<{ ok: boolean; status: number; text: string } | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    return { ok: response.ok, status: response.status, text: await response.text() };
  } catch (error) {
    // Nobody listens yet: the one failure that waiting mends.
    if (error instanceof Error) return null;
    throw error;
  }
}
