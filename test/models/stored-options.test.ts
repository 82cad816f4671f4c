import { describe, expect, it } from "vitest";
import { readOptions } from "../../src/models/stored-options.ts";

const none = {
  input_price_per_million_tokens: null,
  output_price_per_million_tokens: null,
  cache_read_price_per_million_tokens: null,
  cache_write_price_per_million_tokens: null,
  cache_write_1h_price_per_million_tokens: null,
  web_search_price_per_thousand_requests: null,
};

describe("a model's stored options", () => {
  it("stay without prices where there are none", () => {
    expect(readOptions({})).toEqual({});
    expect(readOptions({ temperature: 0.5, api: "chat" })).toEqual({ temperature: 0.5, api: "chat" });
  });

  it("have the prices that came later as not given", () => {
    expect(readOptions({ cost: { input_price_per_million_tokens: "3" } })).toEqual({
      cost: { ...none, input_price_per_million_tokens: "3" },
    });
  });

  it("take from beside the nested prices what these lack, and nothing else", () => {
    const row = {
      max_output_tokens: 5,
      input_price_per_million_tokens: "9",
      output_price_per_million_tokens: 15,
      cost: { input_price_per_million_tokens: "3", output_price_per_million_tokens: null },
    };
    expect(readOptions(row)).toEqual({
      max_output_tokens: 5,
      cost: { ...none, input_price_per_million_tokens: "3", output_price_per_million_tokens: "15" },
    });
  });

  it("take the prices of rows that have them nowhere else, exponents as well", () => {
    expect(readOptions({ cache_read_price_per_million_tokens: 1e-7 })).toEqual({
      cost: { ...none, cache_read_price_per_million_tokens: "0.0000001" },
    });
  });

  it("count a price that is none as absent", () => {
    expect(
      readOptions({ cost: { input_price_per_million_tokens: "dear" }, output_price_per_million_tokens: "-1" }),
    ).toEqual({ cost: none });
  });
});
