import { ModelError } from "../chats/engine/ports.ts";
import type { TestProviderResponse } from "../contract/models.ts";
import type { Clock } from "../platform/clock.ts";
import type { Connection } from "./connection.ts";
import type { ModelOffer } from "./offer.ts";
import { streamOffer } from "./port.ts";
import type { EffectiveProvider } from "./providers.ts";
import { whyUnusable, unusableWords } from "./providers.ts";
import type { ModelConfigRow } from "./records.ts";

/** A person waits for it. */
const TIMEOUT_MS = 30_000;
/** Enough for a word; models that think first may use it up, which is an answer, too. */
const MAX_OUTPUT_TOKENS = 64;
/** What to ask for where nothing is set up yet. */
const USUAL_MODELS: Record<string, string> = {
  anthropic: "claude-sonnet-4-5",
  openai: "gpt-5.1",
  google: "gemini-2.5-flash",
};

/** The model of a test call: the one asked for, or the first of this provider; null when nobody knows one. */
export function testModel(
  { provider, preset }: EffectiveProvider,
  configs: readonly ModelConfigRow[],
  wanted: string | undefined,
): string | null {
  const own = configs.find((config) => config.provider === provider)?.model;
  return wanted ?? own ?? preset?.models[0]?.model ?? USUAL_MODELS[provider] ?? null;
}

/** One short completion, to see whether address, key and model work. Never throws for what the provider does. */
export async function testProvider(
  provider: EffectiveProvider,
  model: string,
  configs: readonly ModelConfigRow[],
  connect: () => Promise<Connection>,
  env: Env,
  clock: Clock,
): Promise<TestProviderResponse> {
  const unusable = whyUnusable(provider);
  // It may be tried before it is enabled for everybody.
  if (unusable !== null && unusable !== "disabled") {
    return { ok: false, model, latency_ms: 0, message: unusableWords(provider, unusable), kind: "config" };
  }
  const begun = clock();
  const error = await firstError(offerFor(provider, model, configs, connect), env, clock);
  const latency = Math.max(0, Math.round(clock() - begun));
  if (error !== null) return { ok: false, model, latency_ms: latency, message: error.message, kind: error.kind };
  return { ok: true, model, latency_ms: latency, message: `${provider.displayName} answered.`, kind: null };
}

async function firstError(offer: ModelOffer, env: Env, clock: Clock): Promise<ModelError | null> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(tooSlow(offer)), TIMEOUT_MS);
  const request = {
    configId: offer.id,
    messages: [{ role: "user" as const, parts: [{ type: "text" as const, text: "Reply with the word OK." }] }],
    tools: [],
    signal: stop.signal,
    onBytes: () => undefined,
    maxOutputTokens: MAX_OUTPUT_TOKENS,
  };
  try {
    for await (const event of streamOffer(offer, request, env, clock)) if (event.type === "finish") break;
    return null;
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function offerFor(
  { provider, displayName }: EffectiveProvider,
  model: string,
  configs: readonly ModelConfigRow[],
  connect: () => Promise<Connection>,
): ModelOffer {
  const own = configs.find((config) => config.provider === provider && config.model === model);
  return {
    id: own?.id ?? "",
    provider,
    providerDisplayName: displayName,
    model,
    displayName: model,
    contextLimit: own?.contextLimit ?? 32_000,
    compressionThreshold: 100,
    options: own?.options ?? {},
    source: "database",
    connect,
  };
}

function tooSlow({ provider, providerDisplayName }: ModelOffer): ModelError {
  return new ModelError({
    kind: "timeout",
    provider,
    status: null,
    retryable: true,
    message: `${providerDisplayName} did not finish a short answer within ${TIMEOUT_MS / 1000} s.`,
  });
}
