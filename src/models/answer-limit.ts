import type { ModelEvent } from "../chats/engine/ports.ts";

/** An answer is stored as one value, of which the platform takes 2 MB at most; half is for all that stands beside. */
const ANSWER_MAX_BYTES = 900_000;
/** The workspace is asked about 200 calls at a time; nobody reads the results of so many. */
const ANSWER_MAX_CALLS = 128;

const MAX_CAUSES = 5;

const encoder = new TextEncoder();

/** The provider sends more than an answer may hold. The message says what, to go after the provider's name. */
export class AnswerTooLong extends Error {}

/** The AnswerTooLong behind a failure, which adapters may have put into errors of their own. */
export function tooLongBehind(error: unknown): AnswerTooLong | null {
  let current = error;
  for (let layer = 0; layer < MAX_CAUSES && current instanceof Error; layer++) {
    if (current instanceof AnswerTooLong) return current;
    current = current.cause;
  }
  return null;
}

/** Takes an answer's events one after the other. Throws AnswerTooLong when they become more than can be stored. */
export function answerLimit(): (event: ModelEvent) => void {
  let bytes = 0;
  let calls = 0;
  const argumentsSoFar = new Map<string, number>();
  return (event) => {
    bytes += bytesOf(event, argumentsSoFar);
    if (event.type === "tool-call-start") calls += 1;
    if (calls > ANSWER_MAX_CALLS) throw new AnswerTooLong(`called more than ${ANSWER_MAX_CALLS} tools at once`);
    if (bytes > ANSWER_MAX_BYTES) throw new AnswerTooLong("wrote more than a chat can store in one answer, 0.9 MB");
  };
}

/** What an event adds to the stored answer. Arguments count as they come; the whole call counts what it adds to them. */
function bytesOf(event: ModelEvent, argumentsSoFar: Map<string, number>): number {
  switch (event.type) {
    case "text-delta":
    case "reasoning-delta":
      return jsonBytes(event.text);
    case "reasoning-end":
      return jsonBytes(event.providerMetadata ?? null);
    case "tool-call-start":
      return jsonBytes(event.toolName);
    case "tool-call-delta": {
      const bytes = jsonBytes(event.argsDelta);
      argumentsSoFar.set(event.key, (argumentsSoFar.get(event.key) ?? 0) + bytes);
      return bytes;
    }
    case "tool-call": {
      const counted = argumentsSoFar.get(event.key) ?? 0;
      return Math.max(0, argumentBytes(event.argsText) - counted) + jsonBytes(event.providerMetadata ?? null);
    }
    case "source":
      return jsonBytes(event);
    case "finish":
      return 0;
  }
}

/** Arguments are stored as what they say: `1e20` takes four letters to write and 21 to store. */
function argumentBytes(text: string): number {
  try {
    return Math.max(jsonBytes(text), jsonBytes(JSON.parse(text)));
  } catch {
    return jsonBytes(text); // No JSON, or too deep to be written: it is refused later, in words for the model.
  }
}

/** Letters that JSON writes as they are, in one byte each: most of what most models say. */
const PLAIN = /^[ !#-[\]-~]*$/;

function jsonBytes(value: unknown): number {
  if (typeof value === "string" && PLAIN.test(value)) return value.length + 2;
  return encoder.encode(JSON.stringify(value)).byteLength;
}
