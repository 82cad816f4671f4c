import { execFile } from "node:child_process";
import { open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { errorCode } from "./tool-error.ts";

const run = promisify(execFile);

export class StateInUse extends Error {
  override readonly name = "StateInUse";
}

/**
 * Takes the state folder for this process. Two agents on one journal could run a call twice, since neither
 * would see what the other accepts. A lock whose process is gone, or whose number belongs to another one by
 * now, is taken over.
 */
export async function lockState(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, "agent.lock");
  const mine = `${process.pid} ${await startOf(process.pid)}`;
  for (let attempt = 0; attempt < 3; attempt++) {
    if (await writeNew(path, mine)) return () => rm(path, { force: true });
    const holder = await readHolder(path);
    const pid = Number(holder.split(" ")[0]);
    if (pid > 0 && holder === `${pid} ${await startOf(pid)}`) {
      throw new StateInUse(`An agent for this workspace runs here already (process ${pid}).`);
    }
    await rm(path, { force: true });
  }
  throw new StateInUse(`The lock ${path} cannot be taken.`);
}

async function writeNew(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, "wx", 0o600);
    await file.writeFile(content);
    await file.close();
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return ""; // Given up a moment ago.
    throw error;
  }
}

/** When a process was started, in the system's own words; empty when there is none. */
async function startOf(pid: number): Promise<string> {
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
