import { firstRow, type ObjectStorage } from "../../platform/object-storage.ts";
import type { Phase } from "./turn-phase.ts";

export interface Turn {
  phase: Phase;
  /** Rises at start, interrupt and recovery: a model call that carries an older one may not write. */
  fence: number;
  steps: number;
  /** The assistant message of the current step, allotted before its first call. */
  message_id: number | null;
  attempt: number;
  /** Failed calls since the last step that closed. */
  failures: number;
  /** Lost instances since the last checkpoint of the current step. */
  recoveries: number;
  step_started_at: number | null;
  model_config_id: string | null;
  /** The model of the call that is open, as JSON: for booking it should its instance be lost. */
  model: string | null;
  /** Set when the call goes out. */
  prompt_tokens_estimate: number | null;
  /** Names the money that is set aside for the call that is open; null where nothing limits the owner. */
  hold: string | null;
  retry_at: number | null;
  interrupting_until: number | null;
  /** How far the summary is, as JSON; see compaction.ts. */
  compaction: string | null;
  /** Summaries in this turn. */
  compactions: number;
}

export function readTurn(storage: ObjectStorage): Turn {
  const turn = firstRow(storage.exec<Turn>("select * from turn"));
  if (turn === null) throw new Error("The chat has no turn row.");
  return turn;
}

export function writeTurn(storage: ObjectStorage, change: Partial<Turn>): void {
  const names = Object.keys(change);
  storage.exec(`update turn set ${names.map((name) => `${name} = ?`).join(", ")}`, ...Object.values(change));
}
