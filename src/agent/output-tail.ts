import { open } from "node:fs/promises";
import { TextCleaner } from "./clean-text.ts";

const CHUNK_BYTES = 1024 * 1024;

/**
 * Follows the file that a command writes its output into. A file, not a pipe: stdout and stderr keep their
 * order, and a command never blocks on the agent or dies with it.
 */
export class OutputTail {
  readonly #path: string;
  readonly #onText: (text: string) => void;
  readonly #decoder = new TextDecoder();
  readonly #cleaner = new TextCleaner();
  #position = 0;
  #reading: Promise<void> = Promise.resolve();

  constructor(path: string, onText: (text: string) => void) {
    this.#path = path;
    this.#onText = onText;
  }

  /** Bytes seen so far. */
  get position(): number {
    return this.#position;
  }

  /** Reads all that is there now; calls at the same time read one after the other. */
  readNew(): Promise<void> {
    const next = this.#reading.then(() => this.#readToEnd());
    this.#reading = next.catch(() => undefined); // The caller gets the error; the next read starts fresh.
    return next;
  }

  async #readToEnd(): Promise<void> {
    const file = await open(this.#path, "r");
    try {
      const { size } = await file.stat();
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(1, size - this.#position)));
      while (this.#position < size) {
        const { bytesRead } = await file.read(chunk, 0, chunk.length, this.#position);
        if (bytesRead === 0) return;
        this.#position += bytesRead;
        const text = this.#cleaner.clean(this.#decoder.decode(chunk.subarray(0, bytesRead), { stream: true }));
        if (text !== "") this.#onText(text);
      }
    } finally {
      await file.close();
    }
  }
}
