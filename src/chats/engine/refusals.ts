import type { Refusal } from "./rpc.ts";

/** One stored value stays under half of the platform's 2 MB. */
export const CONTENT_MAX_LENGTH = 1_000_000;

export const refuse = (refusal: Refusal): { ok: false; refusal: Refusal } => ({ ok: false, refusal });

export function tooLarge(): Refusal {
  return {
    status: 413,
    title: "The message is too large.",
    detail: `A message may have ${CONTENT_MAX_LENGTH.toLocaleString("en")} characters. Put longer texts into a file in the workspace.`,
  };
}

export const ARCHIVED: Refusal = {
  status: 409,
  title: "This chat is archived.",
  detail: "Unarchive it to go on.",
};
