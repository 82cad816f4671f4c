import Decimal from "decimal.js";
import type { ModelPrices, TokenUsage } from "../contract/models.ts";

/** Enough digits that no sum of prices and token counts is rounded on the way. */
const Exact = Decimal.clone({ precision: 60 });
/** A million dollars: no call costs that, and sums of thousands of them are still exact integers. */
const CALL_COST_MAX_MICROS = 1_000_000_000_000;

/** A thousand searches have a price in dollars, so one of them has a thousand times it in micro-dollars. */
const MICROS_PER_SEARCH = 1_000;

/**
 * Cost of one model call in micro-dollars, or null when it cannot be priced.
 *
 * Prices are US dollars per million tokens, so tokens × price is already micro-dollars.
 * Fractions round up once, on the sum. Reasoning tokens are part of output and are not added.
 * Zero means free; null means that no kind of use that was reported has a price.
 */
export function costMicros(usage: TokenUsage, prices: ModelPrices | null): number | null {
  const pairs = prices === null ? [] : pricedPairs(usage, prices);
  if (pairs.length === 0) return null;
  const sum = pairs.reduce((total, [used, price]) => total.plus(new Exact(price).times(used)), new Exact(0));
  // A price typed with too many zeros must not make a number that integers, or sums of them, cannot hold.
  return Exact.min(sum.ceil(), CALL_COST_MAX_MICROS).toNumber();
}

/** What was reported and has a price, in units of which one costs as many micro-dollars. A kind without a price adds nothing. */
function pricedPairs(usage: TokenUsage, prices: ModelPrices): [used: number, price: string][] {
  const written = writtenTokens(usage);
  const kinds: [number | null, string | null][] = [
    [usage.input_tokens, prices.input_price_per_million_tokens],
    [usage.output_tokens, prices.output_price_per_million_tokens],
    [usage.cache_read_tokens, prices.cache_read_price_per_million_tokens],
    [written.short, prices.cache_write_price_per_million_tokens],
    [written.hour, prices.cache_write_1h_price_per_million_tokens ?? prices.cache_write_price_per_million_tokens],
    [
      usage.web_search_requests === null ? null : usage.web_search_requests * MICROS_PER_SEARCH,
      prices.web_search_price_per_thousand_requests,
    ],
  ];
  // An object may be handed prices by a Worker of the release before, which knows fewer kinds.
  return kinds.flatMap(([used, price]) => (used == null || price == null ? [] : [[used, price]]));
}

/** Tokens written to the cache, by how long they are kept. Those for an hour are part of all of them. */
function writtenTokens(usage: TokenUsage): { short: number | null; hour: number | null } {
  const { cache_creation_tokens: all, cache_creation_1h_tokens: hour } = usage;
  if (all === null || hour === null) return { short: all, hour };
  const kept = Math.min(all, hour);
  return { short: all - kept, hour: kept };
}
