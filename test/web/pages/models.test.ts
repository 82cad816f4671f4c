import { describe, expect, it } from "vitest";
import { createModelConfigRequest, updateModelConfigRequest } from "../../../src/contract/models.ts";
import type { ModelConfig } from "../../../src/contract/models.ts";
import { initialModelForm, modelRequestBody } from "../../../web/src/pages/models/model-form.ts";
import { priceWords, tokenCount } from "../../../web/src/pages/models/model-words.ts";

const filled = { ...initialModelForm(undefined, "anthropic"), model: "claude-sonnet-4-5" };

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

  it("sends back what it does not show", () => {
    const model: ModelConfig = {
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
    const body = modelRequestBody(initialModelForm(model, ""), model);
    expect(updateModelConfigRequest.parse(body).model_config).toEqual(model.model_config);
  });
});

describe("words about models", () => {
  it("tells free from unknown", () => {
    const none = {
      input_price_per_million_tokens: null,
      output_price_per_million_tokens: null,
      cache_read_price_per_million_tokens: null,
      cache_write_price_per_million_tokens: null,
    };
    expect(priceWords(undefined)).toBe("Unpriced");
    expect(priceWords(none)).toBe("Unpriced");
    expect(priceWords({ ...none, input_price_per_million_tokens: "0", output_price_per_million_tokens: "0.00" })).toBe(
      "Free",
    );
    expect(priceWords({ ...none, input_price_per_million_tokens: "0" })).toBe("$0 in");
    expect(priceWords({ ...none, input_price_per_million_tokens: "3", output_price_per_million_tokens: "15" })).toBe(
      "$3 in · $15 out",
    );
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
