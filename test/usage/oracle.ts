import type { LedgerKind, UsageTotals } from "../../src/contract/usage.ts";

/*
 * What figures over a ledger must be, said slowly: one loop a figure, over rows in memory. It shares nothing with
 * what it judges but the names on the wire.
 */

export interface Row {
  chat_id: string;
  root_chat_id: string;
  id: number;
  owner_id: string;
  organization_id: string;
  kind: LedgerKind;
  role: "assistant" | "user" | "tool";
  model_config_id: string | null;
  input_tokens: number | null;
  output_tokens: number | null;
  reasoning_tokens: number | null;
  cache_read_tokens: number | null;
  cache_creation_tokens: number | null;
  total_cost_micros: number | null;
  runtime_ms: number | null;
  estimated: boolean;
  deleted: boolean;
  created_at: number;
}

/** What the tests know of people and places besides the ledger. */
export interface Surroundings {
  people: { id: string; username: string; name: string }[];
  organizations: { id: string; name: string }[];
  groups: { id: string; name: string; organization_id: string; members: string[] }[];
}

const counted = [
  "input_tokens",
  "output_tokens",
  "reasoning_tokens",
  "cache_read_tokens",
  "cache_creation_tokens",
] as const;

export function reportedTokens(row: Row): boolean {
  return counted.some((name) => row[name] !== null);
}

export function isCall(row: Row): boolean {
  return row.role === "assistant" || row.total_cost_micros !== null || reportedTokens(row);
}

export function within(rows: readonly Row[], from: number, to: number): Row[] {
  return rows.filter((row) => row.created_at >= from && row.created_at < to && isCall(row));
}

function total(
  rows: readonly Row[],
  name: keyof Row & (`${string}_tokens` | "total_cost_micros" | "runtime_ms"),
): number {
  let sum = 0;
  for (const row of rows) sum += row[name] ?? 0;
  return sum;
}

const isAnswer = (row: Row) => row.kind === "message" && row.role === "assistant";

export function totalsOf(rows: readonly Row[]): UsageTotals {
  return {
    total_cost_micros: total(rows, "total_cost_micros"),
    message_count: rows.filter((row) => isAnswer(row) && reportedTokens(row)).length,
    unpriced_call_count: rows.filter((row) => row.total_cost_micros === null && reportedTokens(row)).length,
    estimated_cost_micros: total(
      rows.filter((row) => row.estimated),
      "total_cost_micros",
    ),
    total_input_tokens: total(rows, "input_tokens"),
    total_output_tokens: total(rows, "output_tokens"),
    total_cache_read_tokens: total(rows, "cache_read_tokens"),
    total_cache_creation_tokens: total(rows, "cache_creation_tokens"),
    total_runtime_ms: total(rows, "runtime_ms"),
  };
}

export function detailsOf(rows: readonly Row[]) {
  const others = rows.filter((row) => row.kind !== "message");
  return {
    priced_message_count: rows.filter((row) => isAnswer(row) && row.total_cost_micros !== null).length,
    unpriced_message_count: rows.filter((row) => isAnswer(row) && row.total_cost_micros === null && reportedTokens(row))
      .length,
    other_call_count: others.length,
    other_call_cost_micros: total(others, "total_cost_micros"),
  };
}

const NOBODY = "00000000-0000-0000-0000-000000000000";

function groupsOf<Key extends string>(rows: readonly Row[], keyOf: (row: Row) => Key): [Key, Row[]][] {
  const keys = new Set(rows.map(keyOf));
  return [...keys].map((key) => [key, rows.filter((row) => keyOf(row) === key)]);
}

/** The dearest first; of equals no order is promised here but in `tie`. */
function byCost<T extends UsageTotals>(entries: T[], tie: (a: T, b: T) => number): T[] {
  return entries.toSorted((a, b) => b.total_cost_micros - a.total_cost_micros || tie(a, b));
}
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

export function byModel(rows: readonly Row[]) {
  const entries = groupsOf(rows, (row) => row.model_config_id ?? NOBODY).map(([model_config_id, some]) => ({
    model_config_id,
    ...totalsOf(some),
  }));
  return byCost(entries, (a, b) => compare(a.model_config_id, b.model_config_id));
}

export function byChat(rows: readonly Row[]) {
  const entries = groupsOf(rows, (row) => row.root_chat_id).map(([root_chat_id, some]) => ({
    root_chat_id,
    ...totalsOf(some),
  }));
  return byCost(entries, (a, b) => compare(b.root_chat_id, a.root_chat_id));
}

export function byUser(rows: readonly Row[], { people }: Surroundings, text = "") {
  const wanted = text.trim().toLowerCase();
  const entries = people
    .filter(({ username, name }) => [username, name].some((word) => word.toLowerCase().includes(wanted)))
    .map((person) => ({ ...person, rows: rows.filter((row) => row.owner_id === person.id) }))
    .filter((person) => person.rows.length > 0)
    .map(({ id, username, name, rows: own }) => ({
      user_id: id,
      username,
      name,
      chat_count: new Set(own.map((row) => row.root_chat_id)).size,
      ...totalsOf(own),
    }));
  return byCost(entries, (a, b) => compare(a.username.toLowerCase(), b.username.toLowerCase()));
}

export function byOrganization(rows: readonly Row[], { organizations }: Surroundings) {
  const entries = organizations
    .map((organization) => ({ ...organization, rows: rows.filter((row) => row.organization_id === organization.id) }))
    .filter((organization) => organization.rows.length > 0)
    .map(({ id, name, rows: own }) => ({
      id,
      name,
      organization_id: id,
      user_count: new Set(own.map((row) => row.owner_id)).size,
      ...totalsOf(own),
    }));
  return byCost(entries, (a, b) => compare(a.name, b.name));
}

export function ofGroup(rows: readonly Row[], group: Surroundings["groups"][number]): Row[] {
  return rows.filter((row) => row.organization_id === group.organization_id && group.members.includes(row.owner_id));
}

export function byGroup(rows: readonly Row[], { groups }: Surroundings) {
  const entries = groups
    .map((group) => ({ ...group, rows: ofGroup(rows, group) }))
    .filter((group) => group.rows.length > 0)
    .map(({ id, name, organization_id, rows: own }) => ({
      id,
      name,
      organization_id,
      user_count: new Set(own.map((row) => row.owner_id)).size,
      ...totalsOf(own),
    }));
  return byCost(entries, (a, b) => compare(a.name.toLowerCase(), b.name.toLowerCase()) || compare(a.id, b.id));
}

/** Of each date that the zone's calendar shows for an instant of the range, hour by hour. */
export function byDay(rows: readonly Row[], from: number, to: number, timeZone: string) {
  const calendar = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" });
  const dates = new Set<string>();
  for (let instant = from; instant < to; instant += 3_600_000) dates.add(calendar.format(instant));
  if (from < to) dates.add(calendar.format(to - 1));
  return [...dates].map((date) => ({
    date,
    ...totalsOf(rows.filter((row) => calendar.format(row.created_at) === date)),
  }));
}

/** Newest first. */
export function calls(rows: readonly Row[]): Row[] {
  return rows.toSorted((a, b) => b.created_at - a.created_at || compare(b.chat_id, a.chat_id) || b.id - a.id);
}
