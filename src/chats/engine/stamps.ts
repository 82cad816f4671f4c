import type { ObjectStorage } from "../../platform/object-storage.ts";

/** So many stamps are reserved by one write. */
const RESERVE = 1_000;

/**
 * The chat's one counter. It only grows: the ceiling is written before the first stamp under it is
 * given out, and an instance that starts anew goes on above the ceiling.
 */
export interface Stamps {
  readonly head: number;
  next(): number;
  /**
   * Gives back what was reserved and not used, once all that viewers have seen is stored: an instance
   * that wakes after this has the same head and the same previews.
   */
  release(): void;
}

export function createStamps(storage: ObjectStorage, reservedSeq: number): Stamps {
  let head = reservedSeq;
  let ceiling = reservedSeq;
  return {
    get head() {
      return head;
    },
    next() {
      if (head >= ceiling) {
        ceiling = head + RESERVE;
        storage.exec("update chat set reserved_seq = ?, released = 0", ceiling);
      }
      head += 1;
      return head;
    },
    release() {
      if (ceiling === head) return;
      ceiling = head;
      storage.exec("update chat set reserved_seq = ?, released = 1", ceiling);
    },
  };
}
