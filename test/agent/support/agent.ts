import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { TestRelay } from "./relay.ts";

const MAIN = fileURLToPath(new URL("../../../src/agent/main.ts", import.meta.url));
export const TOKEN = "tla_test-token-that-nobody-may-see";

/** A folder for one test: the code in `work`, a home folder, the agent's state. */
export interface Sandbox {
  root: string;
  work: string;
  home: string;
  state: string;
}

export async function makeSandbox(): Promise<Sandbox> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "tideline-agent-test-")));
  const sandbox = { root, work: join(root, "work"), home: join(root, "home"), state: join(root, "state") };
  await mkdir(sandbox.work);
  await mkdir(sandbox.home);
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return sandbox;
}

/** The real program as its own process. */
export class TestAgent {
  readonly child: ChildProcess;
  said = "";
  readonly exited: Promise<number | null>;

  constructor(sandbox: Sandbox, environment: Record<string, string>, program: string = MAIN) {
    this.child = spawn(process.execPath, [program], {
      cwd: sandbox.work,
      env: {
        PATH: process.env["PATH"],
        HOME: sandbox.home,
        SHELL: "/bin/bash",
        TIDELINE_STATE_DIR: sandbox.state,
        ...environment,
      },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.child.stderr?.on("data", (chunk) => {
      this.said += String(chunk);
    });
    this.exited = new Promise((resolve) => this.child.once("exit", (code) => resolve(code)));
    onTestFinished(async () => {
      if (this.child.exitCode === null && this.child.signalCode === null) await this.stop();
    });
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exited;
  }

  async stop(): Promise<number | null> {
    this.child.kill("SIGTERM");
    return this.exited;
  }
}

export interface Bench {
  relay: TestRelay;
  sandbox: Sandbox;
  agent: TestAgent;
  startAgent: (environment?: Record<string, string>) => TestAgent;
}

/** A relay and an agent that has connected to it. */
export async function startBench(environment: Record<string, string> = {}): Promise<Bench> {
  const sandbox = await makeSandbox();
  const relay = await new TestRelay().listen();
  onTestFinished(() => relay.close());
  const startAgent = (more: Record<string, string> = {}) =>
    new TestAgent(sandbox, { TIDELINE_URL: relay.url, TIDELINE_AGENT_TOKEN: TOKEN, ...environment, ...more });
  const agent = startAgent();
  await relay.connected();
  return { relay, sandbox, agent, startAgent };
}
