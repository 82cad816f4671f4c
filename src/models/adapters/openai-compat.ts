import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { endpointOf } from "../connection.ts";
import { chatCompletionsUsage } from "../usage.ts";
import type { Adapter, ModelTarget } from "./adapter.ts";
import { openaiCompatOptions } from "./options.ts";

/** Any server that speaks Chat Completions as OpenAI does, Ollama among them. */
export function openaiCompatAdapter({ connection, model, options, fetch }: ModelTarget): Adapter {
  const provider = createOpenAICompatible({
    name: "openai-compat",
    baseURL: endpointOf(connection),
    // Local servers want none, and some refuse an empty one.
    ...(connection.apiKey === "" ? {} : { apiKey: connection.apiKey }),
    includeUsage: true,
    fetch,
  });
  return {
    model: provider.chatModel(model),
    providerOptions: { openaiCompatible: openaiCompatOptions(options.provider_options?.openaicompat) },
    searchTool: null,
    metadataKey: null,
    marksCache: false,
    defaultMaxOutputTokens: 8_192,
    readUsage: chatCompletionsUsage,
  };
}
