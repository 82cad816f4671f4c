import { setTimeout as sleep } from "node:timers/promises";
import { startGroup, type GroupProcess } from "./child-process.ts";
import { projectDirectory } from "./project.ts";
import { agentEnvironment } from "./worker-settings.ts";
import { join } from "node:path";

export interface AgentOptions {
  url: string;
  tokenFile: string;
  directory: string;
  stateDirectory: string;
  logFile: string;
  env: NodeJS.ProcessEnv;
  /** The token is not valid any more: somebody removed the workspace or made a new build of it. */
  onRefused: () => void;
}

export interface LocalAgent {
  stop(): Promise<void>;
  /** The program that runs now; tests kill it. */
  current(): GroupProcess;
}

const REFUSED_CODE = 2;
const LONGEST_PAUSE_MS = 30_000;

/** Keeps a workspace agent running: one that dies unexpectedly is started again, ever more slowly. */
export function keepAgent(options: AgentOptions): LocalAgent {
  const stopping = new AbortController();
  let agent = start();
  const watching = watch();
  return {
    async stop() {
      stopping.abort();
      await agent.stop();
      await watching;
    },
    current: () => agent,
  };

  function start(): GroupProcess {
    return startGroup(process.execPath, [join(projectDirectory, "src", "agent", "main.ts")], {
      cwd: options.directory,
      env: {
        ...agentEnvironment(options.env),
        TIDELINE_URL: options.url,
        TIDELINE_AGENT_TOKEN_FILE: options.tokenFile,
        TIDELINE_STATE_DIR: options.stateDirectory,
      },
      logFile: options.logFile,
    });
  }

  async function watch(): Promise<void> {
    let pauseMs = 500;
    while (true) {
      const startedAt = Date.now();
      const { code } = await agent.exited;
      if (stopping.signal.aborted) return;
      if (code === REFUSED_CODE) {
        options.onRefused();
        return;
      }
      // One that ran for a while had a single accident; one that dies at once has a cause that stays.
      if (Date.now() - startedAt > LONGEST_PAUSE_MS) pauseMs = 500;
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      agent = start();
    }
  }
}
