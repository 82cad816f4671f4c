import Decimal from "decimal.js";
import type { ModelPrices, TokenUsage } from "../contract/models.ts";

/** Enough digits that no sum of prices and token counts is rounded on the way. */
const Exact = Decimal.clone({ precision: 60 });
/** A million dollars: no call costs that, and sums of thousands of them are still exact integers. */
const CALL_COST_MAX_MICROS = 1_000_000_000_000;

/**
 * Cost of one model call in micro-dollars, or null when it cannot be priced.
 *
 * Prices are US dollars per million tokens, so tokens × price is already micro-dollars.
 * Fractions round up once, on the sum. Reasoning tokens are part of output and are not added.
 * Zero means free; null means that no kind of token that was reported has a price.
 */
export function costMicros(usage: TokenUsage, prices: ModelPrices | null): number | null {
  const pairs = prices === null ? [] : pricedPairs(usage, prices);
  if (pairs.length === 0) return null;
  const sum = pairs.reduce((total, [tokens, price]) => total.plus(new Exact(price).times(tokens)), new Exact(0));
  // A price typed with too many zeros must not make a number that integers, or sums of them, cannot hold.
  return Exact.min(sum.ceil(), CALL_COST_MAX_MICROS).toNumber();
}

/** Kinds of tokens that were reported and have a price. A kind without a price adds nothing. */
function pricedPairs(usage: TokenUsage, prices: ModelPrices): [tokens: number, price: string][] {
  const kinds: [number | null, string | null][] = [
    [usage.input_tokens, prices.input_price_per_million_tokens],
    [usage.output_tokens, prices.output_price_per_million_tokens],
    [usage.cache_read_tokens, prices.cache_read_price_per_million_tokens],
    [usage.cache_creation_tokens, prices.cache_write_price_per_million_tokens],
  ];
  return kinds.flatMap(([tokens, price]) => (tokens === null || price === null ? [] : [[tokens, price]]));
}
