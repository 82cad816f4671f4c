import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { check, requirePermission } from "../access/check.ts";
import { createRouter, jsonAnswer, jsonBody, requireActor } from "../access/router.ts";
import { auditInsert, CHANGED, diffOf } from "../audit/record.ts";
import { id, type Json } from "../contract/common.ts";
import {
  createModelConfigRequest,
  modelCatalogue,
  modelConfig,
  updateModelConfigRequest,
  type ModelConfig,
  type UpdateModelConfigRequest,
} from "../contract/models.ts";
import { notFound, Problem } from "../platform/problem.ts";
import {
  createModelConfig,
  deleteModelConfig,
  listModelConfigs,
  readModelConfig,
  updateModelConfig,
} from "./model-config-records.ts";
import { readModelState, type ModelState } from "./offers.ts";
import { offerToModelConfig, toCatalogue, toModelConfig } from "./wire.ts";

const settings = { type: "deployment_config" } as const;
const params = z.object({ id });

const readModels = createRoute({
  method: "get",
  path: "/chats/models",
  operationId: "listChatModels",
  tags: ["Models"],
  summary: "The models that a chat can use, by provider",
  responses: { 200: jsonAnswer(modelCatalogue, "The models") },
});

const listConfigs = createRoute({
  method: "get",
  path: "/chats/model-configs",
  operationId: "listChatModelConfigs",
  tags: ["Models"],
  summary: "List model configs: all of them for admins, the enabled ones for others",
  responses: { 200: jsonAnswer(z.array(modelConfig), "The model configs") },
});

const addConfig = createRoute({
  method: "post",
  path: "/chats/model-configs",
  operationId: "createChatModelConfig",
  tags: ["Models"],
  summary: "Set up a model of a provider; the first becomes the default",
  request: { body: jsonBody(createModelConfigRequest) },
  responses: { 201: jsonAnswer(modelConfig, "The model config") },
});

const changeConfig = createRoute({
  method: "patch",
  path: "/chats/model-configs/{id}",
  operationId: "updateChatModelConfig",
  tags: ["Models"],
  summary: "Change a model config; what is absent stays",
  request: { params, body: jsonBody(updateModelConfigRequest) },
  responses: { 200: jsonAnswer(modelConfig, "The model config") },
});

const removeConfig = createRoute({
  method: "delete",
  path: "/chats/model-configs/{id}",
  operationId: "deleteChatModelConfig",
  tags: ["Models"],
  summary: "Remove a model config; chats that used it go on with the default",
  request: { params },
  responses: { 204: { description: "Removed" } },
});

export const modelConfigRoutes = createRouter()
  .openapi(readModels, async function readCatalogue(c) {
    requireActor(c);
    return c.json(toCatalogue(await readModelState(c.var.db, c.env, c.var.clock)), 200);
  })
  .openapi(listConfigs, async function listAllConfigs(c) {
    const onlyEnabled = !check(requireActor(c), "read", settings);
    const [rows, state] = await Promise.all([
      listModelConfigs(c.var.db, { onlyEnabled }),
      readModelState(c.var.db, c.env, c.var.clock),
    ]);
    // As long as there are rows, one of them is the default.
    const hasRows = state.settings.configs.length > 0;
    const rowless = state.offers
      .filter(({ source }) => source !== "database")
      .map((offer) => offerToModelConfig(offer, !hasRows && offer === state.defaultOffer));
    return c.json([...rows.map(toModelConfig), ...rowless], 200);
  })
  .openapi(addConfig, async function addNewConfig(c) {
    const actor = requireActor(c);
    requirePermission(actor, "update", settings);
    const request = c.req.valid("json");
    const state = await readModelState(c.var.db, c.env, c.var.clock);
    const provider = state.providers.find((known) => known.provider === request.provider);
    const by = { userId: actor.userId, now: c.var.clock() };
    const row = await createModelConfig(c.var.db, request, provider?.preset != null, by, (id) =>
      auditInsert(c, {
        action: "create",
        resourceType: "model_config",
        resourceId: id,
        target: request.display_name || request.model,
        diff: diffOf({}, auditedFields(request)),
        when: CHANGED,
      }),
    );
    if (row !== null) return c.json(toModelConfig(row), 201);
    if (provider?.row == null && provider?.preset == null) throw providerNotConfigured();
    throw duplicateModel();
  })
  .openapi(changeConfig, async function changeOneConfig(c) {
    const actor = requireActor(c);
    requirePermission(actor, "update", settings);
    const { id: configId } = c.req.valid("param");
    const by = { userId: actor.userId, now: c.var.clock() };
    const request = c.req.valid("json");
    const before = await readModelConfig(c.var.db, configId);
    const known = before === null ? {} : auditedFields(toModelConfig(before));
    const audit = auditInsert(c, {
      action: "write",
      resourceType: "model_config",
      resourceId: configId,
      target: before?.displayName || before?.model || configId,
      diff: diffOf(known, { ...known, ...auditedFields(request) }),
      when: CHANGED,
    });
    const changed = await updateModelConfig(c.var.db, configId, request, by, audit);
    if (changed === "duplicate") throw duplicateModel();
    if (changed === "unknown") throw unchangeable(configId, await readModelState(c.var.db, c.env, c.var.clock));
    return c.json(toModelConfig(changed), 200);
  })
  .openapi(removeConfig, async function removeOneConfig(c) {
    const actor = requireActor(c);
    requirePermission(actor, "update", settings);
    const { id: configId } = c.req.valid("param");
    const by = { userId: actor.userId, now: c.var.clock() };
    const before = await readModelConfig(c.var.db, configId);
    const audit = auditInsert(c, {
      action: "delete",
      resourceType: "model_config",
      resourceId: configId,
      target: before?.displayName || before?.model || configId,
      when: CHANGED,
    });
    if (await deleteModelConfig(c.var.db, configId, by, audit)) return c.body(null, 204);
    throw unchangeable(configId, await readModelState(c.var.db, c.env, c.var.clock));
  });

function providerNotConfigured(): Problem {
  const title = "Chat provider is not configured.";
  return new Problem(400, title, {
    detail: "Set the provider up first, in Settings, Providers.",
    errors: [{ pointer: "/provider", detail: title }],
  });
}

function duplicateModel(): Problem {
  const detail = "This provider has a model of that name already.";
  return new Problem(409, "The model exists already.", { detail, errors: [{ pointer: "/model", detail }] });
}

/** Models without a row are visible and yet nobody's to change here. */
function unchangeable(configId: string, { offers }: ModelState): Problem {
  const offer = offers.find((known) => known.id === configId);
  if (offer === undefined) return notFound();
  const detail =
    offer.source === "demo"
      ? "The scripted demo goes away by itself once a model is set up."
      : "This model comes from the environment. Add a model of the same name here to replace it, or change the environment.";
  return new Problem(409, "This model cannot be changed.", { detail });
}

/** What the audit log shows of a model; what a request leaves out is left out. */
function auditedFields(config: Partial<ModelConfig> | UpdateModelConfigRequest): Record<string, Json> {
  const { model, display_name, enabled, is_default, context_limit, compression_threshold, model_config } = config;
  const fields = { model, display_name, enabled, is_default, context_limit, compression_threshold, model_config };
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
