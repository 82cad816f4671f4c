import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import {
  userUsage,
  usageTotals,
  type ChatUsage,
  type DailyUsage,
  type ModelUsage,
  type TeamUsage,
  type UsageTotals,
  type UserUsage,
} from "../contract/usage.ts";
import { NO_MODEL_ID, type ModelName } from "../models/names.ts";
import { toWireTime } from "../platform/clock.ts";
import { runBatch, type Database } from "../platform/d1.ts";
import type { LocalDay } from "./days.ts";
import type { Range } from "./ranges.ts";
import { rowsOf, whenever, type UsageScope } from "./scope.ts";

/*
 * Figures over the ledger. Each statement reads one of its covering indexes and nothing else of it; their columns
 * are named as on the wire. Nulls are left out of sums, so what is not known never counts as a price of zero.
 */

const hasTokens =
  "coalesce(input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens, reasoning_tokens) is not null";
const isAnswer = "kind = 'message' and role = 'assistant'";

const totals = sql.raw(`
  coalesce(sum(total_cost_micros), 0) as total_cost_micros,
  count(*) filter (where ${isAnswer} and ${hasTokens}) as message_count,
  count(*) filter (where total_cost_micros is null and ${hasTokens}) as unpriced_call_count,
  coalesce(sum(total_cost_micros) filter (where estimated = 1), 0) as estimated_cost_micros,
  coalesce(sum(input_tokens), 0) as total_input_tokens,
  coalesce(sum(output_tokens), 0) as total_output_tokens,
  coalesce(sum(cache_read_tokens), 0) as total_cache_read_tokens,
  coalesce(sum(cache_creation_tokens), 0) as total_cache_creation_tokens,
  coalesce(sum(runtime_ms), 0) as total_runtime_ms`);

/** What a summary tells beyond the totals. */
const details = sql.raw(`
  count(*) filter (where ${isAnswer} and total_cost_micros is not null) as priced_message_count,
  count(*) filter (where ${isAnswer} and total_cost_micros is null and ${hasTokens}) as unpriced_message_count,
  count(*) filter (where kind != 'message') as other_call_count,
  coalesce(sum(total_cost_micros) filter (where kind != 'message'), 0) as other_call_cost_micros`);

const totalNames = usageTotals.keyof().options;
const NO_USAGE: UsageTotals = usageTotals.parse(Object.fromEntries(totalNames.map((name) => [name, 0])));
const summedTotals = sql.raw(totalNames.map((name) => `sum(${name}) as ${name}`).join(", "));

const detailedTotals = usageTotals.extend({
  priced_message_count: z.int(),
  unpriced_message_count: z.int(),
  other_call_count: z.int(),
  other_call_cost_micros: z.int(),
});
type DetailedTotals = z.infer<typeof detailedTotals>;
const detailNames = detailedTotals.keyof().options;

const modelRow = detailedTotals.extend({ model_config_id: z.string().nullable() });
const chatRow = usageTotals.extend({ root_chat_id: z.string(), chat_title: z.string(), chat_count: z.int() });
const userRow = userUsage.omit({ is_service_account: true }).extend({ is_service_account: z.int(), count: z.int() });
const teamRow = usageTotals.extend({
  id: z.string(),
  name: z.string(),
  display_name: z.string(),
  organization_id: z.string(),
  user_count: z.int(),
});
const dayRow = usageTotals.extend({ day: z.int() });

/** How many chats a summary names. */
export const CHATS_OF_SUMMARY = 100;

export interface UsageSummary extends DetailedTotals {
  by_model: ModelUsage[];
  by_chat: ChatUsage[];
  chat_count: number;
}

/** Whose rows, and which chats' titles the actor may read. */
export interface SummaryQuestion {
  scope: UsageScope;
  range: Range;
  readableChats: SQL;
  chats: number;
}

/** By model and by chat, in this order; in one batch, so that both tell of the same moment. */
export function summaryStatements({ scope, range, readableChats, chats }: SummaryQuestion): SQL[] {
  const rows = rowsOf(scope, range);
  return [
    modelsStatement(scope, range),
    sql`with spent as (select root_chat_id, ${totals} from chat_messages where ${rows} group by root_chat_id),
      dearest as (select *, count(*) over () as chat_count from spent
        order by total_cost_micros desc, root_chat_id desc limit ${chats})
      select dearest.*, coalesce(chats.title, '') as chat_title
      from dearest left join chats on chats.id = dearest.root_chat_id and ${readableChats}
      order by dearest.total_cost_micros desc, dearest.root_chat_id desc`,
  ];
}

/** Figures of these rows, by model and by chat; the models add up to the whole. */
export async function readSummary(
  db: Database,
  question: SummaryQuestion,
  nameOf: Promise<(id: string | null) => ModelName>,
): Promise<UsageSummary> {
  const [answers, name] = await Promise.all([runBatch(db, summaryStatements(question)), nameOf]);
  const models = modelRow.array().parse(answers[0]?.results);
  const chats = chatRow.array().parse(answers[1]?.results);
  return {
    ...addedUp(models),
    by_model: models.map((row) => ({ ...usageTotals.parse(row), ...namedModel(row.model_config_id, name) })),
    by_chat: chats.map(({ chat_count: _chat, ...row }) => row),
    chat_count: chats[0]?.chat_count ?? 0,
  };
}

function namedModel(id: string | null, nameOf: (id: string | null) => ModelName) {
  const { displayName, provider, model } = nameOf(id);
  return { model_config_id: id ?? NO_MODEL_ID, display_name: displayName, provider, model };
}

function addedUp(rows: readonly DetailedTotals[]): DetailedTotals {
  const sum = detailedTotals.parse(Object.fromEntries(detailNames.map((name) => [name, 0])));
  for (const row of rows) for (const name of detailNames) sum[name] += row[name];
  return sum;
}

export function modelsStatement(scope: UsageScope, range: Range): SQL {
  return sql`select model_config_id, ${totals}, ${details} from chat_messages where ${rowsOf(scope, range)}
    group by model_config_id order by total_cost_micros desc, model_config_id`;
}

export interface UserPage {
  /** Part of a user name or name; taken literally, upper or lower case. */
  text: string;
  /** Null = all of them. */
  limit: number | null;
  offset: number;
}

export function usersStatement(scope: UsageScope, range: Range, { text, limit, offset }: UserPage): SQL {
  return sql`with spent as (
      select owner_id, count(distinct root_chat_id) as chat_count, ${totals}
      from chat_messages where ${rowsOf(scope, range)} group by owner_id)
    select spent.*, u.id as user_id, u.username, u.name, u.avatar_url, u.is_service_account, count(*) over () as count
    from spent join users u on u.id = spent.owner_id where ${holds(text)}
    order by spent.total_cost_micros desc, lower(u.username), u.id
    limit ${limit ?? -1} offset ${offset}`;
}

/** Not `like`, where signs of the question are wildcards and D1 takes 50 bytes at most. */
function holds(text: string): SQL {
  if (text === "") return sql`true`;
  return sql`(instr(lower(u.username), lower(${text})) > 0 or instr(lower(u.name), lower(${text})) > 0)`;
}

/** Whoever has model calls in the range, the dearest first, and how many they are on all pages. */
export async function readUsers(
  db: Database,
  scope: UsageScope,
  range: Range,
  page: UserPage,
): Promise<{ users: UserUsage[]; count: number }> {
  const read = async (wanted: UserPage) => userRow.array().parse(await db.all(usersStatement(scope, range, wanted)));
  const rows = await read(page);
  // Past the end no row is there to carry the count.
  const [counted] = rows.length > 0 || page.offset === 0 ? rows : await read({ ...page, limit: 1, offset: 0 });
  return {
    users: rows.map(({ count: _count, is_service_account, ...row }) => ({
      ...row,
      is_service_account: is_service_account === 1,
    })),
    count: counted?.count ?? 0,
  };
}

export function organizationsStatement(scope: UsageScope, range: Range): SQL {
  return sql`with spent as (
      select organization_id, count(distinct owner_id) as user_count, ${totals}
      from chat_messages where ${rowsOf(scope, range)} group by organization_id)
    select spent.*, o.id, o.name, o.display_name from spent join organizations o on o.id = spent.organization_id
    order by spent.total_cost_micros desc, o.name`;
}

/** Each group's people as they are now, with what they spent in its organisation; the whole organisation is one. */
export function groupsStatement(scope: UsageScope, range: Range): SQL {
  return sql`with spent as (
      select owner_id, organization_id, ${totals}
      from chat_messages where ${rowsOf(scope, range)} group by owner_id, organization_id),
    people(group_id, user_id) as (
      select m.group_id, m.user_id from group_members m
      union all select m.organization_id, m.user_id from organization_members m)
    select g.id, g.name, g.display_name, g.organization_id, count(*) as user_count, ${summedTotals}
    from spent join people on people.user_id = spent.owner_id
      join groups g on g.id = people.group_id and g.organization_id = spent.organization_id
    group by g.id order by sum(total_cost_micros) desc, lower(g.name), g.id`;
}

export async function readTeams(db: Database, statement: SQL): Promise<TeamUsage[]> {
  return teamRow.array().parse(await db.all(statement));
}

export async function readModels(
  db: Database,
  scope: UsageScope,
  range: Range,
  nameOf: Promise<(id: string | null) => ModelName>,
): Promise<ModelUsage[]> {
  const [rows, name] = await Promise.all([db.all(modelsStatement(scope, range)), nameOf]);
  return modelRow
    .array()
    .parse(rows)
    .map((row) => ({ ...usageTotals.parse(row), ...namedModel(row.model_config_id, name) }));
}

/** The days as one parameter: SQLite knows no time zones. Joined in this order, each day is a piece of the index. */
export function daysStatement(scope: UsageScope, range: Range, days: readonly LocalDay[]): SQL {
  const bounds = days.map(({ start, end }) => [Math.max(start, range.from), Math.min(end, range.to)]);
  return sql`with days(day, first, past) as (
      select key, value ->> 0, value ->> 1 from json_each(${JSON.stringify(bounds)}))
    select days.day, ${totals}
    from days cross join chat_messages
    where chat_messages.created_at >= days.first and chat_messages.created_at < days.past and ${whenever(scope)}
    group by days.day`;
}

/** A figure for every day, those without calls, too; of the first and the last what lies in the range. */
export async function readDays(
  db: Database,
  scope: UsageScope,
  range: Range,
  days: readonly LocalDay[],
): Promise<DailyUsage[]> {
  const rows = dayRow.array().parse(await db.all(daysStatement(scope, range, days)));
  const found = new Map(rows.map(({ day, ...figures }) => [day, figures]));
  return days.map(({ date, start, end }, index) => ({
    ...(found.get(index) ?? NO_USAGE),
    date,
    start: toWireTime(start),
    end: toWireTime(end),
  }));
}
