import type { ModelConfig, ModelPrices } from "../../../../src/contract/models.ts";

/** "200k", "1M", "131,072": as short as it can be said exactly. */
export function tokenCount(tokens: number): string {
  if (tokens >= 1_000_000 && tokens % 100_000 === 0) return `${tokens / 1_000_000}M`;
  if (tokens >= 1_000 && tokens % 1_000 === 0) return `${tokens / 1_000}k`;
  return new Intl.NumberFormat("en").format(tokens);
}

/** What a model costs, in US dollars per million tokens; unknown is not the same as free. */
export function priceWords(prices: ModelPrices | undefined): string {
  const input = prices?.input_price_per_million_tokens ?? null;
  const output = prices?.output_price_per_million_tokens ?? null;
  const known = [input, output].filter((price) => price !== null);
  if (known.length === 0) return "Not priced";
  if (known.length === 2 && known.every((price) => Number(price) === 0)) return "Free";
  return [input !== null && `$${input} in`, output !== null && `$${output} out`].filter(Boolean).join(" · ");
}

/** "1 call", "12,345 calls". */
export function callCount(calls: number): string {
  return `${new Intl.NumberFormat("en").format(calls)} ${calls === 1 ? "call" : "calls"}`;
}

/** Why a model stands in the list of those that are not priced. */
export function unpricedWords(calls: number, prices: ModelPrices | undefined): string {
  if (calls > 0) return `${callCount(calls)} without a cost`;
  const known = Object.values(prices ?? {}).some((price) => price !== null);
  return known ? "Some prices are missing: its calls count for too little" : "No calls yet; they would have no cost";
}

/** "23 September 2026": a calendar day, whatever zone its reader is in. */
export function dayWords(day: string): string {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));
}

/** Where a model comes from, when that is not this page. */
export function sourceWords(source: ModelConfig["source"]): string | null {
  switch (source) {
    case "environment":
      return "From the environment";
    case "demo":
      return "Scripted demo, no AI";
    case "database":
      return null;
  }
}
