import type { ProviderName } from "../contract/models.ts";
import type { Connection } from "./connection.ts";
import type { Preset } from "./presets.ts";
import { implementedProviders, isImplemented, providerDisplayNames } from "./provider-names.ts";
import type { chatProviders } from "./schema.ts";

export type ProviderRow = typeof chatProviders.$inferSelect;

/** A provider as it counts: its row, over what the environment sets. Non-empty fields of the row win. */
export interface EffectiveProvider {
  provider: ProviderName;
  displayName: string;
  row: ProviderRow | null;
  preset: Preset | null;
  enabled: boolean;
  hasApiKey: boolean;
  baseUrl: string;
}

export function effectiveProvider(
  provider: ProviderName,
  row: ProviderRow | null,
  preset: Preset | null,
): EffectiveProvider {
  return {
    provider,
    displayName: row?.displayName || preset?.displayName || providerDisplayNames[provider],
    row,
    preset,
    enabled: row?.enabled ?? preset !== null,
    hasApiKey: (row?.sealedApiKey ?? "") !== "" || presetKey(row, preset) !== "",
    baseUrl: row?.baseUrl || preset?.baseUrl || "",
  };
}

export type Unusable = "not_set_up" | "disabled" | "not_implemented" | "missing_api_key" | "missing_address";

/** Why models of this provider cannot be called; null when they can. */
export function whyUnusable(provider: EffectiveProvider): Unusable | null {
  if (provider.row === null && provider.preset === null) return "not_set_up";
  if (!provider.enabled) return "disabled";
  if (!isImplemented(provider.provider)) return "not_implemented";
  // Servers of one's own often want no key, but nobody knows where they are.
  if (provider.provider === "openai-compat") return provider.baseUrl === "" ? "missing_address" : null;
  return provider.hasApiKey ? null : "missing_api_key";
}

export function unusableWords(provider: EffectiveProvider, reason: Unusable): string {
  const name = provider.displayName;
  switch (reason) {
    case "not_set_up":
      return `${name} is not set up. Add it in Settings, Providers.`;
    case "disabled":
      return `${name} is disabled. Enable it in Settings, Providers, or choose another model.`;
    case "not_implemented":
      return `This version cannot call ${name} yet. It can call ${implementedProviders.map((known) => providerDisplayNames[known]).join(", ")}.`;
    case "missing_api_key":
      return `${name} has no API key. Set one in Settings, Providers.`;
    case "missing_address":
      return `${name} has no address. Set its base URL in Settings, Providers.`;
  }
}

/** The environment's models need the environment's address; a row that leads elsewhere has its own models. */
export function offersPresetModels({ provider, preset, baseUrl }: EffectiveProvider): boolean {
  return preset !== null && (provider !== "openai-compat" || baseUrl === preset.baseUrl);
}

/** Where and as whom to call a usable provider. */
export async function connectionOf(
  effective: EffectiveProvider,
  unsealKey: (sealed: string) => Promise<string>,
): Promise<Connection> {
  const { provider, row, preset } = effective;
  if (!isImplemented(provider)) throw new Error(`No adapter for ${provider}`);
  const sealed = row?.sealedApiKey ?? "";
  return {
    provider,
    displayName: effective.displayName,
    apiKey: sealed === "" ? presetKey(row, preset) : await unsealKey(sealed),
    baseUrl: effective.baseUrl,
    trustedAddress: (row?.baseUrl ?? "") === "",
  };
}

/** A key of the environment goes to the environment's address only: a row's address could collect it. */
function presetKey(row: ProviderRow | null, preset: Preset | null): string {
  const address = row?.baseUrl ?? "";
  return preset !== null && (address === "" || address === preset.baseUrl) ? preset.apiKey : "";
}
