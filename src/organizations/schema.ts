import { index, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { users } from "../identity/schema.ts";
import { flag, instant, json, oneOf } from "../platform/columns.ts";

export const shareableWorkspaceOwners = ["none", "everyone", "service_accounts"] as const;

export const organizations = sqliteTable(
  "organizations",
  {
    id: text("id").primaryKey(),
    name: text("name").notNull().unique(),
    displayName: text("display_name").notNull(),
    isDefault: flag("is_default").notNull().default(false),
    shareableWorkspaceOwners: text("shareable_workspace_owners", { enum: shareableWorkspaceOwners })
      .notNull()
      .default("everyone"),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [oneOf("organizations_sharing", table.shareableWorkspaceOwners, shareableWorkspaceOwners)],
);

export const organizationMembers = sqliteTable(
  "organization_members",
  {
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id),
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    roles: json<string[]>("roles").notNull(),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.userId] }),
    index("organization_members_user").on(table.userId),
  ],
);

/** Made by the first migration; the only organisation until there are more. */
export const DEFAULT_ORGANIZATION_ID = "00000000-0000-7000-8000-000000000001";
/** Owns what exists before the first person does. Cannot log in. */
export const SYSTEM_USER_ID = "00000000-0000-7000-8000-000000000002";
