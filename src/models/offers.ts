import { providerNames } from "../contract/models.ts";
import { systemClock, type Clock } from "../platform/clock.ts";
import type { Database } from "../platform/d1.ts";
import { Problem } from "../platform/problem.ts";
import { unseal } from "../platform/sealing.ts";
import { demoModel } from "./demo/model.ts";
import type { ModelOffer } from "./offer.ts";
import { environmentPresets, type Preset } from "./presets.ts";
import {
  connectionOf,
  effectiveProvider,
  offersPresetModels,
  unusableWords,
  whyUnusable,
  type EffectiveProvider,
} from "./providers.ts";
import { readModelSettings, type ModelConfigRow, type ModelSettings } from "./records.ts";

/** Everything about models as it stands now: rows, the environment over them, and what comes of it. */
export interface ModelState {
  settings: ModelSettings;
  providers: EffectiveProvider[];
  offers: ModelOffer[];
  defaultOffer: ModelOffer | null;
}

const DEFAULT_THRESHOLD = 70;

/** Reads rows and environment anew: a change by an admin counts from the next step of every chat. */
export async function readModelState(db: Database, env: Env, clock: Clock): Promise<ModelState> {
  return modelStateFrom(readModelSettings(db), env, clock);
}

/** The same where the rows are read with something else. */
export async function modelStateFrom(rows: Promise<ModelSettings>, env: Env, clock: Clock): Promise<ModelState> {
  const [settings, presets] = await Promise.all([rows, environmentPresets(env, clock)]);
  const unsealKey = (sealed: string) => unseal(sealed, env.SECRET_KEY);
  return modelState(settings, presets, unsealKey);
}

/** The rule alone, without reading anything. */
export function modelState(
  settings: ModelSettings,
  presets: readonly Preset[],
  unsealKey: (sealed: string) => Promise<string>,
): ModelState {
  const providers = providerNames.map((name) =>
    effectiveProvider(
      name,
      settings.providers.find((row) => row.provider === name) ?? null,
      presets.find((preset) => preset.provider === name) ?? null,
    ),
  );
  const usable = providers.filter((provider) => whyUnusable(provider) === null);
  const fromRows = settings.configs.flatMap((config) => databaseOffer(config, usable, unsealKey));
  const fromEnvironment = presets.flatMap((preset) => presetOffers(preset, settings.configs, usable, unsealKey));
  const real = [...fromRows, ...fromEnvironment];
  // The demo stands in only where there is nothing else.
  const offers = real.length > 0 ? real : [demoModel];
  const chosen = settings.configs.find((config) => config.isDefault)?.id;
  return { settings, providers, offers, defaultOffer: offers.find(({ id }) => id === chosen) ?? offers[0] ?? null };
}

/**
 * The model of a new chat or message: the one that was asked for, or the default. Throws a 400 Problem
 * that says what is wrong with it.
 */
export async function resolveModelChoice(
  db: Database,
  env: Env,
  configId: string | undefined,
): Promise<{ id: string }> {
  const state = await readModelState(db, env, systemClock);
  if (configId === undefined) {
    if (state.defaultOffer === null) throw badChoice("No default chat model config is configured.");
    return { id: state.defaultOffer.id };
  }
  const offer = state.offers.find(({ id }) => id === configId);
  if (offer !== undefined) return { id: offer.id };
  throw badChoice(whyNotOffered(configId, state));
}

function whyNotOffered(configId: string, state: ModelState): string {
  const config = state.settings.configs.find(({ id }) => id === configId);
  if (config === undefined) return "Invalid model config ID.";
  if (!config.enabled) return `The model ${config.displayName || config.model} is disabled. Choose another one.`;
  const provider = state.providers.find((known) => known.provider === config.provider);
  const reason = provider === undefined ? null : whyUnusable(provider);
  if (provider === undefined || reason === null) return "Invalid model config ID.";
  return unusableWords(provider, reason);
}

function badChoice(title: string): Problem {
  return new Problem(400, title, { errors: [{ pointer: "/model_config_id", detail: title }] });
}

function databaseOffer(
  config: ModelConfigRow,
  usable: readonly EffectiveProvider[],
  unsealKey: (sealed: string) => Promise<string>,
): ModelOffer[] {
  const provider = usable.find((known) => known.provider === config.provider);
  if (provider === undefined || !config.enabled) return [];
  return [
    {
      id: config.id,
      provider: config.provider,
      providerDisplayName: provider.displayName,
      model: config.model,
      displayName: config.displayName || config.model,
      contextLimit: config.contextLimit,
      compressionThreshold: config.compressionThreshold,
      options: config.options,
      source: "database",
      connect: () => connectionOf(provider, unsealKey),
    },
  ];
}

function presetOffers(
  preset: Preset,
  configs: readonly ModelConfigRow[],
  usable: readonly EffectiveProvider[],
  unsealKey: (sealed: string) => Promise<string>,
): ModelOffer[] {
  const provider = usable.find((known) => known.provider === preset.provider);
  if (provider === undefined || !offersPresetModels(provider)) return [];
  // A row for the same model, enabled or not, is what an admin wants of it.
  const taken = new Set(configs.filter((row) => row.provider === preset.provider).map((row) => row.model));
  return preset.models
    .filter(({ model }) => !taken.has(model))
    .map(({ id, model, displayName, contextLimit, options }) => ({
      id,
      provider: preset.provider,
      providerDisplayName: provider.displayName,
      model,
      displayName,
      contextLimit,
      compressionThreshold: DEFAULT_THRESHOLD,
      options,
      source: "environment",
      connect: () => connectionOf(provider, unsealKey),
    }));
}
