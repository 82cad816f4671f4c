import { describe, expect, it } from "vitest";
import { chooseTitleModel } from "../../src/models/title-model.ts";
import type { ModelOffer } from "../../src/models/offer.ts";

function offer(id: string, model: string, prices?: [string, string]): ModelOffer {
  const cost = prices && {
    input_price_per_million_tokens: prices[0],
    output_price_per_million_tokens: prices[1],
    cache_read_price_per_million_tokens: null,
    cache_write_price_per_million_tokens: null,
    cache_write_1h_price_per_million_tokens: null,
    web_search_price_per_thousand_requests: null,
  };
  return {
    id,
    provider: "openai",
    providerDisplayName: "OpenAI",
    model,
    displayName: model,
    contextLimit: 1_000,
    compressionThreshold: 70,
    options: cost ? { cost } : {},
    source: "database",
    connect: null,
  };
}

describe("chooseTitleModel", () => {
  it("takes the cheapest by price, exactly", () => {
    const offers = [offer("a", "big", ["3", "15"]), offer("b", "small", ["0.10", "0.4"]), offer("c", "mini")];
    expect(chooseTitleModel(offers, "a")?.id).toBe("b");
  });
  it("takes one known to be small where nothing is priced, else the chat's own", () => {
    expect(chooseTitleModel([offer("a", "claude-opus"), offer("b", "claude-haiku-4-5")], "a")?.id).toBe("b");
    expect(chooseTitleModel([offer("a", "gemini-2.5-pro"), offer("b", "gpt-5-mini")], "a")?.id).toBe("b");
    expect(chooseTitleModel([offer("a", "gemini-2.5-pro"), offer("b", "gemini-2.5-flash")], "a")?.id).toBe("b");
    expect(chooseTitleModel([offer("a", "x"), offer("b", "y")], "b")?.id).toBe("b");
  });
  it("never takes the demo", () => {
    expect(chooseTitleModel([{ ...offer("a", "demo"), source: "demo" }], "a")).toBeNull();
  });
});
