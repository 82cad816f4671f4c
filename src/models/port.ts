import type { LanguageModelV4CallOptions, LanguageModelV4FunctionTool } from "@ai-sdk/provider";
import { z } from "zod";
import type { ModelEvent, ModelPort, ModelRequest, ResolvedModel, ToolDefinition } from "../chats/engine/ports.ts";
import type { TokenUsage } from "../contract/models.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/d1.ts";
import { checkOutgoingUrl } from "../platform/outgoing.ts";
import type { Adapter, ModelTarget } from "./adapters/adapter.ts";
import { anthropicAdapter } from "./adapters/anthropic.ts";
import { googleAdapter } from "./adapters/google.ts";
import { openaiCompatAdapter } from "./adapters/openai-compat.ts";
import { openaiAdapter } from "./adapters/openai.ts";
import { providerFetch } from "./adapters/provider-fetch.ts";
import { answerLimit, tooLongBehind } from "./answer-limit.ts";
import { readAttachments, type Attachments, type FilePort } from "./attachments.ts";
import { endpointOf, type Connection } from "./connection.ts";
import { streamDemo } from "./demo/model.ts";
import {
  cutStream,
  emptyAnswer,
  misconfigured,
  modelErrorFrom,
  ownerMayNotAct,
  tooLongAnswer,
  type FailedCall,
} from "./errors.ts";
import type { ModelOffer } from "./offer.ts";
import { modelStateFrom, readModelState, type ModelState } from "./offers.ts";
import { toProviderPrompt } from "./prompt.ts";
import { stepSettingsReader } from "./step-settings.ts";
import { thresholdAmong } from "./thresholds.ts";
import { chooseTitleModel } from "./title-model.ts";
import { later, StreamCut, StreamEmpty, toModelEvents } from "./stream.ts";

/** A call follows its resolving at once; an offer that was kept for longer is read anew. */
const OFFER_FRESH_MS = 5_000;

/** For calls whose prompt has none. */
const NO_FILES: FilePort = { read: async () => ({ state: "gone" }) };

/** The models of this deployment as the engine uses them: rows, environment presets and the demo. */
export function modelPort(
  env: Env,
  db: Database,
  clock: Clock,
  files: FilePort,
  settings = stepSettingsReader(db),
): ModelPort {
  /** What was resolved last: the call that it was resolved for need not ask D1 again. */
  let kept: { offer: ModelOffer; at: number } | null = null;

  async function offerOf(configId: string): Promise<ModelOffer | null> {
    const { offers } = await readModelState(db, env, clock);
    return keep(offers.find(({ id }) => id === configId) ?? null);
  }

  function keep(offer: ModelOffer | null): ModelOffer | null {
    kept = offer === null ? null : { offer, at: clock() };
    return offer;
  }

  function takeKept(configId: string): ModelOffer | null {
    const taken = kept;
    kept = null;
    return taken?.offer.id === configId && clock() - taken.at < OFFER_FRESH_MS ? taken.offer : null;
  }

  /** For a step of this person's chat. */
  async function resolveFor(ownerId: string, choose: (state: ModelState) => ModelOffer | null) {
    const reading = settings.read(ownerId);
    const state = await modelStateFrom(
      reading.then(({ models }) => models),
      env,
      clock,
    );
    if ((await reading).ownerMayAct === false) throw ownerMayNotAct();
    const offer = keep(choose(state));
    return offer === null ? null : resolved(offer, thresholdAmong((await reading).own, offer.id));
  }

  return {
    resolve: (configId, ownerId) =>
      resolveFor(ownerId, ({ offers }) => offers.find(({ id }) => id === configId) ?? null),

    resolveDefault: (ownerId) => resolveFor(ownerId, ({ defaultOffer }) => defaultOffer),

    async resolveForTitle(chatConfigId) {
      const { offers } = await readModelState(db, env, clock);
      const offer = keep(chooseTitleModel(offers, chatConfigId));
      return offer === null ? null : resolved(offer);
    },

    stream: (request) =>
      later(async () => {
        const offer = takeKept(request.configId) ?? (await offerOf(request.configId));
        if (offer === null) throw misconfigured(null, "This model is not available any more. Choose another one.");
        return streamOffer(offer, request, env, clock, files);
      }),
  };
}

/** One call of a model that is offered. Throws ModelError. */
export function streamOffer(
  offer: ModelOffer,
  request: ModelRequest,
  env: Pick<Env, "ALLOW_PRIVATE_PROVIDERS">,
  clock: Clock,
  files: FilePort = NO_FILES,
): AsyncIterable<ModelEvent> {
  return later(async () => {
    const connection = await connect(offer);
    let usage: TokenUsage | null = null;
    const inWords = (error: unknown): unknown => {
      const failed: FailedCall = {
        provider: offer.provider,
        displayName: offer.providerDisplayName,
        model: offer.model,
        apiKey: connection?.apiKey ?? "",
        signal: request.signal,
        clock,
        usage,
      };
      if (error instanceof StreamCut && !request.signal.aborted) return cutStream(failed);
      if (error instanceof StreamEmpty) return emptyAnswer(failed);
      const tooLong = tooLongBehind(error);
      if (tooLong !== null && !request.signal.aborted) return tooLongAnswer(tooLong, failed);
      return modelErrorFrom(error, failed);
    };
    try {
      request.signal.throwIfAborted();
      if (connection === null) return streamDemoInWords(request, inWords);
      // The setting may have changed since the address was stored.
      const allowPrivate = env.ALLOW_PRIVATE_PROVIDERS === "1";
      if (!connection.trustedAddress) checkOutgoingUrl(endpointOf(connection), { allowPrivate });
      const adapter = adapterFor({ connection, ...offer, fetch: providerFetch(request.onBytes) });
      const attachments = await readAttachments(request.messages, files);
      request.signal.throwIfAborted();
      const { stream } = await adapter.model.doStream(callOptions(adapter, offer, request, attachments));
      return toModelEvents({
        parts: stream,
        signal: request.signal,
        readUsage: adapter.readUsage,
        isSearch: adapter.isSearch,
        onUsage: (reported) => {
          usage = reported;
        },
        limit: answerLimit(),
        inWords,
      });
    } catch (error) {
      throw inWords(error);
    }
  });
}

async function* streamDemoInWords(request: ModelRequest, inWords: (error: unknown) => unknown) {
  try {
    yield* streamDemo(request);
  } catch (error) {
    throw inWords(error);
  }
}

/** Null for the demo, which calls nobody. */
async function connect(offer: ModelOffer): Promise<Connection | null> {
  if (offer.connect === null) return null;
  return offer.connect().catch((cause: unknown) => {
    const words = `The stored API key of ${offer.providerDisplayName} cannot be read. Enter it again in Settings, Providers.`;
    throw misconfigured(offer.provider, words, cause);
  });
}

function adapterFor(target: ModelTarget): Adapter {
  switch (target.connection.provider) {
    case "anthropic":
      return anthropicAdapter(target);
    case "google":
      return googleAdapter(target);
    case "openai":
      return openaiAdapter(target);
    case "openai-compat":
      return openaiCompatAdapter(target);
  }
}

function callOptions(
  adapter: Adapter,
  { options, contextLimit }: Pick<ModelOffer, "options" | "contextLimit">,
  request: ModelRequest,
  attachments: Attachments,
): LanguageModelV4CallOptions {
  // A default must leave the prompt its room: servers refuse a prompt and limit that do not fit together.
  const byDefault = Math.max(1, Math.min(adapter.defaultMaxOutputTokens, Math.floor(contextLimit / 4)));
  return {
    prompt: toProviderPrompt(request.messages, adapter, attachments),
    maxOutputTokens: request.maxOutputTokens ?? options.max_output_tokens ?? byDefault,
    temperature: options.temperature,
    topP: options.top_p,
    topK: options.top_k,
    presencePenalty: options.presence_penalty,
    frequencyPenalty: options.frequency_penalty,
    ...(request.tools.length === 0 ? {} : { tools: offeredTools(adapter, request.tools) }),
    abortSignal: request.signal,
    providerOptions: adapter.providerOptions,
  };
}

/** A call without tools is a title or a summary, and has nothing to look up either. */
function offeredTools({ searchTool }: Adapter, tools: readonly ToolDefinition[]) {
  return [...tools.map(functionTool), ...(searchTool === null ? [] : [searchTool])];
}

function functionTool({ name, description, parameters }: ToolDefinition): LanguageModelV4FunctionTool {
  return { type: "function", name, description, inputSchema: jsonSchema.parse(parameters) };
}

const jsonSchema = z.custom<LanguageModelV4FunctionTool["inputSchema"]>(
  (value) => typeof value === "object" && value !== null,
);

function resolved(offer: ModelOffer, ownThreshold: number | null = null): ResolvedModel {
  return {
    configId: offer.id,
    provider: offer.provider,
    model: offer.model,
    displayName: offer.displayName,
    contextLimit: offer.contextLimit,
    compressionThreshold: ownThreshold ?? offer.compressionThreshold,
    prices: offer.options.cost ?? null,
  };
}
