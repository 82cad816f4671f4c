import { describe, expect, it } from "vitest";
import { createModelConfigRequest, updateModelConfigRequest } from "../../../src/contract/models.ts";
import type { ModelCallConfig, ModelConfig } from "../../../src/contract/models.ts";
import {
  initialModelForm,
  modelFieldOf,
  modelRequestBody,
  priceFields,
  samePrices,
} from "../../../web/src/pages/models/model-form.ts";
import {
  callCount,
  dayWords,
  priceWords,
  tokenCount,
  unpricedWords,
} from "../../../web/src/pages/models/model-words.ts";

const filled = { ...initialModelForm(undefined, "anthropic"), model: "claude-sonnet-4-5" };

const aModel: ModelConfig = {
  id: "018f0000-0000-7000-8000-000000000001",
  provider: "openai",
  model: "gpt-5.1",
  display_name: "GPT",
  enabled: true,
  is_default: true,
  context_limit: 400_000,
  compression_threshold: 100,
  model_config: { temperature: 0.2, top_p: 0.9, max_output_tokens: 8_000, api: "chat" },
  source: "database",
  created_at: "2026-11-22T12:00:00.000Z",
  updated_at: "2026-11-22T12:00:00.000Z",
};

describe("the model form", () => {
  it("means a request that the contract takes", () => {
    const body = modelRequestBody(
      { ...filled, context_limit: "200k", input_price: "$3", output_price: "0" },
      undefined,
    );
    expect(createModelConfigRequest.parse(body)).toMatchObject({
      provider: "anthropic",
      display_name: "claude-sonnet-4-5",
      context_limit: 200_000,
      compression_threshold: 70,
      model_config: {
        cost: {
          input_price_per_million_tokens: "3",
          output_price_per_million_tokens: "0",
          cache_read_price_per_million_tokens: null,
        },
      },
    });
  });

  it("leaves a model without any price unpriced instead of free", () => {
    expect(modelRequestBody(filled, undefined).model_config).toEqual({});
  });

  it.each([
    ["1,000", 1_000],
    ["131_072", 131_072],
    ["1 000 000", 1_000_000],
    ["1M", 1_000_000],
  ])("reads %s tokens as %i", (text, tokens) => {
    expect(modelRequestBody({ ...filled, context_limit: text }, undefined).context_limit).toBe(tokens);
  });

  it.each(["", "many", "-5", "2.5", "200kk"])("has the contract refuse %j tokens", (text) => {
    const body = modelRequestBody({ ...filled, context_limit: text }, undefined);
    expect(createModelConfigRequest.safeParse(body).success).toBe(false);
  });

  it("sends back what it was given", () => {
    const model = aModel;
    const body = modelRequestBody(initialModelForm(model, ""), model);
    expect(updateModelConfigRequest.parse(body).model_config).toEqual(model.model_config);
  });
});

describe("list prices in the form", () => {
  const listed = {
    input_price_per_million_tokens: "3",
    output_price_per_million_tokens: "15",
    cache_read_price_per_million_tokens: "0.3",
    cache_write_price_per_million_tokens: "3.75",
    cache_write_1h_price_per_million_tokens: "6",
    web_search_price_per_thousand_requests: null,
  };

  it("come back out of it as they went in", () => {
    const body = modelRequestBody({ ...filled, ...priceFields(listed) }, undefined);
    expect(createModelConfigRequest.parse(body).model_config?.cost).toEqual(listed);
  });

  it("are the same however they are written, and others when one is missing", () => {
    const typed = { ...priceFields(listed), output_price: "$15.00" };
    expect(samePrices(typed, listed)).toBe(true);
    expect(samePrices({ ...typed, cache_read_price: "" }, listed)).toBe(false);
    expect(samePrices({ ...typed, web_search_price: "0" }, listed)).toBe(false);
    expect(samePrices({ ...typed, input_price: "three" }, listed)).toBe(false);
  });

  it.each(["cache_write_1h_price", "web_search_price"])("has %s refused beside its field", (field) => {
    const parsed = createModelConfigRequest.safeParse(modelRequestBody({ ...filled, [field]: "dear" }, undefined));
    expect(modelFieldOf(parsed.error?.issues[0]?.path.map(String) ?? [])).toBe(field);
  });
});

describe("call options", () => {
  const every: Record<string, ModelCallConfig> = {
    anthropic: {
      temperature: 0.2,
      provider_options: {
        anthropic: {
          effort: "high",
          thinking: { budget_tokens: 16_000 },
          send_reasoning: false,
          disable_parallel_tool_use: true,
          web_search_enabled: true,
          allowed_domains: ["a.example", "b.example"],
        },
        openai: { store: true },
      },
    },
    openai: {
      top_k: 40,
      presence_penalty: -1.5,
      provider_options: {
        openai: {
          reasoning_effort: "xhigh",
          store: false,
          logit_bias: { 50256: -100 },
          metadata: { team: "tide" },
          include: ["reasoning.encrypted_content"],
          web_search_enabled: true,
          search_context_size: "low",
        },
      },
    },
    google: {
      provider_options: {
        google: {
          thinking_config: { thinking_budget: -1, include_thoughts: true },
          safety_settings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
          threshold: "OFF",
        },
      },
    },
    "openai-compat": { provider_options: { openaicompat: { user: "team", reasoning_effort: "low" } } },
  };

  it.each(Object.entries(every))("of %s are shown and come back as they were", (provider, model_config) => {
    const model = { ...aModel, provider, model_config };
    const body = updateModelConfigRequest.parse(modelRequestBody(initialModelForm(model, ""), model));
    expect(body.model_config).toEqual(provider === "openai" ? { ...model_config, api: "responses" } : model_config);
  });

  it("are what is typed, and nothing where nothing is", () => {
    const values = {
      ...filled,
      "option.temperature": " 0.7 ",
      "option.provider_options.anthropic.thinking.budget_tokens": "16,000",
      "option.provider_options.anthropic.blocked_domains": " spam.example, ads.example ",
      // Another provider's: the form held it before somebody chose this one.
      "option.provider_options.openai.store": "true",
    };
    const body = createModelConfigRequest.parse(modelRequestBody(values, undefined));
    expect(body.model_config).toEqual({
      temperature: 0.7,
      provider_options: {
        anthropic: { thinking: { budget_tokens: 16_000 }, blocked_domains: ["spam.example", "ads.example"] },
      },
    });
  });

  it.each([
    [{ "option.temperature": "0,2" }, "option.temperature"],
    [{ "option.top_k": "-1" }, "option.top_k"],
    [
      { "option.provider_options.anthropic.thinking.budget_tokens": "5" },
      "option.provider_options.anthropic.thinking.budget_tokens",
    ],
    [{ "option.provider_options.anthropic": "{" }, "option.provider_options.anthropic"],
    [{ "option.provider_options.anthropic": "[]" }, "option.provider_options.anthropic"],
    [{ "option.provider_options.anthropic": '{"speed":9}' }, "option.provider_options.anthropic"],
  ])("have %j refused beside its field", (typed, field) => {
    const parsed = createModelConfigRequest.safeParse(modelRequestBody({ ...filled, ...typed }, undefined));
    const steps = parsed.error?.issues[0]?.path.map(String) ?? [];
    expect(modelFieldOf(steps)).toBe(field);
  });
});

describe("words about models", () => {
  it("tells free from unknown", () => {
    const none = {
      input_price_per_million_tokens: null,
      output_price_per_million_tokens: null,
      cache_read_price_per_million_tokens: null,
      cache_write_price_per_million_tokens: null,
      cache_write_1h_price_per_million_tokens: null,
      web_search_price_per_thousand_requests: null,
    };
    expect(priceWords(undefined)).toBe("Not priced");
    expect(priceWords(none)).toBe("Not priced");
    expect(priceWords({ ...none, input_price_per_million_tokens: "0", output_price_per_million_tokens: "0.00" })).toBe(
      "Free",
    );
    expect(priceWords({ ...none, input_price_per_million_tokens: "0" })).toBe("$0 in");
    expect(priceWords({ ...none, input_price_per_million_tokens: "3", output_price_per_million_tokens: "15" })).toBe(
      "$3 in · $15 out",
    );
  });

  it("says why a model is not priced", () => {
    const half = createModelConfigRequest.parse(modelRequestBody({ ...filled, input_price: "3" }, undefined));
    expect(unpricedWords(2, undefined)).toBe("2 calls without a cost");
    expect(unpricedWords(0, undefined)).toContain("would have no cost");
    expect(unpricedWords(0, half.model_config?.cost)).toContain("too little");
  });

  it("says days and counts in full", () => {
    expect(dayWords("2026-09-23")).toBe("23 September 2026");
    expect([0, 1, 12_345].map(callCount)).toEqual(["0 calls", "1 call", "12,345 calls"]);
  });

  it("shortens token counts only where that is exact", () => {
    expect([200_000, 1_000_000, 1_500_000, 131_072, 1_048_576, 900].map(tokenCount)).toEqual([
      "200k",
      "1M",
      "1.5M",
      "131,072",
      "1,048,576",
      "900",
    ]);
  });
});
