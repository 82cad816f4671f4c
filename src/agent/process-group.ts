import { setTimeout as sleep } from "node:timers/promises";
import { errorCode } from "./tool-error.ts";

const TERM_GRACE_MS = 2_000; // Time to write out and clean up, short enough for a person who pressed Stop.
const KILL_WAIT_MS = 1_000; // After SIGKILL only the kernel can take time, as with a stuck network disk.
const LOOK_MS = 25;

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

  lives(): boolean {
    return this.signal(0);
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

  async #emptiedWithin(ms: number): Promise<boolean> {
    const until = performance.now() + ms;
    while (this.lives()) {
      if (performance.now() > until) return false;
      await sleep(LOOK_MS);
    }
    return true;
  }
}
