import {
  InvalidResponseDataError,
  type LanguageModelV4FinishReason,
  type LanguageModelV4StreamPart,
  type LanguageModelV4ToolResult,
  type SharedV4ProviderMetadata,
} from "@ai-sdk/provider";
import { z } from "zod";
import type { ModelEvent } from "../chats/engine/ports.ts";
import { json, type Json } from "../contract/common.ts";
import type { TokenUsage } from "../contract/models.ts";
import { isReported, laterUsage, unreportedUsage } from "./usage.ts";

export interface StreamReading {
  parts: ReadableStream<LanguageModelV4StreamPart>;
  signal: AbortSignal;
  readUsage: (raw: Json | undefined) => TokenUsage;
  /** Whether this is what a search of the provider's own found: of one that leaves searches out of its usage. */
  isSearch?: ((found: LanguageModelV4ToolResult) => boolean) | undefined;
  /** What is known so far of the usage: a call that fails in the middle is paid for all the same. */
  onUsage: (usage: TokenUsage) => void;
  /** Throws when an answer becomes more than may be stored. */
  limit?: (event: ModelEvent) => void;
  /** What a failure is told as. */
  inWords?: (error: unknown) => unknown;
}

/** The stream ended before its provider said that it was done. */
export class StreamCut extends Error {}
/** The stream is whole, and holds nothing. */
export class StreamEmpty extends Error {}

/**
 * A provider's stream as ModelEvents. Throws what the stream reports as an error, StreamCut and StreamEmpty, all as
 * `inWords` has them. One generator does it all: each further one would cost every token three promises more.
 */
export async function* toModelEvents(reading: StreamReading): AsyncGenerator<ModelEvent> {
  const { signal } = reading;
  const reader = reading.parts.getReader();
  const translation = startTranslation(reading);
  // Cancelling ends a read that waits, though its source may never notice the abort. A source that has failed
  // already has nothing left to cancel.
  const cancel = () => void reader.cancel(signal.reason).catch(() => undefined);
  signal.addEventListener("abort", cancel, { once: true });
  try {
    while (!translation.ended()) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) throw new StreamCut();
      for (const event of translation.take(value)) {
        reading.limit?.(event);
        yield event;
      }
    }
  } catch (error) {
    throw reading.inWords?.(error) ?? error;
  } finally {
    signal.removeEventListener("abort", cancel);
    cancel();
  }
}

function startTranslation(reading: StreamReading) {
  const calls = openCalls();
  const reasoning = new Map<string, { hasText: boolean; metadata: SharedV4ProviderMetadata }>();
  let usage = unreportedUsage;
  let searches = 0;
  let hasContent = false;
  let ended = false;

  function take(part: LanguageModelV4StreamPart): ModelEvent[] {
    const events: ModelEvent[] = [];
    switch (part.type) {
      case "text-delta":
        if (part.delta === "") break;
        hasContent = true;
        events.push({ type: "text-delta", text: part.delta });
        break;
      case "reasoning-start":
        reasoning.set(part.id, { hasText: false, metadata: part.providerMetadata ?? {} });
        break;
      case "reasoning-delta": {
        const open = reasoning.get(part.id) ?? { hasText: false, metadata: {} };
        reasoning.set(part.id, {
          hasText: open.hasText || part.delta !== "",
          metadata: mergeMetadata(open.metadata, part.providerMetadata),
        });
        if (part.delta !== "") events.push({ type: "reasoning-delta", text: part.delta });
        break;
      }
      case "reasoning-end": {
        const open = reasoning.get(part.id) ?? { hasText: false, metadata: {} };
        reasoning.delete(part.id);
        const providerMetadata = storable(mergeMetadata(open.metadata, part.providerMetadata));
        if (open.hasText || providerMetadata !== undefined) {
          events.push({ type: "reasoning-end", ...(providerMetadata === undefined ? {} : { providerMetadata }) });
        }
        break;
      }
      case "tool-input-start":
        if (part.providerExecuted) break;
        hasContent = true;
        events.push({ type: "tool-call-start", key: calls.start(part.id), toolName: part.toolName });
        break;
      case "tool-input-delta": {
        const key = calls.newest(part.id);
        if (key !== undefined && part.delta !== "")
          events.push({ type: "tool-call-delta", key, argsDelta: part.delta });
        break;
      }
      case "tool-call": {
        // A search that the provider runs itself: what it found comes as sources.
        if (part.providerExecuted) break;
        hasContent = true;
        const started = calls.take(part.toolCallId);
        const key = started ?? calls.unstarted();
        if (started === undefined) events.push({ type: "tool-call-start", key, toolName: part.toolName });
        const providerMetadata = storable(part.providerMetadata ?? {});
        events.push({
          type: "tool-call",
          key,
          toolName: part.toolName,
          argsText: part.input,
          ...(providerMetadata === undefined ? {} : { providerMetadata }),
        });
        break;
      }
      case "tool-result":
        if (reading.isSearch?.(part) === true) searches += 1;
        break;
      case "source":
        if (part.sourceType === "url") {
          events.push({ type: "source", sourceId: part.id, url: part.url, title: part.title ?? part.url });
        }
        break;
      case "custom":
        // Its count of output is a first guess; only the end knows.
        usage = { ...reading.readUsage(startUsage(part.providerMetadata)), output_tokens: null };
        if (isReported(usage)) reading.onUsage(usage);
        break;
      case "error":
        throw endsWithoutFinish(part.error) ? new StreamCut() : part.error;
      case "finish":
        usage = laterUsage(usage, reading.readUsage(plainJson(part.usage.raw)));
        if (searches > 0 && isReported(usage)) usage = { ...usage, web_search_requests: searches };
        if (isReported(usage)) reading.onUsage(usage);
        if (part.finishReason.unified === "interrupted" || part.finishReason.unified === "error") throw new StreamCut();
        if (!hasContent && part.finishReason.unified === "stop") throw new StreamEmpty();
        events.push({ type: "finish", reason: finishReason(part.finishReason), usage });
        ended = true;
        break;
      default:
        // The rest tells what we do not use: starts and ends of texts, pings, response ids.
        break;
    }
    return events;
  }

  return { take, ended: () => ended };
}

/**
 * Our keys for the calls of one answer. Providers repeat ids, even within an answer: of several open
 * calls with one id, deltas go to the newest and the whole call is the oldest.
 */
function openCalls() {
  const open: { id: string; key: string }[] = [];
  let count = 0;
  const nextKey = () => `call-${count++}`;
  return {
    start(id: string): string {
      const key = nextKey();
      open.push({ id, key });
      return key;
    },
    newest: (id: string) => open.findLast((call) => call.id === id)?.key,
    take(id: string): string | undefined {
      const index = open.findIndex((call) => call.id === id);
      return index === -1 ? undefined : open.splice(index, 1)[0]?.key;
    },
    unstarted: nextKey,
  };
}

/** The adapter for compatible servers reports a cut as an answer that it could not read, about no data. */
function endsWithoutFinish(error: unknown): boolean {
  return InvalidResponseDataError.isInstance(error) && error.data === undefined;
}

function finishReason(reason: LanguageModelV4FinishReason): Extract<ModelEvent, { type: "finish" }>["reason"] {
  switch (reason.unified) {
    case "stop":
    case "tool-calls":
    case "length":
    case "content-filter":
      return reason.unified;
    case "error":
    case "interrupted":
    case "other":
      return "other";
  }
}

/** Providers spread what belongs to one part over its start, deltas and end; nulls say nothing. */
function mergeMetadata(
  earlier: SharedV4ProviderMetadata,
  later: SharedV4ProviderMetadata | undefined,
): SharedV4ProviderMetadata {
  const merged = { ...earlier };
  for (const [provider, values] of Object.entries(later ?? {})) {
    const known = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
    merged[provider] = { ...merged[provider], ...Object.fromEntries(known) };
  }
  return merged;
}

function storable(metadata: SharedV4ProviderMetadata): Json | undefined {
  return Object.values(metadata).some((values) => Object.keys(values).length > 0) ? plainJson(metadata) : undefined;
}

function plainJson(value: unknown): Json | undefined {
  return value === undefined ? undefined : json.parse(JSON.parse(JSON.stringify(value)));
}

const messageStart = z.object({ anthropic: z.object({ usage: json }) });

/** Anthropic says what the input cost before it says anything else. */
function startUsage(metadata: SharedV4ProviderMetadata | undefined): Json | undefined {
  return messageStart.safeParse(plainJson(metadata)).data?.anthropic.usage;
}

/**
 * A stream that is there only after some waiting. Its readers are given the stream's own promises: a generator in
 * between would cost every token three more.
 */
export function later<T>(begin: () => Promise<AsyncIterable<T>>): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      let stream: AsyncIterator<T> | null = null;
      return {
        next() {
          if (stream !== null) return stream.next();
          return begin().then((begun) => {
            stream = begun[Symbol.asyncIterator]();
            return stream.next();
          });
        },
        async return() {
          await stream?.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
