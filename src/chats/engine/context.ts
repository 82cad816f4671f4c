import type { Clock } from "../../platform/clock.ts";
import type { Jobs } from "../../platform/jobs.ts";
import type { ObjectStorage } from "../../platform/object-storage.ts";
import type { Answer } from "./answer.ts";
import type { Fanout } from "./fanout.ts";
import type { EnginePorts, ResolvedModel } from "./ports.ts";
import type { Previews } from "./previews.ts";
import type { Stamps } from "./stamps.ts";
import type { ChatStream } from "./stream.ts";

/** What the rules of a chat work on: its storage, its viewers and the ports. */
export interface ChatContext {
  storage: ObjectStorage;
  clock: Clock;
  /** 0 ≤ n < 1, for jitter. */
  random: () => number;
  ports: EnginePorts;
  jobs: Jobs;
  stamps: Stamps;
  previews: Previews;
  fanout: Fanout;
  stream: ChatStream;
  /** The one promise that this instance holds open. Null in every phase but `streaming`. */
  modelCall: ModelCall | null;
  /** Looks at the phase in storage and does what is due. Every event ends with it. */
  advance(): void;
  /** Starts work that nobody awaits; a failure is logged. */
  background(name: string, work: () => Promise<void>): void;
  /** Somebody waits for this: a drain that begins meanwhile lets it go first, for a moment. */
  goFirst(work: Promise<unknown>): void;
  /** Tells D1 and the owner's object what is due; one drain at a time. */
  drain(): Promise<void>;
  /** Fault tests stop the object here. */
  barrier(name: Barrier): Promise<void>;
}

/** The moments in a turn at which the loss of the object would show a mistake. */
export type Barrier = "streaming" | "closed" | "dispatched" | "compacting";

/** A model call of this instance. It may write while the turn's fence is still its own. */
export interface ModelCall {
  fence: number;
  messageId: number;
  attempt: number;
  controller: AbortController;
  answer: Answer;
  model: ResolvedModel | null;
  /** Names the money that is set aside for it; null where nothing limits the owner. */
  hold: string | null;
}
