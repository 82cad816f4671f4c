import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { requirePermission } from "../access/check.ts";
import { filter } from "../access/filter.ts";
import { createRouter, jsonAnswer, requireActor } from "../access/router.ts";
import { chatColumns } from "../chats/shares.ts";
import { id } from "../contract/common.ts";
import { prInsights } from "../contract/insights.ts";
import { readModelNames } from "../models/names.ts";
import { isTimeZone } from "../usage/days.ts";
import { rangeFields } from "../usage/ranges.ts";
import { insightRange } from "./ranges.ts";
import { readInsights } from "./records.ts";

const query = z.strictObject({
  ...rangeFields,
  owner_id: id.optional().meta({ description: "Only what came out of this user's chats." }),
  organization_id: id.optional().meta({ description: "Only what came out of this organisation's chats." }),
  repository: z
    .string()
    .max(500)
    .optional()
    .meta({ description: "Only of this one, as `by_repository` names it. Empty: of those that are not known." }),
  timezone: z
    .string()
    .max(100)
    .refine(isTimeZone, { error: "No time zone has this name. Give one such as Europe/Berlin." })
    .default("UTC")
    .meta({ description: "Whose days the series has, by its IANA name." }),
});

const insightsRoute = createRoute({
  method: "get",
  path: "/chats/insights/pull-requests",
  operationId: "readPullRequestInsights",
  tags: ["Insights"],
  summary: "What came of chats: pull requests, how many were merged, and what they cost",
  description:
    "Of chats that were made in the range; a range that ends before it begins has none. A pull request is " +
    "counted once, however many chats refer to it, with all their model calls and those of their direct " +
    "sub-agents that have no pull request of their own, whenever the calls were made. Trends are against the " +
    "range of the same length right before. The series has only days on which there is something.",
  request: { query },
  responses: { 200: jsonAnswer(prInsights, "The figures") },
});

export const insightRoutes = createRouter();

insightRoutes.openapi(insightsRoute, async function readPullRequestInsights(c) {
  const actor = requireActor(c);
  requirePermission(actor, "read", { type: "deployment_config" });
  const { owner_id, organization_id, repository, timezone, ...dates } = c.req.valid("query");
  const { db, clock } = c.var;
  const question = {
    range: insightRange(dates, clock()),
    ownerId: owner_id ?? null,
    organizationId: organization_id ?? null,
    repository: repository ?? null,
  };
  const nameOf = await readModelNames(db, c.env, clock);
  const readable = filter(actor, "read", "chat", chatColumns);
  return c.json(await readInsights(db, question, { nameOf, timeZone: timezone, readable }), 200);
});
