import {
  InvalidResponseDataError,
  type LanguageModelV4FinishReason,
  type LanguageModelV4StreamPart,
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
  /** What is known so far of the usage: a call that fails in the middle is paid for all the same. */
  onUsage: (usage: TokenUsage) => void;
}

/** The stream ended before its provider said that it was done. */
export class StreamCut extends Error {}
/** The stream is whole, and holds nothing. */
export class StreamEmpty extends Error {}

/**
 * A provider's stream as ModelEvents. Throws what the stream reports as an error, StreamCut and
 * StreamEmpty; the caller puts these into words.
 */
export async function* toModelEvents(reading: StreamReading): AsyncGenerator<ModelEvent> {
  const calls = openCalls();
  const reasoning = new Map<string, { hasText: boolean; metadata: SharedV4ProviderMetadata }>();
  let usage = unreportedUsage;
  let hasContent = false;

  for await (const part of abortable(reading.parts, reading.signal)) {
    switch (part.type) {
      case "text-delta":
        if (part.delta === "") break;
        hasContent = true;
        yield { type: "text-delta", text: part.delta };
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
        if (part.delta !== "") yield { type: "reasoning-delta", text: part.delta };
        break;
      }
      case "reasoning-end": {
        const open = reasoning.get(part.id) ?? { hasText: false, metadata: {} };
        reasoning.delete(part.id);
        const providerMetadata = storable(mergeMetadata(open.metadata, part.providerMetadata));
        if (open.hasText || providerMetadata !== undefined) {
          yield { type: "reasoning-end", ...(providerMetadata === undefined ? {} : { providerMetadata }) };
        }
        break;
      }
      case "tool-input-start":
        if (part.providerExecuted) break;
        hasContent = true;
        yield { type: "tool-call-start", key: calls.start(part.id), toolName: part.toolName };
        break;
      case "tool-input-delta": {
        const key = calls.newest(part.id);
        if (key !== undefined && part.delta !== "") yield { type: "tool-call-delta", key, argsDelta: part.delta };
        break;
      }
      case "tool-call": {
        // A search that the provider runs itself: what it found comes as sources.
        if (part.providerExecuted) break;
        hasContent = true;
        const started = calls.take(part.toolCallId);
        const key = started ?? calls.unstarted();
        if (started === undefined) yield { type: "tool-call-start", key, toolName: part.toolName };
        const providerMetadata = storable(part.providerMetadata ?? {});
        yield {
          type: "tool-call",
          key,
          toolName: part.toolName,
          argsText: part.input,
          ...(providerMetadata === undefined ? {} : { providerMetadata }),
        };
        break;
      }
      case "source":
        if (part.sourceType === "url") {
          yield { type: "source", sourceId: part.id, url: part.url, title: part.title ?? part.url };
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
        if (isReported(usage)) reading.onUsage(usage);
        if (part.finishReason.unified === "interrupted" || part.finishReason.unified === "error") throw new StreamCut();
        if (!hasContent && part.finishReason.unified === "stop") throw new StreamEmpty();
        yield { type: "finish", reason: finishReason(part.finishReason), usage };
        return;
      default:
        // The rest tells what we do not use: starts and ends of texts, pings, response ids.
        break;
    }
  }
  throw new StreamCut();
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

/** A stream that rejects on abort even when its source never notices; leaving the loop cancels it. */
async function* abortable<T>(stream: ReadableStream<T>, signal: AbortSignal): AsyncGenerator<T> {
  const reader = stream.getReader();
  // Cancelling ends a read that waits. A source that has failed already has nothing left to cancel.
  const cancel = () => void reader.cancel(signal.reason).catch(() => undefined);
  signal.addEventListener("abort", cancel, { once: true });
  try {
    while (true) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    cancel();
  }
}
