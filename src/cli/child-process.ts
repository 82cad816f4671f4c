import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A long-running program in its own process group, so that ending it ends its children too. */
export interface GroupProcess {
  pid: number;
  logFile: string;
  /** Settles when the program itself has ended. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** SIGTERM to the group, SIGKILL to what is left after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
  /** SIGKILL to the whole group, now. */
  kill(): void;
}

const running = new Set<number>();

/** SIGKILL to every group that was started and has not ended: for leaving in the middle of a start. */
export function killGroups(): void {
  for (const group of running) signalGroup(group, "SIGKILL");
}

export interface ProgramOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
}

/** Starts a program in its own process group, with its output appended to `logFile` (0600: it may name files). */
export function startGroup(
  program: string,
  args: readonly string[],
  options: ProgramOptions & { logFile: string },
): GroupProcess {
  const log = openSync(options.logFile, "a", 0o600);
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const exited = endOf(child);
  const pid = child.pid ?? 0;
  running.add(pid);
  return {
    pid,
    logFile: options.logFile,
    exited,
    async stop(graceMs = 5_000) {
      signalGroup(pid, "SIGTERM");
      const deadline = Date.now() + graceMs;
      while (groupAlive(pid) && Date.now() < deadline) await sleep(50);
      signalGroup(pid, "SIGKILL");
      running.delete(pid);
      await exited;
    },
    kill() {
      signalGroup(pid, "SIGKILL");
    },
  };
}

/** Whether any process of the group is left. */
export function groupAlive(group: number): boolean {
  return signalGroup(group, 0);
}

function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  if (group <= 0) return false;
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}

function endOf(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve) => {
    child.once("error", () => resolve({ code: 127, signal: null }));
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
}

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end; a program that cannot be started ends with 127. Text of `input` goes to its stdin. */
export function run(
  program: string,
  args: readonly string[],
  options: ProgramOptions & { input?: string; signal?: AbortSignal },
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ["pipe", "pipe", "pipe"],
      ...(options.signal && { signal: options.signal }),
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("error", (error) => resolve({ code: 127, stdout, stderr: stderr + error.message }));
    child.once("close", (code) => resolve({ code: code ?? 1, stdout, stderr }));
    // A program that ends without reading its input breaks the pipe; its exit code tells the rest.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
  });
}

/** The last lines of a log after byte `from`, for the sentence that says what went wrong. */
export function lastLines(logFile: string, count: number, from = 0): string {
  return readFileSync(logFile).subarray(from).toString("utf8").trimEnd().split("\n").slice(-count).join("\n");
}
