import { open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";

interface Waiting {
  text: string;
  durable: boolean;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * A file of lines that only grows. Lines are written in the order of the calls; those that wait while
 * the disk is busy go out together and share one fsync.
 */
export class AppendLog {
  readonly #path: string;
  #file: FileHandle;
  /** Bytes known to be whole: a write that failed half-way is cut off again here. */
  #size: number;
  #torn = false;
  #waiting: Waiting[] = [];
  #writing = false;

  private constructor(path: string, file: FileHandle, size: number) {
    this.#path = path;
    this.#file = file;
    this.#size = size;
  }

  /** Starts the file anew with these lines, in one step: either the old or the new content is there. */
  static async startWith(path: string, lines: string[]): Promise<AppendLog> {
    const { file, size } = await writeAnew(path, lines);
    return new AppendLog(path, file, size);
  }

  get size(): number {
    return this.#size;
  }

  /** Resolves when the line is written, and with `durable` when it is on the disk. */
  append(line: string, durable: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ text: `${line}\n`, durable, resolve, reject });
      if (!this.#writing) void this.#writeAll();
    });
  }

  /** Replaces the content; lines appended meanwhile come after it. False when a write is under way: try later. */
  async rewrite(lines: () => string[]): Promise<boolean> {
    if (this.#writing) return false;
    this.#writing = true;
    try {
      const old = this.#file;
      ({ file: this.#file, size: this.#size } = await writeAnew(this.#path, lines()));
      this.#torn = false;
      await old.close();
      return true;
    } finally {
      this.#writing = false;
      if (this.#waiting.length > 0) void this.#writeAll();
    }
  }

  async close(): Promise<void> {
    await this.append("", true);
    await this.#file.close();
  }

  /** Never rejects: each line's own promise tells how it went. */
  async #writeAll(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(
          batch.map((line) => line.text).join(""),
          batch.some((line) => line.durable),
        );
        for (const line of batch) line.resolve();
      } catch (error) {
        for (const line of batch) line.reject(error);
      }
    }
    this.#writing = false;
  }

  async #write(text: string, durable: boolean): Promise<void> {
    if (this.#torn) await this.#file.truncate(this.#size);
    this.#torn = true;
    await this.#file.appendFile(text);
    if (durable) await this.#file.datasync();
    this.#torn = false;
    this.#size += Buffer.byteLength(text);
  }
}

async function writeAnew(path: string, lines: string[]): Promise<{ file: FileHandle; size: number }> {
  const text = lines.map((line) => `${line}\n`).join("");
  const fresh = `${path}.new`;
  await rm(fresh, { force: true });
  const file = await open(fresh, "ax", 0o600);
  try {
    await file.appendFile(text);
    await file.sync();
    await rename(fresh, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await file.close();
    throw error;
  }
  return { file, size: Buffer.byteLength(text) };
}

/** A rename is on the disk only when its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
