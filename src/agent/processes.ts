import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, open, stat, rm } from "node:fs/promises";
import { constants } from "node:os";
import { basename, join } from "node:path";
import { ProcessGroup } from "./process-group.ts";
import { errorCode, fileError, ToolError } from "./tool-error.ts";
import { recordProcess, survivingProcesses, type ProcessRecord } from "./process-records.ts";
import { TrackedProcess, type ExitStatus } from "./tracked-process.ts";

const RUNNING_MAX = 64; // More at once is a loop, not work.
const ENDED_KEPT = 100; // Each holds up to 160 KiB of output in memory.
const POSIX_SHELLS = new Set(["sh", "bash", "zsh", "dash", "ash", "ksh", "mksh", "busybox"]);

// What a program must know to run without a person: no pager, no editor, no question, no colours.
const UNATTENDED = {
  TIDELINE_CHAT_AGENT: "true",
  EDITOR: "true",
  VISUAL: "true",
  GIT_EDITOR: "true",
  GIT_SEQUENCE_EDITOR: "true",
  GIT_TERMINAL_PROMPT: "0",
  NO_COLOR: "1",
  TERM: "dumb",
  PAGER: "cat",
  GIT_PAGER: "cat",
  MANPAGER: "cat",
};

/** The commands of this workspace: those that this boot has started, and those that outlived an earlier one. */
export class Processes {
  readonly #outputFolder: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #shell: string;
  readonly #all = new Map<string, TrackedProcess>();
  #starting = 0;

  private constructor(outputFolder: string, environment: NodeJS.ProcessEnv, survivors: ProcessRecord[]) {
    this.#outputFolder = outputFolder;
    this.#environment = commandEnvironment(environment);
    this.#shell = posixShell(environment["SHELL"]);
    for (const survivor of survivors) this.#all.set(survivor.id, this.#adopted(survivor));
  }

  static async open(stateFolder: string, environment: NodeJS.ProcessEnv): Promise<Processes> {
    const outputFolder = join(stateFolder, "output");
    await mkdir(outputFolder, { recursive: true, mode: 0o700 });
    return new Processes(outputFolder, environment, await survivingProcesses(outputFolder));
  }

  get(id: string): TrackedProcess | undefined {
    return this.#all.get(id);
  }

  list(): TrackedProcess[] {
    return [...this.#all.values()];
  }

  /** Runs a shell command in its own process group, with its output in a file of its own. */
  async start(command: string, folder: string): Promise<TrackedProcess> {
    await requireFolder(folder);
    const running = this.list().filter((process) => process.running).length;
    if (running + this.#starting >= RUNNING_MAX) {
      throw new ToolError(`${RUNNING_MAX} commands run already. End some with process_signal.`);
    }
    this.#starting++;
    try {
      return await this.#start(command, folder);
    } finally {
      this.#starting--;
    }
  }

  /** Ends everything that was started here, with what it started. */
  async endAll(): Promise<void> {
    await Promise.all(this.list().map((process) => process.group.end()));
  }

  async #start(command: string, folder: string): Promise<TrackedProcess> {
    const id = `p-${randomBytes(5).toString("hex")}`;
    const outputPath = this.#outputPath(id);
    const output = await open(outputPath, "ax", 0o600);
    let child: ChildProcess;
    let exit: Promise<Omit<ExitStatus, "at">>;
    try {
      child = spawn(this.#shell, ["-c", command], {
        cwd: folder,
        env: this.#environment,
        detached: true, // Its own session and group: it can be ended whole, and a Ctrl-C for the agent is not for it.
        stdio: ["ignore", output.fd, output.fd],
      });
      exit = exitOf(child); // At once: a quick command has ended before the next line is reached.
      await spawned(child);
    } catch (error) {
      await rm(outputPath, { force: true });
      throw startError(error);
    } finally {
      await output.close();
    }
    if (child.pid === undefined) throw new ToolError("The command did not start.");
    const startedAt = Date.now();
    const group = new ProcessGroup(child.pid);
    const tracked = new TrackedProcess({ id, command, outputPath, startedAt, group, ended: exit });
    this.#all.set(id, tracked);
    this.#forgetOldest();
    await recordProcess(this.#outputFolder, { id, command, pid: child.pid, started_at: startedAt });
    return tracked;
  }

  #adopted({ id, command, pid, started_at }: ProcessRecord): TrackedProcess {
    const group = new ProcessGroup(pid);
    const ended = group
      .emptied()
      .then(() => ({ code: null, error: "How it ended is not known: the agent was restarted." }));
    return new TrackedProcess({ id, command, outputPath: this.#outputPath(id), startedAt: started_at, group, ended });
  }

  #outputPath(id: string): string {
    return join(this.#outputFolder, `${id}.log`);
  }

  #forgetOldest(): void {
    const gone = this.list().filter((process) => process.over);
    for (const process of gone.slice(0, Math.max(0, gone.length - ENDED_KEPT))) this.#all.delete(process.id);
  }
}

/** Secrets of the agent are none of a command's business, and settings of it neither. */
function commandEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const inherited = Object.entries(environment).filter(([name]) => !name.startsWith("TIDELINE_"));
  return { ...Object.fromEntries(inherited), ...UNATTENDED };
}

/** The user's own shell where it reads what models write; fish, csh or nologin would not. */
function posixShell(shell: string | undefined): string {
  return shell?.startsWith("/") && POSIX_SHELLS.has(basename(shell)) ? shell : "/bin/sh";
}

async function requireFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((error: unknown) => {
    throw fileError(folder, error);
  });
  if (!found.isDirectory()) throw new ToolError(`${folder} is not a folder.`);
}

function spawned(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
}

function startError(error: unknown): unknown {
  const code = errorCode(error);
  if (code === null) return error;
  const why = code === "E2BIG" ? "it is too long; put it into a file" : code;
  return new ToolError(`The command could not be started: ${why}.`);
}

/** The exit code as a shell would say it: 128 and the signal's number when a signal ended it. */
function exitOf(child: ChildProcess): Promise<Omit<ExitStatus, "at">> {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => {
      if (signal === null) resolve({ code: code ?? -1, error: null });
      else resolve({ code: 128 + constants.signals[signal], error: `Ended by ${signal}.` });
    });
  });
}
