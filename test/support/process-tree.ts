import { execFileSync } from "node:child_process";

export interface ProcessLine {
  pid: number;
  parent: number;
  command: string;
}

/** All that a process started, and what these started, with itself. */
export function processTree(root: number): ProcessLine[] {
  const all = execFileSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => {
      const [pid = "", parent = "", ...command] = line.trim().split(/\s+/);
      return { pid: Number(pid), parent: Number(parent), command: command.join(" ") };
    });
  const tree = all.filter((line) => line.pid === root);
  for (const line of tree) tree.push(...all.filter((other) => other.parent === line.pid));
  return tree;
}

/** Those of the processes that still run. One that has ended and waits to be reaped does not. */
export function stillRunning(lines: ProcessLine[]): ProcessLine[] {
  return lines.filter(({ pid }) => {
    try {
      return !execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).startsWith("Z");
    } catch {
      // ps says with its exit code that there is no such process.
      return false;
    }
  });
}
