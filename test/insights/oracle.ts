import type { PrInsights } from "../../src/contract/insights.ts";
import type { InsightQuestion } from "../../src/insights/pull-requests.ts";
import type { ModelName } from "../../src/models/names.ts";
import type { Range } from "../../src/usage/ranges.ts";
import type { WorldChat, WorldDiff } from "./world.ts";

/*
 * The figures over again, from the definitions and in the plainest way: every pull request is looked up among
 * all chats, every sum is a loop. Nothing here is quick, and nothing is shared with the queries.
 */

/** A chat with a pull request. */
type Referring = WorldChat & { diff: WorldDiff };

interface PullRequest {
  newest: Referring;
  chats: Referring[];
  chatsCost: number;
  subAgentsCost: number;
  cost: number;
  unpriced: number;
  subAgentsUnpriced: number;
  timeToMerge: number | null;
}

export interface Teller {
  models: ReadonlyMap<string, ModelName>;
  timeZone: string;
  canRead: (chat: WorldChat) => boolean;
}

export function expectedInsights(world: readonly WorldChat[], question: InsightQuestion, teller: Teller): PrInsights {
  const { from, to } = question.range;
  const current = pullRequestsOf(world, question, question.range);
  const before = pullRequestsOf(world, question, { from: from - (to - from), to: from });
  const all = figuresOf(current);
  const then = figuresOf(before);
  const reviewed = current.filter(({ newest }) => newest.diff.approved !== null);
  const approved = reviewed.filter(({ newest }) => newest.diff.approved === true);

  const modelOf = (one: PullRequest) => (teller.models.has(one.newest.modelId) ? one.newest.modelId : NOBODY);
  const nameOf = (one: PullRequest) => teller.models.get(one.newest.modelId)?.displayName ?? "Unknown";
  const repositoryOf = (one: PullRequest) => one.newest.diff.repository ?? "";
  return {
    summary: {
      total_prs_created: all.total_prs,
      total_prs_merged: all.merged_prs,
      total_prs_closed: current.filter(({ newest }) => newest.diff.state === "closed").length,
      merge_rate: all.merge_rate,
      total_additions: all.total_additions,
      total_deletions: all.total_deletions,
      total_cost_micros: all.total_cost_micros,
      cost_per_merged_pr_micros: all.cost_per_merged_pr_micros,
      approval_rate: reviewed.length === 0 ? 0 : approved.length / reviewed.length,
      reviewed_count: reviewed.length,
      prev_total_prs_created: then.total_prs,
      prev_total_prs_merged: then.merged_prs,
      prev_merge_rate: then.merge_rate,
      prev_cost_per_merged_pr_micros: then.cost_per_merged_pr_micros,
      chats_cost_micros: total(current.map((one) => one.chatsCost)),
      sub_agents_cost_micros: total(current.map((one) => one.subAgentsCost)),
      unpriced_call_count: total(current.map((one) => one.unpriced)),
      sub_agents_unpriced_call_count: total(current.map((one) => one.subAgentsUnpriced)),
      merged_unpriced_call_count: all.merged_unpriced_call_count,
      ...median(current),
    },
    time_series: seriesOf(current, teller.timeZone),
    by_model: distinct(current.map(modelOf))
      .map((id) => {
        const { displayName, provider } = teller.models.get(id) ?? { displayName: "Unknown", provider: "unknown" };
        const figures = figuresOf(current.filter((one) => modelOf(one) === id));
        return { model_config_id: id, display_name: displayName, provider, ...figures };
      })
      .toSorted((a, b) => inOrder(a, b, a.model_config_id, b.model_config_id)),
    by_repository: distinct(current.map(repositoryOf))
      .map((repository) => {
        const its = current.filter((one) => repositoryOf(one) === repository);
        return { repository, ...figuresOf(its), ...median(its) };
      })
      .toSorted((a, b) => inOrder(a, b, a.repository, b.repository)),
    recent_prs: current
      .toSorted((a, b) => (isNewer(a.newest, b.newest) ? -1 : 1))
      .slice(0, 20)
      .map((one) => ({
        chat_id: one.newest.id,
        pr_title: one.newest.diff.title,
        ...(one.newest.diff.url ? { pr_url: one.newest.diff.url } : {}),
        ...(one.newest.diff.number === null ? {} : { pr_number: one.newest.diff.number }),
        state: one.newest.diff.state ?? "open",
        draft: one.newest.diff.draft,
        additions: one.newest.diff.additions,
        deletions: one.newest.diff.deletions,
        changed_files: 0,
        ...(one.newest.diff.approved === null ? {} : { approved: one.newest.diff.approved }),
        changes_requested: one.newest.diff.changesRequested,
        base_branch: "",
        model_display_name: nameOf(one),
        cost_micros: one.cost,
        created_at: new Date(one.newest.createdAt).toISOString(),
        ...(one.newest.diff.repository === null ? {} : { repository: one.newest.diff.repository }),
        chats_cost_micros: one.chatsCost,
        sub_agents_cost_micros: one.subAgentsCost,
        unpriced_call_count: one.unpriced,
        sub_agents_unpriced_call_count: one.subAgentsUnpriced,
        chat_count: one.chats.length,
        ...(one.timeToMerge === null ? {} : { time_to_merge_ms: one.timeToMerge }),
        chat_readable: teller.canRead(one.newest),
      })),
  };
}

const NOBODY = "00000000-0000-0000-0000-000000000000";

function pullRequestsOf(world: readonly WorldChat[], question: InsightQuestion, range: Range): PullRequest[] {
  const { ownerId, organizationId, repository } = question;
  const referring = world.filter(hasPullRequest).filter((chat) => {
    if (chat.createdAt < range.from || chat.createdAt >= range.to) return false;
    if (ownerId !== null && chat.ownerId !== ownerId) return false;
    if (organizationId !== null && chat.organizationId !== organizationId) return false;
    return repository === null || (chat.diff.repository ?? "") === repository;
  });
  return distinct(referring.map(keyOf)).map((key) => pullRequest(world, key, referring));
}

function pullRequest(world: readonly WorldChat[], key: string, referring: readonly Referring[]): PullRequest {
  const chats = referring.filter((chat) => keyOf(chat) === key);
  let [newest] = chats;
  if (newest === undefined) throw new Error("A key came from nowhere");
  for (const chat of chats) if (isNewer(chat, newest)) newest = chat;
  const subAgents = world.filter((chat) => chats.some(({ id }) => id === chat.parentId) && !hasPullRequest(chat));
  const chatsCost = total(chats.map(costOf));
  const subAgentsCost = total(subAgents.map(costOf));
  const { state, openedAt, mergedAt } = newest.diff;
  const knowsTime = state === "merged" && openedAt !== null && mergedAt !== null && mergedAt >= openedAt;
  return {
    newest,
    chats,
    chatsCost,
    subAgentsCost,
    cost: chatsCost + subAgentsCost,
    unpriced: total([...chats, ...subAgents].map(unpricedOf)),
    subAgentsUnpriced: total(subAgents.map(unpricedOf)),
    timeToMerge: knowsTime ? mergedAt - openedAt : null,
  };
}

function hasPullRequest(chat: WorldChat): chat is Referring {
  return chat.diff !== null && chat.diff.state !== null;
}

function keyOf(chat: Referring): string {
  return chat.diff.url === null || chat.diff.url === "" ? chat.id : chat.diff.url;
}

function isNewer(one: WorldChat, other: WorldChat): boolean {
  return one.createdAt > other.createdAt || (one.createdAt === other.createdAt && one.id > other.id);
}

function costOf(chat: WorldChat): number {
  return total(chat.calls.map(({ cost }) => cost ?? 0));
}

function unpricedOf(chat: WorldChat): number {
  return chat.calls.filter(({ cost, tokens }) => cost === null && tokens !== null).length;
}

function figuresOf(prs: readonly PullRequest[]) {
  const merged = prs.filter(({ newest }) => newest.diff.state === "merged");
  const mergedCost = total(merged.map(({ cost }) => cost));
  return {
    total_prs: prs.length,
    merged_prs: merged.length,
    merge_rate: prs.length === 0 ? 0 : merged.length / prs.length,
    total_additions: total(prs.map(({ newest }) => newest.diff.additions)),
    total_deletions: total(prs.map(({ newest }) => newest.diff.deletions)),
    total_cost_micros: total(prs.map(({ cost }) => cost)),
    cost_per_merged_pr_micros: merged.length === 0 ? 0 : Math.floor(mergedCost / merged.length),
    merged_unpriced_call_count: total(merged.map(({ unpriced }) => unpriced)),
  };
}

function median(prs: readonly PullRequest[]): { median_time_to_merge_ms?: number } {
  const times = prs.flatMap(({ timeToMerge }) => (timeToMerge === null ? [] : [timeToMerge])).toSorted((a, b) => a - b);
  if (times.length === 0) return {};
  const [low = 0, high = 0] = [times[Math.ceil(times.length / 2) - 1], times[Math.floor(times.length / 2)]];
  return { median_time_to_merge_ms: Math.floor((low + high) / 2) };
}

function seriesOf(prs: readonly PullRequest[], timeZone: string): PrInsights["time_series"] {
  const days = distinct(prs.map(({ newest }) => beginningOfDay(newest.createdAt, timeZone))).toSorted((a, b) => a - b);
  return days.map((day) => {
    const its = prs.filter(({ newest }) => beginningOfDay(newest.createdAt, timeZone) === day);
    const count = (state: string) => its.filter(({ newest }) => newest.diff.state === state).length;
    return {
      date: new Date(day).toISOString(),
      prs_created: its.length,
      prs_merged: count("merged"),
      prs_closed: count("closed"),
    };
  });
}

const QUARTER_MS = 900_000;

/** Goes back until the calendar shows another day. */
function beginningOfDay(instant: number, timeZone: string): number {
  const calendar = new Intl.DateTimeFormat("en", { timeZone, dateStyle: "short" });
  const today = calendar.format(instant);
  let moment = Math.floor(instant / QUARTER_MS) * QUARTER_MS;
  while (calendar.format(moment - 1) === today) moment -= QUARTER_MS;
  return moment;
}

function inOrder(
  a: { total_prs: number; total_cost_micros: number },
  b: { total_prs: number; total_cost_micros: number },
  nameOfA: string,
  nameOfB: string,
): number {
  if (a.total_prs !== b.total_prs) return b.total_prs - a.total_prs;
  if (a.total_cost_micros !== b.total_cost_micros) return b.total_cost_micros - a.total_cost_micros;
  return nameOfA < nameOfB ? -1 : 1;
}

function total(numbers: readonly number[]): number {
  let sum = 0;
  for (const number of numbers) sum += number;
  return sum;
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
