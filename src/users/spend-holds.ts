import type { BookedHold, HoldAsk, HoldRefusal } from "../chats/engine/ports.ts";
import type { ObjectMigration } from "../platform/migrator.ts";
import { firstRow, type ObjectStorage } from "../platform/object-storage.ts";
import { exceededOf, type SpendState } from "../usage/limits.ts";

/**
 * Money that is set aside for model calls that are under way. D1 knows what was booked; this knows what is not
 * booked yet, so that calls that begin at the same time do not all see the same money left.
 *
 * A hold counts until the ledger has its call. So at every moment each chat has at most one call that counts for
 * less than it will have cost, and many at once pass the limit by one call each, at most.
 */

export const SPEND_HOLDS_MIGRATION: ObjectMigration = {
  id: "0004_spend_holds",
  statements: [
    `create table spend_holds (
      chat_id text not null,
      hold text not null,
      micros integer not null,
      taken_at integer not null,
      settled_at integer,
      primary key (chat_id, hold)
    ) strict, without rowid`,
  ],
};

/**
 * No call is open for so long: a hold that is older lost its chat, and one that was settled longer ago has nobody
 * left who would take it a second time.
 */
export const HOLD_KEPT_MS = 2 * 60 * 60_000;
/** With so many calls that end while D1 is read, whoever asks may as well come back in a second. */
const READS_MAX = 4;

export interface SpendHolds {
  /** Null: the call may go out. `readSpend` asks D1; null there means that nothing limits this person. */
  take(ask: HoldAsk, clock: () => number, readSpend: () => Promise<SpendState | null>): Promise<HoldRefusal | null>;
  /** The ledger has these calls, or they booked nothing. Repeats and unknown ones change nothing. */
  settle(chatId: string, holds: readonly BookedHold[], now: number): void;
  /** The sum of what is set aside. */
  reserved(now: number): number;
}

/** A read of D1 that has begun. What is settled meanwhile may not be in it, and may be. */
interface Read {
  settledMicros: number;
}

export function createSpendHolds(storage: ObjectStorage): SpendHolds {
  const reads = new Set<Read>();

  function reserved(now: number): number {
    const sum = firstRow(
      storage.exec<{ micros: number }>(
        "select coalesce(sum(micros), 0) as micros from spend_holds where settled_at is null and taken_at > ?",
        now - HOLD_KEPT_MS,
      ),
    );
    return sum?.micros ?? 0;
  }

  async function reading(read: Read, readSpend: () => Promise<SpendState | null>): Promise<SpendState | null> {
    reads.add(read);
    try {
      return await readSpend();
    } catch (error) {
      reads.delete(read);
      throw error;
    }
  }

  return {
    async take(ask, clock, readSpend) {
      for (const { hold, micros } of ask.booked) {
        storage.exec(
          "update spend_holds set micros = ? where chat_id = ? and hold = ? and settled_at is null",
          micros,
          ask.chatId,
          hold,
        );
      }
      for (let left = READS_MAX; ; left -= 1) {
        const read: Read = { settledMicros: 0 };
        const state = await reading(read, readSpend);
        // From here to the insert nothing else happens in this object.
        reads.delete(read);
        if (state === null || isKnown(storage, ask)) return null;
        const now = clock();
        const certain = state.spentMicros + reserved(now);
        if (certain + read.settledMicros < state.limitMicros) {
          insert(storage, ask, now);
          return null;
        }
        // Perhaps only because a call that has just ended was counted twice.
        if (certain < state.limitMicros && left > 1) continue;
        return { ...exceededOf(state, now), held: state.spentMicros < state.limitMicros };
      }
    },

    settle(chatId, holds, now) {
      for (const { hold, micros } of holds) {
        const [settled] = storage.exec(
          `insert into spend_holds (chat_id, hold, micros, taken_at, settled_at) values (?, ?, ?, ?, ?)
           on conflict do update set settled_at = excluded.settled_at where settled_at is null returning 1`,
          chatId,
          hold,
          micros,
          now,
          now,
        );
        if (settled !== undefined) for (const read of reads) read.settledMicros += micros;
      }
      storage.exec("delete from spend_holds where max(taken_at, coalesce(settled_at, 0)) <= ?", now - HOLD_KEPT_MS);
    },

    reserved,
  };
}

/** Taken before, or given up before this arrived: whoever asks is not waiting for the answer any more. */
function isKnown(storage: ObjectStorage, { chatId, hold }: HoldAsk): boolean {
  return storage.exec("select 1 from spend_holds where chat_id = ? and hold = ?", chatId, hold).length > 0;
}

function insert(storage: ObjectStorage, { chatId, hold, micros }: HoldAsk, now: number): void {
  storage.exec(
    "insert into spend_holds (chat_id, hold, micros, taken_at) values (?, ?, ?, ?)",
    chatId,
    hold,
    micros,
    now,
  );
}
