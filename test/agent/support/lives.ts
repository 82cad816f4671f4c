import { execFileSync } from "node:child_process";

/** Whether a process runs. A zombie, which nobody has collected yet, does not. */
export function lives(pid: number): boolean {
  try {
    return !execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" })
      .trim()
      .startsWith("Z");
  } catch {
    return false; // ps fails for exactly this: no such process.
  }
}
