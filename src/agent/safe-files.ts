import { randomBytes } from "node:crypto";
import { constants, existsSync } from "node:fs";
import { access, lstat, mkdir, open, rename, rm, type FileHandle } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import type { AllowedPath } from "./paths.ts";
import { errorCode, fileError, ToolError } from "./tool-error.ts";

const FILE_MAX_BYTES = 10 * 1024 * 1024; // What a file tool holds in memory, and diffs.

const OPEN_FOLDERS_HAVE_NAMES = process.platform === "linux" && existsSync("/proc/self/fd");

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

export interface FoundFile {
  content: Buffer;
  mode: number;
}

/** Reads a regular file, or answers null when there is none. */
export async function readFound(path: AllowedPath): Promise<FoundFile | null> {
  try {
    return await inFolderOf(path, false, async (place) => {
      // Without O_NONBLOCK, opening a named pipe would wait for a writer for ever.
      const file = await open(place, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      try {
        const { size, mode } = await regular(file, path);
        if (size > FILE_MAX_BYTES)
          throw new ToolError(`${path.shown} is too large: ${size} bytes, ${FILE_MAX_BYTES} at most.`);
        return { content: await file.readFile(), mode: mode & 0o777 };
      } finally {
        await file.close();
      }
    });
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw fileError(path.shown, error);
  }
}

/** Puts the whole content in place in one step: a reader sees the old file or the new one. */
export async function replaceFile(path: AllowedPath, content: string): Promise<void> {
  try {
    await inFolderOf(path, true, async (place) => {
      const old = await writable(place, path);
      const fresh = join(dirname(place), `.tideline-${randomBytes(8).toString("hex")}.tmp`);
      const file = await open(fresh, "wx", 0o600);
      try {
        await file.writeFile(content);
        await file.chmod(old ? old.mode & 0o777 : 0o666 & ~process.umask());
        // Only root may give files away, and root must not take those of others by editing them.
        if (old && process.getuid?.() === 0) await file.chown(old.uid, old.gid);
        await file.datasync();
        await rename(fresh, place);
      } catch (error) {
        await rm(fresh, { force: true });
        throw error;
      } finally {
        await file.close();
      }
    });
  } catch (error) {
    throw fileError(path.shown, error);
  }
}

/**
 * Runs `use` with a name of the file by which no folder on the way can have been swapped for a link since the
 * path was checked: each folder is opened from the one before it. Linux names an open folder
 * `/proc/self/fd/<n>`, which makes this tight; elsewhere there are names only, and it is checked as it goes.
 */
async function inFolderOf<T>(path: AllowedPath, make: boolean, use: (place: string) => Promise<T>): Promise<T> {
  if (path.real === path.root) throw new ToolError(`${path.shown} is a folder.`);
  let folder = await openFolder(path.root);
  try {
    for (const name of relative(path.root, dirname(path.real)).split("/").filter(Boolean)) {
      const next = await enter(folder.at, name, make);
      await folder.handle.close();
      folder = next;
    }
    return await use(join(folder.at, basename(path.real)));
  } finally {
    await folder.handle.close();
  }
}

interface OpenFolder {
  handle: FileHandle;
  at: string;
}

async function enter(parent: string, name: string, make: boolean): Promise<OpenFolder> {
  const path = join(parent, name);
  try {
    return await openFolder(path);
  } catch (error) {
    if (!make || errorCode(error) !== "ENOENT") throw error;
  }
  await mkdir(path).catch((error: unknown) => {
    if (errorCode(error) !== "EEXIST") throw error; // A parallel call was quicker.
  });
  return openFolder(path);
}

async function openFolder(path: string): Promise<OpenFolder> {
  const handle = await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  return { handle, at: OPEN_FOLDERS_HAVE_NAMES ? `/proc/self/fd/${handle.fd}` : path };
}

async function regular(file: FileHandle, path: AllowedPath): Promise<{ size: number; mode: number }> {
  const { size, mode, ...found } = await file.stat().then((stat) => ({
    size: stat.size,
    mode: stat.mode,
    folder: stat.isDirectory(),
    file: stat.isFile(),
  }));
  if (found.folder) throw new ToolError(`${path.shown} is a folder.`);
  if (!found.file) throw new ToolError(`${path.shown} is not a regular file.`);
  return { size, mode };
}

/** What the new file replaces; a rename would go over a read-only file, which nobody expects of a write. */
async function writable(place: string, path: AllowedPath) {
  try {
    const old = await lstat(place);
    if (old.isDirectory()) throw new ToolError(`${path.shown} is a folder.`);
    if (!old.isFile()) throw new ToolError(`${path.shown} is not a regular file.`);
    await access(place, constants.W_OK);
    return old;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}
