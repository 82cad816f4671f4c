import type { LocalRepository } from "../../contract/git.ts";
import { RPC_FRAME_MAX_BYTES, type GitChanges } from "../../contract/workspace.ts";
import { readRepository } from "./repository.ts";
import type { Git } from "./run.ts";
import { addedFile } from "./untracked.ts";

const DIFF_MAX_BYTES = 512 * 1024;
const LIST_MAX_BYTES = 4 * 1024 * 1024; // Of names and counts.
const UNTRACKED_MAX = 500; // More is a folder that should be ignored, and tells a person little.
/** All of an answer, as JSON, fits a frame with its envelope. */
const ANSWER_MAX_BYTES = RPC_FRAME_MAX_BYTES - 64 * 1024;

const DIFF = ["diff", "--no-ext-diff", "--no-textconv", "--find-renames", "--ignore-submodules=dirty"];
const PREFIXES = ["--src-prefix=a/", "--dst-prefix=b/"];

/** What differs from `HEAD` in the repositories of these folders. What cannot be read is left out. */
export async function readLocalChanges(git: Git, folders: readonly string[]): Promise<GitChanges> {
  const read = await Promise.all(folders.map((folder) => readLocalRepository(git, folder)));
  const repositories = read.filter((repository) => repository !== null);
  const unique = repositories.filter(({ path }, at) => repositories.findIndex((other) => other.path === path) === at);
  return { repositories: withinOneFrame(unique) };
}

async function readLocalRepository(git: Git, folder: string): Promise<LocalRepository | null> {
  const repository = await readRepository(git, folder);
  if (repository === null) return null;
  const top = repository.path;
  const base = await baseOf(git, top);
  if (base === null) return null;
  const quiet = await withoutFilters(git, top);
  if (quiet === null) return null;
  const [diff, counts, untracked] = await Promise.all([
    git(top, [...quiet, ...DIFF, ...PREFIXES, base, "--"], DIFF_MAX_BYTES),
    git(top, [...quiet, ...DIFF, "--numstat", "-z", base, "--"], LIST_MAX_BYTES),
    git(top, ["ls-files", "--others", "--exclude-standard", "-z"], LIST_MAX_BYTES),
  ]);
  const tracked = counted(counts?.bytes.toString("utf8") ?? "");
  // What git does not know of, after what it does; a name that was cut off is no name.
  const names = (untracked?.bytes.toString("utf8") ?? "").split("\0").slice(0, -1);
  const added = await readAdded(top, names, DIFF_MAX_BYTES - (diff?.bytes.length ?? 0));
  const text = cutAtLine(diff?.bytes ?? Buffer.alloc(0), diff?.truncated ?? false) + added.diff;
  return {
    path: top,
    branch: repository.branch ?? "",
    remote_origin: repository.remoteOrigin,
    diff: text,
    truncated: diff === null || diff.truncated || added.truncated || (untracked?.truncated ?? true),
    additions: tracked.additions + added.additions,
    deletions: tracked.deletions,
    changed_files: tracked.files + names.length,
  };
}

/** The commit that is compared with: `HEAD`, or nothing at all where there is no commit yet. */
async function baseOf(git: Git, top: string): Promise<string | null> {
  if ((await git(top, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])) !== null) return "HEAD";
  // Hashed rather than written out: repositories differ in how they hash.
  const empty = await git(top, ["hash-object", "-t", "tree", "/dev/null"]);
  return empty === null ? null : empty.bytes.toString("utf8").trim();
}

/**
 * Settings that turn off the filters of the repository's own settings: to compare files git runs them, and such
 * settings may have come with the repository. Those of the user or the machine stay. Null: they cannot be told.
 */
async function withoutFilters(git: Git, top: string): Promise<string[] | null> {
  const listed = await git(top, ["config", "--show-scope", "--name-only", "-z", "--list"]);
  if (listed === null || listed.truncated) return null;
  const entries = listed.bytes.toString("utf8").split("\0");
  const names = entries.filter((_, at) => at % 2 === 1 && ["local", "worktree"].includes(entries[at - 1] ?? ""));
  const drivers = names.flatMap((name) => /^filter\.(.+)\.[^.]+$/s.exec(name)?.[1] ?? []);
  // Git would read such a name only up to the sign.
  if (drivers.some((driver) => driver.includes("="))) return null;
  return [...new Set(drivers)].flatMap((driver) =>
    ["clean=", "process=", "required=false"].flatMap((setting) => ["-c", `filter.${driver}.${setting}`]),
  );
}

/** Sums `git diff --numstat -z`: `added TAB removed TAB path NUL`, of a rename `… TAB NUL old NUL new NUL`. */
function counted(text: string): { additions: number; deletions: number; files: number } {
  const sum = { additions: 0, deletions: 0, files: 0 };
  for (const [, additions = "", deletions = ""] of text.matchAll(/(?:^|\0)(\d+|-)\t(\d+|-)\t/g)) {
    sum.files++;
    // "-" stands for a binary file, which has no lines.
    sum.additions += Number(additions) || 0;
    sum.deletions += Number(deletions) || 0;
  }
  return sum;
}

async function readAdded(top: string, names: readonly string[], room: number) {
  const sum = { diff: "", additions: 0, truncated: names.length > UNTRACKED_MAX };
  let left = room;
  for (const name of names.slice(0, UNTRACKED_MAX)) {
    const file = await addedFile(top, name);
    if (file === null) continue;
    sum.additions += file.additions;
    const bytes = Buffer.byteLength(file.diff);
    if (bytes > left) {
      sum.truncated = true;
      continue;
    }
    left -= bytes;
    sum.diff += file.diff;
  }
  return sum;
}

/** As text that ends with a whole line. */
function cutAtLine(bytes: Buffer, truncated: boolean): string {
  return (truncated ? bytes.subarray(0, bytes.lastIndexOf("\n") + 1) : bytes).toString("utf8");
}

/** JSON makes text longer, quotes and tabs above all: measured as it is sent, the longest is cut first. */
function withinOneFrame(repositories: LocalRepository[]): LocalRepository[] {
  const sizes = repositories.map((repository) => jsonBytes(repository));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total <= ANSWER_MAX_BYTES) return repositories;
  const share = Math.floor(ANSWER_MAX_BYTES / repositories.length);
  return repositories.map((repository, at) => ((sizes[at] ?? 0) <= share ? repository : shortened(repository, share)));
}

function shortened(repository: LocalRepository, most: number): LocalRepository {
  const bytes = Buffer.from(repository.diff);
  for (let keep = bytes.length; ; keep = Math.floor(keep * 0.8)) {
    const shorter = { ...repository, diff: cutAtLine(bytes.subarray(0, keep), true), truncated: true };
    if (keep === 0 || jsonBytes(shorter) <= most) return shorter;
  }
}

function jsonBytes(value: object): number {
  return Buffer.byteLength(JSON.stringify(value));
}
