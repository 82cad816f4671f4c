import { createRoute, type RouteConfig } from "@hono/zod-openapi";
import { createMiddleware } from "hono/factory";
import { z } from "zod";
import { requirePermission } from "../access/check.ts";
import { createRouter, jsonAnswer, jsonBody, requireActor, type AppEnv } from "../access/router.ts";
import { chatExport, importChatRequest } from "../contract/chat-export.ts";
import { chat } from "../contract/chats.ts";
import { id } from "../contract/common.ts";
import { chooseOrganization } from "../organizations/choice.ts";
import { Problem } from "../platform/problem.ts";
import { exportChat } from "./export.ts";
import { importChat, jsonDepth } from "./import.ts";
import { permittedChat } from "./permitted-chat.ts";

/** Deeper than anything a tool or a model writes, and far from where reading it would fail. */
const MAX_DEPTH = 100;

const limitDepth = createMiddleware<AppEnv>(async function limitDepth(c, next) {
  if (jsonDepth(await c.req.text()) > MAX_DEPTH) {
    const detail = `It is nested more than ${MAX_DEPTH} levels deep.`;
    throw new Problem(400, "The file is not valid.", { detail, errors: [{ pointer: "", detail }] });
  }
  await next();
});

/** Widened: the file is written as text, piece by piece, and never an object in here. */
const exported: RouteConfig["responses"] = { 200: jsonAnswer(chatExport, "The file") };

const exportRoute = createRoute({
  method: "get",
  path: "/chats/{chat}/export",
  operationId: "exportChat",
  tags: ["Chats"],
  summary: "A chat in a file: its messages with their parts, usage and cost",
  request: { params: z.object({ chat: id }) },
  responses: exported,
});

const importRoute = createRoute({
  method: "post",
  path: "/chats/import",
  operationId: "importChat",
  tags: ["Chats"],
  summary: "Make a chat of an exported file; nothing is run",
  description:
    "Usage and cost stay behind: what was paid elsewhere is not paid for here. Of files that were attached, your " +
    "own ones on this deployment are kept.",
  middleware: limitDepth,
  request: {
    headers: z.object({ "idempotency-key": z.string().min(1).max(255).optional() }),
    body: jsonBody(importChatRequest),
  },
  responses: { 201: jsonAnswer(chat, "The chat; it waits for its next message") },
});

export const transferRoutes = createRouter();

transferRoutes.openapi(exportRoute, async function exportOne(c) {
  const { id: chatId } = await permittedChat(c, c.req.valid("param").chat, "read");
  const body = await exportChat(c.env.CHATS, chatId, c.var.clock());
  return new Response(body, {
    headers: {
      "content-type": "application/json",
      "content-disposition": `attachment; filename="chat-${chatId}.json"`,
    },
  });
});

transferRoutes.openapi(importRoute, async function importOne(c) {
  const actor = requireActor(c);
  const organizationId = chooseOrganization(actor, undefined);
  requirePermission(actor, "create", { type: "chat", ownerId: actor.userId, organizationId });
  const key = c.req.valid("header")["idempotency-key"] ?? null;
  const around = { env: c.env, db: c.var.db, clock: c.var.clock };
  return c.json(await importChat(around, actor, c.req.valid("json"), key), 201);
});
