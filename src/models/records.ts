import { asc, eq } from "drizzle-orm";
import type { Database } from "../platform/d1.ts";
import { chatModelConfigs, chatProviders } from "./schema.ts";
import type { ProviderRow } from "./providers.ts";

export type ModelConfigRow = typeof chatModelConfigs.$inferSelect;

export interface ModelSettings {
  providers: ProviderRow[];
  /** Oldest first, without deleted ones. */
  configs: ModelConfigRow[];
}

/** All providers and models that admins have set up: a handful of rows. */
export async function readModelSettings(db: Database): Promise<ModelSettings> {
  const [providers, configs] = await db.batch(selectModelSettings(db));
  return { providers, configs };
}

/** Its queries, for a batch. */
export function selectModelSettings(db: Database) {
  return [
    db.select().from(chatProviders).orderBy(asc(chatProviders.provider)),
    db
      .select()
      .from(chatModelConfigs)
      .where(eq(chatModelConfigs.deleted, false))
      .orderBy(asc(chatModelConfigs.createdAt), asc(chatModelConfigs.id)),
  ] as const;
}
