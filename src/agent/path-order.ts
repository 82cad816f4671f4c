/**
 * Work on one path runs in the order in which it was asked for, work on different paths side by side. What a
 * path really names is known only after a look at the disk, so those looks are taken in order too.
 */
export class PathOrder {
  /** The newest work of each path; entries go when nothing waits. */
  readonly #newest = new Map<string, Promise<void>>();
  #lookups: Promise<void> = Promise.resolve();

  /** `keys` names what the work touches; a rejection of it or of `work` is the caller's alone. */
  async run<T>(keys: () => Promise<string[]>, work: () => Promise<T>): Promise<T> {
    const place = this.#lookups.then(async () => this.#enqueue(await keys()));
    this.#lookups = place.then(ignore, ignore);
    const { before, finish } = await place;
    try {
      await before;
      return await work();
    } finally {
      finish();
    }
  }

  #enqueue(keys: string[]): { before: Promise<unknown>; finish: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = Promise.all(keys.map((key) => this.#newest.get(key) ?? Promise.resolve()));
    for (const key of keys) this.#newest.set(key, promise);
    const finish = () => {
      resolve();
      for (const key of keys) if (this.#newest.get(key) === promise) this.#newest.delete(key);
    };
    return { before, finish };
  }
}

function ignore(): void {
  // The next in line waits for the end, however it came.
}
