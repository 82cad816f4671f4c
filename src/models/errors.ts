import { AISDKError, APICallError, LoadAPIKeyError } from "@ai-sdk/provider";
import { z } from "zod";
import { ModelError } from "../chats/engine/ports.ts";
import type { ModelErrorKind, TokenUsage } from "../contract/models.ts";
import type { Clock } from "../platform/clock.ts";
import { Problem } from "../platform/problem.ts";
import { ConnectionFailed } from "./adapters/provider-fetch.ts";
import type { AnswerTooLong } from "./answer-limit.ts";

/** Whose call failed, for the words and for what must not be in them. */
export interface FailedCall {
  provider: string;
  displayName: string;
  model: string;
  apiKey: string;
  signal: AbortSignal;
  clock: Clock;
  /** What the provider had reported before it failed. */
  usage: TokenUsage | null;
}

/** A failure as far as the provider told it. */
interface Failure {
  status: number | null;
  /** What the provider said, and its codes; only ever matched or quoted redacted. */
  text: string;
  retryAfterMs: number | null;
}

interface Verdict {
  kind: ModelErrorKind;
  retryable: boolean;
  /** What happened and what to do about it. */
  words: string;
}

const CONTEXT_LENGTH =
  /context[ _](length|window)|prompt is too long|maximum context|input is too long|too many (input )?tokens|reduce the length|exceeds? the (available |maximum )?(context|number of tokens)/i;
const NO_CREDIT = /insufficient_quota|exceeded your current quota|credit balance|billing|payment required/i;
const OVERLOADED = /overloaded|over capacity|at capacity/i;
const RATE_LIMIT = /rate.?limit|too many requests/i;
const UNKNOWN_MODEL =
  /model.{0,80}(not found|does not exist|not exist|unknown)|(unknown|invalid) model|not_found_error/i;
const BAD_KEY =
  /authentication|unauthorized|invalid.{0,5}api.?key|incorrect api key|invalid x-api-key|api key not valid/i;
/** Longer messages of providers are cut: they quote whole requests at times. */
const QUOTE_MAX_CHARACTERS = 300;

/** Any failure of a model call as a ModelError in plain words that name the provider and what to do. */
export function modelErrorFrom(error: unknown, call: FailedCall): ModelError {
  if (error instanceof ModelError) return error;
  if (call.signal.aborted) return abortedCall(call);
  const failure = failureFrom(error, call.clock);
  return toModelError(failure === null ? unexplained(error, call) : judge(failure, call), failure, error, call);
}

/** The provider ended its answer without finishing it. */
export function cutStream(call: FailedCall): ModelError {
  const verdict = networkVerdict(call, "ended its answer in the middle");
  return toModelError(verdict, null, undefined, call);
}

/** The provider finished without having said or called anything. */
export function emptyAnswer(call: FailedCall): ModelError {
  const words = `${call.displayName} gave an empty answer. Try again, or choose another model.`;
  return toModelError({ kind: "generic", retryable: true, words }, null, undefined, call);
}

/** The provider wrote more than can be kept; it would do so again. */
export function tooLongAnswer(error: AnswerTooLong, call: FailedCall): ModelError {
  const words = `${call.displayName} ${error.message}. Ask for less at a time.`;
  return toModelError({ kind: "generic", retryable: false, words }, null, error, call);
}

/** Something in the setup keeps the call from being made at all. */
export function misconfigured(provider: string | null, words: string, cause?: unknown): ModelError {
  return new ModelError({ kind: "config", provider, status: null, retryable: false, message: words }, { cause });
}

/** No model is called in the name of somebody who was suspended or deleted, whoever writes in their chat. */
export function ownerMayNotAct(): ModelError {
  const message = "Whose chat this is may not use Tideline any more, so no model is called for it.";
  return new ModelError({ kind: "generic", provider: null, status: null, retryable: false, message });
}

function abortedCall(call: FailedCall): ModelError {
  // Whoever aborts may say why: a watchdog that gave up, not a person who pressed stop.
  if (call.signal.reason instanceof ModelError) return call.signal.reason;
  const words = `The call to ${call.displayName} was stopped.`;
  return toModelError({ kind: "aborted", retryable: false, words }, null, undefined, call);
}

function toModelError(verdict: Verdict, failure: Failure | null, cause: unknown, call: FailedCall): ModelError {
  return new ModelError(
    {
      kind: verdict.kind,
      provider: call.provider,
      status: failure?.status ?? null,
      retryable: verdict.retryable,
      message: verdict.words,
    },
    { cause: causeOf(cause, call), retryAfterMs: failure?.retryAfterMs ?? null, usage: call.usage },
  );
}

/** The cause for the log: an APICallError carries headers and the whole prompt, so only its words go on. */
function causeOf(cause: unknown, call: FailedCall): string | undefined {
  if (cause === undefined) return undefined;
  return quote(cause instanceof Error ? `${cause.name}: ${cause.message}` : describe(cause), call);
}

function judge(failure: Failure, call: FailedCall): Verdict {
  const { status, text } = failure;
  const name = call.displayName;
  if (NO_CREDIT.test(text) || status === 402) {
    const words = `The ${name} account has no credit or quota left. Add credit there, or choose another model.`;
    return { kind: "config", retryable: false, words };
  }
  if (CONTEXT_LENGTH.test(text) && (status === null || status < 500)) {
    const words = `The chat has grown longer than ${call.model} can read. Start a new chat, or choose a model with a larger context.`;
    return { kind: "context_length", retryable: false, words };
  }
  const byStatus = status === null ? undefined : judgeStatus(status, failure, call);
  return byStatus ?? judgeText(failure, call);
}

function judgeStatus(status: number, { text }: Failure, call: FailedCall): Verdict | undefined {
  const name = call.displayName;
  if (status === 401 || status === 403) return authVerdict(call);
  if (status === 404) return unknownModelVerdict(call);
  if (status === 408 || status === 504) {
    return { kind: "timeout", retryable: true, words: `${name} took too long to answer.` };
  }
  if (status === 429) return rateLimitVerdict(call);
  if (status === 503 || status === 529 || (status >= 500 && OVERLOADED.test(text))) return overloadedVerdict(call);
  if (status >= 500) {
    return { kind: "generic", retryable: true, words: `${name} had a fault on its side (status ${status}).` };
  }
  if (status >= 300 && status < 400) {
    const words = `The address set for ${name} redirects elsewhere (status ${status}). Set the final address in Settings, Providers.`;
    return { kind: "config", retryable: false, words };
  }
  if (status >= 400) {
    if (BAD_KEY.test(text)) return authVerdict(call);
    if (UNKNOWN_MODEL.test(text)) return unknownModelVerdict(call);
    const words = `${name} did not accept the request (status ${status})${quoted(text, call)}`;
    return { kind: "bad_request", retryable: false, words };
  }
  return undefined;
}

/** Errors inside a stream often carry no status. */
function judgeText({ text }: Failure, call: FailedCall): Verdict {
  if (OVERLOADED.test(text)) return overloadedVerdict(call);
  if (RATE_LIMIT.test(text)) return rateLimitVerdict(call);
  if (BAD_KEY.test(text)) return authVerdict(call);
  if (UNKNOWN_MODEL.test(text)) return unknownModelVerdict(call);
  return {
    kind: "generic",
    retryable: true,
    words: `${call.displayName} reported an error while it answered${quoted(text, call)}`,
  };
}

/** What no provider said: the connection, the adapter or the stream itself. */
function unexplained(error: unknown, call: FailedCall): Verdict {
  if (error instanceof Problem) {
    return {
      kind: "config",
      retryable: false,
      words: `The address set for ${call.displayName} may not be called. ${error.detail ?? error.title}`,
    };
  }
  if (error instanceof ConnectionFailed || (APICallError.isInstance(error) && causedByConnection(error))) {
    return networkVerdict(call, "could not be reached, or the connection broke");
  }
  if (LoadAPIKeyError.isInstance(error)) {
    const words = `${call.displayName} has no API key. Set one in Settings, Providers.`;
    return { kind: "config", retryable: false, words };
  }
  // What the adapter could not read: broken JSON, a shape that it does not know, a body that is missing.
  const words = AISDKError.isInstance(error)
    ? `${call.displayName} sent an answer that could not be read.`
    : `The call to ${call.displayName} failed in an unexpected way.`;
  return { kind: "generic", retryable: true, words };
}

function networkVerdict(call: FailedCall, what: string): Verdict {
  const words = `${call.displayName} ${what}. Check its address and the network if this goes on.`;
  return { kind: "network", retryable: true, words };
}

function authVerdict(call: FailedCall): Verdict {
  const words = `${call.displayName} did not accept the API key. Check the key in Settings, Providers, and that it may use ${call.model}.`;
  return { kind: "auth", retryable: false, words };
}

function rateLimitVerdict(call: FailedCall): Verdict {
  return { kind: "rate_limit", retryable: true, words: `${call.displayName} limits how often it may be called.` };
}

function overloadedVerdict(call: FailedCall): Verdict {
  return { kind: "overloaded", retryable: true, words: `${call.displayName} is overloaded right now.` };
}

function unknownModelVerdict(call: FailedCall): Verdict {
  const words = `${call.displayName} does not know the model ${call.model} at this address. Check the model's name in Settings, Models, and the address in Settings, Providers.`;
  return { kind: "config", retryable: false, words };
}

/** What adapters throw or put into a stream when the provider told of an error. */
const streamError = z.object({
  message: z.string(),
  type: z.string().nullish().catch(null),
  code: z.union([z.string(), z.number()]).nullish().catch(null),
  statusCode: z.int().nullish().catch(null),
});

function failureFrom(error: unknown, clock: Clock): Failure | null {
  if (APICallError.isInstance(error)) {
    if (error.statusCode === undefined) return null;
    // A 2xx here is a stream whose beginning could not be read.
    if (error.statusCode < 300) return null;
    return {
      status: error.statusCode,
      text: textOf(error),
      retryAfterMs: retryAfterMs(error.responseHeaders ?? {}, clock),
    };
  }
  if (error instanceof Error) return null;
  const reported = streamError.safeParse(error).data;
  if (reported === undefined) return null;
  const code = Number(reported.code);
  const status = reported.statusCode ?? (Number.isInteger(code) && code >= 400 && code < 600 ? code : null);
  return {
    status,
    text: [reported.message, reported.type ?? "", String(reported.code ?? "")].join(" ").trim(),
    retryAfterMs: null,
  };
}

/** The message and the codes beside it, which tell classes apart where the message does not. */
function textOf(error: APICallError): string {
  const codes = errorCodes.safeParse(error.data).data?.error;
  return [error.message, codes?.type ?? "", codes?.code ?? ""].join(" ").trim();
}

const errorCodes = z.object({
  error: z.object({ type: z.string().nullish().catch(null), code: z.coerce.string().nullish().catch(null) }),
});

function causedByConnection(error: APICallError): boolean {
  return error.statusCode === undefined || error.cause instanceof ConnectionFailed;
}

/** RFC 9110, 10.2.3: seconds or a date; some providers say milliseconds in a header of their own. */
function retryAfterMs(headers: Record<string, string>, clock: Clock): number | null {
  const milliseconds = Number(headers["retry-after-ms"] ?? Number.NaN);
  if (milliseconds >= 0) return Math.ceil(milliseconds);
  const value = headers["retry-after"];
  if (value === undefined) return null;
  const seconds = Number(value);
  if (seconds >= 0) return Math.ceil(seconds * 1000);
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - clock());
}

function quoted(text: string, call: FailedCall): string {
  return text.trim() === "" ? "." : `: ${quote(text, call)}`;
}

/** What a provider said, short, with our key and everything that looks like one hidden. */
function quote(text: string, call: FailedCall): string {
  const withoutKey = call.apiKey === "" ? text : text.replaceAll(call.apiKey, "[hidden]");
  const hidden = withoutKey.replaceAll(/\b(sk|key|pk|rk)-[\w*.-]{6,}|bearer\s+\S+/gi, "[hidden]");
  return hidden.length <= QUOTE_MAX_CHARACTERS ? hidden : `${hidden.slice(0, QUOTE_MAX_CHARACTERS)}…`;
}

function describe(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
}
