import { AnswerTooLong } from "../answer-limit.ts";

/**
 * Adapters hold an event of a stream in memory until the empty line after it, of 128 MB for everything. The
 * longest real ones repeat a whole answer.
 */
const EVENT_MAX_BYTES = 8 * 1024 * 1024;
/** Refusals are read whole before they are looked at. */
const REFUSAL_MAX_BYTES = 256 * 1024;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** The provider could not be reached, or the connection broke while it answered. */
export class ConnectionFailed extends Error {
  constructor(cause: unknown) {
    super("The connection to the provider failed", { cause });
    this.name = "ConnectionFailed";
  }
}

/**
 * The `fetch` that adapters are given. It reports every chunk of bytes, since keep-alives are life that
 * the adapters swallow; it follows no redirect, which could lead a key to a foreign or private host; it
 * reads no more than fits into memory; and it names failures of the connection, whose errors differ
 * between runtimes.
 */
export function providerFetch(onBytes: () => void): typeof fetch {
  return async function fetchFromProvider(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const signal = init?.signal ?? null;
    const response = await fetch(input, { ...init, redirect: "manual" }).catch((error: unknown) => {
      throw signal?.aborted ? error : new ConnectionFailed(error);
    });
    if (response.body === null) return response;
    const { status, statusText, headers } = response;
    const limit = response.ok ? eventLimit() : lengthLimit(REFUSAL_MAX_BYTES);
    return new Response(counted(response.body, onBytes, limit, signal), { status, statusText, headers });
  };
}

/** Takes the next bytes of a body and answers those that may pass; null = none from here on. Throws AnswerTooLong. */
type Limit = (chunk: Uint8Array) => Uint8Array | null;

function counted(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void,
  limit: Limit,
  signal: AbortSignal | null,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        onBytes();
        const passing = limit(value);
        if (passing !== null) return controller.enqueue(passing);
        controller.close();
        await reader.cancel();
      } catch (error) {
        if (error instanceof AnswerTooLong) void reader.cancel(error);
        const known = signal?.aborted || error instanceof AnswerTooLong;
        controller.error(known ? error : new ConnectionFailed(error));
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** Throws when an event of a stream does not end. Looks at lines, not at bytes: it stands before every token. */
function eventLimit(): Limit {
  let sinceEmptyLine = 0;
  let lineIsEmpty = true;
  return (chunk) => {
    let lineStart = 0;
    let eventStart = 0;
    for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, lineStart)) {
      if (lineIsEmpty && isBlank(chunk, lineStart, at)) {
        sinceEmptyLine = 0;
        eventStart = at + 1;
      }
      lineIsEmpty = true;
      lineStart = at + 1;
    }
    lineIsEmpty &&= isBlank(chunk, lineStart, chunk.byteLength);
    sinceEmptyLine += chunk.byteLength - eventStart;
    if (sinceEmptyLine > EVENT_MAX_BYTES) throw new AnswerTooLong("sent a piece of its answer that did not end");
    return chunk;
  };
}

/** Nothing, or the first half of a line's end. */
function isBlank(chunk: Uint8Array, from: number, to: number): boolean {
  return to === from || (to === from + 1 && chunk[from] === CARRIAGE_RETURN);
}

/** Lets so many bytes pass and no more. */
function lengthLimit(maxBytes: number): Limit {
  let left = maxBytes;
  return (chunk) => {
    if (left <= 0) return null;
    const passing = chunk.subarray(0, left);
    left -= chunk.byteLength;
    return passing;
  };
}
