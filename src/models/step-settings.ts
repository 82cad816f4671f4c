import { and, eq, sql, type Placeholder, type SQL } from "drizzle-orm";
import { mayAct } from "../identity/actors.ts";
import { userConfigs, users } from "../identity/schema.ts";
import { preparedBatch, type Database } from "../platform/d1.ts";
import { selectWhetherLimited } from "../usage/limits.ts";
import { selectModelSettings, type ModelSettings } from "./records.ts";

/** What D1 says that a step stands on: models as admins set them up, and what the chat's owner set for themselves. */
export interface StepSettings {
  models: ModelSettings;
  own: OwnSetting[];
  /**
   * Whether the chat's owner is somebody for whom models are called at all: neither suspended nor deleted.
   * Absent where the release before this one read it.
   */
  ownerMayAct?: boolean;
  /** Whether spend limits are on: then they limit everybody. Absent where the release before this one read it. */
  limited?: boolean;
}

export type OwnSetting = Pick<typeof userConfigs.$inferSelect, "key" | "value">;

/** Its queries, for a batch; `toStepSettings` puts their answers together. */
export function selectStepSettings(db: Database, owner: Placeholder | SQL) {
  const own = db
    .select({ key: userConfigs.key, value: userConfigs.value })
    .from(userConfigs)
    .where(eq(userConfigs.userId, owner));
  const person = db
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.id, owner), mayAct));
  return [...selectModelSettings(db), own, person, selectWhetherLimited(db)] as const;
}

export function toStepSettings([providers, configs, own, person, limits]: readonly [
  ModelSettings["providers"],
  ModelSettings["configs"],
  OwnSetting[],
  { id: string }[],
  unknown[],
]): StepSettings {
  return { models: { providers, configs }, own, ownerMayAct: person.length > 0, limited: limits.length > 0 };
}

const stepSettingsOf = preparedBatch((db) => selectStepSettings(db, sql.placeholder("owner")));

/** Reads what a step stands on, each time anew: a change counts from the next step of every chat. */
export interface StepSettingsReader {
  /** Whoever asks in one go is answered by one round trip. */
  read(ownerId: string): Promise<StepSettings>;
  /** What begins in `work`, before its first await, is given these settings and asks nobody. */
  during<T>(given: StepSettings | null, work: () => T): T;
}

export function stepSettingsReader(db: Database): StepSettingsReader {
  let given: StepSettings | null = null;
  let underway: { ownerId: string; settings: Promise<StepSettings> } | null = null;
  return {
    read(ownerId) {
      if (given !== null) return Promise.resolve(given);
      if (underway?.ownerId !== ownerId) {
        const settings = stepSettingsOf(db, { owner: ownerId }).then(toStepSettings);
        underway = { ownerId, settings };
        // Whoever asks later may want to know what has changed meanwhile.
        queueMicrotask(() => (underway = null));
      }
      return underway.settings;
    },
    during(settings, work) {
      given = settings;
      try {
        return work();
      } finally {
        given = null;
      }
    },
  };
}
