import type { ModelCatalogue, ModelConfig, Provider } from "../contract/models.ts";
import { toWireTime, toWireTimeOrNull } from "../platform/clock.ts";
import { ZERO_ID } from "../platform/ids.ts";
import type { ModelOffer } from "./offer.ts";
import type { ModelState } from "./offers.ts";
import { isImplemented } from "./provider-names.ts";
import { whyUnusable, type EffectiveProvider } from "./providers.ts";
import type { ModelConfigRow } from "./records.ts";

type CatalogueProvider = ModelCatalogue["providers"][number];

/** A provider as admins see it. The key shows only as its presence. */
export function toProvider(effective: EffectiveProvider): Provider {
  const { row, preset } = effective;
  return {
    id: row?.id ?? ZERO_ID,
    provider: effective.provider,
    display_name: effective.displayName,
    enabled: effective.enabled,
    has_api_key: effective.hasApiKey,
    base_url: effective.baseUrl,
    source: row !== null ? "database" : preset !== null ? "env_preset" : "supported",
    implemented: isImplemented(effective.provider),
    created_at: toWireTimeOrNull(row?.createdAt ?? null),
    updated_at: toWireTimeOrNull(row?.updatedAt ?? null),
  };
}

export function toModelConfig(row: ModelConfigRow): ModelConfig {
  return {
    id: row.id,
    provider: row.provider,
    model: row.model,
    display_name: row.displayName || row.model,
    enabled: row.enabled,
    is_default: row.isDefault,
    context_limit: row.contextLimit,
    compression_threshold: row.compressionThreshold,
    model_config: row.options,
    source: "database",
    created_at: toWireTime(row.createdAt),
    updated_at: toWireTime(row.updatedAt),
  };
}

/** A model that has no row: its times are those of no row, too. */
export function offerToModelConfig(offer: ModelOffer, isDefault: boolean): ModelConfig {
  return {
    id: offer.id,
    provider: offer.provider,
    model: offer.model,
    display_name: offer.displayName,
    enabled: true,
    is_default: isDefault,
    context_limit: offer.contextLimit,
    compression_threshold: offer.compressionThreshold,
    model_config: offer.options,
    source: offer.source,
    created_at: toWireTime(0),
    updated_at: toWireTime(0),
  };
}

/** What a person may pick, by provider; providers that are set up and cannot be used say why. */
export function toCatalogue({ providers, offers, defaultOffer }: ModelState): ModelCatalogue {
  const offering = Map.groupBy(offers, ({ provider }) => provider);
  const available = [...offering].map(([provider, own]): CatalogueProvider => ({
    provider,
    display_name: own[0]?.providerDisplayName ?? provider,
    available: true,
    models: withoutRepeats(own).map((offer) => toCatalogueModel(offer, offer === defaultOffer)),
  }));
  const unavailable = providers.flatMap((provider) => unavailableProvider(provider));
  return { providers: [...available, ...unavailable] };
}

function toCatalogueModel(offer: ModelOffer, isDefault: boolean): CatalogueProvider["models"][number] {
  return {
    id: `${offer.provider}:${offer.model}`,
    model_config_id: offer.id,
    provider: offer.provider,
    model: offer.model,
    display_name: offer.displayName,
    context_limit: offer.contextLimit,
    compression_threshold: offer.compressionThreshold,
    is_default: isDefault,
    scripted: offer.source === "demo",
  };
}

/** By model, each once whatever its case: of two spellings the older row counts. */
function withoutRepeats(offers: readonly ModelOffer[]): ModelOffer[] {
  const byModel = new Map<string, ModelOffer>();
  for (const offer of offers) {
    const name = offer.model.toLowerCase();
    if (!byModel.has(name)) byModel.set(name, offer);
  }
  return [...byModel.values()].toSorted((a, b) => a.model.localeCompare(b.model));
}

function unavailableProvider(provider: EffectiveProvider): CatalogueProvider[] {
  const reason = whyUnusable(provider);
  if (reason === null || reason === "not_set_up") return [];
  const told = reason === "missing_api_key" || reason === "disabled" ? { unavailable_reason: reason } : {};
  const { provider: name, displayName } = provider;
  return [{ provider: name, display_name: displayName, available: false, ...told, models: [] }];
}
