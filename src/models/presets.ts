import { v5 } from "uuid";
import type { ModelCallConfig } from "../contract/models.ts";
import type { Clock } from "../platform/clock.ts";
import { log } from "../platform/log.ts";
import { listPrices } from "../usage/price-book.ts";
import { ollamaAddress, ollamaModels } from "./ollama.ts";
import { providerDisplayNames, type ImplementedProvider } from "./provider-names.ts";

/** A provider that the environment sets up. Read live and never copied into the database. */
export interface Preset {
  provider: ImplementedProvider;
  displayName: string;
  apiKey: string;
  baseUrl: string;
  models: PresetModel[];
}

interface PresetModel {
  id: string;
  model: string;
  displayName: string;
  contextLimit: number;
  options: ModelCallConfig;
}

export type PresetSettings = Pick<
  Env,
  | "ANTHROPIC_API_KEY"
  | "ANTHROPIC_BASE_URL"
  | "OPENAI_API_KEY"
  | "OPENAI_BASE_URL"
  | "GEMINI_API_KEY"
  | "GOOGLE_GENERATIVE_AI_API_KEY"
  | "GEMINI_BASE_URL"
  | "OLLAMA_HOST"
>;

/** The namespace of ids that are derived from a model's name, so that chats find it again after a restart. */
const NAMESPACE = "5d0b8a34-7f1c-4f53-9a55-0c6f2a7c9e11";
/** Ollama does not say what it was started with; what current models take comfortably. */
const OLLAMA_CONTEXT = 32_768;

/** The presets in force, in the order in which they are preferred. */
export async function environmentPresets(env: PresetSettings, clock: Clock): Promise<Preset[]> {
  const presets = [anthropicPreset(env), openaiPreset(env), googlePreset(env), await ollamaPreset(env, clock)];
  return presets.filter((preset) => preset !== null);
}

/** The id of a model that has no row. */
export function presetModelId(provider: string, model: string): string {
  return v5(`${provider}:${model}`, NAMESPACE);
}

function anthropicPreset(env: PresetSettings): Preset | null {
  const apiKey = env.ANTHROPIC_API_KEY?.trim() ?? "";
  if (apiKey === "") return null;
  return {
    provider: "anthropic",
    displayName: providerDisplayNames.anthropic,
    apiKey,
    baseUrl: env.ANTHROPIC_BASE_URL?.trim() ?? "",
    models: [presetModel("anthropic", "claude-sonnet-4-5", "Claude Sonnet 4.5", 200_000)],
  };
}

function openaiPreset(env: PresetSettings): Preset | null {
  const apiKey = env.OPENAI_API_KEY?.trim() ?? "";
  if (apiKey === "") return null;
  return {
    provider: "openai",
    displayName: providerDisplayNames.openai,
    apiKey,
    baseUrl: env.OPENAI_BASE_URL?.trim() ?? "",
    // 400,000 in all, of which 128,000 are kept for the answer.
    models: [presetModel("openai", "gpt-5.1", "GPT-5.1", 272_000)],
  };
}

function googlePreset(env: PresetSettings): Preset | null {
  // Google's own tools read the first name, the AI SDK the second one.
  const apiKey = env.GEMINI_API_KEY?.trim() || env.GOOGLE_GENERATIVE_AI_API_KEY?.trim() || "";
  if (apiKey === "") return null;
  return {
    provider: "google",
    displayName: providerDisplayNames.google,
    apiKey,
    baseUrl: env.GEMINI_BASE_URL?.trim() ?? "",
    // It reads a million, but longer prompts cost twice as much, which one price cannot say.
    models: [presetModel("google", "gemini-2.5-pro", "Gemini 2.5 Pro", 200_000)],
  };
}

async function ollamaPreset(env: PresetSettings, clock: Clock): Promise<Preset | null> {
  const host = env.OLLAMA_HOST?.trim() ?? "";
  const address = host === "" ? null : ollamaAddress(host);
  if (address === null) {
    if (host !== "") log.warn("ollama.bad_host", { host });
    return null;
  }
  const models = await ollamaModels(address, clock);
  return {
    provider: "openai-compat",
    displayName: "Ollama",
    apiKey: "",
    baseUrl: `${address}/v1`,
    models: models.map((model) => ({ ...presetModel("openai-compat", model, model, OLLAMA_CONTEXT), options: FREE })),
  };
}

/** At the list prices, where the book knows the model. */
function presetModel(
  provider: ImplementedProvider,
  model: string,
  displayName: string,
  contextLimit: number,
): PresetModel {
  const listed = listPrices({ provider, baseUrl: "" }, model);
  const options = listed === null ? {} : { cost: listed.prices };
  return { id: presetModelId(provider, model), model, displayName, contextLimit, options };
}

/** It runs on one's own machine. */
const FREE: ModelCallConfig = {
  cost: {
    input_price_per_million_tokens: "0",
    output_price_per_million_tokens: "0",
    cache_read_price_per_million_tokens: "0",
    cache_write_price_per_million_tokens: "0",
    cache_write_1h_price_per_million_tokens: null,
    web_search_price_per_thousand_requests: null,
  },
};
