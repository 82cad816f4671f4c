import { recomputeResponse, type RecomputeResponse } from "../../../../src/contract/usage.ts";
import { post } from "../../api/client.ts";

/** What pricing past calls did, or would do. */
export interface Repriced {
  examined: number;
  changed: number;
  newlyPriced: number;
  costBeforeMicros: number;
  costAfterMicros: number;
  /** Chats that could not be told. */
  untold: number;
}

export interface RepriceOptions {
  modelId: string;
  start: string;
  end: string;
  onlyUnpriced: boolean;
  dryRun: boolean;
}

const NOTHING: Repriced = {
  examined: 0,
  changed: 0,
  newlyPriced: 0,
  costBeforeMicros: 0,
  costAfterMicros: 0,
  untold: 0,
};

/** Goes through all of the range, a piece at a time, and tells how far it has come. Throws when a piece fails. */
export async function reprice(options: RepriceOptions, onProgress: (soFar: Repriced) => void): Promise<Repriced> {
  let sum = NOTHING;
  let cursor: string | null = null;
  do {
    const piece: RecomputeResponse = await post(
      "/chats/cost/recompute",
      {
        model_config_id: options.modelId,
        start_date: options.start,
        end_date: options.end,
        only_unpriced: options.onlyUnpriced,
        dry_run: options.dryRun,
        cursor,
      },
      recomputeResponse,
    );
    sum = {
      examined: sum.examined + piece.examined,
      changed: sum.changed + piece.changed,
      newlyPriced: sum.newlyPriced + piece.newly_priced,
      costBeforeMicros: sum.costBeforeMicros + piece.cost_before_micros,
      costAfterMicros: sum.costAfterMicros + piece.cost_after_micros,
      untold: sum.untold + piece.untold_chat_count,
    };
    onProgress(sum);
    cursor = piece.cursor;
  } while (cursor !== null);
  return sum;
}
