import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { createRouter } from "../access/router.ts";
import { id } from "../contract/common.ts";
import {
  costDailyResponse,
  costModelsResponse,
  costSummary,
  costTeamsResponse,
  costUsersResponse,
} from "../contract/usage.ts";
import { readModelNames } from "../models/names.ts";
import { chatColumns, dayColumns, modelColumns, teamColumns, userColumns } from "./csv.ts";
import { csvFile, formatField, jsonOrCsv, wantsCsv } from "./formats.ts";
import {
  dailyFields,
  daysOf,
  modelField,
  organizationField,
  rangeOnWire,
  summaryFields,
  summaryOf,
} from "./questions.ts";
import { rangeFields, rangeOf } from "./ranges.ts";
import { groupsStatement, organizationsStatement, readModels, readTeams, readUsers } from "./records.ts";
import { requireTeamScope } from "./scope.ts";

const ROOM = ["Usage and cost"];
const WHO = "For those who may read usage; an admin of organisations sees what was spent in them.";
const groupField = id
  .optional()
  .meta({ description: "Only what the people who are in this group now spent in its organisation." });

const summaryRoute = createRoute({
  method: "get",
  path: "/chats/cost/summary",
  operationId: "readChatCost",
  tags: ROOM,
  summary: "What everybody's model calls cost and used, by model and by chat",
  description: `${WHO} Titles of chats that one may not read are empty.`,
  request: { query: z.strictObject({ ...summaryFields, group_id: groupField }) },
  responses: { 200: jsonOrCsv(costSummary, "The figures; as CSV one of the breakdowns") },
});

const usersRoute = createRoute({
  method: "get",
  path: "/chats/cost/users",
  operationId: "listChatCostByUser",
  tags: ROOM,
  summary: "What each person's model calls cost and used, the dearest first",
  description: `${WHO} A CSV has all of them unless it says how many.`,
  request: {
    query: z.strictObject({
      ...rangeFields,
      username: z
        .string()
        .trim()
        .max(100)
        .default("")
        .meta({ description: "Part of the user name or the name, in upper or lower case; every sign is literal." }),
      limit: z.coerce
        .number()
        .int()
        .max(1_000)
        .optional()
        .meta({ description: "How many at most: 1 to 1,000; 10 by default and for 0 or less." }),
      offset: z.coerce.number().int().min(0).max(2_147_483_647).default(0),
      organization_id: organizationField,
      group_id: groupField,
      model_config_id: modelField,
      format: formatField,
    }),
  },
  responses: { 200: jsonOrCsv(costUsersResponse, "One page, and how many people there are in all") },
});

const modelsRoute = createRoute({
  method: "get",
  path: "/chats/cost/models",
  operationId: "listChatCostByModel",
  tags: ROOM,
  summary: "What the calls of each model cost and used, the dearest first",
  description: WHO,
  request: {
    query: z.strictObject({
      ...rangeFields,
      organization_id: organizationField,
      group_id: groupField,
      format: formatField,
    }),
  },
  responses: { 200: jsonOrCsv(costModelsResponse, "Every model that was called") },
});

const organizationsRoute = createRoute({
  method: "get",
  path: "/chats/cost/organizations",
  operationId: "listChatCostByOrganization",
  tags: ROOM,
  summary: "What was spent and used in each organisation, the dearest first",
  description: WHO,
  request: { query: z.strictObject({ ...rangeFields, format: formatField }) },
  responses: { 200: jsonOrCsv(costTeamsResponse, "Organisations with model calls") },
});

const groupsRoute = createRoute({
  method: "get",
  path: "/chats/cost/groups",
  operationId: "listChatCostByGroup",
  tags: ROOM,
  summary: "What the people of each group spent and used in its organisation, the dearest first",
  description: `${WHO} Whoever is in two groups is in the figures of both, so they do not add up to a total.`,
  request: { query: z.strictObject({ ...rangeFields, organization_id: organizationField, format: formatField }) },
  responses: { 200: jsonOrCsv(costTeamsResponse, "Groups whose people have model calls") },
});

const dailyRoute = createRoute({
  method: "get",
  path: "/chats/cost/daily",
  operationId: "readChatCostByDay",
  tags: ROOM,
  summary: "What everybody's model calls cost and used on each day",
  description: `${WHO} Days begin and end as the clocks of the time zone say, so some have 23 or 25 hours.`,
  request: { query: z.strictObject({ ...dailyFields, group_id: groupField }) },
  responses: { 200: jsonOrCsv(costDailyResponse, "Every day that the range touches") },
});

const DEFAULT_USERS = 10;

/** Figures of many people. */
export const teamRoutes = createRouter();

teamRoutes.openapi(summaryRoute, async function teamSummary(c) {
  const query = c.req.valid("query");
  const range = rangeOf(query, c.var.clock());
  const scope = await requireTeamScope(c, query);
  const isFile = wantsCsv(c, query.format);
  const summary = await summaryOf(c, scope, range, isFile);
  if (!isFile) return c.json({ ...rangeOnWire(range), ...summary }, 200);
  if (query.breakdown === "model") return csvFile("usage-by-model", range, modelColumns, summary.by_model);
  return csvFile("usage-by-chat", range, chatColumns, summary.by_chat);
});

teamRoutes.openapi(usersRoute, async function teamUsers(c) {
  const query = c.req.valid("query");
  const range = rangeOf(query, c.var.clock());
  const scope = await requireTeamScope(c, query);
  const isFile = wantsCsv(c, query.format);
  const said = query.limit !== undefined && query.limit > 0 ? query.limit : null;
  const limit = said ?? (isFile ? null : DEFAULT_USERS);
  const page = { text: query.username, limit, offset: query.offset };
  const { users, count } = await readUsers(c.var.db, scope, range, page);
  if (isFile) return csvFile("usage-by-person", range, userColumns, users);
  return c.json({ ...rangeOnWire(range), count, users }, 200);
});

teamRoutes.openapi(modelsRoute, async function teamModels(c) {
  const query = c.req.valid("query");
  const range = rangeOf(query, c.var.clock());
  const scope = await requireTeamScope(c, query);
  const names = readModelNames(c.var.db, c.env, c.var.clock);
  const models = await readModels(c.var.db, scope, range, names);
  if (wantsCsv(c, query.format)) return csvFile("usage-by-model", range, modelColumns, models);
  return c.json({ ...rangeOnWire(range), models }, 200);
});

teamRoutes.openapi(organizationsRoute, async function teamOrganizations(c) {
  const query = c.req.valid("query");
  const range = rangeOf(query, c.var.clock());
  const teams = await readTeams(c.var.db, organizationsStatement(await requireTeamScope(c, {}), range));
  if (wantsCsv(c, query.format)) return csvFile("usage-by-organization", range, teamColumns, teams);
  return c.json({ ...rangeOnWire(range), teams }, 200);
});

teamRoutes.openapi(groupsRoute, async function teamGroups(c) {
  const query = c.req.valid("query");
  const range = rangeOf(query, c.var.clock());
  const teams = await readTeams(c.var.db, groupsStatement(await requireTeamScope(c, query), range));
  if (wantsCsv(c, query.format)) return csvFile("usage-by-group", range, teamColumns, teams);
  return c.json({ ...rangeOnWire(range), teams }, 200);
});

teamRoutes.openapi(dailyRoute, async function teamDays(c) {
  const query = c.req.valid("query");
  const range = rangeOf(query, c.var.clock());
  const scope = await requireTeamScope(c, query);
  const days = await daysOf(c, scope, range, query.timezone);
  if (wantsCsv(c, query.format)) return csvFile("usage-by-day", range, dayColumns, days);
  return c.json({ ...rangeOnWire(range), timezone: query.timezone, days }, 200);
});
