import { lstat, readlink, realpath } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { errorCode, fileError, ToolError } from "./tool-error.ts";

const LINKS_MAX = 40; // As in Linux: more than this is a loop.

/** A place that file tools may touch: `real` has no symbolic link in it and lies below `root`. */
export interface AllowedPath {
  real: string;
  root: string;
  /** As the model and people read it: relative to the directory where that is shorter. */
  shown: string;
}

/** The folders that file tools may enter, and the way of a path that a model wrote into them. */
export class AllowedRoots {
  readonly directory: string;
  readonly #home: string;
  readonly #roots: string[];

  constructor(directory: string, home: string, extraRoots: string[]) {
    this.directory = directory;
    this.#home = home;
    this.#roots = [directory, ...extraRoots];
  }

  /** Absolute, with `~` for the home folder; not yet checked. */
  absolute(given: string): string {
    if (given.includes("\0")) throw new ToolError("A path cannot contain a NUL character.");
    const expanded = given === "~" || given.startsWith("~/") ? join(this.#home, given.slice(1)) : given;
    return isAbsolute(expanded) ? expanded : `${this.directory}/${expanded}`;
  }

  /**
   * Follows every symbolic link on the way, also where the file itself does not exist yet, and then asks
   * whether the place is inside. Throws a ToolError when it is not.
   */
  async resolve(given: string): Promise<AllowedPath> {
    const absolute = this.absolute(given);
    const real = await followLinks(absolute).catch((error: unknown) => {
      throw fileError(given, error);
    });
    const root = this.#roots.find((candidate) => isBelow(real, candidate));
    if (root === undefined) {
      throw new ToolError(`${given} is outside the workspace: file tools stay inside ${this.#roots.join(", ")}.`);
    }
    return { real, root, shown: this.#shown(real) };
  }

  #shown(real: string): string {
    return isBelow(real, this.directory) ? relative(this.directory, real) || "." : real;
  }
}

/** Whether `path` is `folder` or lies in it; both without links. */
function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/**
 * `realpath` for a path whose end may not exist. The system's own answers where it can; otherwise the walk
 * is made here, since a dangling link must lead to where a new file would be made, not to its own place.
 */
async function followLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
  }
  const ahead = segments(path);
  let real = "/";
  let links = 0;
  for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
    const next = resolve(real, name);
    const target = name === ".." ? null : await linkTarget(next);
    if (target === null) {
      real = next;
      continue;
    }
    if (++links > LINKS_MAX) throw new ToolError(`${path}: there are too many symbolic links on the way.`);
    if (isAbsolute(target)) real = "/";
    ahead.push(...segments(target));
  }
  return real;
}

/** The parts of a path, last first. */
function segments(path: string): string[] {
  return path
    .split("/")
    .filter((name) => name !== "" && name !== ".")
    .reverse();
}

async function linkTarget(path: string): Promise<string | null> {
  try {
    return (await lstat(path)).isSymbolicLink() ? await readlink(path) : null;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}
