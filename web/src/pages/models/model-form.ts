import type { ModelCallConfig, ModelConfig, ModelPrices } from "../../../../src/contract/models.ts";
import { callOptions, initialOptions, optionAt, optionsBody, type OptionValues } from "./call-options.ts";

/** Where each field's price stands in a config. */
const PRICE_KEYS = {
  input_price: "input_price_per_million_tokens",
  output_price: "output_price_per_million_tokens",
  cache_read_price: "cache_read_price_per_million_tokens",
  cache_write_price: "cache_write_price_per_million_tokens",
  cache_write_1h_price: "cache_write_1h_price_per_million_tokens",
  web_search_price: "web_search_price_per_thousand_requests",
} as const satisfies Record<string, keyof ModelPrices>;
type PriceField = keyof typeof PRICE_KEYS;
export const PRICE_FIELDS = [
  "input_price",
  "output_price",
  "cache_read_price",
  "cache_write_price",
  "cache_write_1h_price",
  "web_search_price",
] as const satisfies readonly PriceField[];
export type PriceFields = Record<PriceField, string>;

/** A model as its form has it: text, as it is typed. */
export interface ModelFormValues extends OptionValues, PriceFields {
  provider: string;
  model: string;
  display_name: string;
  context_limit: string;
  compression_threshold: string;
  max_output_tokens: string;
  api: string;
  is_default: boolean;
}

const DEFAULT_CONTEXT = "200000";
const DEFAULT_THRESHOLD = "70";

export function initialModelForm(model: ModelConfig | undefined, provider: string): ModelFormValues {
  const call = model?.model_config;
  return {
    provider: model?.provider ?? provider,
    model: model?.model ?? "",
    display_name: model?.display_name ?? "",
    context_limit: model === undefined ? DEFAULT_CONTEXT : String(model.context_limit),
    compression_threshold: model === undefined ? DEFAULT_THRESHOLD : String(model.compression_threshold),
    max_output_tokens: call?.max_output_tokens === undefined ? "" : String(call.max_output_tokens),
    api: call?.api ?? "responses",
    ...priceFields(call?.cost),
    is_default: model?.is_default ?? false,
    ...initialOptions(call),
  };
}

/** Prices as they stand in the fields; unknown is empty. */
export function priceFields(prices: ModelPrices | undefined): PriceFields {
  const field = (name: PriceField) => prices?.[PRICE_KEYS[name]] ?? "";
  return {
    input_price: field("input_price"),
    output_price: field("output_price"),
    cache_read_price: field("cache_read_price"),
    cache_write_price: field("cache_write_price"),
    cache_write_1h_price: field("cache_write_1h_price"),
    web_search_price: field("web_search_price"),
  };
}

/** Whether what is typed means these prices: "3.00" is "3". */
export function samePrices(typed: PriceFields, prices: ModelPrices): boolean {
  return PRICE_FIELDS.every((name) => {
    const [left, right] = [orNull(typed[name]), prices[PRICE_KEYS[name]]];
    return left === null || right === null ? left === right : Number(left) === Number(right);
  });
}

/**
 * The request body that the form means; the contract judges it. An empty price is unknown, never 0.
 * `model_config` is replaced as a whole, so what the form does not show is sent back as it was.
 */
export function modelRequestBody(values: ModelFormValues, model: ModelConfig | undefined): Record<string, unknown> {
  const unseen = unseenConfig(values.provider, model?.model_config);
  const cost = Object.fromEntries(PRICE_FIELDS.map((name) => [PRICE_KEYS[name], orNull(values[name])]));
  const priced = Object.values(cost).some((price) => price !== null);
  return {
    provider: values.provider,
    model: values.model,
    display_name: values.display_name.trim() === "" ? values.model.trim() : values.display_name,
    context_limit: wholeNumber(values.context_limit),
    compression_threshold: wholeNumber(values.compression_threshold),
    is_default: values.is_default,
    model_config: {
      ...unseen,
      ...optionsBody(values.provider, values, model?.model_config),
      ...(values.max_output_tokens.trim() === "" ? {} : { max_output_tokens: wholeNumber(values.max_output_tokens) }),
      ...(values.provider === "openai" ? { api: values.api } : {}),
      ...(priced ? { cost } : {}),
    },
  };
}

/** What of a config is none of the form's business. */
function unseenConfig(provider: string, config: ModelCallConfig = {}): Record<string, unknown> {
  const seen = ["max_output_tokens", "api", "cost", ...callOptions(provider).map(({ at }) => at[0])];
  return Object.fromEntries(Object.entries(config).filter(([name]) => !seen.includes(name)));
}

function orNull(text: string): string | null {
  return text.trim() === "" ? null : text.trim().replace(/^\$/, "");
}

/** "200,000", "200 000" and "200k" are what people type; what is no number stays NaN for the schema to refuse. */
function wholeNumber(text: string): number {
  const match = /^(\d+)(k|m)?$/i.exec(text.replaceAll(/[\s,_]/g, ""));
  if (match === null) return Number.NaN;
  const factor = { k: 1_000, m: 1_000_000 }[match[2]?.toLowerCase() ?? ""] ?? 1;
  return Number(match[1]) * factor;
}

/** Which field of the form a place in that body belongs to. */
export function modelFieldOf(steps: readonly string[]): string | undefined {
  if (steps[0] !== "model_config") return steps[0];
  const option = optionAt(steps.slice(1));
  if (option !== undefined) return option;
  if (steps[1] === "cost") return PRICE_FIELDS.find((name) => PRICE_KEYS[name] === steps[2]);
  return steps[1];
}
