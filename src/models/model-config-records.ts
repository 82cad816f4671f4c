import { and, asc, eq, sql, type SQL } from "drizzle-orm";
import type { AuditInsert } from "../audit/record.ts";
import type { CreateModelConfigRequest, UpdateModelConfigRequest } from "../contract/models.ts";
import type { Database } from "../platform/d1.ts";
import { newId } from "../platform/ids.ts";
import type { ModelConfigRow } from "./records.ts";
import { chatModelConfigs, chatProviders } from "./schema.ts";

interface By {
  userId: string;
  now: number;
}

/** Oldest first. Whoever does not set models up sees only what can be chosen. */
export async function listModelConfigs(db: Database, options: { onlyEnabled: boolean }): Promise<ModelConfigRow[]> {
  const notDeleted = eq(chatModelConfigs.deleted, false);
  return db
    .select()
    .from(chatModelConfigs)
    .where(options.onlyEnabled ? and(notDeleted, eq(chatModelConfigs.enabled, true)) : notDeleted)
    .orderBy(asc(chatModelConfigs.createdAt), asc(chatModelConfigs.id));
}

/** Null when the provider already has this model, or is not set up and `providerIsPreset` is false. */
export async function createModelConfig(
  db: Database,
  request: CreateModelConfigRequest,
  providerIsPreset: boolean,
  by: By,
  audit: (id: string) => AuditInsert,
): Promise<ModelConfigRow | null> {
  const id = newId();
  const isConfigured = sql`(${Number(providerIsPreset)} = 1 or exists (select 1 from ${chatProviders} where ${chatProviders.provider} = ${request.provider}))`;
  await db.batch([
    db
      .insert(chatModelConfigs)
      // Every column of the table, in its order.
      .select(
        sql`select ${id}, ${request.provider}, ${request.model}, ${request.display_name ?? ""},
          ${Number(request.enabled)}, 0, ${request.context_limit}, ${request.compression_threshold},
          ${JSON.stringify(request.model_config ?? {})}, 0, null, ${by.userId}, ${by.userId}, ${by.now}, ${by.now}
          where ${isConfigured}`,
      )
      .onConflictDoNothing(),
    audit(id),
    ...(request.is_default ? makeDefault(db, id) : []),
    ...electDefault(db, null),
  ]);
  return readModelConfig(db, id);
}

export type ModelConfigChange = ModelConfigRow | "unknown" | "duplicate";

/** Changes what is given. A default that steps down or is disabled hands over to another one. */
export async function updateModelConfig(
  db: Database,
  id: string,
  request: UpdateModelConfigRequest,
  by: By,
  audit: AuditInsert,
): Promise<ModelConfigChange> {
  const isFree = sql`not exists (select 1 from chat_model_configs other where other.deleted = 0 and other.id <> ${id}
    and other.provider = (select provider from chat_model_configs own where own.id = ${id})
    and other.model = ${request.model ?? null})`;
  const [changed] = await db.batch([
    db
      .update(chatModelConfigs)
      .set({
        model: request.model,
        displayName: request.display_name,
        enabled: request.enabled,
        contextLimit: request.context_limit,
        compressionThreshold: request.compression_threshold,
        options: request.model_config,
        isDefault: request.is_default === false ? false : undefined,
        updatedBy: by.userId,
        updatedAt: by.now,
      })
      .where(and(eq(chatModelConfigs.id, id), eq(chatModelConfigs.deleted, false), isFree))
      .returning({ id: chatModelConfigs.id }),
    audit,
    // A change that is refused must not move the default either.
    ...(request.is_default === true ? makeDefault(db, id, isFree) : []),
    ...electDefault(db, request.is_default === false ? id : null),
  ]);
  const row = await readModelConfig(db, id);
  if (row === null) return "unknown";
  return changed.length > 0 ? row : "duplicate";
}

/** Soft: chats and the ledger refer to it. False = there is none. */
export async function deleteModelConfig(db: Database, id: string, by: By, audit: AuditInsert): Promise<boolean> {
  const [deleted] = await db.batch([
    db
      .update(chatModelConfigs)
      .set({ deleted: true, deletedAt: by.now, isDefault: false, updatedBy: by.userId, updatedAt: by.now })
      .where(and(eq(chatModelConfigs.id, id), eq(chatModelConfigs.deleted, false)))
      .returning({ id: chatModelConfigs.id }),
    audit,
    ...electDefault(db, null),
  ]);
  return deleted.length > 0;
}

/**
 * Makes one row the default, if it exists. Two statements: the index that allows one default is checked
 * row by row, so the old one has to step down first.
 */
function makeDefault(db: Database, id: string, isAllowed?: SQL) {
  const exists = sql`exists (select 1 from chat_model_configs chosen where chosen.id = ${id} and chosen.deleted = 0)`;
  return [
    db
      .update(chatModelConfigs)
      .set({ isDefault: false })
      .where(and(eq(chatModelConfigs.isDefault, true), exists, isAllowed)),
    db
      .update(chatModelConfigs)
      .set({ isDefault: true })
      .where(and(eq(chatModelConfigs.id, id), eq(chatModelConfigs.deleted, false), isAllowed)),
  ] as const;
}

/**
 * The last statements of every batch that changes models: as long as there is a model there is exactly one
 * default, an enabled one where possible, and another than `stepsDown` where possible.
 */
export function electDefault(db: Database, stepsDown: string | null) {
  return [
    db
      .update(chatModelConfigs)
      .set({ isDefault: false })
      .where(
        and(
          eq(chatModelConfigs.isDefault, true),
          eq(chatModelConfigs.enabled, false),
          sql`exists (select 1 from chat_model_configs other where other.deleted = 0 and other.enabled = 1)`,
        ),
      ),
    db
      .update(chatModelConfigs)
      .set({ isDefault: true })
      .where(
        and(
          sql`not exists (select 1 from chat_model_configs held where held.is_default = 1 and held.deleted = 0)`,
          sql`${chatModelConfigs.id} = (select id from chat_model_configs next where next.deleted = 0
            order by next.enabled desc, next.id is ${stepsDown}, next.created_at, next.id limit 1)`,
        ),
      ),
  ] as const;
}

export async function readModelConfig(db: Database, id: string): Promise<ModelConfigRow | null> {
  const [row] = await db
    .select()
    .from(chatModelConfigs)
    .where(and(eq(chatModelConfigs.id, id), eq(chatModelConfigs.deleted, false)));
  return row ?? null;
}
