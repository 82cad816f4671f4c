import { spawn } from "node:child_process";

/** A repository on a slow disk must not keep anybody waiting: what takes longer is given up. */
const LIMIT_MS = 5_000;

/** Nothing that a repository's settings name is run on our behalf, and nothing is asked or written. */
const QUIET_CONFIG = ["core.fsmonitor=false", "core.hooksPath=/dev/null", "core.quotePath=false", "color.ui=false"];
const QUIET_ENVIRONMENT = {
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_ASKPASS: "true",
  SSH_ASKPASS: "true",
  GIT_PAGER: "cat",
  // A partial clone would fetch what it lacks.
  GIT_NO_LAZY_FETCH: "1",
  GIT_ALLOW_PROTOCOL: "none",
  LC_ALL: "C",
};

export interface GitOutput {
  /** At most `maxBytes` of what git wrote. */
  bytes: Buffer;
  truncated: boolean;
}

/** Runs git for reading, in a folder. */
export type Git = (folder: string, args: readonly string[], maxBytes?: number) => Promise<GitOutput | null>;

/**
 * Git in this environment. It answers null when git says no, is not installed, or takes too long. What is longer
 * than `maxBytes` is cut off and git ended.
 */
export function openGit(environment: NodeJS.ProcessEnv, limitMs: number = LIMIT_MS): Git {
  const inherited = Object.entries(environment).filter(([name]) => !name.startsWith("TIDELINE_"));
  const env = { ...Object.fromEntries(inherited), ...QUIET_ENVIRONMENT };
  const config = QUIET_CONFIG.flatMap((setting) => ["-c", setting]);

  return (folder, args, maxBytes = 64 * 1024) =>
    new Promise((resolve) => {
      const child = spawn("git", [...config, ...args], { cwd: folder, env, stdio: ["ignore", "pipe", "ignore"] });
      const pieces: Buffer[] = [];
      let length = 0;
      const timer = setTimeout(() => end(null), limitMs);
      const end = (answer: GitOutput | null) => {
        clearTimeout(timer);
        child.stdout.destroy();
        if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
        resolve(answer);
      };
      child.stdout.on("data", (piece: Buffer) => {
        pieces.push(piece);
        length += piece.length;
        if (length > maxBytes) end({ bytes: Buffer.concat(pieces).subarray(0, maxBytes), truncated: true });
      });
      child.once("error", () => end(null));
      child.once("close", (code) => end(code === 0 ? { bytes: Buffer.concat(pieces), truncated: false } : null));
    });
}
