import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Json } from "../contract/common.ts";
import { users } from "../identity/schema.ts";
import { instant, json } from "../platform/columns.ts";

/**
 * What a person has connected: one link per provider. Tokens are sealed under SECRET_KEY. `version` rises with
 * each write and is what an update is conditional on: a sealed text differs each time it is sealed, so the
 * token itself cannot be compared.
 */
export const externalAuthLinks = sqliteTable(
  "external_auth_links",
  {
    /** As the configuration names it; `oidc` is what people sign in with. */
    providerId: text("provider_id").notNull(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    sealedAccessToken: text("sealed_access_token").notNull(),
    /** "" = none, or one that was refused for good. */
    sealedRefreshToken: text("sealed_refresh_token").notNull().default(""),
    /** Null = never. */
    expiresAt: instant("expires_at"),
    /** Keys of the token answer that the configuration asks to keep. */
    extra: json<Record<string, Json>>("extra"),
    /** Why the provider refused to refresh, at most 400 characters; "" = it has not. */
    refreshFailureReason: text("refresh_failure_reason").notNull().default(""),
    refreshFailedAt: instant("refresh_failed_at"),
    version: integer("version").notNull(),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.providerId, table.userId] }),
    index("external_auth_links_user").on(table.userId),
  ],
);
