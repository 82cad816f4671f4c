import type { Phase } from "../../../src/chats/engine/turn-phase.ts";
import type { FaultGround } from "../support/fault-ground.ts";
import type { Proof } from "../support/proof.ts";

/** Brings a chat of its own to a place in its turn, at which the Worker will be killed. */
export type BringThere = (ground: FaultGround) => Promise<Aftermath>;

export interface Aftermath {
  chatId: string;
  /** What the chat's storage says at that place. Null: there is no chat in it yet. */
  phase: Phase | null;
  /** What happens in the world while there is no Worker. */
  whileAway?(): Promise<void> | void;
  /** What must be true after the Worker has come back. */
  prove(proof: Proof): Promise<void>;
}
