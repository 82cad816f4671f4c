import { sql, type SQL } from "drizzle-orm";
import type { ChatDiffStatus } from "../contract/git.ts";
import { toWireTime } from "../platform/clock.ts";

/** What a chat's row of `chat_diff_statuses` says, in the names of the wire; times as integers, flags as 0 and 1. */
interface DiffStatusRow extends Omit<
  ChatDiffStatus,
  "pull_request_draft" | "changes_requested" | "approved" | "refreshed_at" | "stale_at"
> {
  pull_request_draft: 0 | 1;
  changes_requested: 0 | 1;
  approved: 0 | 1 | null;
  refreshed_at: number | null;
  stale_at: number;
}

/**
 * The diff status of each row of `chats`, as one column: a list reads it in the statement that reads the chats.
 * Written out, since drizzle renders columns without their table in a query of one table.
 */
export const diffStatusOfChat: SQL<ChatDiffStatus | null> = sql`(
  select json_object('chat_id', d.chat_id, 'url', d.url, 'pull_request_state', d.pull_request_state,
    'pull_request_title', d.pull_request_title, 'pull_request_draft', d.pull_request_draft,
    'changes_requested', d.changes_requested, 'additions', d.additions, 'deletions', d.deletions,
    'changed_files', d.changed_files, 'author_login', d.author_login, 'author_avatar_url', d.author_avatar_url,
    'base_branch', d.base_branch, 'head_branch', d.head_branch, 'pr_number', d.pr_number, 'commits', d.commits,
    'approved', d.approved, 'reviewer_count', d.reviewer_count, 'refreshed_at', d.refreshed_at,
    'stale_at', d.stale_at)
  from chat_diff_statuses d where d.chat_id = chats.id)`.mapWith((text: string) => toDiffStatus(JSON.parse(text)));

/** What is not known is left out. */
export function toDiffStatus(row: DiffStatusRow): ChatDiffStatus {
  const { pull_request_draft, changes_requested, approved, refreshed_at, stale_at, ...rest } = row;
  const known = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
  return {
    ...(known as typeof rest),
    pull_request_draft: pull_request_draft === 1,
    changes_requested: changes_requested === 1,
    ...(approved === null ? {} : { approved: approved === 1 }),
    ...(refreshed_at === null ? {} : { refreshed_at: toWireTime(refreshed_at) }),
    stale_at: toWireTime(stale_at),
  };
}
