import { backoff } from "../../platform/jobs.ts";

/** After so many failed calls without progress a turn ends in error. */
export const FAILURES_MAX = 10;
/** After so many lost instances without a checkpoint it does, too: a prompt that kills the object is not paid for for ever. */
export const RECOVERIES_MAX = 5;
const FIRST_MS = 1_000;
const LAST_MS = 60_000;
/** A provider may ask for longer, but not for ever. */
const RETRY_AFTER_MAX_MS = 10 * 60_000;

/**
 * Milliseconds until the next attempt: doubling from 1 s to 60 s, with a jitter of up to half, and not
 * before the provider wants to be asked again. `failures` counts from 1, `random` is in [0, 1).
 */
export function retryDelayMs(failures: number, random: number, retryAfterMs: number | null): number {
  const delay = backoff(failures, FIRST_MS, LAST_MS);
  const jittered = Math.round(delay * (0.5 + random / 2));
  return Math.max(jittered, Math.min(retryAfterMs ?? 0, RETRY_AFTER_MAX_MS));
}
