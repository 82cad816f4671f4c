import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/d1.ts";
import { demoModel } from "./demo/model.ts";
import { environmentPresets, type PresetSettings } from "./presets.ts";
import { chatModelConfigs } from "./schema.ts";

/** What a model is called in figures. */
export interface ModelName {
  displayName: string;
  provider: string;
  model: string;
}

/** Of a call whose model is not known, or is one of the environment's of another day. */
export const UNKNOWN_MODEL: ModelName = { displayName: "Unknown", provider: "unknown", model: "" };

/** Stands for no model where an id is asked for. */
export const NO_MODEL_ID = "00000000-0000-0000-0000-000000000000";

/**
 * What models are called by id: those of the database, deleted ones included, those of the environment, also
 * where a row stands in for one now, and the demo. The ledger has calls of all of them.
 */
export async function readModelNames(
  db: Database,
  env: PresetSettings,
  clock: Clock,
): Promise<(id: string | null) => ModelName> {
  const { id, provider, model, displayName } = chatModelConfigs;
  const [rows, presets] = await Promise.all([
    db.select({ id, provider, model, displayName }).from(chatModelConfigs),
    environmentPresets(env, clock),
  ]);
  const known = [
    demoModel,
    ...presets.flatMap((preset) => preset.models.map((offered) => ({ ...offered, provider: preset.provider }))),
    ...rows.map((row) => ({ ...row, displayName: row.displayName || row.model })),
  ];
  const names = new Map(
    known.map((one): [string, ModelName] => [
      one.id,
      { displayName: one.displayName, provider: one.provider, model: one.model },
    ]),
  );
  return (wanted) => (wanted === null ? undefined : names.get(wanted)) ?? UNKNOWN_MODEL;
}
