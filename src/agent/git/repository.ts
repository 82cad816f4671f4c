import { originWithoutCredentials } from "../../contract/git-origin.ts";
import type { Git } from "./run.ts";

/** A working tree of git, as it is now. */
export interface Repository {
  /** Its top folder, absolute. */
  path: string;
  /** Null while no branch is checked out. */
  branch: string | null;
  /** Without credentials; "" when there is no `origin`. */
  remoteOrigin: string;
}

/** The top folder of the working tree that a folder lies in; null when it lies in none. */
export async function topFolder(git: Git, folder: string): Promise<string | null> {
  const path = await line(git, folder, ["rev-parse", "--show-toplevel"]);
  return path === null || path === "" ? null : path;
}

/** The repository that a folder lies in, from git itself; null when it lies in none. */
export async function readRepository(git: Git, folder: string): Promise<Repository | null> {
  const [path, head, origin] = await Promise.all([
    topFolder(git, folder),
    line(git, folder, ["symbolic-ref", "--quiet", "HEAD"]),
    line(git, folder, ["remote", "get-url", "origin"]),
  ]);
  if (path === null) return null;
  const branch = head?.startsWith("refs/heads/") ? head.slice("refs/heads/".length) : null;
  return { path, branch, remoteOrigin: originWithoutCredentials(origin ?? "") };
}

/** What git wrote, without the line's end; null when it said no. */
async function line(git: Git, folder: string, args: readonly string[]): Promise<string | null> {
  const output = await git(folder, args);
  return output === null || output.truncated ? null : output.bytes.toString("utf8").replace(/\n$/, "");
}
