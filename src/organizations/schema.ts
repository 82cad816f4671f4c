import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { AccessColumns } from "../access/filter.ts";
import type { Permission } from "../access/permissions.ts";
import { shareableWorkspaceOwners, type OrganizationRole } from "../contract/organizations.ts";
import { users } from "../identity/schema.ts";
import { flag, instant, json, oneOf } from "../platform/columns.ts";

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
    deleted: flag("deleted").notNull().default(false),
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
    roles: json<OrganizationRole[]>("roles").notNull(),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.userId] }),
    index("organization_members_user").on(table.userId),
  ],
);

/**
 * The permissions of an organisation's system roles, which its sharing mode decides. Reconciled at every
 * change and at start; nobody edits them.
 */
export const customRoles = sqliteTable(
  "custom_roles",
  {
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id),
    name: text("name").notNull(),
    isSystem: flag("is_system").notNull().default(false),
    organizationPermissions: json<Permission[]>("organization_permissions").notNull(),
    memberPermissions: json<Permission[]>("member_permissions").notNull(),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.name] })],
);

/** The row whose id is the organisation's is the group of all its members; it has no rows in `group_members`. */
export const groups = sqliteTable(
  "groups",
  {
    id: text("id").primaryKey(),
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id),
    name: text("name").notNull(),
    displayName: text("display_name").notNull().default(""),
    avatarUrl: text("avatar_url").notNull().default(""),
    /** Each member's spend limit, in micro-dollars; of several groups the lowest counts. Null = none. */
    chatSpendLimitMicros: integer("chat_spend_limit_micros"),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [uniqueIndex("groups_name").on(table.organizationId, sql`lower(${table.name})`)],
);

export const groupMembers = sqliteTable(
  "group_members",
  {
    groupId: text("group_id")
      .notNull()
      .references(() => groups.id, { onDelete: "cascade" }),
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    createdAt: instant("created_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.groupId, table.userId] }), index("group_members_user").on(table.userId)],
);

/** For `filter`, of the table that each is named after. A membership is owned by whom it makes a member. */
export const organizationColumns: AccessColumns = { organization: organizations.id };
export const memberColumns: AccessColumns = {
  owner: organizationMembers.userId,
  organization: organizationMembers.organizationId,
};
export const groupColumns: AccessColumns = { organization: groups.organizationId };

/** Made by the first migration; the only organisation until there are more. */
export const DEFAULT_ORGANIZATION_ID = "00000000-0000-7000-8000-000000000001";
/** Owns what exists before the first person does. Cannot log in. */
export const SYSTEM_USER_ID = "00000000-0000-7000-8000-000000000002";
