import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { requirePermission } from "../access/check.ts";
import { createRouter, jsonAnswer, jsonBody, requireActor } from "../access/router.ts";
import { auditStatement, CHANGED } from "../audit/record.ts";
import { modelPricesResponse } from "../contract/models.ts";
import { recomputeRequest, recomputeResponse, unpricedModelsResponse } from "../contract/usage.ts";
import { readModelState } from "../models/offers.ts";
import { toWireTime } from "../platform/clock.ts";
import { Problem } from "../platform/problem.ts";
import { listPrices } from "./price-book.ts";
import { findPricedModel, readUnpricedModels } from "./priced-models.ts";
import { rangeFields, rangeOf } from "./ranges.ts";
import { readCursor, readRepricedPage, tellChats, writeCosts, writeCursor, type Repricing } from "./repricing.ts";

const settings = { type: "deployment_config" } as const;

const pricesRoute = createRoute({
  method: "get",
  path: "/chats/model-prices",
  operationId: "readModelPrices",
  tags: ["Models"],
  summary: "The list prices of a model, where the price book knows them",
  description:
    "Prices that the provider publishes, as of a day. Of `openai-compat` the address that is set up tells whose they are. `suggestion` is null for a model that the book does not know.",
  request: {
    query: z.strictObject({ provider: z.string().trim().min(1).max(50), model: z.string().trim().min(1).max(200) }),
  },
  responses: { 200: jsonAnswer(modelPricesResponse, "The prices, or none") },
});

const unpricedRoute = createRoute({
  method: "get",
  path: "/chats/cost/unpriced-models",
  operationId: "listUnpricedModels",
  tags: ["Usage and cost"],
  summary: "Models whose calls could not be priced, or would not be now",
  description: "The most unpriced calls first; then models that can be chosen and lack a price for input or output.",
  request: { query: z.strictObject(rangeFields) },
  responses: { 200: jsonAnswer(unpricedModelsResponse, "The models") },
});

const recomputeRoute = createRoute({
  method: "post",
  path: "/chats/cost/recompute",
  operationId: "recomputeChatCost",
  tags: ["Usage and cost"],
  summary: "Price past calls of a model with the prices that it has now",
  description:
    "Looks at some 2,000 rows a call, oldest first: go on with `cursor` until it is null, and add the figures up. With `dry_run` nothing is written. Chats show the new costs, too; one that could not be told is told by the next call about the same range.",
  request: { body: jsonBody(recomputeRequest) },
  responses: { 200: jsonAnswer(recomputeResponse, "What changed, or would change") },
});

/** What models cost by their lists, and old rows of the ledger at new prices. */
export const repricingRoutes = createRouter()
  .openapi(pricesRoute, async function readPrices(c) {
    requirePermission(requireActor(c), "read", settings);
    const { provider, model } = c.req.valid("query");
    const { providers } = await readModelState(c.var.db, c.env, c.var.clock);
    const baseUrl = providers.find((known) => known.provider === provider)?.baseUrl ?? "";
    const listed = listPrices({ provider, baseUrl }, model);
    const suggestion =
      listed === null
        ? null
        : { prices: listed.prices, as_of: listed.asOf, dearer_above_tokens: listed.dearerAboveTokens };
    return c.json({ suggestion }, 200);
  })
  .openapi(unpricedRoute, async function listUnpriced(c) {
    requirePermission(requireActor(c), "read", { type: "usage" });
    const { db, clock } = c.var;
    const range = rangeOf(c.req.valid("query"), clock());
    const models = await readUnpricedModels(db, c.env, clock, range);
    return c.json({ start_date: toWireTime(range.from), end_date: toWireTime(range.to), models }, 200);
  })
  .openapi(recomputeRoute, async function recompute(c) {
    requirePermission(requireActor(c), "update", settings);
    const { db, clock } = c.var;
    const request = c.req.valid("json");
    const repricing = await repricingOf(c.var.db, c.env, clock, request);
    const { rows, next } = await readRepricedPage(db, repricing);
    const changing = rows.filter(({ changes }) => changes);
    let changed = changing;
    let untold = 0;
    if (!request.dry_run) {
      const audit = auditStatement(c, {
        action: "write",
        resourceType: "usage",
        resourceId: request.model_config_id,
        target: repricing.displayName,
        diff: {
          calls: { new: changing.length },
          cost_micros: {
            old: sumOf(changing, (row) => row.total_cost_micros),
            new: sumOf(changing, (row) => row.costMicros),
          },
        },
        when: CHANGED,
      });
      const written = await writeCosts(db, repricing, rows, clock(), audit);
      if (written === null) throw pricesChanged();
      changed = written;
      untold = await tellChats(c.env.CHATS, rows);
    }
    return c.json(
      {
        dry_run: request.dry_run,
        examined: rows.length,
        changed: changed.length,
        newly_priced: changed.filter((row) => row.total_cost_micros === null && row.costMicros !== null).length,
        cost_before_micros: sumOf(changed, (row) => row.total_cost_micros),
        cost_after_micros: sumOf(changed, (row) => row.costMicros),
        untold_chat_count: untold,
        cursor: next === null ? null : writeCursor(next),
      },
      200,
    );
  });

async function repricingOf(
  db: Parameters<typeof findPricedModel>[0],
  env: Env,
  clock: () => number,
  request: z.infer<typeof recomputeRequest>,
): Promise<Repricing & { displayName: string }> {
  const from = Date.parse(request.start_date);
  const to = Date.parse(request.end_date);
  if (to < from) throw badBody("/end_date", "It must not be before the start.");
  const after = request.cursor === null ? null : readCursor(request.cursor);
  if (after === null && request.cursor !== null) throw badBody("/cursor", "No such place; begin again without it.");
  const model = await findPricedModel(db, env, clock, request.model_config_id);
  if (model === null) throw badBody("/model_config_id", "There is no such model.");
  if (model.prices === null || Object.values(model.prices).every((price) => price === null)) throw withoutPrices();
  const { displayName, prices } = model;
  return {
    model: { id: model.id, prices, storedOptions: model.storedOptions },
    displayName,
    from,
    to,
    onlyUnpriced: request.only_unpriced,
    after,
  };
}

function sumOf<T>(rows: readonly T[], cost: (row: T) => number | null): number {
  return rows.reduce((sum, row) => sum + (cost(row) ?? 0), 0);
}

function badBody(pointer: string, detail: string): Problem {
  return new Problem(400, "The request is not valid.", { detail, errors: [{ pointer, detail }] });
}

function withoutPrices(): Problem {
  return new Problem(409, "This model has no prices.", { detail: "Give it prices first, in Settings, Models." });
}

function pricesChanged(): Problem {
  return new Problem(409, "The prices of this model have just changed.", { detail: "Look at the preview again." });
}
