import { createGoogle } from "@ai-sdk/google";
import { endpointOf } from "../connection.ts";
import { googleUsage } from "../usage.ts";
import type { Adapter, ModelTarget } from "./adapter.ts";
import { googleOptions, googleSearch } from "./options.ts";

/** Google Gemini, `streamGenerateContent`. */
export function googleAdapter({ connection, model, options, fetch }: ModelTarget): Adapter {
  const provider = createGoogle({ apiKey: connection.apiKey, baseURL: endpointOf(connection), fetch });
  const own = options.provider_options?.google;
  return {
    model: provider.languageModel(model),
    providerOptions: { google: googleOptions(own) },
    searchTool: googleSearch(model, own),
    metadataKey: "google",
    marksCache: false,
    // Gemini 1.5 and 2.0 stop there; later ones take more, which a config can say.
    defaultMaxOutputTokens: /gemini-(1|2\.0)/.test(model) ? 8_192 : 32_000,
    readUsage: googleUsage,
  };
}
