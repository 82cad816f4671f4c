import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { errorCode } from "./tool-error.ts";

const TERM_GRACE_MS = 2_000; // Time to write out and clean up, short enough for a person who pressed Stop.
const KILL_WAIT_MS = 1_000; // After SIGKILL only the kernel can take time, as with a stuck network disk.
const LOOK_MS = 40;
const STRANGER_LOOK_MS = 500; // The system tells us of the end of our own children only.

/**
 * The processes of one command: its leader, and all that descend from it and stayed in the group.
 * Once empty, it is never signalled again, since the system may give its number to somebody else.
 */
export class ProcessGroup {
  readonly #id: number;
  #empty = false;

  constructor(leaderPid: number) {
    this.#id = leaderPid;
  }

  /** Whether anybody of it runs. Zombies, which pile up in containers without an init, do not count. */
  async lives(): Promise<boolean> {
    if (!this.signal(0)) return false;
    if (process.platform !== "linux") return true;
    // Twice, since a member may fork and end while we look; zombies cannot come back.
    if ((await hasLivingMember(this.#id)) || (await hasLivingMember(this.#id))) return true;
    this.#empty = true;
    return false;
  }

  /** Whether there was somebody to signal. */
  signal(signal: NodeJS.Signals | 0): boolean {
    if (this.#empty) return false;
    try {
      process.kill(-this.#id, signal);
      return true;
    } catch (error) {
      // EPERM: members are left, but changed their user; Darwin says it of zombies too.
      if (errorCode(error) === "EPERM") return true;
      if (errorCode(error) !== "ESRCH") throw error;
      this.#empty = true;
      return false;
    }
  }

  /** Asks everybody to end, then ends them. Resolves when the group is empty or nothing more can be done. */
  async end(): Promise<void> {
    if (!this.signal("SIGTERM")) return;
    if (await this.#emptiedWithin(TERM_GRACE_MS)) return;
    this.signal("SIGKILL");
    await this.#emptiedWithin(KILL_WAIT_MS);
  }

  /** Resolves when nobody of it runs any more. */
  async emptied(): Promise<void> {
    while (await this.lives()) await sleep(STRANGER_LOOK_MS);
  }

  async #emptiedWithin(ms: number): Promise<boolean> {
    const until = performance.now() + ms;
    while (await this.lives()) {
      if (performance.now() > until) return false;
      await sleep(LOOK_MS);
    }
    return true;
  }
}

async function hasLivingMember(group: number): Promise<boolean> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => isLivingMember(pid, group)));
  return found.includes(true);
}

/** State and process group are fields 3 and 5 of /proc/<pid>/stat, the name before them may hold anything (proc(5)). */
async function isLivingMember(pid: string, group: number): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    const [state, , processGroup] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(processGroup) === group && state !== "Z" && state !== "X";
  } catch (error) {
    if (errorCode(error) === null) throw error;
    return false; // It ended while we looked.
  }
}
