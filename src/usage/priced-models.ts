import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { ModelPrices } from "../contract/models.ts";
import type { UnpricedModel } from "../contract/usage.ts";
import type { ModelOffer } from "../models/offer.ts";
import { readModelState } from "../models/offers.ts";
import { environmentPresets } from "../models/presets.ts";
import { chatModelConfigs } from "../models/schema.ts";
import { toWireTimeOrNull, type Clock } from "../platform/clock.ts";
import { runBatch, type Database } from "../platform/d1.ts";
import { listPrices, type PricedHost } from "./price-book.ts";
import type { Range } from "./ranges.ts";
import type { RepricedModel } from "./repricing.ts";

/** Models whose calls the ledger has, and what they cost by the prices that stand now. */
interface KnownModel {
  id: string;
  displayName: string;
  provider: string;
  model: string;
  prices: ModelPrices | null;
  /** Whether its prices can be changed: a row that is not deleted. */
  editable: boolean;
  storedOptions: string | null;
}

/** Null when nobody knows the model any more, or it is a stand-in that has no prices. */
export async function findPricedModel(
  db: Database,
  env: Env,
  clock: Clock,
  id: string,
): Promise<(Omit<RepricedModel, "prices"> & { displayName: string; prices: ModelPrices | null }) | null> {
  const [row] = await selectModels(db).where(eq(chatModelConfigs.id, id));
  if (row !== undefined) return fromRow(row);
  return (await presetModels(env, clock)).find((known) => known.id === id) ?? null;
}

function selectModels(db: Database) {
  return db.select({ row: chatModelConfigs, stored: sql<string>`${chatModelConfigs.options}` }).from(chatModelConfigs);
}

type SelectedModel = Awaited<ReturnType<typeof selectModels>>[number];

function fromRow({ row, stored }: SelectedModel): KnownModel {
  return {
    id: row.id,
    displayName: row.displayName || row.model,
    provider: row.provider,
    model: row.model,
    prices: row.options.cost ?? null,
    editable: !row.deleted,
    storedOptions: stored,
  };
}

async function presetModels(env: Env, clock: Clock): Promise<KnownModel[]> {
  const presets = await environmentPresets(env, clock);
  return presets.flatMap(({ provider, models }) =>
    models.map(({ id, displayName, model, options }) => ({
      id,
      displayName,
      provider,
      model,
      prices: options.cost ?? null,
      editable: false,
      storedOptions: null,
    })),
  );
}

const unpricedRow = z.object({ model_config_id: z.string(), calls: z.int(), last_used_at: z.int() });

/** Of the calls in the range, by model; the covering index by time answers it. */
export function unpricedCalls({ from, to }: Range) {
  return sql`select model_config_id, count(*) as calls, max(created_at) as last_used_at from chat_messages
    where created_at >= ${from} and created_at < ${to} and model_config_id is not null and total_cost_micros is null
      and coalesce(input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens, reasoning_tokens) is not null
    group by model_config_id`;
}

/**
 * Models with calls in the range that could not be priced, the most calls first, and then those that can be chosen
 * now and would be as unpriced: without a price for what goes in or what comes out.
 */
export async function readUnpricedModels(db: Database, env: Env, clock: Clock, range: Range): Promise<UnpricedModel[]> {
  const [answers, rows, presets, { offers, providers }] = await Promise.all([
    runBatch(db, [unpricedCalls(range)]),
    selectModels(db),
    presetModels(env, clock),
    readModelState(db, env, clock),
  ]);
  const calls = new Map(
    unpricedRow
      .array()
      .parse(answers[0]?.results)
      .map((row) => [row.model_config_id, row]),
  );
  const known = [...rows.map(fromRow), ...presets];
  const offered = new Set(offers.filter(isReal).map(({ id }) => id));
  const addressOf = (provider: string) => providers.find((one) => one.provider === provider)?.baseUrl ?? "";
  const found = known
    .filter((model) => calls.has(model.id) || (offered.has(model.id) && !hasPrices(model.prices)))
    .map((model) =>
      toWire(model, calls.get(model.id), { provider: model.provider, baseUrl: addressOf(model.provider) }),
    );
  const gone = [...calls.values()]
    .filter(({ model_config_id: id }) => !known.some((model) => model.id === id))
    .map((row) => toWire({ ...GONE, id: row.model_config_id }, row, { provider: "", baseUrl: "" }));
  return [...found, ...gone].toSorted(
    (a, b) => b.unpriced_call_count - a.unpriced_call_count || a.display_name.localeCompare(b.display_name),
  );
}

/** A model of an environment of another day. */
const GONE: Omit<KnownModel, "id"> = {
  displayName: "A model that is gone",
  provider: "unknown",
  model: "",
  prices: null,
  editable: false,
  storedOptions: null,
};

function isReal({ source }: ModelOffer): boolean {
  return source !== "demo";
}

/** What goes in and what comes out: with either of them missing a call counts for too little. */
function hasPrices(prices: ModelPrices | null): boolean {
  return prices?.input_price_per_million_tokens != null && prices.output_price_per_million_tokens != null;
}

function toWire(model: KnownModel, calls: z.infer<typeof unpricedRow> | undefined, host: PricedHost): UnpricedModel {
  return {
    model_config_id: model.id,
    display_name: model.displayName,
    provider: model.provider,
    model: model.model,
    editable: model.editable,
    has_prices: hasPrices(model.prices),
    unpriced_call_count: calls?.calls ?? 0,
    last_used_at: toWireTimeOrNull(calls?.last_used_at ?? null),
    suggestion: suggestionOf(host, model.model),
  };
}

function suggestionOf(host: PricedHost, model: string): Record<string, string> | null {
  const listed = listPrices(host, model);
  if (listed === null) return null;
  return Object.fromEntries(
    Object.entries(listed.prices).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}
