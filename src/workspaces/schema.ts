import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { users } from "../identity/schema.ts";
import { organizations } from "../organizations/schema.ts";
import { flag, instant, json } from "../platform/columns.ts";

export const workspaces = sqliteTable(
  "workspaces",
  {
    id: text("id").primaryKey(),
    ownerId: text("owner_id")
      .notNull()
      .references(() => users.id),
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id),
    name: text("name").notNull(),
    /** Null for a workspace that somebody connected by hand. */
    templateId: text("template_id"),
    userAcl: json<Record<string, string>>("user_acl").notNull().default({}),
    groupAcl: json<Record<string, string>>("group_acl").notNull().default({}),
    deleted: flag("deleted").notNull().default(false),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    uniqueIndex("workspaces_name")
      .on(table.ownerId, sql`lower(${table.name})`)
      .where(sql`${table.deleted} = 0`),
    index("workspaces_owner").on(table.ownerId, table.updatedAt, table.id),
    index("workspaces_organization").on(table.organizationId, table.updatedAt, table.id),
    index("workspaces_updated").on(table.updatedAt, table.id),
  ],
);

/**
 * Who stands in the ACL of which workspace: an index of `user_acl` and `group_acl`, so that the list of what was
 * shared with somebody does not read every workspace. Triggers keep it; nothing else writes it.
 */
export const workspaceAclEntries = sqliteTable(
  "workspace_acl_entries",
  {
    /** A user or a group. */
    subjectId: text("subject_id").notNull(),
    workspaceId: text("workspace_id")
      .notNull()
      .references(() => workspaces.id, { onDelete: "cascade" }),
    role: text("role").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.subjectId, table.workspaceId] }),
    index("workspace_acl_entries_workspace").on(table.workspaceId),
  ],
);

/** One start of a workspace. A chat uses the first agent of the newest build, looked up at each use. */
export const workspaceBuilds = sqliteTable(
  "workspace_builds",
  {
    id: text("id").primaryKey(),
    workspaceId: text("workspace_id")
      .notNull()
      .references(() => workspaces.id),
    buildNumber: integer("build_number").notNull(),
    createdAt: instant("created_at").notNull(),
  },
  (table) => [uniqueIndex("workspace_builds_number").on(table.workspaceId, table.buildNumber)],
);

export const workspaceAgents = sqliteTable(
  "workspace_agents",
  {
    id: text("id").primaryKey(),
    buildId: text("build_id")
      .notNull()
      .references(() => workspaceBuilds.id),
    workspaceId: text("workspace_id")
      .notNull()
      .references(() => workspaces.id),
    name: text("name").notNull().default("main"),
    /** SHA-256 of the agent token, hex. */
    tokenHash: text("token_hash").notNull().unique(),
    bootId: text("boot_id"),
    version: text("version").notNull().default(""),
    os: text("os").notNull().default(""),
    arch: text("arch").notNull().default(""),
    hostname: text("hostname").notNull().default(""),
    directory: text("directory").notNull().default(""),
    firstConnectedAt: instant("first_connected_at"),
    lastConnectedAt: instant("last_connected_at"),
    disconnectedAt: instant("disconnected_at"),
    createdAt: instant("created_at").notNull(),
  },
  (table) => [index("workspace_agents_build").on(table.buildId, table.createdAt, table.id)],
);
