import { it } from "vitest";

/** What a test of a fault has asserted, as the table at the end of the run shows it. */
export interface FaultOutcome {
  fault: string;
  /** How the turn, or whatever was hit, ended. Null: it was not seen to end. */
  ended: string | null;
  lost: Verdict;
  twice: Verdict;
  /** From the blow to the end. */
  seconds: number | null;
}
/** `unproven`: the test did not come so far. */
export type Verdict = "nothing" | "something" | "unproven";

declare module "vitest" {
  interface TaskMeta {
    fault?: FaultOutcome;
  }
}

/** A test says here what it proves, and the table shows no more than that. */
export interface Proof {
  /** The blow falls now, or fell at that time: the clock runs from here. */
  struck(at?: number): void;
  /** Waits for the end, which `inWords` names for the table. */
  ends<T>(end: Promise<T>, inWords: (ended: T) => string): Promise<T>;
  nothingLost(assertions: () => Promise<void> | void): Promise<void>;
  nothingTwice(assertions: () => Promise<void> | void): Promise<void>;
}

export function itSurvives(fault: string, run: (proof: Proof) => Promise<void>): void {
  it(fault, async ({ task }) => {
    const outcome: FaultOutcome = { fault, ended: null, lost: "unproven", twice: "unproven", seconds: null };
    task.meta.fault = outcome;
    let struckAt = Date.now();
    const verdictOf = async (assertions: () => Promise<void> | void, mark: (verdict: Verdict) => void) => {
      mark("something");
      await assertions();
      mark("nothing");
    };
    await run({
      struck: (at = Date.now()) => void (struckAt = at),
      async ends(end, inWords) {
        const ended = await end;
        outcome.ended = inWords(ended);
        outcome.seconds = (Date.now() - struckAt) / 1_000;
        return ended;
      },
      nothingLost: (assertions) => verdictOf(assertions, (verdict) => (outcome.lost = verdict)),
      nothingTwice: (assertions) => verdictOf(assertions, (verdict) => (outcome.twice = verdict)),
    });
  });
}
