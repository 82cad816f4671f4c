import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { modelPrices, type ModelPrices, type TokenUsage } from "../../src/contract/models.ts";
import { costMicros } from "../../src/usage/cost.ts";
import { countCases } from "../support/cases.ts";

function usage(counts: Partial<TokenUsage>): TokenUsage {
  return {
    input_tokens: null,
    output_tokens: null,
    total_tokens: null,
    reasoning_tokens: null,
    cache_creation_tokens: null,
    cache_read_tokens: null,
    cache_creation_1h_tokens: null,
    web_search_requests: null,
    ...counts,
  };
}

function prices(
  given: Partial<Record<"input" | "output" | "cache_read" | "cache_write" | "cache_write_1h", string | number>>,
  search: string | null = null,
): ModelPrices {
  const perMillion = Object.entries(given).map(([kind, value]) => [`${kind}_price_per_million_tokens`, value]);
  return modelPrices.parse({ ...Object.fromEntries(perMillion), web_search_price_per_thousand_requests: search });
}

describe("costMicros", () => {
  it("is tokens times price, in micro-dollars", () => {
    expect(costMicros(usage({ input_tokens: 1_000_000 }), prices({ input: "3" }))).toBe(3_000_000);
  });

  it("rounds up once, on the sum", () => {
    expect(costMicros(usage({ input_tokens: 1, output_tokens: 1 }), prices({ input: "0.4", output: "0.4" }))).toBe(1);
    expect(costMicros(usage({ input_tokens: 2, output_tokens: 2 }), prices({ input: "0.4", output: "0.4" }))).toBe(2);
  });

  it("computes in exact decimals", () => {
    // 3 × 0.1 is 0.30000000000000004 in binary, and a million times it would round up.
    expect(costMicros(usage({ input_tokens: 3_000_000 }), prices({ input: 0.1 }))).toBe(300_000);
    expect(costMicros(usage({ input_tokens: 1_000_000_000 }), prices({ input: "0.000000000001" }))).toBe(1);
  });

  it("adds each kind at its own price", () => {
    const all = usage({ input_tokens: 1, output_tokens: 10, cache_read_tokens: 100, cache_creation_tokens: 1_000 });
    expect(costMicros(all, prices({ input: "1", output: "2", cache_read: "3", cache_write: "4" }))).toBe(4_321);
  });

  it("prices what is cached for an hour apart, where it is told apart and has a price", () => {
    const written = usage({ cache_creation_tokens: 100, cache_creation_1h_tokens: 30 });
    expect(costMicros(written, prices({ cache_write: "1", cache_write_1h: "2" }))).toBe(70 + 60);
    expect(costMicros(written, prices({ cache_write: "1" }))).toBe(100);
    expect(costMicros(usage({ cache_creation_tokens: 100 }), prices({ cache_write: "1", cache_write_1h: "2" }))).toBe(
      100,
    );
    expect(costMicros(usage({ cache_creation_1h_tokens: 30 }), prices({ cache_write_1h: "2" }))).toBe(60);
  });

  it("never counts more for an hour than was written at all", () => {
    const odd = usage({ cache_creation_tokens: 10, cache_creation_1h_tokens: 30 });
    expect(costMicros(odd, prices({ cache_write: "1", cache_write_1h: "2" }))).toBe(20);
  });

  it("adds searches by the thousand", () => {
    expect(costMicros(usage({ web_search_requests: 3 }), prices({}, "10"))).toBe(30_000);
    expect(costMicros(usage({ web_search_requests: 1, input_tokens: 7 }), prices({ input: "1" }, "0.0001"))).toBe(8);
    expect(costMicros(usage({ web_search_requests: 3 }), prices({ input: "1" }))).toBeNull();
  });

  it("does not add reasoning, which output holds already", () => {
    const price = prices({ output: "10" });
    const silent = costMicros(usage({ output_tokens: 50 }), price);
    expect(costMicros(usage({ output_tokens: 50, reasoning_tokens: 40, total_tokens: 90 }), price)).toBe(silent);
  });

  it("is 0 when it is free or nothing was used", () => {
    expect(costMicros(usage({ input_tokens: 5_000 }), prices({ input: "0" }))).toBe(0);
    expect(costMicros(usage({ input_tokens: 0 }), prices({ input: "3" }))).toBe(0);
  });

  it("counts a kind without a price as nothing, beside one that has a price", () => {
    expect(costMicros(usage({ input_tokens: 7, output_tokens: 9 }), prices({ input: "1" }))).toBe(7);
  });

  it("stays a number that can be added up thousands of times, whatever was typed and reported", () => {
    const cost = costMicros(usage({ input_tokens: Number.MAX_SAFE_INTEGER }), prices({ input: "999999999" }));
    expect((cost ?? 0) * 9_000).toSatisfy(Number.isSafeInteger);
  });

  it("is null, not 0, when it cannot be priced", () => {
    expect(costMicros(usage({ input_tokens: 5 }), null)).toBeNull();
    expect(costMicros(usage({ input_tokens: 5 }), prices({}))).toBeNull();
    expect(costMicros(usage({ output_tokens: 5 }), prices({ input: "1" }))).toBeNull();
    expect(costMicros(usage({}), prices({ input: "1", output: "1" }))).toBeNull();
  });

  const tokens = fc.option(fc.integer({ min: 0, max: 10_000_000 }), { nil: null });
  const price = fc.option(
    fc
      .integer({ min: 0, max: 10 ** 9 })
      .map((number) => `${Math.floor(number / 1e6)}.${String(number % 1e6).padStart(6, "0")}`),
    { nil: null },
  );
  const anyUsage = fc
    .record({
      input_tokens: tokens,
      output_tokens: tokens,
      cache_creation_tokens: tokens,
      cache_read_tokens: tokens,
      cache_creation_1h_tokens: tokens,
      web_search_requests: fc.option(fc.integer({ min: 0, max: 500 }), { nil: null }),
    })
    .map(usage);
  const anyPrices = fc.record({
    input_price_per_million_tokens: price,
    output_price_per_million_tokens: price,
    cache_read_price_per_million_tokens: price,
    cache_write_price_per_million_tokens: price,
    cache_write_1h_price_per_million_tokens: price,
    web_search_price_per_thousand_requests: price,
  });

  /** The same sum in whole millionths: prices here have six digits behind the point. */
  function exactly(counts: TokenUsage, given: ModelPrices): bigint | null {
    const written = counts.cache_creation_tokens;
    const hour =
      written === null || counts.cache_creation_1h_tokens === null
        ? counts.cache_creation_1h_tokens
        : Math.min(written, counts.cache_creation_1h_tokens);
    const searches = counts.web_search_requests;
    const pairs = [
      [counts.input_tokens, given.input_price_per_million_tokens],
      [counts.output_tokens, given.output_price_per_million_tokens],
      [counts.cache_read_tokens, given.cache_read_price_per_million_tokens],
      [written === null ? null : written - (hour ?? 0), given.cache_write_price_per_million_tokens],
      [hour, given.cache_write_1h_price_per_million_tokens ?? given.cache_write_price_per_million_tokens],
      [searches === null ? null : 1_000 * searches, given.web_search_price_per_thousand_requests],
    ] as const;
    const priced = pairs.flatMap(([count, cost]) =>
      count === null || cost === null ? [] : [BigInt(count) * BigInt(cost.replace(".", ""))],
    );
    if (priced.length === 0) return null;
    return (priced.reduce((total, part) => total + part, 0n) + 999_999n) / 1_000_000n;
  }

  it("agrees with whole-number arithmetic for any usage and prices", async () => {
    await countCases("cost of a call, against whole-number arithmetic", (compare) => {
      fc.assert(
        fc.property(anyUsage, anyPrices, (counts, given) => {
          const cost = costMicros(counts, given);
          compare(cost === null ? null : BigInt(cost), exactly(counts, given));
        }),
        { numRuns: 1_000 },
      );
    });
  });

  it("never falls when more is used", () => {
    fc.assert(
      fc.property(anyUsage, anyPrices, fc.nat(1_000), (counts, given, more) => {
        const cost = costMicros(counts, given);
        const later = costMicros({ ...counts, output_tokens: (counts.output_tokens ?? 0) + more }, given);
        if (cost !== null) expect(later).toBeGreaterThanOrEqual(cost);
      }),
    );
  });
});

describe("a price", () => {
  it.each([
    ["0.25", "0.25"],
    [" 3 ", "3"],
    [0.1, "0.1"],
    [1e-7, "0.0000001"],
    ["1e-7", "0.0000001"],
    ["2.5E-3", "0.0025"],
    ["1.5e1", "15"],
    ["12e+2", "1200"],
    ["0e0", "0"],
    ["00.5e1", "5"],
  ])("%s is %s", (given, read) => {
    expect(modelPrices.parse({ input_price_per_million_tokens: given }).input_price_per_million_tokens).toBe(read);
  });

  it.each(["-1", "1e-13", "1e10", "e5", ".e1", "1e", "1e1e1", "0x10", "NaN", "", "1,5", "1e-99", "Infinity", -0.5])(
    "%s is none",
    (given) => {
      expect(modelPrices.safeParse({ input_price_per_million_tokens: given }).success).toBe(false);
    },
  );

  it("keeps its value without an exponent, whatever number it is", async () => {
    await countCases("prices with exponents, against numbers", (compare) => {
      fc.assert(
        fc.property(fc.nat(999_999), fc.integer({ min: -6, max: 3 }), (digits, exponent) => {
          const read = modelPrices.parse({ input_price_per_million_tokens: `${digits}e${exponent}` });
          compare(Number(read.input_price_per_million_tokens), Number(`${digits}e${exponent}`));
        }),
      );
    });
  });
});
