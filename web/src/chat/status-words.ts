import type { LastErrorDetail } from "../../../src/contract/chats.ts";
import type { ModelErrorKind } from "../../../src/contract/models.ts";
import type { RetryState } from "../../../src/contract/stream.ts";
import type { Timeline } from "../../../src/contract/timeline.ts";
import { resetMoment } from "../usage/limit-words.ts";
import { ticking } from "./words.ts";

/** How the tideline looks; the words beside it say the same. */
export type Tide = "still" | "moving" | "waiting" | "failed";

export interface StatusWords {
  readonly tide: Tide;
  readonly words: string;
}

/** `startedAt`: when the turn began on this machine's clock, in epoch milliseconds, or null. */
export function statusWords(timeline: Timeline, startedAt: number | null, now: number): StatusWords {
  switch (timeline.status) {
    case "pending":
      return { tide: "moving", words: "Starting…" };
    case "running": {
      const retry = timeline.retry;
      if (retry !== null) {
        const left = Math.max(0, Math.ceil((Date.parse(retry.retrying_at) - now) / 1_000));
        const reason = retryReason(retry.error);
        return { tide: "moving", words: `${left > 0 ? `Retrying in ${left} s` : "Retrying"} (${reason})` };
      }
      return { tide: "moving", words: startedAt === null ? "Working" : `Working · ${ticking(now - startedAt)}` };
    }
    case "interrupting":
      return { tide: "moving", words: "Stopping…" };
    case "requires_action":
      return { tide: "waiting", words: "Waiting for you" };
    case "error":
      return { tide: "failed", words: explainError(timeline.lastErrorDetail, timeline.lastError).title };
    case "waiting":
    case "paused":
    case "completed":
      return { tide: "still", words: "Ready" };
  }
}

export interface Explanation {
  /** What happened. */
  readonly title: string;
  /** The provider's or our own words, where they add something. */
  readonly detail: string | null;
  /** What is safe and what to do. */
  readonly advice: string;
  /** Where the cause can be changed. */
  readonly settings: "providers" | "models" | null;
}

const explanations: Record<ModelErrorKind, Omit<Explanation, "detail">> = {
  auth: {
    title: "The provider refused the key",
    advice: "Check the provider's key, then send your message again.",
    settings: "providers",
  },
  rate_limit: {
    title: "The provider's rate limit was reached",
    advice: "Nothing is lost. Wait a moment and send a message to go on, or pick another model.",
    settings: null,
  },
  overloaded: {
    title: "The provider is overloaded",
    advice: "Nothing is lost. Send a message in a while to go on, or pick another model.",
    settings: null,
  },
  context_length: {
    title: "The chat is longer than the model can read",
    advice: "Pick a model with a larger context, or go on in a new chat.",
    settings: null,
  },
  bad_request: {
    title: "The provider did not accept the request",
    advice: "Check the model's settings, or pick another model.",
    settings: "models",
  },
  network: {
    title: "The provider could not be reached",
    advice: "Nothing is lost. Check the provider's address and connection, then send a message to go on.",
    settings: "providers",
  },
  timeout: {
    title: "The provider stopped answering",
    advice: "Nothing is lost. Send a message to go on.",
    settings: null,
  },
  config: {
    title: "The model is not set up",
    advice: "Check the provider and the model, then send your message again.",
    settings: "models",
  },
  aborted: {
    title: "The answer was cut off",
    advice: "Nothing is lost. Send a message to go on.",
    settings: null,
  },
  usage_limit: {
    title: "The spend limit is reached",
    advice: "Nothing is lost. Go on then, or ask an owner of this deployment to raise the limit.",
    settings: null,
  },
  generic: {
    title: "The turn failed",
    advice: "What was said and done so far is safe. Send a message to go on.",
    settings: null,
  },
};

export function explainError(detail: LastErrorDetail | null, lastError: string | null): Explanation {
  const known = explanations[detail?.kind ?? "generic"];
  const limit = detail?.usage_limit;
  // Where more tries would help, what is left is set aside for other answers: the message says so.
  const reached = limit !== undefined && detail?.retryable === false;
  const words = reached ? `The next period begins on ${resetMoment(limit.resets_at)}.` : (detail?.message ?? lastError);
  return { ...known, detail: words === null || words === "" || words === known.title ? null : words };
}

/** The same retry in whole sentences. */
export function retryWords(retry: RetryState, now: number): { reason: string; when: string } {
  const left = Math.max(0, Math.ceil((Date.parse(retry.retrying_at) - now) / 1_000));
  const first = retry.error.trim();
  return {
    reason: first === "" ? "The provider did not answer" : first.replace(/\.$/, ""),
    when:
      left > 0 ? `Trying again in ${left} s (retry ${retry.attempt}).` : `Trying again now (retry ${retry.attempt}).`,
  };
}

/** A retry says its reason in words of its own; they are shortened for the one line it has. */
function retryReason(error: string): string {
  const plain = error.replace(/\.$/, "");
  if (/rate.?limit|429/i.test(plain)) return "rate limit";
  if (/overload|529|503/i.test(plain)) return "overloaded";
  if (/timed? ?out|timeout/i.test(plain)) return "no answer";
  const first = plain.split(/[.:\n]/, 1)[0] ?? plain;
  return first.length > 60 ? `${first.slice(0, 59)}…` : first;
}

/** How full the context is, 0 to 1; null while nothing is known. */
export function contextFill(timeline: Timeline): number | null {
  const tokens = timeline.usage?.context_tokens ?? null;
  const limit = timeline.usage?.context_limit ?? null;
  if (tokens === null || limit === null || limit <= 0) return null;
  return Math.min(1, tokens / limit);
}
