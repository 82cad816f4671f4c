import { sql } from "drizzle-orm";
import { check, index, integer, primaryKey, sqliteTable, text, type AnySQLiteColumn } from "drizzle-orm/sqlite-core";
import type { AccessColumns } from "../access/filter.ts";
import { chatStatuses, messageRoles, messageVisibilities, type LastErrorDetail } from "../contract/chats.ts";
import { fileTypes } from "../contract/files.ts";
import { chatShareRoles } from "../contract/sharing.ts";
import { ledgerKinds } from "../contract/usage.ts";
import { users } from "../identity/schema.ts";
import { organizations } from "../organizations/schema.ts";
import { flag, instant, json, oneOf } from "../platform/columns.ts";
import { workspaces } from "../workspaces/schema.ts";

/** A projection for lists: after creation only the outbox of the chat's object writes it. */
export const chats = sqliteTable(
  "chats",
  {
    id: text("id").primaryKey(),
    ownerId: text("owner_id")
      .notNull()
      .references(() => users.id),
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id),
    workspaceId: text("workspace_id").references(() => workspaces.id, { onDelete: "set null" }),
    parentChatId: text("parent_chat_id"),
    rootChatId: text("root_chat_id").notNull(),
    title: text("title").notNull(),
    status: text("status", { enum: chatStatuses }).notNull(),
    lastError: text("last_error"),
    lastErrorDetail: json<LastErrorDetail>("last_error_detail"),
    lastModelConfigId: text("last_model_config_id").notNull(),
    mode: text("mode"),
    archived: flag("archived").notNull().default(false),
    archivedVersion: integer("archived_version").notNull().default(0),
    version: integer("version").notNull().default(0),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
    /** The newest answer that people can see; what is unread is newer than somebody's mark in `chat_reads`. */
    lastAnswerId: integer("last_answer_id"),
  },
  (table) => [
    index("chats_owner").on(table.ownerId, sql`${table.updatedAt} desc`, sql`${table.id} desc`),
    index("chats_updated").on(sql`${table.updatedAt} desc`, sql`${table.id} desc`),
    index("chats_created").on(table.createdAt),
    index("chats_root").on(table.rootChatId),
    index("chats_working")
      .on(table.status, table.updatedAt)
      .where(sql`${table.status} in ('pending', 'running', 'interrupting')`),
    oneOf("chats_status", table.status, chatStatuses),
  ],
);

/**
 * The ledger: one row a message or other model call, without its content. Written by the outbox of
 * the chat's object; `version` is the message's stamp, so a late insert cannot undo a deletion.
 * Null = not reported, 0 = reported as none. A null cost is unpriced, 0 is free.
 *
 * `owner_id`, `organization_id` and `root_chat_id` are those of the chat, which never change: with them the two
 * indexes at the end answer every figure by themselves. Rows of a release that does not write them yet are
 * completed by a trigger.
 */
export const chatMessages = sqliteTable(
  "chat_messages",
  {
    chatId: text("chat_id")
      .notNull()
      .references(() => chats.id),
    id: integer("id").notNull(),
    ownerId: text("owner_id"),
    organizationId: text("organization_id"),
    rootChatId: text("root_chat_id"),
    kind: text("kind", { enum: ledgerKinds }).notNull(),
    role: text("role", { enum: messageRoles }).notNull(),
    visibility: text("visibility", { enum: messageVisibilities }).notNull(),
    contentVersion: integer("content_version").notNull(),
    createdBy: text("created_by"),
    modelConfigId: text("model_config_id"),
    inputTokens: integer("input_tokens"),
    outputTokens: integer("output_tokens"),
    totalTokens: integer("total_tokens"),
    reasoningTokens: integer("reasoning_tokens"),
    cacheCreationTokens: integer("cache_creation_tokens"),
    cacheReadTokens: integer("cache_read_tokens"),
    /** Of `cache_creation_tokens`, those that are kept for an hour. */
    cacheCreation1hTokens: integer("cache_creation_1h_tokens"),
    /** Searches that the provider ran for the model. */
    webSearchRequests: integer("web_search_requests"),
    contextLimit: integer("context_limit"),
    totalCostMicros: integer("total_cost_micros"),
    estimated: flag("estimated").notNull().default(false),
    runtimeMs: integer("runtime_ms"),
    compressed: flag("compressed").notNull().default(false),
    deleted: flag("deleted").notNull().default(false),
    version: integer("version").notNull(),
    createdAt: instant("created_at").notNull(),
    /** When an admin had it priced anew: from then on its cost is not the object's to say. */
    repricedAt: instant("repriced_at"),
  },
  (table) => [
    primaryKey({ columns: [table.chatId, table.id] }),
    index("chat_messages_owner_usage").on(table.ownerId, table.createdAt, ...figures(table)),
    index("chat_messages_usage").on(table.createdAt, table.ownerId, ...figures(table)),
    oneOf("chat_messages_role", table.role, messageRoles),
    oneOf("chat_messages_visibility", table.visibility, messageVisibilities),
    check("chat_messages_created_by", sql`${table.createdBy} is null or ${table.role} = 'user'`),
    check(
      "chat_messages_runtime",
      sql`${table.runtimeMs} is null or (${table.role} = 'assistant' and ${table.runtimeMs} > 0)`,
    ),
    check("chat_messages_cost", sql`${table.totalCostMicros} is null or ${table.totalCostMicros} >= 0`),
  ],
);

/** What figures over the ledger read, so that they need not open its rows. */
function figures(
  table: Record<
    | "organizationId"
    | "rootChatId"
    | "kind"
    | "role"
    | "modelConfigId"
    | "totalCostMicros"
    | "inputTokens"
    | "outputTokens"
    | "cacheReadTokens"
    | "cacheCreationTokens"
    | "reasoningTokens"
    | "runtimeMs"
    | "estimated",
    AnySQLiteColumn
  >,
): AnySQLiteColumn[] {
  return [
    table.organizationId,
    table.rootChatId,
    table.kind,
    table.role,
    table.modelConfigId,
    table.totalCostMicros,
    table.inputTokens,
    table.outputTokens,
    table.cacheReadTokens,
    table.cacheCreationTokens,
    table.reasoningTokens,
    table.runtimeMs,
    table.estimated,
  ];
}

/** Of `chat_messages`, for `filter` on `usage`. */
export const usageColumns: AccessColumns = { owner: chatMessages.ownerId, organization: chatMessages.organizationId };

/** How far each person has read a chat, on whatever device. A mark only moves forward. */
export const chatReads = sqliteTable(
  "chat_reads",
  {
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    chatId: text("chat_id")
      .notNull()
      .references(() => chats.id),
    lastReadId: integer("last_read_id").notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.chatId] })],
);

/** What people attach to messages; the bytes are in R2. Type and size are those of the bytes. */
export const chatFiles = sqliteTable(
  "chat_files",
  {
    id: text("id").primaryKey(),
    ownerId: text("owner_id")
      .notNull()
      .references(() => users.id),
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id),
    name: text("name").notNull(),
    mediaType: text("media_type", { enum: fileTypes }).notNull(),
    size: integer("size").notNull(),
    sha256: text("sha256").notNull(),
    createdAt: instant("created_at").notNull(),
    /** When the sweep gave it up; it cannot be attached or read from then on, and its bytes go. */
    discardedAt: instant("discarded_at"),
  },
  (table) => [
    index("chat_files_created").on(table.createdAt),
    index("chat_files_discarded")
      .on(table.discardedAt)
      .where(sql`${table.discardedAt} is not null`),
    oneOf("chat_files_media_type", table.mediaType, fileTypes),
  ],
);

/** Of `chat_files`, for `filter`. Whoever may read a chat may read its files, too. */
export const fileColumns: AccessColumns = { owner: chatFiles.ownerId, organization: chatFiles.organizationId };

/**
 * Which chat refers to which file, in a message, deleted ones included, or in its queue. Written before
 * the chat's object takes the message, and never taken away.
 */
export const chatFileRefs = sqliteTable(
  "chat_file_refs",
  {
    chatId: text("chat_id")
      .notNull()
      .references(() => chats.id),
    fileId: text("file_id")
      .notNull()
      .references(() => chatFiles.id),
  },
  (table) => [primaryKey({ columns: [table.chatId, table.fileId] }), index("chat_file_refs_file").on(table.fileId)],
);

/** With whom a tree of chats is shared; `root_chat_id` stands for all of it. The owner has no row. */
export const chatShares = sqliteTable(
  "chat_shares",
  {
    rootChatId: text("root_chat_id")
      .notNull()
      .references(() => chats.id),
    subjectType: text("subject_type", { enum: ["user", "group"] }).notNull(),
    subjectId: text("subject_id").notNull(),
    role: text("role", { enum: chatShareRoles }).notNull(),
    createdBy: text("created_by")
      .notNull()
      .references(() => users.id),
    createdAt: instant("created_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.rootChatId, table.subjectId] }),
    index("chat_shares_subject").on(table.subjectId, table.rootChatId),
    index("chat_shares_giver").on(table.createdBy, table.createdAt),
    oneOf("chat_shares_subject_type", table.subjectType, ["user", "group"]),
    oneOf("chat_shares_role", table.role, chatShareRoles),
  ],
);

/** The chat that an `Idempotency-Key` on `POST /chats` made; kept 24 hours. */
export const idempotencyKeys = sqliteTable(
  "idempotency_keys",
  {
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    key: text("key").notNull(),
    bodyHash: text("body_hash").notNull(),
    chatId: text("chat_id").notNull(),
    createdAt: instant("created_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.key] }),
    index("idempotency_keys_created").on(table.createdAt),
  ],
);
