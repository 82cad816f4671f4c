import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { z } from "zod";
import { requirePermission } from "../access/check.ts";
import { createRouter, jsonAnswer, jsonBody, requireActor, type AppEnv } from "../access/router.ts";
import { auditInsert, CHANGED, diffOf } from "../audit/record.ts";
import {
  compactionThreshold,
  compactionThresholds,
  systemPromptSetting,
  updateCompactionThresholdRequest,
  userPromptSetting,
} from "../contract/chat-settings.ts";
import { id } from "../contract/common.ts";
import { readModelState } from "../models/offers.ts";
import { listThresholds, removeThreshold, writeThreshold } from "../models/thresholds.ts";
import { notFound } from "../platform/problem.ts";
import { readSystemPrompt, readUserPrompt, trimmedPrompt, writeSystemPrompt, writeUserPrompt } from "./settings.ts";

const ROOM = ["Chat settings"];
const settings = { type: "deployment_config" } as const;

const readSystem = createRoute({
  method: "get",
  path: "/chats/config/system-prompt",
  operationId: "readChatSystemPrompt",
  tags: ROOM,
  summary: "The system prompt of new chats; empty where the built-in one serves",
  responses: { 200: jsonAnswer(systemPromptSetting, "The prompt") },
});

const changeSystem = createRoute({
  method: "put",
  path: "/chats/config/system-prompt",
  operationId: "updateChatSystemPrompt",
  tags: ROOM,
  summary: "Set the system prompt of new chats (admins); empty brings the built-in one back",
  request: { body: jsonBody(systemPromptSetting) },
  responses: { 204: { description: "Set" } },
});

const ALIAS = "/chats/system-prompt";
const aliasOf = { deprecated: true, description: "The older address of `/chats/config/system-prompt`." };
const readSystemAlias = createRoute({
  ...readSystem,
  ...aliasOf,
  path: ALIAS,
  operationId: "readChatSystemPromptAlias",
});
const changeSystemAlias = createRoute({
  ...changeSystem,
  ...aliasOf,
  path: ALIAS,
  operationId: "updateChatSystemPromptAlias",
});

const readUser = createRoute({
  method: "get",
  path: "/chats/config/user-prompt",
  operationId: "readChatUserPrompt",
  tags: ROOM,
  summary: "Your own instructions, which each of your chats gets; empty when you gave none",
  responses: { 200: jsonAnswer(userPromptSetting, "The prompt") },
});

const changeUser = createRoute({
  method: "put",
  path: "/chats/config/user-prompt",
  operationId: "updateChatUserPrompt",
  tags: ROOM,
  summary: "Set your own instructions; they count from the next step of each of your chats",
  request: { body: jsonBody(userPromptSetting) },
  responses: { 200: jsonAnswer(userPromptSetting, "The prompt as it is kept") },
});

const byConfig = z.object({ modelConfig: id });

const readThresholds = createRoute({
  method: "get",
  path: "/chats/config/user-compaction-thresholds",
  operationId: "listChatCompactionThresholds",
  tags: ROOM,
  summary: "Your own compaction thresholds, where they differ from the model's",
  responses: { 200: jsonAnswer(compactionThresholds, "The thresholds") },
});

const changeThreshold = createRoute({
  method: "put",
  path: "/chats/config/user-compaction-thresholds/{modelConfig}",
  operationId: "updateChatCompactionThreshold",
  tags: ROOM,
  summary: "Set at how many percent of a model's context your chats are compacted; 100 = never",
  request: { params: byConfig, body: jsonBody(updateCompactionThresholdRequest) },
  responses: { 200: jsonAnswer(compactionThreshold, "The threshold") },
});

const resetThreshold = createRoute({
  method: "delete",
  path: "/chats/config/user-compaction-thresholds/{modelConfig}",
  operationId: "deleteChatCompactionThreshold",
  tags: ROOM,
  summary: "Go back to the model's own threshold",
  request: { params: byConfig },
  responses: { 204: { description: "The model's own counts" } },
});

export const settingsRoutes = createRouter();

for (const route of [readSystem, readSystemAlias]) {
  settingsRoutes.openapi(route, async function readPrompt(c) {
    requireActor(c);
    return c.json({ system_prompt: await readSystemPrompt(c.var.db) }, 200);
  });
}

for (const route of [changeSystem, changeSystemAlias]) {
  settingsRoutes.openapi(route, async function changePrompt(c) {
    requirePermission(requireActor(c), "update", settings);
    const prompt = trimmedPrompt(c.req.valid("json").system_prompt, "/system_prompt");
    const before = await readSystemPrompt(c.var.db);
    const audit = auditInsert(c, {
      action: "write",
      resourceType: "setting",
      resourceId: "system-prompt",
      target: "system prompt",
      diff: diffOf({ system_prompt: excerpt(before) }, { system_prompt: excerpt(prompt) }),
      when: CHANGED,
    });
    if (prompt !== before) await writeSystemPrompt(c.var.db, prompt, c.var.clock(), audit);
    return c.body(null, 204);
  });
}

settingsRoutes.openapi(readUser, async function readOwnPrompt(c) {
  const { userId } = ownSettings(c, "read");
  return c.json({ custom_prompt: await readUserPrompt(c.var.db, userId) }, 200);
});

settingsRoutes.openapi(changeUser, async function changeOwnPrompt(c) {
  const { userId } = ownSettings(c, "update");
  const prompt = trimmedPrompt(c.req.valid("json").custom_prompt, "/custom_prompt");
  await writeUserPrompt(c.var.db, userId, prompt, c.var.clock());
  return c.json({ custom_prompt: prompt }, 200);
});

settingsRoutes.openapi(readThresholds, async function readOwnThresholds(c) {
  const { userId } = ownSettings(c, "read");
  return c.json({ thresholds: await listThresholds(c.var.db, userId) }, 200);
});

settingsRoutes.openapi(changeThreshold, async function changeOwnThreshold(c) {
  const { userId } = ownSettings(c, "update");
  const { modelConfig } = c.req.valid("param");
  const { offers } = await readModelState(c.var.db, c.env, c.var.clock);
  if (!offers.some((offer) => offer.id === modelConfig)) throw notFound();
  const own = { model_config_id: modelConfig, threshold_percent: c.req.valid("json").threshold_percent };
  await writeThreshold(c.var.db, userId, own, c.var.clock());
  return c.json(own, 200);
});

settingsRoutes.openapi(resetThreshold, async function resetOwnThreshold(c) {
  const { userId } = ownSettings(c, "update");
  await removeThreshold(c.var.db, userId, c.req.valid("param").modelConfig);
  return c.body(null, 204);
});

/** What somebody wants of their own chats is part of their account. */
function ownSettings(c: Context<AppEnv>, action: "read" | "update"): { userId: string } {
  const actor = requireActor(c);
  requirePermission(actor, action, { type: "user", ownerId: actor.userId });
  return actor;
}

/** A log is for looking through, not for keeping every prompt that ever was. */
const EXCERPT_LENGTH = 2_000;

function excerpt(text: string): string {
  return text.length <= EXCERPT_LENGTH
    ? text
    : `${text.slice(0, EXCERPT_LENGTH).toWellFormed()}… (${text.length} characters)`;
}
