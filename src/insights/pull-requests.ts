import { sql, type SQL } from "drizzle-orm";
import { chats, chatMessages } from "../chats/schema.ts";
import { chatDiffStatuses } from "../git/schema.ts";
import type { Range } from "../usage/ranges.ts";

/** Which chats are looked at, by when they were made and whose they are. Null = whosever. */
export interface InsightQuestion {
  range: Range;
  ownerId: string | null;
  organizationId: string | null;
  /** `host/owner/name`; "" = pull requests whose repository is not known. */
  repository: string | null;
}

/**
 * The pull requests of a range as a table of SQL, `priced`: one row each, with what it cost.
 *
 * A pull request is one, however many chats refer to it. Its key is its URL, or the id of the chat where there
 * is no URL, and every figure is grouped by that key. What it is (state, title, lines, model) is taken from the
 * newest chat that refers to it.
 *
 * It costs what all chats of the range that refer to it cost, and their direct sub-agents, unless those have a
 * pull request of their own, into which they then pay. Sub-agents have none themselves, so one level is all
 * there is. Every model call counts, whenever it was made: deleted messages, titles and failed attempts, too.
 */
export function withPullRequests(question: InsightQuestion): SQL {
  return sql`with ${referring(question)},
    ranked as (
      select referring.*,
        row_number() over (partition by pr_key order by created_at desc, chat_id desc) as place,
        count(*) over (partition by pr_key) as chat_count
      from referring
    ),
    paying (pr_key, chat_id, refers) as (
      select pr_key, chat_id, 1 from referring
      union all
      select referring.pr_key, child.id, 0 from referring
      cross join ${chats} child on child.root_chat_id = referring.root_chat_id and child.parent_chat_id = referring.chat_id
      where not exists (
        select 1 from ${chatDiffStatuses} own where own.chat_id = child.id and own.pull_request_state is not null
      )
    ),
    costs as (
      select paying.pr_key,
        coalesce(sum(l.total_cost_micros) filter (where paying.refers = 1), 0) as chats_cost_micros,
        coalesce(sum(l.total_cost_micros) filter (where paying.refers = 0), 0) as sub_agents_cost_micros,
        count(*) filter (where ${couldNotBePriced}) as unpriced_call_count,
        count(*) filter (where paying.refers = 0 and ${couldNotBePriced}) as sub_agents_unpriced_call_count
      from paying cross join ${chatMessages} l on l.chat_id = paying.chat_id
      group by paying.pr_key
    ),
    priced as (
      select ranked.*,
        coalesce(costs.chats_cost_micros, 0) as chats_cost_micros,
        coalesce(costs.sub_agents_cost_micros, 0) as sub_agents_cost_micros,
        coalesce(costs.chats_cost_micros, 0) + coalesce(costs.sub_agents_cost_micros, 0) as cost_micros,
        coalesce(costs.unpriced_call_count, 0) as unpriced_call_count,
        coalesce(costs.sub_agents_unpriced_call_count, 0) as sub_agents_unpriced_call_count
      from ranked
      left join costs on costs.pr_key = ranked.pr_key
      where ranked.place = 1
    )`;
}

/** The chats of the range that refer to a pull request, found by when they were made. */
function referring({ range, ownerId, organizationId, repository }: InsightQuestion): SQL {
  const conditions = [
    sql`c.created_at >= ${range.from} and c.created_at < ${range.to} and d.pull_request_state is not null`,
    ...(ownerId === null ? [] : [sql`c.owner_id = ${ownerId}`]),
    ...(organizationId === null ? [] : [sql`c.organization_id = ${organizationId}`]),
    ...(repository === null ? [] : [sql`coalesce(d.repository, '') = ${repository}`]),
  ];
  return sql`referring as (
      select c.id as chat_id, c.root_chat_id, c.created_at, c.last_model_config_id,
        coalesce(nullif(d.url, ''), c.id) as pr_key, nullif(d.url, '') as url, coalesce(d.repository, '') as repository,
        d.pull_request_state as state, d.pull_request_title, d.pull_request_draft, d.additions, d.deletions,
        d.changed_files, d.commits, d.approved, d.changes_requested, d.reviewer_count, d.author_login,
        d.author_avatar_url, d.base_branch, d.pr_number,
        case when d.pull_request_state = 'merged' and d.merged_at >= d.opened_at then d.merged_at - d.opened_at end
          as time_to_merge_ms
      from ${chats} c cross join ${chatDiffStatuses} d on d.chat_id = c.id
      where ${sql.join(conditions, sql` and `)}
    )`;
}

/** Of a row `l` of the ledger: tokens were reported, and there was no price for them. */
const couldNotBePriced = sql`l.total_cost_micros is null and coalesce(
  l.input_tokens, l.output_tokens, l.reasoning_tokens, l.cache_creation_tokens, l.cache_read_tokens) is not null`;
