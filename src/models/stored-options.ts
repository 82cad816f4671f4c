import { z } from "zod";
import { modelPrices, price, type ModelCallConfig, type ModelPrices } from "../contract/models.ts";

const stored = z.looseObject({ cost: z.unknown() }).partial();

/**
 * A model's options as a row has them. Older rows have their prices beside the other options, or as numbers, and
 * none of those that came later: what `cost` lacks is taken from beside it. A price that is none counts as absent.
 */
export function readOptions(row: unknown): ModelCallConfig {
  const { cost: nested, ...rest } = stored.parse(row);
  const options = Object.fromEntries(Object.entries(rest).filter(([key]) => !(key in modelPrices.shape)));
  const beside = pricesIn(rest);
  if (nested === undefined && beside === null) return options;
  const within = pricesIn(nested) ?? {};
  const cost: Partial<ModelPrices> = Object.fromEntries(
    Object.entries({ ...beside, ...within }).filter(([, value]) => value !== null),
  );
  return { ...options, cost: modelPrices.parse(cost) };
}

/** The prices among the keys of an object; null when it has none of them. */
function pricesIn(value: unknown): Record<string, string> | null {
  const given = z.record(z.string(), z.unknown()).safeParse(value).data ?? {};
  const found = Object.keys(modelPrices.shape).flatMap((key) => {
    const read = price.safeParse(given[key]);
    return read.success ? [[key, read.data] as const] : [];
  });
  return found.length === 0 ? null : Object.fromEntries(found);
}
