import type { ModelPrices } from "../contract/models.ts";
import { PRICE_BOOK_DATE, PRICE_BOOK_TABLE } from "./price-book-data.ts";

/** What a host asks for a model, where the price book knows it. */
export interface ListPrices {
  prices: ModelPrices;
  /** A calendar day: prices change without telling us. */
  asOf: string;
  /** Prompts of more tokens cost more than `prices` say; null = they do not. */
  dearerAboveTokens: number | null;
}

/** Where a provider's calls go. Of `openai-compat` only the address tells whose prices they have. */
export interface PricedHost {
  provider: string;
  baseUrl: string;
}

/** Hosts that speak Chat Completions, by the name of their server. */
const COMPATIBLE_HOSTS: Readonly<Record<string, string>> = {
  "api.cerebras.ai": "cerebras",
  "api.deepseek.com": "deepseek",
  "api.groq.com": "groq",
  "api.mistral.ai": "mistral",
  "api.moonshot.ai": "moonshotai",
  "api.moonshot.cn": "moonshotai",
  "api.x.ai": "x-ai",
  "api.z.ai": "zai",
};

let book: Map<string, ListPrices> | null = null;

/** The list prices of a model, or null when nobody here knows them. */
export function listPrices({ provider, baseUrl }: PricedHost, model: string): ListPrices | null {
  const host = hostOf(provider, baseUrl);
  if (host === null) return null;
  book ??= readBook();
  // A dated name may have prices of its own; otherwise they are those of its family.
  for (const name of spellings(model)) {
    const found = book.get(`${host}:${name}`);
    if (found !== undefined) return found;
  }
  return null;
}

function hostOf(provider: string, baseUrl: string): string | null {
  if (provider !== "openai-compat") return provider;
  if (!URL.canParse(baseUrl)) return null;
  return COMPATIBLE_HOSTS[new URL(baseUrl).hostname] ?? null;
}

/** `claude-sonnet-4-5-20250929`, `gpt-5.1-2025-11-13`, `models/gemini-2.5-flash-latest`: as it is, then without. */
function spellings(model: string): string[] {
  const name = model
    .trim()
    .toLowerCase()
    .replace(/^models\//, "");
  return [name, name.replace(/-latest$/, "").replace(/-(\d{8}|\d{4}-\d{2}-\d{2})$/, "")];
}

function readBook(): Map<string, ListPrices> {
  const entries = new Map<string, ListPrices>();
  for (const line of PRICE_BOOK_TABLE.trim().split("\n")) {
    const [host = "", names = "", ...columns] = line.split(";");
    const [input, output, read, write, hour, search, tier] = columns.map((text) => (text === "" ? null : text));
    const listed: ListPrices = {
      prices: {
        input_price_per_million_tokens: input ?? null,
        output_price_per_million_tokens: output ?? null,
        cache_read_price_per_million_tokens: read ?? null,
        cache_write_price_per_million_tokens: write ?? null,
        cache_write_1h_price_per_million_tokens: hour ?? null,
        web_search_price_per_thousand_requests: search ?? null,
      },
      asOf: PRICE_BOOK_DATE,
      dearerAboveTokens: tier == null ? null : Number(tier),
    };
    for (const name of names.split(",")) entries.set(`${host}:${name}`, listed);
  }
  return entries;
}
