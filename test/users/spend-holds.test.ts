import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HoldAsk } from "../../src/chats/engine/ports.ts";
import type { SpendState } from "../../src/usage/limits.ts";
import { createSpendHolds, HOLD_KEPT_MS, SPEND_HOLDS_MIGRATION } from "../../src/users/spend-holds.ts";
import { createWorld } from "../chats/engine/support.ts";
import { reportCases } from "../support/cases.ts";

/** The object's own table over a real SQLite, beside a ledger that the test writes. */
function createHolds() {
  const { storage } = createWorld();
  for (const statement of SPEND_HOLDS_MIGRATION.statements) storage.exec(statement);
  const now = { ms: Date.UTC(2026, 10, 22) };
  return { holds: createSpendHolds(storage), storage, now, clock: () => now.ms };
}

const limited = (limitMicros: number, spentMicros: number): SpendState => ({
  limitMicros,
  spentMicros,
  source: "default",
  period: "month",
});
const ask = (hold: string, micros: number, chatId = "a"): HoldAsk => ({ chatId, hold, micros, booked: [] });
const figures = { limit_micros: 100, resets_at: "2026-12-01T00:00:00.000Z" };

describe("money set aside for model calls", () => {
  it("lets a call go out while anything is left, and none when nothing is", async () => {
    const { holds, clock } = createHolds();
    const spent = async () => limited(100, 99);
    expect(await holds.take(ask("1", 500), clock, spent)).toBeNull();
    expect(await holds.take(ask("2", 1, "b"), clock, spent)).toEqual({ ...figures, spent_micros: 99, held: true });
    expect(await holds.take(ask("3", 1, "c"), clock, async () => limited(100, 100))).toEqual({
      ...figures,
      spent_micros: 100,
      held: false,
    });
    expect(await holds.take(ask("3", 1, "c"), clock, async () => null)).toBeNull();
    expect(holds.reserved(clock())).toBe(500);
  });

  it("is free again once the ledger has the call; repeats and latecomers change nothing", async () => {
    const { holds, clock } = createHolds();
    const spent = async () => limited(100, 0);
    await holds.take(ask("1", 60), clock, spent);
    await holds.take(ask("1", 60), clock, spent);
    expect(holds.reserved(clock())).toBe(60);
    holds.settle("a", [{ hold: "1", micros: 60 }], clock());
    holds.settle("a", [{ hold: "1", micros: 60 }], clock());
    expect(holds.reserved(clock())).toBe(0);
    // The object that asked was lost, and the next one gave it up before the question arrived.
    holds.settle("a", [{ hold: "2", micros: 0 }], clock());
    expect(await holds.take(ask("2", 60), clock, spent)).toBeNull();
    await holds.take(ask("1", 60), clock, spent);
    expect(holds.reserved(clock())).toBe(0);
  });

  it("counts what a call did cost as soon as its chat asks for the next one", async () => {
    const { holds, clock } = createHolds();
    const spent = async () => limited(100, 0);
    await holds.take(ask("1", 1), clock, spent);
    const next = { ...ask("2", 1), booked: [{ hold: "1", micros: 100 }] };
    expect(await holds.take(next, clock, spent)).toMatchObject({ held: true });
  });

  it("counts a call that ends while D1 is read, whose row that read may have missed", async () => {
    const { holds, clock } = createHolds();
    await holds.take(ask("1", 100), clock, async () => limited(100, 0));
    let reads = 0;
    const refusal = await holds.take(ask("2", 1, "b"), clock, async () => {
      reads += 1;
      // Read before the row was there, answered after it was settled.
      if (reads === 1) holds.settle("a", [{ hold: "1", micros: 100 }], clock());
      return limited(100, reads === 1 ? 0 : 100);
    });
    expect([reads, refusal]).toEqual([2, { ...figures, spent_micros: 100, held: false }]);
  });

  it("reads again before it refuses for a sum that may have been counted twice", async () => {
    const { holds, clock } = createHolds();
    await holds.take(ask("1", 60), clock, async () => limited(100, 0));
    let reads = 0;
    const refusal = await holds.take(ask("2", 1, "b"), clock, async () => {
      reads += 1;
      // The row was there already when D1 was read.
      if (reads === 1) holds.settle("a", [{ hold: "1", micros: 60 }], clock());
      return limited(100, 60);
    });
    expect([reads, refusal]).toEqual([2, null]);
  });

  it("is given up when its chat has been silent for too long", async () => {
    const { holds, storage, now, clock } = createHolds();
    const spent = async () => limited(100, 0);
    await holds.take(ask("1", 100), clock, spent);
    now.ms += HOLD_KEPT_MS;
    expect(await holds.take(ask("2", 1, "b"), clock, spent)).toBeNull();
    holds.settle("b", [{ hold: "2", micros: 1 }], clock());
    now.ms += HOLD_KEPT_MS;
    holds.settle("c", [{ hold: "3", micros: 1 }], clock());
    expect(storage.exec("select hold from spend_holds")).toEqual([{ hold: "3" }]);
  });

  it("passes a failure on and keeps nothing of it", async () => {
    const { holds, clock } = createHolds();
    const away = async () => Promise.reject(new Error("D1 is away."));
    await expect(holds.take(ask("1", 10), clock, away)).rejects.toThrow("D1 is away.");
    expect(holds.reserved(clock())).toBe(0);
  });
});

/** Tries again while there is money that is only set aside, as a turn does. */
const TRIES = 20;

interface Call {
  estimate: number;
  cost: number;
}

/** Chats that call their model, book and settle at the same time, in whatever order the scheduler likes. */
async function spend(scheduler: fc.Scheduler, limit: number, chats: readonly Call[][]) {
  const { holds, clock } = createHolds();
  const ledger: number[] = [];
  const last = new Map<number, number>();
  let refused = 0;
  const background: Promise<void>[] = [];
  const pause = (label: string) => scheduler.schedule(Promise.resolve(), label);
  const sum = () => ledger.reduce((total, cost) => total + cost, 0);

  async function readSpend() {
    await pause("the read is on its way");
    const spent = sum();
    await pause("the answer is on its way");
    return limited(limit, spent);
  }

  async function run(chat: number): Promise<void> {
    let booked: { hold: string; micros: number }[] = [];
    for (const [index, { estimate, cost }] of (chats[chat] ?? []).entries()) {
      const hold = `${index}`;
      for (let tries = 0; ; tries += 1) {
        const refusal = await holds.take({ chatId: `${chat}`, hold, micros: estimate, booked }, clock, readSpend);
        if (refusal === null) break;
        if (!refusal.held || tries === TRIES) {
          refused += 1;
          return;
        }
        await pause("tries again");
      }
      await pause("the model answers");
      last.set(chat, cost);
      const done = { hold, micros: cost };
      booked.push(done);
      background.push(
        (async () => {
          await pause("the row is on its way");
          ledger.push(cost);
          await pause("the settling is on its way");
          holds.settle(`${chat}`, [done], clock());
          booked = booked.filter((entry) => entry !== done);
        })(),
      );
    }
  }

  const running = Promise.all(chats.map((_, chat) => run(chat)));
  await scheduler.waitFor(running);
  await scheduler.waitFor(Promise.all(background));
  const lastCalls = [...last.values()].reduce((total, cost) => total + cost, 0);
  return { total: sum(), lastCalls, refused, reserved: holds.reserved(clock()) };
}

/** Orders that are tried; fast-check fails on the first in which the rule does not hold. */
const RUNS = 300;
const call = fc.record({ estimate: fc.nat(30), cost: fc.nat(60) });
const chatsOfCalls = fc.array(fc.array(call, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 });

describe("calls in whatever order", () => {
  it("pass the limit by the last call of each chat at most, and leave nothing set aside", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 200 }), chatsOfCalls, async (s, limit, chats) => {
        const { total, lastCalls, reserved } = await spend(s, limit, chats);
        expect(total === 0 || total < limit + lastCalls).toBe(true);
        expect(reserved).toBe(0);
      }),
      { numRuns: RUNS },
    );
    reportCases("limits under parallel calls: overshoot", RUNS, []);
  });

  it("are never refused where all of them fit", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), chatsOfCalls, async (s, chats) => {
        const calls = chats.flat();
        const enough = calls.reduce((sum, { estimate, cost }) => sum + Math.max(estimate, cost), 1);
        expect(await spend(s, enough, chats)).toMatchObject({ refused: 0 });
      }),
      { numRuns: RUNS },
    );
    reportCases("limits under parallel calls: false refusals", RUNS, []);
  });
});
