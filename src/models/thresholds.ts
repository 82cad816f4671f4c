import { and, asc, eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { CompactionThreshold } from "../contract/chat-settings.ts";
import { userConfigs } from "../identity/schema.ts";
import type { Database } from "../platform/d1.ts";
import type { OwnSetting } from "./step-settings.ts";

/** A person's own compaction thresholds: settings of theirs, one a model config. */

const PREFIX = "chat_compaction_threshold_pct:";
const percent = z.coerce.number().int().min(0).max(100);

/** The percentage that somebody with these settings set for the model; null when the model config's counts. */
export function thresholdAmong(own: readonly OwnSetting[], configId: string): number | null {
  const setting = own.find(({ key }) => key === PREFIX + configId);
  return setting === undefined ? null : percent.parse(setting.value);
}

/** All that this person set, by model config. */
export async function listThresholds(db: Database, userId: string): Promise<CompactionThreshold[]> {
  const rows = await db
    .select({ key: userConfigs.key, value: userConfigs.value })
    .from(userConfigs)
    .where(and(eq(userConfigs.userId, userId), sql`substr(${userConfigs.key}, 1, ${PREFIX.length}) = ${PREFIX}`))
    .orderBy(asc(userConfigs.key));
  return rows.map(({ key, value }) => ({
    model_config_id: key.slice(PREFIX.length),
    threshold_percent: percent.parse(value),
  }));
}

export async function writeThreshold(
  db: Database,
  userId: string,
  { model_config_id, threshold_percent }: CompactionThreshold,
  now: number,
): Promise<void> {
  const change = { value: String(threshold_percent), updatedAt: now };
  await db
    .insert(userConfigs)
    .values({ userId, key: PREFIX + model_config_id, ...change })
    .onConflictDoUpdate({ target: [userConfigs.userId, userConfigs.key], set: change });
}

export async function removeThreshold(db: Database, userId: string, configId: string): Promise<void> {
  await db.delete(userConfigs).where(isOf(userId, configId));
}

function isOf(userId: string, configId: string) {
  return and(eq(userConfigs.userId, userId), eq(userConfigs.key, PREFIX + configId));
}
