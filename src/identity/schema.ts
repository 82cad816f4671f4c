import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { AccessColumns } from "../access/filter.ts";
import { accountLinkKinds, loginTypes, userStatuses, type SiteRole } from "../contract/identity.ts";
import { flag, instant, json, oneOf } from "../platform/columns.ts";

export const users = sqliteTable(
  "users",
  {
    id: text("id").primaryKey(),
    username: text("username").notNull(),
    email: text("email").notNull(),
    name: text("name").notNull().default(""),
    avatarUrl: text("avatar_url").notNull().default(""),
    status: text("status", { enum: userStatuses }).notNull().default("active"),
    loginType: text("login_type", { enum: loginTypes }).notNull(),
    /** scrypt, see password.ts; null where the login type is not password. */
    passwordHash: text("password_hash"),
    roles: json<SiteRole[]>("roles").notNull(),
    isServiceAccount: flag("is_service_account").notNull().default(false),
    isSystem: flag("is_system").notNull().default(false),
    deleted: flag("deleted").notNull().default(false),
    lastSeenAt: instant("last_seen_at"),
    /** Their own spend limit, in micro-dollars of the period that `usage_limits` names. Null = none of their own. */
    chatSpendLimitMicros: integer("chat_spend_limit_micros"),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    uniqueIndex("users_username")
      .on(sql`lower(${table.username})`)
      .where(sql`${table.deleted} = 0`),
    uniqueIndex("users_email")
      .on(sql`lower(${table.email})`)
      .where(sql`${table.deleted} = 0 and ${table.email} != ''`),
    oneOf("users_status", table.status, userStatuses),
    oneOf("users_login_type", table.loginType, loginTypes),
  ],
);

/** Of `users`, for `filter`: everybody owns themselves. */
export const userColumns: AccessColumns = { owner: users.id };

/** Every status a user ever had; the first row is written with the user. */
export const userStatusChanges = sqliteTable(
  "user_status_changes",
  {
    id: text("id").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    newStatus: text("new_status", { enum: userStatuses }).notNull(),
    changedAt: instant("changed_at").notNull(),
  },
  (table) => [
    index("user_status_changes_user").on(table.userId, table.changedAt),
    oneOf("user_status_changes_status", table.newStatus, userStatuses),
  ],
);

export const userDeleted = sqliteTable("user_deleted", {
  id: text("id").primaryKey(),
  userId: text("user_id")
    .notNull()
    .references(() => users.id),
  deletedAt: instant("deleted_at").notNull(),
});

export const sessions = sqliteTable(
  "sessions",
  {
    id: text("id").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    /** SHA-256 of the cookie's secret, hex. */
    secretHash: text("secret_hash").notNull(),
    createdAt: instant("created_at").notNull(),
    lastUsedAt: instant("last_used_at").notNull(),
    /** Moves forward with use, never past `absoluteExpiresAt`. */
    expiresAt: instant("expires_at").notNull(),
    absoluteExpiresAt: instant("absolute_expires_at").notNull(),
    ipAddress: text("ip_address").notNull().default(""),
    userAgent: text("user_agent").notNull().default(""),
  },
  (table) => [index("sessions_user").on(table.userId, table.createdAt)],
);

export const apiKeys = sqliteTable(
  "api_keys",
  {
    id: text("id").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    /** SHA-256 of the secret, hex. */
    secretHash: text("secret_hash").notNull(),
    tokenName: text("token_name").notNull(),
    scopes: json<string[]>("scopes").notNull(),
    createdAt: instant("created_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    lastUsed: instant("last_used"),
    /** Who made it, where that is not the user: an admin, for a service account. */
    createdBy: text("created_by"),
  },
  (table) => [index("api_keys_user").on(table.userId, table.createdAt)],
);

/** Settings of one user: key to text. */
export const userConfigs = sqliteTable(
  "user_configs",
  {
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    key: text("key").notNull(),
    value: text("value").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.key] })],
);

/** Settings of the deployment: key to text. `setup_completed` is one of them. */
export const siteConfigs = sqliteTable("site_configs", {
  key: text("key").primaryKey(),
  value: text("value").notNull(),
  updatedAt: instant("updated_at").notNull(),
});

/** Of the release before `rate_counters`, which reads and writes it while a deployment is under way; nothing else does. */
export const loginAttempts = sqliteTable("login_attempts", {
  key: text("key").primaryKey(),
  windowStartedAt: instant("window_started_at").notNull(),
  attempts: integer("attempts").notNull(),
});

/** Invites and password resets: a link that works once, until it expires. */
export const accountLinks = sqliteTable(
  "account_links",
  {
    id: text("id").primaryKey(),
    kind: text("kind", { enum: accountLinkKinds }).notNull(),
    /** SHA-256 of the secret in the link, hex. */
    secretHash: text("secret_hash").notNull().unique(),
    /** Whose password is reset; null for an invite, until somebody has accepted it. */
    userId: text("user_id").references(() => users.id),
    email: text("email").notNull().default(""),
    roles: json<SiteRole[]>("roles").notNull().default([]),
    organizationIds: json<string[]>("organization_ids").notNull().default([]),
    createdBy: text("created_by")
      .notNull()
      .references(() => users.id),
    createdAt: instant("created_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    usedAt: instant("used_at"),
  },
  (table) => [
    index("account_links_created").on(table.kind, table.createdAt, table.id),
    oneOf("account_links_kind", table.kind, accountLinkKinds),
  ],
);

/** How often something was done in a window, per key: limits that hold across isolates. */
export const rateCounters = sqliteTable(
  "rate_counters",
  {
    key: text("key").primaryKey(),
    windowEndsAt: instant("window_ends_at").notNull(),
    count: integer("count").notNull(),
  },
  (table) => [index("rate_counters_end").on(table.windowEndsAt)],
);
