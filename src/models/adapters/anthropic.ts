import { createAnthropic } from "@ai-sdk/anthropic";
import { endpointOf } from "../connection.ts";
import { anthropicUsage } from "../usage.ts";
import type { Adapter, ModelTarget } from "./adapter.ts";

/** Anthropic Messages. */
export function anthropicAdapter({ connection, model, fetch }: ModelTarget): Adapter {
  const provider = createAnthropic({ apiKey: connection.apiKey, baseURL: endpointOf(connection), fetch });
  return {
    model: provider.languageModel(model),
    providerOptions: {},
    metadataKey: "anthropic",
    marksCache: true,
    defaultMaxOutputTokens: 32_000,
    readUsage: anthropicUsage,
  };
}
