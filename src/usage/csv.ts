import type {
  ChatUsage,
  DailyUsage,
  LedgerEntry,
  ModelUsage,
  TeamUsage,
  UsageTotals,
  UserUsage,
} from "../contract/usage.ts";
import { csvRow } from "../platform/csv.ts";

type Cell = string | number | boolean | null;

/** Columns by name, each with what a row has there. */
export type Columns<Row> = Record<string, (row: Row) => Cell>;

const totals: Columns<UsageTotals> = {
  total_cost_micros: (row) => row.total_cost_micros,
  total_cost_usd: (row) => exactDollars(row.total_cost_micros),
  estimated_cost_micros: (row) => row.estimated_cost_micros,
  unpriced_call_count: (row) => row.unpriced_call_count,
  message_count: (row) => row.message_count,
  total_input_tokens: (row) => row.total_input_tokens,
  total_output_tokens: (row) => row.total_output_tokens,
  total_cache_read_tokens: (row) => row.total_cache_read_tokens,
  total_cache_creation_tokens: (row) => row.total_cache_creation_tokens,
  total_runtime_ms: (row) => row.total_runtime_ms,
};

export const modelColumns: Columns<ModelUsage> = {
  model_config_id: (row) => row.model_config_id,
  display_name: (row) => row.display_name,
  provider: (row) => row.provider,
  model: (row) => row.model,
  ...totals,
};

export const chatColumns: Columns<ChatUsage> = {
  root_chat_id: (row) => row.root_chat_id,
  chat_title: (row) => row.chat_title,
  ...totals,
};

export const userColumns: Columns<UserUsage> = {
  user_id: (row) => row.user_id,
  username: (row) => row.username,
  name: (row) => row.name,
  is_service_account: (row) => row.is_service_account,
  chat_count: (row) => row.chat_count,
  ...totals,
};

export const teamColumns: Columns<TeamUsage> = {
  id: (row) => row.id,
  name: (row) => row.name,
  display_name: (row) => row.display_name,
  organization_id: (row) => row.organization_id,
  user_count: (row) => row.user_count,
  ...totals,
};

export const dayColumns: Columns<DailyUsage> = {
  date: (row) => row.date,
  start: (row) => row.start,
  end: (row) => row.end,
  ...totals,
};

export const callColumns: Columns<LedgerEntry> = {
  created_at: (row) => row.created_at,
  kind: (row) => row.kind,
  root_chat_id: (row) => row.root_chat_id,
  chat_id: (row) => row.chat_id,
  id: (row) => row.id,
  deleted: (row) => row.deleted,
  model_config_id: (row) => row.model_config_id,
  display_name: (row) => row.display_name,
  total_cost_micros: (row) => row.total_cost_micros,
  total_cost_usd: (row) => (row.total_cost_micros === null ? null : exactDollars(row.total_cost_micros)),
  estimated: (row) => row.estimated,
  input_tokens: (row) => row.input_tokens,
  output_tokens: (row) => row.output_tokens,
  reasoning_tokens: (row) => row.reasoning_tokens,
  cache_read_tokens: (row) => row.cache_read_tokens,
  cache_creation_tokens: (row) => row.cache_creation_tokens,
  cache_creation_1h_tokens: (row) => row.cache_creation_1h_tokens,
  web_search_requests: (row) => row.web_search_requests,
  runtime_ms: (row) => row.runtime_ms,
};

/** The line with the columns' names. */
export function csvHead<Row>(columns: Columns<Row>): string {
  return csvRow(Object.keys(columns));
}

/** Rows as lines; what is not known is an empty cell, and no zero. */
export function csvLines<Row>(columns: Columns<Row>, rows: readonly Row[]): string {
  const cells = Object.values(columns);
  return rows.map((row) => csvRow(cells.map((cell) => String(cell(row) ?? "")))).join("");
}

/** Micro-dollars as dollars, all six digits of them: nothing is rounded. */
export function exactDollars(micros: number): string {
  return `${Math.floor(micros / 1_000_000)}.${String(micros % 1_000_000).padStart(6, "0")}`;
}
