import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Phase } from "../../src/chats/engine/turn-phase.ts";
import { acceptingPhases } from "./phases/accepting.ts";
import { answeringPhases } from "./phases/answering.ts";
import { callingPhases } from "./phases/calling.ts";
import { delegatingPhases } from "./phases/delegating.ts";
import { passingPhases } from "./phases/passing.ts";
import type { Aftermath } from "./phases/phase.ts";
import { layFaultGround, type FaultGround } from "./support/fault-ground.ts";
import { readPhases } from "./support/object-files.ts";
import { itSurvives } from "./support/proof.ts";

// One SIGKILL to the Worker's process group, while a chat stands in every phase that a turn has. Nobody watches and
// nobody asks: each of them ends its turn by itself, does nothing twice and pays for nothing twice.

const places = { ...acceptingPhases, ...answeringPhases, ...callingPhases, ...delegatingPhases, ...passingPhases };

/** Whether a killed Worker may leave a turn there; whoever adds a phase has to say so, and to bring a chat there. */
const REACHED: Record<Phase, boolean> = {
  idle: true,
  // Written and left in one event, which the platform stores whole or not at all (`turn.test.ts` has it all the same).
  pending: false,
  streaming: true,
  compacting: true,
  waiting_tools: true,
  backoff: true,
  interrupting: true,
};

let ground: FaultGround;
let struckAt: number;
let phases: Map<string, string>;
const aftermaths = new Map<string, Aftermath>();

beforeAll(async () => {
  ground = await layFaultGround();
  for (const [place, bring] of Object.entries(places)) aftermaths.set(place, await bring(ground));
  await ground.killWorker();
  struckAt = Date.now();
  phases = readPhases(ground);
  for (const { whileAway } of aftermaths.values()) await whileAway?.();
  await ground.revive();
});
afterAll(() => ground?.remove());

describe("the Worker is killed", { concurrent: true }, () => {
  for (const place of Object.keys(places)) {
    itSurvives(`Worker killed, ${place}`, async (proof) => {
      const aftermath = aftermaths.get(place);
      if (aftermath === undefined) throw new Error("No chat was brought there.");
      expect(phases.get(aftermath.chatId) ?? null).toBe(aftermath.phase);
      proof.struck(struckAt);
      await aftermath.prove(proof);
    });
  }

  it("in every phase in which a turn can be found", () => {
    const reached = Object.entries(REACHED).flatMap(([phase, can]) => (can ? [phase] : []));
    expect([...new Set(phases.values())].toSorted()).toEqual(reached.toSorted());
  });
});
