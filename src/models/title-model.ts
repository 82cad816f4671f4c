import Decimal from "decimal.js";
import type { ModelOffer } from "./offer.ts";

/** Families that providers sell as their small ones, cheapest first; for models without prices. */
const SMALL = [/nano/i, /flash-lite/i, /haiku/i, /(?<!ge)mini/i, /flash/i];

/**
 * The model that writes titles: the cheapest by its prices, else one that is known to be small, else
 * the chat's own. Null where only the demo is there: it writes none.
 */
export function chooseTitleModel(offers: readonly ModelOffer[], chatConfigId: string): ModelOffer | null {
  const real = offers.filter((offer) => offer.source !== "demo");
  const priced = real
    .flatMap((offer) => {
      const price = priceOf(offer);
      return price === null ? [] : [{ offer, price }];
    })
    .sort((a, b) => a.price.comparedTo(b.price));
  const small = SMALL.map((family) => real.find((offer) => family.test(offer.model))).find(Boolean);
  return priced[0]?.offer ?? small ?? real.find((offer) => offer.id === chatConfigId) ?? real[0] ?? null;
}

function priceOf({ options }: ModelOffer): Decimal | null {
  const input = options.cost?.input_price_per_million_tokens ?? null;
  const output = options.cost?.output_price_per_million_tokens ?? null;
  return input === null || output === null ? null : new Decimal(input).plus(output);
}
