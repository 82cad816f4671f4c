import { resolve } from "node:path";
import type { z } from "zod";
import { executeParams, type ExecuteResult } from "../../contract/tools.ts";
import { durationMs } from "../duration.ts";
import { ToolError } from "../tool-error.ts";
import type { TrackedProcess } from "../tracked-process.ts";
import { CallEnded, type Tool } from "./tool.ts";
import { processReport } from "./process-report.ts";

const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_TIMEOUT_MS = 60 * 60_000;
/** A command of many more is a script, and git is started for each. */
const FOLDERS_LOOKED_INTO = 5;

/**
 * Runs a shell command. A command that fails is a result, not an error; one that takes too long goes on, and
 * the model can follow it.
 */
export const execute: Tool<z.infer<typeof executeParams>> = {
  params: executeParams,
  async run(params, { workspace, signal, show, touched }) {
    const timeoutMs = params.timeout === undefined ? DEFAULT_TIMEOUT_MS : durationMs(params.timeout);
    if (timeoutMs > MAX_TIMEOUT_MS)
      throw new ToolError("The timeout is 1h at most; run longer work in the background.");
    signal.throwIfAborted();

    const folder = workspace.roots.absolute(params.workdir ?? ".");
    const process = await workspace.processes.start(params.command, folder);
    const folders = [folder, ...enteredFolders(params.command, folder)];
    const touchedAll = () => folders.forEach(touched);
    void process.exited.then(touchedAll);
    if (params.run_in_background) return startedReport(process);

    process.watch(show);
    const first = await firstOf(process, timeoutMs, signal);
    if (first !== "exited") process.watch(null);
    if (first === "aborted") throw await endedCall(process, signal);
    if (first === "timeout") touchedAll(); // It goes on, and may have switched branches already.

    const report = await processReport(process);
    process.watch(null);
    return first === "timeout" ? timeoutReport(process, report, params.timeout) : withHint(params.command, report);
  },
};

const ENTERS =
  /(?:^|&&|\|\||[;\n(])\s*(?:cd|git\s+-C)\s+(?:"([^"$`\\]+)"|'([^']+)'|([^\s"'$`\\;&|<>()*?~]+))(?=[\s;&|)]|$)/g;

/** Where a command goes by `cd` and `git -C`, one from the other: models write these more often than a `workdir`. */
function enteredFolders(command: string, folder: string): string[] {
  const entered: string[] = [];
  for (const [, ...names] of command.matchAll(ENTERS)) {
    const name = names.find((one) => one !== undefined);
    if (name !== undefined && entered.length < FOLDERS_LOOKED_INTO)
      entered.push(resolve(entered.at(-1) ?? folder, name));
  }
  return entered;
}

function firstOf(
  process: TrackedProcess,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<"exited" | "timeout" | "aborted"> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle("timeout"), timeoutMs);
    const onAbort = () => settle("aborted");
    const settle = (what: "exited" | "timeout" | "aborted") => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      resolve(what);
    };
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    void process.exited.then(() => settle("exited"));
  });
}

/** Ends the command with all it started, and keeps what it wrote until then. */
async function endedCall(process: TrackedProcess, signal: AbortSignal): Promise<CallEnded> {
  await process.group.end();
  const why = signal.reason instanceof CallEnded ? signal.reason : new CallEnded("cancelled");
  const report: ExecuteResult = await processReport(process);
  return new CallEnded(why.why, { ...report, success: false, exit_code: -1, error: why.message, note: undefined });
}

function startedReport(process: TrackedProcess): ExecuteResult {
  return {
    success: true,
    output: "",
    exit_code: -1,
    wall_duration_ms: process.runtimeMs,
    note: "Runs in the background; read it with process_output.",
    background_process_id: process.id,
  };
}

function timeoutReport(process: TrackedProcess, report: ExecuteResult, timeout = "10s"): ExecuteResult {
  if (!process.running) return report; // It ended while its output was read.
  return {
    ...report,
    success: false,
    error: `Not finished after ${timeout}. It goes on in the background.`,
    note: "Follow it with process_output, or end it with process_signal.",
  };
}

/** Models read files by `cat` out of habit; read_file numbers the lines and pages. */
function withHint(command: string, report: ExecuteResult): ExecuteResult {
  if (report.note !== undefined || !/^\s*cat\s+[^|;&<>$`*]+$/.test(command)) return report;
  return { ...report, note: "read_file shows a file with line numbers and in pages." };
}
