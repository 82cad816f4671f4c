import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import { chats } from "../chats/schema.ts";
import { pullRequestStates } from "../contract/git.ts";
import type { InsightPullRequest, PrInsights } from "../contract/insights.ts";
import { toWireTime } from "../platform/clock.ts";
import { NO_MODEL_ID, UNKNOWN_MODEL, type ModelName } from "../models/names.ts";
import { runBatch, type Database } from "../platform/d1.ts";
import { byDay, QUARTER_MS } from "./days.ts";
import { withPullRequests, type InsightQuestion } from "./pull-requests.ts";
import { rangeBefore } from "./ranges.ts";

/** How many of the newest pull requests are listed. */
const RECENT = 20;

/** How they are told. */
export interface InsightView {
  nameOf: (modelConfigId: string) => ModelName;
  /** Whose calendar the days are of. */
  timeZone: string;
  /** The chats that the reader may open, as `filter` says it. */
  readable: SQL;
}

/** All figures of one page, read at one moment. */
export async function readInsights(db: Database, question: InsightQuestion, view: InsightView): Promise<PrInsights> {
  const answers = await runBatch(db, insightStatements(question, view.readable));
  const [summary, before, quarters, models, repositories, recent] = answers.map(({ results }) => results);
  const [now] = z.tuple([summaryRow]).parse(summary);
  const [then] = z.tuple([summaryRow]).parse(before);
  return {
    summary: {
      ...toSummary(now),
      prev_total_prs_created: then.created,
      prev_total_prs_merged: then.merged,
      prev_merge_rate: share(then.merged, then.created),
      prev_cost_per_merged_pr_micros: perMerged(then),
    },
    time_series: byDay(z.array(quarterRow).parse(quarters), view.timeZone).map(({ start, ...counts }) => ({
      date: toWireTime(start),
      ...counts,
    })),
    by_model: byModel(z.array(modelRow).parse(models), view.nameOf),
    by_repository: z
      .array(groupRow.extend({ repository: z.string(), median_time_to_merge_ms: z.int().nullable() }))
      .parse(repositories)
      .map(({ merged_cost_micros, median_time_to_merge_ms, ...row }) => ({
        ...row,
        ...rates({ ...row, merged_cost_micros }),
        ...(median_time_to_merge_ms === null ? {} : { median_time_to_merge_ms }),
      })),
    recent_prs: z
      .array(recentRow)
      .parse(recent)
      .map((row) => toPullRequest(row, view.nameOf)),
  };
}

/** What `readInsights` asks, in its order. */
export function insightStatements(question: InsightQuestion, readable: SQL): SQL[] {
  const pullRequests = withPullRequests(question);
  const before = withPullRequests({ ...question, range: rangeBefore(question.range) });
  return [
    sql`${pullRequests} ${summarySelect}`,
    sql`${before} ${summarySelect}`,
    sql`${pullRequests} select created_at / ${sql.raw(String(QUARTER_MS))} as quarter, count(*) as prs_created,
      count(*) filter (where state = 'merged') as prs_merged, count(*) filter (where state = 'closed') as prs_closed
      from ranked where place = 1 group by quarter order by quarter`,
    sql`${pullRequests} select last_model_config_id, ${groupFigures} from priced group by last_model_config_id`,
    sql`${pullRequests} select priced.repository, ${groupFigures}, max(middle.median) as median_time_to_merge_ms
      from priced left join (${medians}) middle on middle.repository = priced.repository
      group by priced.repository order by total_prs desc, total_cost_micros desc, priced.repository`,
    sql`${pullRequests} select priced.*, (${readable}) is true as chat_readable
      from priced cross join ${chats} on chats.id = priced.chat_id
      order by priced.created_at desc, priced.chat_id desc limit ${RECENT}`,
  ];
}

/** The middle one of each repository, or the mean of the two in the middle, cut to a whole millisecond. */
const medians = sql`
  select repository, cast(avg(time_to_merge_ms) as integer) as median from (
    select repository, time_to_merge_ms, count(*) over (partition by repository) as many,
      row_number() over (partition by repository order by time_to_merge_ms) as position
    from ranked where place = 1 and time_to_merge_ms is not null
  ) where position in ((many + 1) / 2, (many + 2) / 2) group by repository`;

const medianOfAll = sql`
  select cast(avg(time_to_merge_ms) as integer) from (
    select time_to_merge_ms, count(*) over () as many, row_number() over (order by time_to_merge_ms) as position
    from ranked where place = 1 and time_to_merge_ms is not null
  ) where position in ((many + 1) / 2, (many + 2) / 2)`;

const summarySelect = sql`select count(*) as created,
    count(*) filter (where state = 'merged') as merged, count(*) filter (where state = 'closed') as closed,
    coalesce(sum(additions), 0) as additions, coalesce(sum(deletions), 0) as deletions,
    coalesce(sum(cost_micros) filter (where state = 'merged'), 0) as merged_cost_micros,
    coalesce(sum(chats_cost_micros), 0) as chats_cost_micros,
    coalesce(sum(sub_agents_cost_micros), 0) as sub_agents_cost_micros,
    coalesce(sum(unpriced_call_count), 0) as unpriced_call_count,
    coalesce(sum(sub_agents_unpriced_call_count), 0) as sub_agents_unpriced_call_count,
    coalesce(sum(unpriced_call_count) filter (where state = 'merged'), 0) as merged_unpriced_call_count,
    count(*) filter (where approved = 1) as approved, count(approved) as reviewed,
    (${medianOfAll}) as median_time_to_merge_ms
  from priced`;

const groupFigures = sql`count(*) as total_prs, count(*) filter (where state = 'merged') as merged_prs,
    sum(additions) as total_additions, sum(deletions) as total_deletions, sum(cost_micros) as total_cost_micros,
    coalesce(sum(cost_micros) filter (where state = 'merged'), 0) as merged_cost_micros,
    coalesce(sum(unpriced_call_count) filter (where state = 'merged'), 0) as merged_unpriced_call_count`;

const summaryRow = z.object({
  created: z.int(),
  merged: z.int(),
  closed: z.int(),
  additions: z.int(),
  deletions: z.int(),
  merged_cost_micros: z.int(),
  chats_cost_micros: z.int(),
  sub_agents_cost_micros: z.int(),
  unpriced_call_count: z.int(),
  sub_agents_unpriced_call_count: z.int(),
  merged_unpriced_call_count: z.int(),
  approved: z.int(),
  reviewed: z.int(),
  median_time_to_merge_ms: z.int().nullable(),
});
type SummaryRow = z.infer<typeof summaryRow>;

const quarterRow = z.object({
  quarter: z.int(),
  prs_created: z.int(),
  prs_merged: z.int(),
  prs_closed: z.int(),
});

const groupRow = z.object({
  total_prs: z.int(),
  merged_prs: z.int(),
  total_additions: z.int(),
  total_deletions: z.int(),
  total_cost_micros: z.int(),
  merged_cost_micros: z.int(),
  merged_unpriced_call_count: z.int(),
});
const modelRow = groupRow.extend({ last_model_config_id: z.string() });

const bit = z.union([z.literal(0), z.literal(1)]);
const recentRow = z.object({
  chat_id: z.string(),
  created_at: z.int(),
  url: z.string().nullable(),
  repository: z.string(),
  state: z.enum(pullRequestStates),
  pull_request_title: z.string(),
  pull_request_draft: bit,
  additions: z.int(),
  deletions: z.int(),
  changed_files: z.int(),
  commits: z.int().nullable(),
  approved: bit.nullable(),
  changes_requested: bit,
  reviewer_count: z.int().nullable(),
  author_login: z.string().nullable(),
  author_avatar_url: z.string().nullable(),
  base_branch: z.string().nullable(),
  pr_number: z.int().nullable(),
  time_to_merge_ms: z.int().nullable(),
  chat_count: z.int(),
  last_model_config_id: z.string(),
  chats_cost_micros: z.int(),
  sub_agents_cost_micros: z.int(),
  cost_micros: z.int(),
  unpriced_call_count: z.int(),
  sub_agents_unpriced_call_count: z.int(),
  chat_readable: bit,
});

function toSummary(row: SummaryRow) {
  const { created, merged, chats_cost_micros, sub_agents_cost_micros, median_time_to_merge_ms } = row;
  return {
    total_prs_created: created,
    total_prs_merged: merged,
    total_prs_closed: row.closed,
    merge_rate: share(merged, created),
    total_additions: row.additions,
    total_deletions: row.deletions,
    total_cost_micros: chats_cost_micros + sub_agents_cost_micros,
    cost_per_merged_pr_micros: perMerged(row),
    approval_rate: share(row.approved, row.reviewed),
    reviewed_count: row.reviewed,
    chats_cost_micros,
    sub_agents_cost_micros,
    unpriced_call_count: row.unpriced_call_count,
    sub_agents_unpriced_call_count: row.sub_agents_unpriced_call_count,
    merged_unpriced_call_count: row.merged_unpriced_call_count,
    ...(median_time_to_merge_ms === null ? {} : { median_time_to_merge_ms }),
  };
}

/** The most used first. Models that are not known any more are one row, however many they were. */
function byModel(rows: readonly z.infer<typeof modelRow>[], nameOf: InsightView["nameOf"]): PrInsights["by_model"] {
  const isKnown = (row: z.infer<typeof modelRow>) => nameOf(row.last_model_config_id) !== UNKNOWN_MODEL;
  const unknown = rows.filter((row) => !isKnown(row)).map((row) => ({ ...row, last_model_config_id: NO_MODEL_ID }));
  const groups = [...rows.filter(isKnown), ...(unknown.length === 0 ? [] : [unknown.reduce(together)])];
  return groups
    .map(({ last_model_config_id, merged_cost_micros, ...figures }) => ({
      model_config_id: last_model_config_id,
      display_name: nameOf(last_model_config_id).displayName,
      provider: nameOf(last_model_config_id).provider,
      ...figures,
      ...rates({ ...figures, merged_cost_micros }),
    }))
    .toSorted(
      (one, other) =>
        other.total_prs - one.total_prs ||
        other.total_cost_micros - one.total_cost_micros ||
        (one.model_config_id < other.model_config_id ? -1 : 1),
    );
}

function together(one: z.infer<typeof modelRow>, other: z.infer<typeof modelRow>): z.infer<typeof modelRow> {
  return {
    last_model_config_id: one.last_model_config_id,
    total_prs: one.total_prs + other.total_prs,
    merged_prs: one.merged_prs + other.merged_prs,
    total_additions: one.total_additions + other.total_additions,
    total_deletions: one.total_deletions + other.total_deletions,
    total_cost_micros: one.total_cost_micros + other.total_cost_micros,
    merged_cost_micros: one.merged_cost_micros + other.merged_cost_micros,
    merged_unpriced_call_count: one.merged_unpriced_call_count + other.merged_unpriced_call_count,
  };
}

function rates(row: Pick<z.infer<typeof groupRow>, "merged_prs" | "total_prs" | "merged_cost_micros">) {
  return {
    merge_rate: share(row.merged_prs, row.total_prs),
    cost_per_merged_pr_micros: perMerged({ merged: row.merged_prs, merged_cost_micros: row.merged_cost_micros }),
  };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** Of what the merged ones cost; what was spent on the others is in the total. */
function perMerged({ merged, merged_cost_micros }: Pick<SummaryRow, "merged" | "merged_cost_micros">): number {
  return merged === 0 ? 0 : Math.trunc(merged_cost_micros / merged);
}

/** What is not known is left out. */
function toPullRequest(row: z.infer<typeof recentRow>, nameOf: InsightView["nameOf"]): InsightPullRequest {
  return {
    chat_id: row.chat_id,
    pr_title: row.pull_request_title,
    ...present("pr_url", row.url),
    ...present("pr_number", row.pr_number),
    state: row.state,
    draft: row.pull_request_draft === 1,
    additions: row.additions,
    deletions: row.deletions,
    changed_files: row.changed_files,
    ...present("commits", row.commits),
    ...present("approved", row.approved === null ? null : row.approved === 1),
    changes_requested: row.changes_requested === 1,
    ...present("reviewer_count", row.reviewer_count),
    ...present("author_login", row.author_login),
    ...present("author_avatar_url", row.author_avatar_url),
    base_branch: row.base_branch ?? "",
    model_display_name: nameOf(row.last_model_config_id).displayName,
    cost_micros: row.cost_micros,
    created_at: toWireTime(row.created_at),
    ...present("repository", row.repository || null),
    chats_cost_micros: row.chats_cost_micros,
    sub_agents_cost_micros: row.sub_agents_cost_micros,
    unpriced_call_count: row.unpriced_call_count,
    sub_agents_unpriced_call_count: row.sub_agents_unpriced_call_count,
    chat_count: row.chat_count,
    ...present("time_to_merge_ms", row.time_to_merge_ms),
    chat_readable: row.chat_readable === 1,
  };
}

function present<Name extends string, Value>(name: Name, value: Value | null): { [Key in Name]?: Value } {
  // A computed key of a type parameter is typed as any text.
  return value === null ? {} : ({ [name]: value } as { [Key in Name]?: Value });
}
