import { createOpenAI } from "@ai-sdk/openai";
import type { LanguageModelV4ToolResult } from "@ai-sdk/provider";
import { z } from "zod";
import { endpointOf } from "../connection.ts";
import { chatCompletionsUsage, responsesUsage } from "../usage.ts";
import type { Adapter, ModelTarget } from "./adapter.ts";
import { openaiOptions, openaiSearch } from "./options.ts";

/** OpenAI Responses, or Chat Completions where the model's config asks for it. */
export function openaiAdapter({ connection, model, options, fetch }: ModelTarget): Adapter {
  const provider = createOpenAI({ apiKey: connection.apiKey, baseURL: endpointOf(connection), fetch });
  const own = options.provider_options?.openai;
  const shared = {
    providerOptions: { openai: openaiOptions(own) },
    marksCache: false,
    defaultMaxOutputTokens: outputLimit(model),
  };
  if (options.api === "chat") {
    return {
      ...shared,
      model: provider.chat(model),
      // It searches with models made for it, which are chosen by their name.
      searchTool: null,
      metadataKey: null,
      readUsage: chatCompletionsUsage,
    };
  }
  return {
    ...shared,
    model: provider.responses(model),
    searchTool: openaiSearch(own),
    metadataKey: "openai",
    readUsage: responsesUsage,
    isSearch,
  };
}

const search = z.object({ action: z.object({ type: z.literal("search") }) });

/** To open a page that was found, or to look for words in it, is no search and has no price. */
function isSearch({ toolName, result }: LanguageModelV4ToolResult): boolean {
  return toolName === "web_search" && search.safeParse(result).success;
}

/** Older families refuse a limit above their own; the rest take what we ask for. */
function outputLimit(model: string): number {
  if (/^(gpt-3\.5|gpt-4($|-))/.test(model)) return 4_096;
  if (/^(gpt-4o|chatgpt-4o)/.test(model)) return 16_384;
  return 32_000;
}
