import { z } from "zod";
import { id, timestamp } from "./common.ts";
import { providerOptions } from "./provider-options.ts";

export const providerNames = [
  "anthropic",
  "azure",
  "bedrock",
  "google",
  "openai",
  "openai-compat",
  "openrouter",
  "vercel",
] as const;
export const providerName = z.enum(providerNames);
export type ProviderName = z.infer<typeof providerName>;

/** The provider name under which the built-in demo model is listed. It has no row, key or address. */
export const DEMO_PROVIDER = "demo";

/**
 * Tokens of one model call. What the provider did not report is null; a reported 0 stays 0.
 * `input` excludes cached tokens; `reasoning` is already part of `output`.
 */
export const tokenUsage = z
  .object({
    input_tokens: z.int().nullable(),
    output_tokens: z.int().nullable(),
    total_tokens: z.int().nullable(),
    reasoning_tokens: z.int().nullable(),
    cache_creation_tokens: z.int().nullable(),
    cache_read_tokens: z.int().nullable(),
    /** Of `cache_creation_tokens`, those that are kept for an hour, where the provider tells them apart. */
    cache_creation_1h_tokens: z.int().nullable().default(null),
    /** Searches that the provider ran for the model. */
    web_search_requests: z.int().nullable().default(null),
  })
  .meta({ id: "TokenUsage" });
export type TokenUsage = z.infer<typeof tokenUsage>;

/**
 * A price in US dollars per million tokens: accepted as string or number, with an exponent as well (`1e-7`);
 * answered as a decimal string.
 */
export const price = z
  .union([z.string(), z.number()])
  .transform((value) => withoutExponent(String(value).trim()))
  .refine((value) => /^\d{1,9}(\.\d{1,12})?$/.test(value), {
    error: "Give a price of zero or more, such as 0.25, in US dollars.",
  });

/** `2.5e-3` as `0.0025`, by moving the point: no digit is computed. What is no such number stays as it is. */
function withoutExponent(text: string): string {
  const [, whole = "", fraction = "", exponent = ""] = /^(\d*)\.?(\d*)[eE]([+-]?\d{1,2})$/.exec(text) ?? [];
  if (whole + fraction === "") return text;
  const point = whole.length + Number(exponent);
  const digits = (whole + fraction).padStart(whole.length + fraction.length + Math.max(0, -point), "0");
  const split = Math.max(0, point);
  const before = digits
    .slice(0, split)
    .padEnd(split, "0")
    .replace(/^0+(?=\d)/, "");
  const after = digits.slice(split).replace(/0+$/, "");
  return `${before === "" ? "0" : before}${after === "" ? "" : `.${after}`}`;
}

export const modelPrices = z
  .object({
    input_price_per_million_tokens: price.nullable().default(null),
    output_price_per_million_tokens: price.nullable().default(null),
    cache_read_price_per_million_tokens: price.nullable().default(null),
    cache_write_price_per_million_tokens: price.nullable().default(null),
    /** For what is written to be kept an hour; null = as other cache writes. */
    cache_write_1h_price_per_million_tokens: price.nullable().default(null),
    /** US dollars per thousand searches that the provider runs for the model. */
    web_search_price_per_thousand_requests: price.nullable().default(null),
  })
  .meta({ id: "ModelPrices" });
export type ModelPrices = z.infer<typeof modelPrices>;

/** `GET /chats/model-prices`: what the price book knows of a model; null for one that it does not know. */
export const modelPricesResponse = z
  .object({
    suggestion: z
      .object({
        prices: modelPrices,
        /** The day of the list: prices change without telling us. */
        as_of: z.iso.date(),
        /** Prompts of more tokens cost more than `prices` say; null = they do not. */
        dearer_above_tokens: z.int().nullable(),
      })
      .nullable(),
  })
  .meta({ id: "ModelPricesResponse" });
export type ModelPricesResponse = z.infer<typeof modelPricesResponse>;

/** How a model is called: sampling, output limit, prices, and what its provider alone understands. */
export const modelCallConfig = z
  .object({
    max_output_tokens: z.int().positive().optional(),
    temperature: z.number().min(0).max(2).optional(),
    top_p: z.number().min(0).max(1).optional(),
    top_k: z.int().positive().optional(),
    presence_penalty: z.number().min(-2).max(2).optional(),
    frequency_penalty: z.number().min(-2).max(2).optional(),
    cost: modelPrices.optional(),
    /** OpenAI only: which of its two APIs to speak. */
    api: z.enum(["responses", "chat"]).optional(),
    provider_options: providerOptions.optional(),
  })
  .meta({ id: "ModelCallConfig" });
export type ModelCallConfig = z.infer<typeof modelCallConfig>;

export const modelConfig = z
  .object({
    id,
    provider: z.string(),
    model: z.string(),
    display_name: z.string(),
    enabled: z.boolean(),
    is_default: z.boolean(),
    context_limit: z.int().positive(),
    compression_threshold: z.int().min(0).max(100),
    model_config: modelCallConfig,
    /** `database` rows can be changed; `environment` presets and the demo model cannot. */
    source: z.enum(["database", "environment", "demo"]),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: "ChatModelConfig" });
export type ModelConfig = z.infer<typeof modelConfig>;

export const createModelConfigRequest = z
  .object({
    provider: providerName,
    model: z.string().trim().min(1).max(200),
    display_name: z.string().trim().max(200).optional(),
    enabled: z.boolean().default(true),
    is_default: z.boolean().default(false),
    context_limit: z.int().positive().max(100_000_000),
    compression_threshold: z.int().min(0).max(100).default(70),
    model_config: modelCallConfig.optional(),
  })
  .meta({ id: "CreateChatModelConfigRequest" });
export type CreateModelConfigRequest = z.infer<typeof createModelConfigRequest>;

/** A field that is absent keeps its value. */
export const updateModelConfigRequest = z
  .object({
    model: z.string().trim().min(1).max(200).optional(),
    display_name: z.string().trim().max(200).optional(),
    enabled: z.boolean().optional(),
    is_default: z.boolean().optional(),
    context_limit: z.int().positive().max(100_000_000).optional(),
    compression_threshold: z.int().min(0).max(100).optional(),
    model_config: modelCallConfig.optional(),
  })
  .meta({ id: "UpdateChatModelConfigRequest" });
export type UpdateModelConfigRequest = z.infer<typeof updateModelConfigRequest>;

/** One entry per supported provider, configured or not. Keys never come back out. */
export const provider = z
  .object({
    /** The zero UUID when there is no row. */
    id,
    provider: providerName,
    display_name: z.string(),
    enabled: z.boolean(),
    has_api_key: z.boolean(),
    base_url: z.string(),
    source: z.enum(["database", "env_preset", "supported"]),
    /** False for providers whose adapter this version does not have. */
    implemented: z.boolean(),
    created_at: timestamp.nullable(),
    updated_at: timestamp.nullable(),
  })
  .meta({ id: "ChatProvider" });
export type Provider = z.infer<typeof provider>;

export const createProviderRequest = z
  .object({
    provider: providerName,
    display_name: z.string().trim().max(200).optional(),
    api_key: z.string().trim().max(10_000).optional(),
    base_url: z.string().trim().max(2_000).optional(),
    enabled: z.boolean().default(true),
  })
  .meta({ id: "CreateChatProviderRequest" });
export type CreateProviderRequest = z.infer<typeof createProviderRequest>;

/** `api_key` and `base_url`: null or absent keeps, "" clears. An empty display name keeps. */
export const updateProviderRequest = z
  .object({
    display_name: z.string().trim().max(200).optional(),
    api_key: z.string().trim().max(10_000).nullable().optional(),
    base_url: z.string().trim().max(2_000).nullable().optional(),
    enabled: z.boolean().optional(),
  })
  .meta({ id: "UpdateChatProviderRequest" });
export type UpdateProviderRequest = z.infer<typeof updateProviderRequest>;

/** The answer of a test call to a provider: one short completion, or what went wrong in plain words. */
export const testProviderRequest = z
  .object({ model: z.string().trim().min(1).max(200).optional() })
  .meta({ id: "TestChatProviderRequest" });
export const testProviderResponse = z
  .object({
    ok: z.boolean(),
    model: z.string(),
    latency_ms: z.int(),
    message: z.string(),
    kind: z.string().nullable(),
  })
  .meta({ id: "TestChatProviderResponse" });
export type TestProviderResponse = z.infer<typeof testProviderResponse>;

/** What a person may pick in a chat: `GET /chats/models`. */
export const modelCatalogue = z
  .object({
    providers: z.array(
      z.object({
        provider: z.string(),
        display_name: z.string(),
        available: z.boolean(),
        unavailable_reason: z.enum(["missing_api_key", "fetch_failed", "disabled"]).optional(),
        models: z.array(
          z.object({
            /** `provider:model`. */
            id: z.string(),
            /** What `model_config_id` of a chat or message takes. */
            model_config_id: id,
            provider: z.string(),
            model: z.string(),
            display_name: z.string(),
            context_limit: z.int(),
            compression_threshold: z.int(),
            is_default: z.boolean(),
            /** True for the scripted demo, which is no AI. */
            scripted: z.boolean(),
          }),
        ),
      }),
    ),
  })
  .meta({ id: "ChatModelsResponse" });
export type ModelCatalogue = z.infer<typeof modelCatalogue>;

/** Why a model call failed. `retryable` kinds are tried again by themselves. */
export const modelErrorKinds = [
  "auth",
  "rate_limit",
  "overloaded",
  "context_length",
  "bad_request",
  "network",
  "timeout",
  "config",
  "aborted",
  /** Nothing was called: whoever pays for it has reached their limit. */
  "usage_limit",
  "generic",
] as const;
export const modelErrorKind = z.enum(modelErrorKinds);
export type ModelErrorKind = z.infer<typeof modelErrorKind>;
