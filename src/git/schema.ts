import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { chats } from "../chats/schema.ts";
import { gitProviderTypes, pullRequestStates } from "../contract/git.ts";
import { users } from "../identity/schema.ts";
import { flag, instant, oneOf } from "../platform/columns.ts";

/** What a provider says of a pull request; null = it did not say, or was not asked yet. */
const pullRequestFacts = {
  pullRequestTitle: text("pull_request_title").notNull().default(""),
  pullRequestDraft: flag("pull_request_draft").notNull().default(false),
  changesRequested: flag("changes_requested").notNull().default(false),
  additions: integer("additions").notNull().default(0),
  deletions: integer("deletions").notNull().default(0),
  changedFiles: integer("changed_files").notNull().default(0),
  authorLogin: text("author_login"),
  authorAvatarUrl: text("author_avatar_url"),
  baseBranch: text("base_branch"),
  headBranch: text("head_branch"),
  prNumber: integer("pr_number"),
  commits: integer("commits"),
  approved: flag("approved"),
  reviewerCount: integer("reviewer_count"),
};

/** Branches that a chat worked on, as the workspace's agent reported them from git. The newest stands for the chat. */
export const chatBranches = sqliteTable(
  "chat_branches",
  {
    chatId: text("chat_id")
      .notNull()
      .references(() => chats.id, { onDelete: "cascade" }),
    /** Without credentials. */
    remoteOrigin: text("remote_origin").notNull(),
    branch: text("branch").notNull(),
    /** In the workspace. */
    path: text("path").notNull(),
    reportedAt: instant("reported_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.chatId, table.remoteOrigin, table.branch] }),
    index("chat_branches_origin").on(table.remoteOrigin, table.branch),
  ],
);

/** Every pull request that a chat ever had. */
export const chatPullRequests = sqliteTable(
  "chat_pull_requests",
  {
    chatId: text("chat_id")
      .notNull()
      .references(() => chats.id, { onDelete: "cascade" }),
    /** As `normalizePullRequestUrl` writes it. */
    url: text("url").notNull(),
    provider: text("provider", { enum: gitProviderTypes }).notNull(),
    /** `owner/name`. */
    repository: text("repository").notNull(),
    state: text("state", { enum: pullRequestStates }).notNull(),
    ...pullRequestFacts,
    openedAt: instant("opened_at"),
    mergedAt: instant("merged_at"),
    closedAt: instant("closed_at"),
    refreshedAt: instant("refreshed_at").notNull(),
    createdAt: instant("created_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.chatId, table.url] }),
    index("chat_pull_requests_url").on(table.url),
    oneOf("chat_pull_requests_provider", table.provider, gitProviderTypes),
    oneOf("chat_pull_requests_state", table.state, pullRequestStates),
  ],
);

/**
 * One row a chat: the branch it works on, and the pull request that stands for it, the newest open one, else the
 * newest. Lists and insights read this.
 */
export const chatDiffStatuses = sqliteTable(
  "chat_diff_statuses",
  {
    chatId: text("chat_id")
      .primaryKey()
      .references(() => chats.id, { onDelete: "cascade" }),
    /** The chat's, which never changes: what is due is claimed owner by owner. */
    ownerId: text("owner_id")
      .notNull()
      .references(() => users.id),
    url: text("url"),
    pullRequestState: text("pull_request_state", { enum: pullRequestStates }),
    ...pullRequestFacts,
    /** `host/owner/name`. */
    repository: text("repository"),
    openedAt: instant("opened_at"),
    mergedAt: instant("merged_at"),
    gitBranch: text("git_branch").notNull().default(""),
    gitRemoteOrigin: text("git_remote_origin").notNull().default(""),
    refreshedAt: instant("refreshed_at"),
    /** When to ask the provider again. */
    staleAt: instant("stale_at").notNull(),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    index("chat_diff_statuses_due")
      .on(table.ownerId, table.staleAt)
      .where(sql`${table.gitBranch} != '' and ${table.gitRemoteOrigin} != ''`),
    index("chat_diff_statuses_stale").on(table.staleAt),
    index("chat_diff_statuses_url").on(table.url),
    oneOf("chat_diff_statuses_state", table.pullRequestState, pullRequestStates),
  ],
);
