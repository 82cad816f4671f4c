import { z } from "zod";
import { id, timestamp } from "./common.ts";
import { pullRequestStates } from "./git.ts";

/**
 * Pull requests that came out of chats. A pull request is one, however many chats refer to it: its key is
 * its URL, or the chat's id where there is none. Its row is of the newest chat that refers to it. Its cost is
 * that of all those chats and, apart, of their direct sub-agents that have no pull request of their own.
 */

const prModel = z.object({
  /** The zero UUID where it is not known. */
  model_config_id: id,
  display_name: z.string(),
  provider: z.string(),
  total_prs: z.int(),
  merged_prs: z.int(),
  /** 0 to 1; 0 when there are none. */
  merge_rate: z.number(),
  total_additions: z.int(),
  total_deletions: z.int(),
  total_cost_micros: z.int(),
  /** Cost of the merged ones over their number, cut to a whole micro-dollar; 0 when there are none. */
  cost_per_merged_pr_micros: z.int(),
  /** Model calls in those of merged ones that could not be priced: the cost of a merge is too low by theirs. */
  merged_unpriced_call_count: z.int(),
});
export type PrModel = z.infer<typeof prModel>;

export const insightPullRequest = z
  .object({
    chat_id: id,
    pr_title: z.string(),
    pr_url: z.string().optional(),
    pr_number: z.int().optional(),
    state: z.enum(pullRequestStates),
    draft: z.boolean(),
    additions: z.int(),
    deletions: z.int(),
    changed_files: z.int(),
    commits: z.int().optional(),
    approved: z.boolean().optional(),
    changes_requested: z.boolean(),
    reviewer_count: z.int().optional(),
    author_login: z.string().optional(),
    author_avatar_url: z.string().optional(),
    base_branch: z.string(),
    model_display_name: z.string(),
    cost_micros: z.int(),
    /** When the newest chat that refers to it was made. */
    created_at: timestamp,
    // Beyond the reference:
    repository: z.string().optional(),
    /** Of `cost_micros`, that of chats that refer to it, and that of their sub-agents. */
    chats_cost_micros: z.int(),
    sub_agents_cost_micros: z.int(),
    /** Model calls of those chats that could not be priced: the cost is too low by theirs. */
    unpriced_call_count: z.int(),
    /** Of those, the sub-agents'. */
    sub_agents_unpriced_call_count: z.int(),
    chat_count: z.int(),
    /** Milliseconds from its opening to its merge. */
    time_to_merge_ms: z.int().optional(),
    /** Whether the reader may read the chat. */
    chat_readable: z.boolean(),
  })
  .meta({ id: "PRInsightsPullRequest" });
export type InsightPullRequest = z.infer<typeof insightPullRequest>;

const prRepository = z.object({
  /** `owner/name` with its host, "" where it is not known. */
  repository: z.string(),
  total_prs: z.int(),
  merged_prs: z.int(),
  merge_rate: z.number(),
  total_additions: z.int(),
  total_deletions: z.int(),
  total_cost_micros: z.int(),
  cost_per_merged_pr_micros: z.int(),
  /** Model calls in those of merged ones that could not be priced: the cost of a merge is too low by theirs. */
  merged_unpriced_call_count: z.int(),
  /** Of merged ones whose opening and merge are known; absent when there are none. */
  median_time_to_merge_ms: z.int().optional(),
});
export type PrRepository = z.infer<typeof prRepository>;

/** `GET /chats/insights/pull-requests`. */
export const prInsights = z
  .object({
    summary: z.object({
      total_prs_created: z.int(),
      total_prs_merged: z.int(),
      total_prs_closed: z.int(),
      merge_rate: z.number(),
      total_additions: z.int(),
      total_deletions: z.int(),
      total_cost_micros: z.int(),
      cost_per_merged_pr_micros: z.int(),
      /** Approved over all whose reviews are known; 0 when there are none. */
      approval_rate: z.number(),
      /** How many those are whose reviews are known. */
      reviewed_count: z.int(),
      prev_total_prs_created: z.int(),
      prev_total_prs_merged: z.int(),
      prev_merge_rate: z.number(),
      prev_cost_per_merged_pr_micros: z.int(),
      chats_cost_micros: z.int(),
      sub_agents_cost_micros: z.int(),
      unpriced_call_count: z.int(),
      /** Of those, the sub-agents', and those that merged pull requests cost. */
      sub_agents_unpriced_call_count: z.int(),
      merged_unpriced_call_count: z.int(),
      median_time_to_merge_ms: z.int().optional(),
    }),
    time_series: z.array(z.object({ date: timestamp, prs_created: z.int(), prs_merged: z.int(), prs_closed: z.int() })),
    by_model: z.array(prModel),
    by_repository: z.array(prRepository),
    /** The newest 20. */
    recent_prs: z.array(insightPullRequest),
  })
  .meta({ id: "PRInsightsResponse" });
export type PrInsights = z.infer<typeof prInsights>;
