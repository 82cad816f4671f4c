import { calcPrice, findProvider } from "@pydantic/genai-prices";
import Decimal from "decimal.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { modelPrices } from "../../src/contract/models.ts";
import { costMicros } from "../../src/usage/cost.ts";
import { listPrices } from "../../src/usage/price-book.ts";
import { PRICE_BOOK_DATE, PRICE_BOOK_TABLE } from "../../src/usage/price-book-data.ts";
import { countCases } from "../support/cases.ts";

const lines = PRICE_BOOK_TABLE.trim()
  .split("\n")
  .map((line) => {
    const [host = "", names = ""] = line.split(";");
    return { host, names: names.split(",") };
  });

/** The addresses of hosts that have no adapter of their own. */
const ADDRESSES: Record<string, string> = {
  cerebras: "https://api.cerebras.ai/v1",
  deepseek: "https://api.deepseek.com",
  groq: "https://api.groq.com/openai/v1",
  mistral: "https://api.mistral.ai/v1",
  moonshotai: "https://api.moonshot.ai/v1",
  "x-ai": "https://api.x.ai/v1",
  zai: "https://api.z.ai/api/paas/v4",
};

function listedAt(host: string, model: string) {
  const baseUrl = ADDRESSES[host];
  return listPrices({ provider: baseUrl === undefined ? host : "openai-compat", baseUrl: baseUrl ?? "" }, model);
}

describe("the price book", () => {
  it("has prices that a model config takes, for many models of every host", () => {
    expect(lines.length).toBeGreaterThan(150);
    for (const { host, names } of lines) {
      for (const name of names) {
        const listed = listedAt(host, name);
        expect(modelPrices.parse(listed?.prices)).toEqual(listed?.prices);
        expect(listed?.prices.input_price_per_million_tokens).not.toBeNull();
      }
    }
  });

  it("says of what day its prices are, and from what length on a prompt costs more", () => {
    expect(PRICE_BOOK_DATE).toMatch(/^20\d\d-\d\d-\d\d$/);
    const sonnet = listedAt("anthropic", "claude-sonnet-4-5");
    expect(sonnet?.asOf).toBe(PRICE_BOOK_DATE);
    expect(sonnet?.dearerAboveTokens).toBe(200_000);
    expect(listedAt("anthropic", "claude-opus-4-5")?.dearerAboveTokens).toBeNull();
  });

  it.each([
    ["anthropic", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5"],
    ["anthropic", "Claude-Sonnet-4-5", "claude-sonnet-4-5"],
    ["anthropic", "claude-3-7-sonnet-latest", "claude-3-7-sonnet"],
    ["openai", "gpt-5.1-2025-11-13", "gpt-5.1"],
    ["openai", " gpt-5.1 ", "gpt-5.1"],
    ["google", "models/gemini-2.5-flash", "gemini-2.5-flash"],
  ])("finds %s %s as %s", (host, spelling, model) => {
    expect(listedAt(host, model)).not.toBeNull();
    expect(listedAt(host, spelling)).toEqual(listedAt(host, model));
  });

  it("keeps the prices of a dated model that has its own", () => {
    expect(listedAt("openai", "gpt-4o-2024-05-13")?.prices.input_price_per_million_tokens).toBe("5");
    expect(listedAt("openai", "gpt-4o-2024-11-20")?.prices.input_price_per_million_tokens).toBe("2.5");
  });

  it("guesses nothing", () => {
    expect(listedAt("anthropic", "gpt-5.1")).toBeNull();
    expect(listedAt("anthropic", "claude")).toBeNull();
    expect(listedAt("openai", "gpt-5.1-turbo-max")).toBeNull();
    expect(listedAt("openai", "")).toBeNull();
    // What runs on one's own machine has no list price, whatever it is called.
    for (const baseUrl of ["", "nonsense", "http://localhost:11434/v1", "https://api.groq.com.example.com/v1"]) {
      expect(listPrices({ provider: "openai-compat", baseUrl }, "llama-3.3-70b-versatile")).toBeNull();
    }
    expect(listedAt("groq", "llama-3.3-70b-versatile")).not.toBeNull();
  });

  it("makes of any use what the package makes of it", async () => {
    const at = new Date(`${PRICE_BOOK_DATE}T12:00:00Z`);
    const known = lines.flatMap(({ host, names }) => names.map((name) => ({ host, name })));
    const tokens = fc.nat(30_000);
    let unknown = 0;
    await countCases("list prices, against @pydantic/genai-prices", (compare) => {
      for (const { host, name } of known) {
        const provider = findProvider({ providerId: host });
        const listed = listedAt(host, name);
        if (provider === undefined || listed === null) throw new Error(`Nobody knows ${host} ${name}.`);
        fc.assert(
          fc.property(tokens, tokens, tokens, tokens, fc.nat(30), (input, output, read, written, searches) => {
            const hour = Math.floor(written / 3);
            const theirs = calcPrice(
              {
                input_tokens: input + read + written,
                cache_read_tokens: read,
                cache_write_tokens: written,
                output_tokens: output,
                ...(listed.prices.cache_write_1h_price_per_million_tokens === null
                  ? {}
                  : { cache_write_5m_tokens: written - hour, cache_write_1h_tokens: hour }),
                ...(listed.prices.web_search_price_per_thousand_requests === null ? {} : { web_searches: searches }),
              },
              name,
              { provider, timestamp: at },
            );
            if (theirs === null) {
              unknown += 1;
              return;
            }
            const usage = {
              input_tokens: input,
              output_tokens: output,
              total_tokens: null,
              reasoning_tokens: null,
              cache_creation_tokens: written,
              cache_read_tokens: read,
              cache_creation_1h_tokens: hour,
              web_search_requests: searches,
            };
            // It counts in binary fractions: the seventh digit of a micro-dollar is noise.
            const micros = new Decimal(theirs.total_price).times(1_000_000).toDecimalPlaces(7).ceil().toNumber();
            compare(costMicros(usage, listed.prices), micros);
          }),
          { numRuns: 10 },
        );
      }
    });
    expect(unknown).toBeLessThan(known.length / 2);
  });
});
