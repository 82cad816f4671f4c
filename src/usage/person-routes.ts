import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { z } from "zod";
import { createRouter, type AppEnv } from "../access/router.ts";
import {
  costCallsResponse,
  costDailyResponse,
  costSummary,
  ledgerKinds,
  type LedgerEntry,
  type UsageLimitStatus,
} from "../contract/usage.ts";
import { readModelNames } from "../models/names.ts";
import { csvAnswer } from "../platform/csv.ts";
import type { Database } from "../platform/d1.ts";
import { log } from "../platform/log.ts";
import { pageLimit } from "../platform/paging.ts";
import {
  cursorOf,
  cursorText,
  readCalls,
  readCursor,
  toLedgerEntry,
  type CallRow,
  type CallsQuestion,
} from "./calls.ts";
import { callColumns, chatColumns, csvHead, csvLines, dayColumns, modelColumns } from "./csv.ts";
import { csvFile, fileName, formatField, jsonOrCsv, wantsCsv } from "./formats.ts";
import {
  chatField,
  dailyFields,
  daysOf,
  modelField,
  organizationField,
  rangeOnWire,
  summaryFields,
  summaryOf,
} from "./questions.ts";
import { readLimitStatus } from "./limits.ts";
import { rangeFields, rangeOf } from "./ranges.ts";
import { requireSpender } from "./scope.ts";

const ROOM = ["Usage and cost"];
const params = z.object({ user: z.string().max(100).meta({ description: 'An id, a user name, or "me".' }) });

const summaryRoute = createRoute({
  method: "get",
  path: "/chats/cost/{user}/summary",
  operationId: "readUserChatCost",
  tags: ROOM,
  summary: "What somebody's model calls cost and used, by model and by chat",
  description:
    "For oneself and for those who may read usage; an admin of an organisation sees what was spent there. " +
    "Deleted messages are in it: they were paid for. A call without a price is counted as unpriced and never as 0.",
  request: { params, query: z.strictObject({ ...summaryFields, root_chat_id: chatField }) },
  responses: { 200: jsonOrCsv(costSummary, "The figures; as CSV one of the breakdowns") },
});

const dailyRoute = createRoute({
  method: "get",
  path: "/chats/cost/{user}/daily",
  operationId: "readUserChatCostByDay",
  tags: ROOM,
  summary: "What somebody's model calls cost and used on each day",
  description: "Days begin and end as the clocks of the time zone say, so some have 23 or 25 hours.",
  request: { params, query: z.strictObject({ ...dailyFields, root_chat_id: chatField }) },
  responses: { 200: jsonOrCsv(costDailyResponse, "Every day that the range touches") },
});

const callsRoute = createRoute({
  method: "get",
  path: "/chats/cost/{user}/calls",
  operationId: "listUserModelCalls",
  tags: ROOM,
  summary: "Somebody's model calls, newest first: what every figure is made of",
  description: "A CSV has all of them from the cursor on.",
  request: {
    params,
    query: z.strictObject({
      ...rangeFields,
      organization_id: organizationField,
      model_config_id: modelField,
      root_chat_id: chatField,
      kind: z.enum(ledgerKinds).optional(),
      limit: pageLimit,
      cursor: z.string().max(200).optional().meta({ description: "The `next_cursor` of the page before." }),
      format: formatField,
    }),
  },
  responses: { 200: jsonOrCsv(costCallsResponse, "One page") },
});

/** Figures of one person. */
export const personRoutes = createRouter();

personRoutes.openapi(summaryRoute, async function userSummary(c) {
  const query = c.req.valid("query");
  const range = rangeOf(query, c.var.clock());
  const spender = await requireSpender(c, c.req.valid("param").user, query);
  const isFile = wantsCsv(c, query.format);
  const [summary, limit] = await Promise.all([
    summaryOf(c, spender.scope, range, isFile),
    isFile || !spender.isWhole ? null : limitOf(c, spender.id),
  ]);
  if (!isFile) {
    const { user } = spender;
    return c.json({ ...rangeOnWire(range), user, ...summary, ...(limit && { usage_limit: limit }) }, 200);
  }
  if (query.breakdown === "model") return csvFile("usage-by-model", range, modelColumns, summary.by_model);
  return csvFile("usage-by-chat", range, chatColumns, summary.by_chat);
});

personRoutes.openapi(dailyRoute, async function userDays(c) {
  const query = c.req.valid("query");
  const range = rangeOf(query, c.var.clock());
  const { scope } = await requireSpender(c, c.req.valid("param").user, query);
  const days = await daysOf(c, scope, range, query.timezone);
  if (wantsCsv(c, query.format)) return csvFile("usage-by-day", range, dayColumns, days);
  return c.json({ ...rangeOnWire(range), timezone: query.timezone, days }, 200);
});

personRoutes.openapi(callsRoute, async function userCalls(c) {
  const query = c.req.valid("query");
  const { limit, cursor } = query;
  const range = rangeOf(query, c.var.clock());
  const after = cursor === undefined ? null : readCursor(cursor);
  const { scope } = await requireSpender(c, c.req.valid("param").user, query);
  const question = { scope, range, kind: query.kind ?? null };
  const isFile = wantsCsv(c, query.format);
  const [nameOf, rows] = await Promise.all([
    readModelNames(c.var.db, c.env, c.var.clock),
    readCalls(c.var.db, question, after, isFile ? FILE_PAGE : limit + 1),
  ]);
  const entriesOf = (calls: readonly CallRow[]) => calls.map((call) => toLedgerEntry(call, nameOf));
  if (isFile) return csvAnswer(fileName("model-calls", range), fileOf(c.var.db, question, rows, entriesOf));
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  const next_cursor = last === undefined ? null : cursorText(cursorOf(last));
  return c.json({ ...rangeOnWire(range), calls: entriesOf(page), next_cursor }, 200);
});

/** Null where nothing limits this person, and where nobody can say: figures are not held up by it. */
async function limitOf(c: Context<AppEnv>, userId: string): Promise<UsageLimitStatus | null> {
  try {
    const status = await readLimitStatus(c.var.db, c.env.USERS, userId, c.var.clock());
    return status.is_limited ? status : null;
  } catch (error) {
    log.warn("usage.limit_unknown", { userId, error });
    return null;
  }
}

/** Read and written in pieces, so that the length of the ledger does not matter. */
const FILE_PAGE = 1_000;

/** From the first page on, which is read before the answer begins: what is wrong is a Problem still. */
async function* fileOf(
  db: Database,
  question: CallsQuestion,
  first: CallRow[],
  entriesOf: (calls: readonly CallRow[]) => LedgerEntry[],
) {
  yield csvHead(callColumns);
  for (let rows = first; rows.length > 0;) {
    yield csvLines(callColumns, entriesOf(rows));
    const last = rows.length < FILE_PAGE ? undefined : rows.at(-1);
    rows = last === undefined ? [] : await readCalls(db, question, cursorOf(last), FILE_PAGE);
  }
}
