import { createAnthropic } from "@ai-sdk/anthropic";
import { endpointOf } from "../connection.ts";
import { anthropicUsage } from "../usage.ts";
import type { Adapter, ModelTarget } from "./adapter.ts";
import { anthropicOptions, anthropicSearch } from "./options.ts";

/** Anthropic Messages. */
export function anthropicAdapter({ connection, model, options, fetch }: ModelTarget): Adapter {
  const provider = createAnthropic({ apiKey: connection.apiKey, baseURL: endpointOf(connection), fetch });
  const own = options.provider_options?.anthropic;
  return {
    model: provider.languageModel(model),
    providerOptions: { anthropic: anthropicOptions(own) },
    searchTool: anthropicSearch(own),
    metadataKey: "anthropic",
    marksCache: true,
    defaultMaxOutputTokens: 32_000,
    readUsage: anthropicUsage,
  };
}
