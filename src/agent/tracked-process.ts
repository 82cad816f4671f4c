import { CappedOutput, type RenderedOutput } from "./capped-output.ts";
import { OutputTail } from "./output-tail.ts";
import type { ProcessGroup } from "./process-group.ts";
import { say, wordsOf } from "./say.ts";

const WATCHED_LOOK_MS = 60; // Output waits 75 ms more to be gathered: below what a reader can see.
const UNWATCHED_LOOK_MS = 1_000;
const OUTPUT_FILE_MAX_BYTES = 256 * 1024 * 1024; // A command in a loop must not fill somebody's disk.

export interface ExitStatus {
  /** Null when nobody was there to be told. */
  code: number | null;
  /** Why it did not end by itself, in words. */
  error: string | null;
  at: number;
}

/** A command that was started here, running or not. */
export class TrackedProcess {
  readonly id: string;
  readonly command: string;
  readonly outputPath: string;
  readonly startedAt: number;
  readonly group: ProcessGroup;
  readonly exited: Promise<ExitStatus>;
  exit: ExitStatus | null = null;
  /** Nobody of its group is left: nothing will be written any more. */
  over = false;

  readonly #output = new CappedOutput();
  readonly #tail: OutputTail;
  #watcher: ((text: string) => void) | null = null;
  #overflowed = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(made: {
    id: string;
    command: string;
    outputPath: string;
    startedAt: number;
    group: ProcessGroup;
    ended: Promise<Omit<ExitStatus, "at">>;
  }) {
    this.id = made.id;
    this.command = made.command;
    this.outputPath = made.outputPath;
    this.startedAt = made.startedAt;
    this.group = made.group;
    this.#tail = new OutputTail(made.outputPath, (text) => {
      this.#output.append(text);
      this.#watcher?.(text);
    });
    this.exited = made.ended.then((ended) => this.#settle(ended));
    this.#lookAgain();
  }

  get running(): boolean {
    return this.exit === null;
  }

  get runtimeMs(): number {
    return Math.max(0, (this.exit?.at ?? Date.now()) - this.startedAt);
  }

  /** From now on new output goes to `watcher`; null ends that. One watcher at a time. */
  watch(watcher: ((text: string) => void) | null): void {
    this.#watcher = watcher;
    this.#lookAgain();
  }

  async output(): Promise<RenderedOutput> {
    await this.#tail.readNew();
    return this.#output.render();
  }

  async #settle(ended: Omit<ExitStatus, "at">): Promise<ExitStatus> {
    const at = Date.now();
    await this.#look();
    this.exit = { ...ended, error: this.#overflowed ? overflowWords : ended.error, at };
    return this.exit;
  }

  /** Keeps reading while anybody of the group may still write. */
  #lookAgain(): void {
    if (this.#timer) clearTimeout(this.#timer);
    const wait = this.#watcher ? WATCHED_LOOK_MS : UNWATCHED_LOOK_MS;
    this.#timer = setTimeout(() => {
      void this.#look().then(async () => {
        if (this.running || (await this.group.lives())) this.#lookAgain();
        else this.over = true;
      });
    }, wait);
  }

  /** Never rejects: a disk that fails costs output, not the command. */
  async #look(): Promise<void> {
    try {
      await this.#tail.readNew();
    } catch (error) {
      say(`output of ${this.id} cannot be read: ${wordsOf(error)}`);
    }
    if (this.#tail.position > OUTPUT_FILE_MAX_BYTES && !this.#overflowed) {
      this.#overflowed = true;
      this.group.signal("SIGKILL");
    }
  }
}

const overflowWords = `Ended, because it wrote more than ${OUTPUT_FILE_MAX_BYTES / 1024 / 1024} MiB of output.`;
