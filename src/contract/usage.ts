import { z } from "zod";
import { id, timestamp } from "./common.ts";
import { minimalUser } from "./identity.ts";

/**
 * What model calls cost and used: figures over the ledger. Money is integer micro-dollars. A range begins
 * at `start_date` and ends before `end_date`; deleted messages are in every figure, since they were paid for.
 */

/** What a row of the ledger books: an answer in a chat, or another model call. Only `message` rows are messages. */
export const ledgerKinds = ["message", "title", "compaction", "summary", "failed_attempt"] as const;
export type LedgerKind = (typeof ledgerKinds)[number];

/** Sums over every model call of a range, of messages and of other calls alike. */
export const usageTotals = z.object({
  total_cost_micros: z.int(),
  /** Answers that reported tokens. Titles, compactions, summaries and failed attempts are no messages. */
  message_count: z.int(),
  /** Model calls that reported tokens and could not be priced, of every kind: the cost is too low by theirs. */
  unpriced_call_count: z.int(),
  /** Of `total_cost_micros`, what was estimated because a call ended before its provider had counted. */
  estimated_cost_micros: z.int(),
  total_input_tokens: z.int(),
  total_output_tokens: z.int(),
  total_cache_read_tokens: z.int(),
  total_cache_creation_tokens: z.int(),
  /** Milliseconds in which an agent was alive: streams, tools and retries of each step. */
  total_runtime_ms: z.int(),
});
export type UsageTotals = z.infer<typeof usageTotals>;

export const modelUsage = usageTotals
  .extend({
    /** The zero UUID where a call's model is not known. */
    model_config_id: id,
    display_name: z.string(),
    provider: z.string(),
    model: z.string(),
  })
  .meta({ id: "ChatCostModelBreakdown" });
export type ModelUsage = z.infer<typeof modelUsage>;

export const chatUsage = usageTotals
  .extend({
    root_chat_id: id,
    /** "" where the reader may not read the chat, or it is gone. */
    chat_title: z.string(),
  })
  .meta({ id: "ChatCostChatBreakdown" });
export type ChatUsage = z.infer<typeof chatUsage>;

/** How much of their limit somebody has spent: `GET /chats/usage-limits/status`. */
export const usageLimitPeriods = ["day", "week", "month"] as const;
export type UsageLimitPeriod = (typeof usageLimitPeriods)[number];

export const usageLimitStatus = z
  .object({
    is_limited: z.boolean(),
    /** Absent when nothing limits this person. */
    period: z.enum(usageLimitPeriods).optional(),
    spend_limit_micros: z.int().optional(),
    /** Whose limit it is: of the two nearer ones the first that is set counts; of several groups the lowest. */
    source: z.enum(["user", "group", "default"]).optional(),
    current_spend: z.int(),
    /** Set aside for model calls that are under way. */
    reserved_micros: z.int(),
    /** Null when nothing limits this person. The period ends, and the next begins, at `period_end`. */
    period_start: timestamp.nullable(),
    period_end: timestamp.nullable(),
  })
  .meta({ id: "ChatUsageLimitStatus" });
export type UsageLimitStatus = z.infer<typeof usageLimitStatus>;

/** `GET /chats/cost/{user}/summary` and, for whole deployments, organisations and groups, `GET /chats/cost/summary`. */
export const costSummary = usageTotals
  .extend({
    start_date: timestamp,
    end_date: timestamp,
    priced_message_count: z.int(),
    unpriced_message_count: z.int(),
    /** Model calls that are no messages: titles, compactions, summaries, failed attempts. */
    other_call_count: z.int(),
    other_call_cost_micros: z.int(),
    /** The dearest first. They add up to the totals. */
    by_model: z.array(modelUsage),
    /** By root chat, the dearest first, at most 100. */
    by_chat: z.array(chatUsage),
    /** How many root chats there are in all. */
    chat_count: z.int(),
    /** Whose figures they are, where they are one user's. */
    user: minimalUser.optional(),
    /** Of one user only, and only while something limits them. */
    usage_limit: usageLimitStatus.optional(),
  })
  .meta({ id: "ChatCostSummary" });
export type CostSummary = z.infer<typeof costSummary>;

export const userUsage = usageTotals
  .extend({
    user_id: id,
    username: z.string(),
    name: z.string(),
    avatar_url: z.string(),
    is_service_account: z.boolean(),
    /** Distinct root chats. */
    chat_count: z.int(),
  })
  .meta({ id: "ChatCostUserRollup" });
export type UserUsage = z.infer<typeof userUsage>;

/** `GET /chats/cost/users`: whoever has model calls in the range, the dearest first, then by user name. */
export const costUsersResponse = z
  .object({ start_date: timestamp, end_date: timestamp, count: z.int(), users: z.array(userUsage) })
  .meta({ id: "ChatCostUsersResponse" });
export type CostUsersResponse = z.infer<typeof costUsersResponse>;

/** `GET /chats/cost/models`: the dearest first; what cannot be told apart any more is under the zero UUID. */
export const costModelsResponse = z
  .object({ start_date: timestamp, end_date: timestamp, models: z.array(modelUsage) })
  .meta({ id: "ChatCostModelsResponse" });
export type CostModelsResponse = z.infer<typeof costModelsResponse>;

/** `GET /chats/cost/organizations`, `/groups`: somebody in two groups is in the figures of both. */
export const teamUsage = usageTotals
  .extend({ id, name: z.string(), display_name: z.string(), organization_id: id, user_count: z.int() })
  .meta({ id: "ChatCostTeamRollup" });
export type TeamUsage = z.infer<typeof teamUsage>;
export const costTeamsResponse = z
  .object({ start_date: timestamp, end_date: timestamp, teams: z.array(teamUsage) })
  .meta({ id: "ChatCostTeamsResponse" });

/** `GET /chats/cost/daily` and `GET /chats/cost/{user}/daily`: every day of the range, those without calls, too. */
export const dailyUsage = usageTotals
  .extend({
    /** `2026-03-29`, a calendar day of the time zone. */
    date: z.iso.date(),
    /** When it begins and ends; 23 or 25 hours apart when the clocks change. */
    start: timestamp,
    end: timestamp,
  })
  .meta({ id: "ChatCostDay" });
export type DailyUsage = z.infer<typeof dailyUsage>;
export const costDailyResponse = z
  .object({ start_date: timestamp, end_date: timestamp, timezone: z.string(), days: z.array(dailyUsage) })
  .meta({ id: "ChatCostDailyResponse" });
export type CostDailyResponse = z.infer<typeof costDailyResponse>;

/** One row of the ledger: what every figure above is made of. */
export const ledgerEntry = z
  .object({
    chat_id: id,
    root_chat_id: id,
    /** Within the chat; where `kind` is `message` it is the message's id. */
    id: z.int(),
    kind: z.enum(ledgerKinds),
    created_at: timestamp,
    /** Deleted messages were paid for, too. */
    deleted: z.boolean(),
    model_config_id: id.nullable(),
    display_name: z.string(),
    input_tokens: z.int().nullable(),
    output_tokens: z.int().nullable(),
    reasoning_tokens: z.int().nullable(),
    cache_read_tokens: z.int().nullable(),
    cache_creation_tokens: z.int().nullable(),
    cache_creation_1h_tokens: z.int().nullable(),
    web_search_requests: z.int().nullable(),
    /** Null = could not be priced, 0 = free. */
    total_cost_micros: z.int().nullable(),
    estimated: z.boolean(),
    runtime_ms: z.int().nullable(),
  })
  .meta({ id: "ChatCostLedgerEntry" });
export type LedgerEntry = z.infer<typeof ledgerEntry>;
/** `GET /chats/cost/{user}/calls`: newest first; `next_cursor` is null on the last page. */
export const costCallsResponse = z
  .object({
    start_date: timestamp,
    end_date: timestamp,
    calls: z.array(ledgerEntry),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: "ChatCostCallsResponse" });
export type CostCallsResponse = z.infer<typeof costCallsResponse>;

/** `GET /chats/cost/unpriced-models`: models in use whose calls could not, or would not, be priced. */
export const unpricedModel = z
  .object({
    model_config_id: id,
    display_name: z.string(),
    provider: z.string(),
    model: z.string(),
    /** Whether it can be given prices in Settings, Models: a row of the database that is not deleted. */
    editable: z.boolean(),
    /** Whether it has prices for input and output by now, so that its past calls can be priced. */
    has_prices: z.boolean(),
    unpriced_call_count: z.int(),
    last_used_at: timestamp.nullable(),
    /** What the price book knows of it. */
    suggestion: z.record(z.string(), z.string()).nullable(),
  })
  .meta({ id: "UnpricedModel" });
export type UnpricedModel = z.infer<typeof unpricedModel>;
export const unpricedModelsResponse = z
  .object({ start_date: timestamp, end_date: timestamp, models: z.array(unpricedModel) })
  .meta({ id: "UnpricedModelsResponse" });
export type UnpricedModelsResponse = z.infer<typeof unpricedModelsResponse>;

/**
 * `POST /chats/cost/recompute`: prices old rows of one model anew with the prices that it has now. With
 * `dry_run` nothing is written. Long ranges take several calls: go on with `cursor` until it is null.
 */
export const recomputeRequest = z
  .object({
    model_config_id: id,
    start_date: timestamp,
    end_date: timestamp,
    /** Leaves rows alone that have a cost. */
    only_unpriced: z.boolean().default(true),
    dry_run: z.boolean().default(true),
    cursor: z.string().max(200).nullable().default(null),
  })
  .meta({ id: "RecomputeChatCostRequest" });
export type RecomputeRequest = z.infer<typeof recomputeRequest>;
export const recomputeResponse = z
  .object({
    dry_run: z.boolean(),
    examined: z.int(),
    /** Rows whose cost is, or would be, another one. */
    changed: z.int(),
    newly_priced: z.int(),
    cost_before_micros: z.int(),
    cost_after_micros: z.int(),
    /** Chats that could not be reached and show the old costs still; the same call again tells them. */
    untold_chat_count: z.int(),
    cursor: z.string().nullable(),
  })
  .meta({ id: "RecomputeChatCostResponse" });
export type RecomputeResponse = z.infer<typeof recomputeResponse>;

// Limits ------------------------------------------------------------------------------------------------

/** A limit in micro-dollars, of a period. */
const spendLimit = z.int().positive().max(Number.MAX_SAFE_INTEGER);

export const usageLimitOverride = z
  .object({
    user_id: id,
    username: z.string(),
    name: z.string(),
    avatar_url: z.string(),
    spend_limit_micros: z.int().nullable(),
  })
  .meta({ id: "ChatUsageLimitOverride" });
export const usageLimitGroupOverride = z
  .object({
    group_id: id,
    group_name: z.string(),
    group_display_name: z.string(),
    group_avatar_url: z.string(),
    organization_id: id,
    member_count: z.int(),
    spend_limit_micros: z.int().nullable(),
  })
  .meta({ id: "ChatUsageLimitGroupOverride" });
/** `GET /chats/usage-limits`. */
export const usageLimitConfig = z
  .object({
    /** Null = limits are off, those of users and groups, too. */
    spend_limit_micros: z.int().nullable(),
    period: z.enum(usageLimitPeriods),
    updated_at: timestamp.nullable(),
    /** Enabled models without a price for input or output: what they use counts for nothing. */
    unpriced_model_count: z.int(),
    overrides: z.array(usageLimitOverride),
    group_overrides: z.array(usageLimitGroupOverride),
  })
  .meta({ id: "ChatUsageLimitConfig" });
export type UsageLimitConfig = z.infer<typeof usageLimitConfig>;
/** `PUT /chats/usage-limits`: null turns limits off. */
export const updateUsageLimitRequest = z
  .object({ spend_limit_micros: spendLimit.nullable(), period: z.enum(usageLimitPeriods).default("month") })
  .meta({ id: "UpdateChatUsageLimitConfigRequest" });
/** `PUT /chats/usage-limits/overrides/{user}` and `/group-overrides/{group}`. */
export const updateUsageLimitOverrideRequest = z
  .object({ spend_limit_micros: spendLimit })
  .meta({ id: "UpsertChatUsageLimitOverrideRequest" });

/** What a 409 says beside the problem when a limit is reached. */
export const usageLimitExceeded = z
  .object({ spent_micros: z.int(), limit_micros: z.int(), resets_at: timestamp })
  .meta({ id: "ChatUsageLimitExceeded" });
export type UsageLimitExceeded = z.infer<typeof usageLimitExceeded>;
