import { eq, sql } from "drizzle-orm";
import type { ChatPullRequest } from "../contract/git.ts";
import { toWireTime } from "../platform/clock.ts";
import type { Database } from "../platform/d1.ts";
import { chatPullRequests } from "./schema.ts";

/** Far more than one chat makes. */
const LISTED_AT_MOST = 200;

/** Every pull request that a chat ever had, the one that stands for it first. */
export async function listPullRequests(db: Database, chatId: string): Promise<ChatPullRequest[]> {
  const { state, openedAt, createdAt, prNumber, url } = chatPullRequests;
  const rows = await db
    .select()
    .from(chatPullRequests)
    .where(eq(chatPullRequests.chatId, chatId))
    .orderBy(sql`${state} = 'open' desc, coalesce(${openedAt}, ${createdAt}) desc, ${prNumber} desc, ${url}`)
    .limit(LISTED_AT_MOST);
  return rows.map(toPullRequest);
}

/** What is not known is left out. */
function toPullRequest(row: typeof chatPullRequests.$inferSelect): ChatPullRequest {
  return {
    chat_id: row.chatId,
    url: row.url,
    provider: row.provider,
    repository: row.repository,
    pull_request_state: row.state,
    pull_request_title: row.pullRequestTitle,
    pull_request_draft: row.pullRequestDraft,
    changes_requested: row.changesRequested,
    additions: row.additions,
    deletions: row.deletions,
    changed_files: row.changedFiles,
    author_login: row.authorLogin ?? undefined,
    author_avatar_url: row.authorAvatarUrl ?? undefined,
    base_branch: row.baseBranch ?? undefined,
    head_branch: row.headBranch ?? undefined,
    pr_number: row.prNumber ?? undefined,
    commits: row.commits ?? undefined,
    approved: row.approved ?? undefined,
    reviewer_count: row.reviewerCount ?? undefined,
    refreshed_at: toWireTime(row.refreshedAt),
    opened_at: maybeTime(row.openedAt),
    merged_at: maybeTime(row.mergedAt),
    closed_at: maybeTime(row.closedAt),
  };
}

function maybeTime(at: number | null): string | undefined {
  return at === null ? undefined : toWireTime(at);
}
