import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDev, type LocalTideline } from "../../src/cli/start-dev.ts";
import { agentEnvironment } from "../../src/cli/worker-settings.ts";

export interface OwnTideline extends LocalTideline {
  folder: string;
  /** Ends it and starts it again on the same port with what it kept. */
  restart(settings?: StartSettings): Promise<void>;
  /** Ends it and removes everything that it kept. */
  remove(): Promise<void>;
}

export interface StartSettings {
  /** Settings from the environment, such as OPENAI_API_KEY. Those of the machine don't count in tests. */
  env?: Record<string, string>;
  /** More arguments for wrangler dev. */
  workerArgs?: readonly string[];
}

/** What `npm start` starts, whole and real, on a free port and in a folder of its own. */
export async function startOwnTideline(settings: StartSettings = {}): Promise<OwnTideline> {
  const folder = mkdtempSync(join(tmpdir(), "tideline-own-"));
  const port = await freePort();
  const start = ({ env = {}, workerArgs = [] }: StartSettings) =>
    startDev({
      port,
      stateDirectory: join(folder, "state"),
      secretsFile: join(folder, "dev.vars"),
      // The machine's own npm settings would speak in what the sample's tests print.
      env: { ...agentEnvironment(process.env), NPM_CONFIG_USERCONFIG: join(folder, "npmrc"), ...env },
      say: () => undefined,
      extraWorkerArgs: workerArgs,
    });
  try {
    let inner = await start(settings);
    const own: OwnTideline = {
      ...inner,
      folder,
      async restartWorker(extraArgs) {
        await inner.restartWorker(extraArgs);
        own.worker = inner.worker;
      },
      async restart(next = settings) {
        await inner.stop();
        inner = await start(next);
        const { url, link, models, worker, agent, stop } = inner;
        Object.assign(own, { url, link, models, worker, agent, stop });
      },
      async remove() {
        await inner.stop();
        rmSync(folder, { recursive: true, maxRetries: 5 });
      },
    };
    return own;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Below those that systems take for outgoing connections: such a port may be gone before a Worker is back on it. */
const PORTS = { first: 20_000, count: 10_000 };

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 20; tries += 1) {
    const port = PORTS.first + Math.floor(Math.random() * PORTS.count);
    if (await isFree(port)) return port;
  }
  throw new Error("No free port was found.");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
