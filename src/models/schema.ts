import { sql } from "drizzle-orm";
import { check, customType, index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { providerNames, type ModelCallConfig } from "../contract/models.ts";
import { flag, instant, oneOf } from "../platform/columns.ts";
import { readOptions } from "./stored-options.ts";

const callConfig = customType<{ data: ModelCallConfig; driverData: string }>({
  dataType: () => "text",
  toDriver: (options) => JSON.stringify(options),
  fromDriver: (row) => readOptions(JSON.parse(row)),
});

export const chatProviders = sqliteTable(
  "chat_providers",
  {
    id: text("id").primaryKey(),
    provider: text("provider", { enum: providerNames }).notNull().unique(),
    displayName: text("display_name").notNull().default(""),
    /** Sealed under SECRET_KEY; "" = none. */
    sealedApiKey: text("sealed_api_key").notNull().default(""),
    baseUrl: text("base_url").notNull().default(""),
    enabled: flag("enabled").notNull(),
    createdBy: text("created_by"),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [oneOf("chat_providers_provider", table.provider, providerNames)],
);

/** Never hard-deleted: chats and the ledger refer to them. */
export const chatModelConfigs = sqliteTable(
  "chat_model_configs",
  {
    id: text("id").primaryKey(),
    provider: text("provider", { enum: providerNames }).notNull(),
    model: text("model").notNull(),
    displayName: text("display_name").notNull().default(""),
    enabled: flag("enabled").notNull(),
    isDefault: flag("is_default").notNull().default(false),
    contextLimit: integer("context_limit").notNull(),
    compressionThreshold: integer("compression_threshold").notNull(),
    options: callConfig("options").notNull(),
    deleted: flag("deleted").notNull().default(false),
    deletedAt: instant("deleted_at"),
    createdBy: text("created_by"),
    updatedBy: text("updated_by"),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    uniqueIndex("chat_model_configs_default")
      .on(table.isDefault)
      .where(sql`${table.isDefault} = 1 and ${table.deleted} = 0`),
    uniqueIndex("chat_model_configs_model")
      .on(table.provider, table.model)
      .where(sql`${table.deleted} = 0`),
    index("chat_model_configs_provider").on(table.provider),
    oneOf("chat_model_configs_provider_name", table.provider, providerNames),
    check("chat_model_configs_context", sql`${table.contextLimit} > 0`),
    check("chat_model_configs_threshold", sql`${table.compressionThreshold} between 0 and 100`),
  ],
);
