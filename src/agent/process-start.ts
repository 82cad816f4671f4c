import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { errorCode } from "./tool-error.ts";

const run = promisify(execFile);

/**
 * When a process was started, in the system's own words; empty when there is none. With its number, this names
 * one process for ever: numbers alone are used again.
 */
export async function startOf(pid: number): Promise<string> {
  if (process.platform === "linux") return linuxStartOf(pid);
  try {
    return (await run("ps", ["-o", "lstart=", "-p", String(pid)])).stdout.trim();
  } catch {
    return ""; // ps fails for exactly this: no such process.
  }
}

/** Field 22 of /proc/<pid>/stat, in ticks since the boot that is named beside it (proc(5)). */
async function linuxStartOf(pid: number): Promise<string> {
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, "utf8"),
      readFile("/proc/sys/kernel/random/boot_id", "utf8"),
    ]);
    // The name in parentheses may hold spaces and parentheses itself; what follows it is regular.
    return `${boot.trim()} ${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}`;
  } catch (error) {
    if (errorCode(error) === null) throw error;
    return "";
  }
}
