import type { ContestantName } from "./contestants/contestant.ts";
import type { ListTime } from "./figures/lists.ts";
import type { Pace } from "./figures/pace.ts";
import type { Resume } from "./figures/resume.ts";
import type { StepCost } from "./figures/step-cost.ts";

/** What the bench asks of its client, and what it gets for it. */

export interface Target {
  name: ContestantName;
  url: string;
  upstream: string;
  group: number;
  /** "" where nobody sets anything up. */
  setupToken: string;
}

export type Measurement =
  | { kind: "throughput"; sockets: number; tokens: number }
  | { kind: "manyChats"; chats: number; tokens: number }
  | { kind: "firstToken"; turns: number }
  | { kind: "pace"; sockets: number; tokens: number; perSecond: number }
  | { kind: "resume"; parts: number; repeats: number }
  | { kind: "child"; children: number }
  | { kind: "slowReaders"; sockets: number; turns: number; tokens: number }
  | { kind: "stepCost"; messages: number; steps: number }
  | { kind: "lists"; rows: number; pages: number }
  | { kind: "fillLedger"; rows: number }
  | { kind: "ledger"; summaries: number };

/** What each kind of measurement answers. */
export interface Answers {
  throughput: number;
  manyChats: number;
  firstToken: number;
  pace: Pace;
  resume: Resume;
  child: number;
  slowReaders: number;
  stepCost: StepCost;
  lists: ListTime;
  fillLedger: number;
  ledger: number;
}

export interface Task {
  target: Target;
  measurement: Measurement;
}

export type Outcome = { value: unknown } | { error: string };
