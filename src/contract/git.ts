import { z } from "zod";
import { id, timestamp } from "./common.ts";

/** Branches and pull requests that come out of chats. */

export const pullRequestStates = ["open", "closed", "merged"] as const;
export type PullRequestState = (typeof pullRequestStates)[number];
export const gitProviderTypes = ["github", "gitlab", "gitea"] as const;
export type GitProviderType = (typeof gitProviderTypes)[number];

/**
 * The pull request that stands for a chat: the newest open one, else the newest. What is not known is
 * absent. A chat whose branch has no pull request has one without `url` and `pull_request_state`.
 */
export const chatDiffStatus = z
  .object({
    chat_id: id,
    url: z.string().optional(),
    pull_request_state: z.enum(pullRequestStates).optional(),
    pull_request_title: z.string(),
    pull_request_draft: z.boolean(),
    changes_requested: z.boolean(),
    additions: z.int(),
    deletions: z.int(),
    changed_files: z.int(),
    author_login: z.string().optional(),
    author_avatar_url: z.string().optional(),
    base_branch: z.string().optional(),
    head_branch: z.string().optional(),
    pr_number: z.int().optional(),
    commits: z.int().optional(),
    approved: z.boolean().optional(),
    reviewer_count: z.int().optional(),
    refreshed_at: timestamp.optional(),
    stale_at: timestamp.optional(),
  })
  .meta({ id: "ChatDiffStatus" });
export type ChatDiffStatus = z.infer<typeof chatDiffStatus>;

/** One of the pull requests that a chat ever had: `GET /chats/{chat}/pull-requests`, the one that stands for it first. */
export const chatPullRequest = chatDiffStatus
  .extend({
    url: z.string(),
    pull_request_state: z.enum(pullRequestStates),
    provider: z.enum(gitProviderTypes),
    /** `owner/name`. */
    repository: z.string(),
    opened_at: timestamp.optional(),
    merged_at: timestamp.optional(),
    closed_at: timestamp.optional(),
  })
  .meta({ id: "ChatPullRequest" });
export type ChatPullRequest = z.infer<typeof chatPullRequest>;

/** `GET /chats/{chat}/diff`: asked of the provider at that moment. What is not known is absent. */
export const chatDiff = z
  .object({
    chat_id: id,
    provider: z.string().optional(),
    remote_origin: z.string().optional(),
    branch: z.string().optional(),
    pull_request_url: z.string().optional(),
    /** Unified, of the pull request, or of the branch against the repository's default one. */
    diff: z.string().optional(),
    /** Why there is no diff where one could be expected, in a sentence. */
    unavailable_reason: z.string().optional(),
  })
  .meta({ id: "ChatDiffContents" });
export type ChatDiff = z.infer<typeof chatDiff>;

/** A repository in the workspace with what is not committed there, or not pushed. */
export const localRepository = z
  .object({
    /** Absolute, in the workspace. */
    path: z.string(),
    branch: z.string(),
    /** Without credentials; "" when there is no `origin`. */
    remote_origin: z.string(),
    /** Unified, of the working tree against its `HEAD`, files that git does not know among it. */
    diff: z.string(),
    /** The diff was longer than what is given. */
    truncated: z.boolean(),
    additions: z.int(),
    deletions: z.int(),
    changed_files: z.int(),
  })
  .meta({ id: "LocalRepository" });
export type LocalRepository = z.infer<typeof localRepository>;
/** `GET /chats/{chat}/local-changes`: asked of the workspace's agent at that moment. */
export const localChanges = z
  .object({
    chat_id: id,
    /** `away`: no agent is connected; `none`: the chat has no workspace. */
    state: z.enum(["ready", "away", "none"]),
    repositories: z.array(localRepository),
  })
  .meta({ id: "ChatLocalChanges" });
export type LocalChanges = z.infer<typeof localChanges>;
