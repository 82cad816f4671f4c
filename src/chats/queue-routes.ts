import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { createRouter, jsonAnswer, jsonBody, requireActor } from "../access/router.ts";
import { createMessageResponse, queuedMessage, updateQueuedRequest } from "../contract/chats.ts";
import { id } from "../contract/common.ts";
import { resolveModelChoice } from "../models/offers.ts";
import { Problem } from "../platform/problem.ts";
import { LIMIT_NOTE, requireSpendLeft } from "../usage/limits.ts";
import { takeContent } from "./message-content.ts";
import { askChat } from "./object.ts";
import { permittedChat, requireOwnersModel } from "./permitted-chat.ts";

const ROOM = ["Chat queue"];
const byChat = z.object({ chat: id });
const entryId = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const byEntry = byChat.extend({ entry: entryId });
const seen = z.object({
  "if-match": z
    .string()
    .max(100)
    .optional()
    .meta({ description: 'The entry\'s `seq` as you saw it, in quotes: `"42"`. Another one is a 409.' }),
});

const listRoute = createRoute({
  method: "get",
  path: "/chats/{chat}/queue",
  operationId: "listChatQueue",
  tags: ROOM,
  summary: "The messages that wait for the turn to end, the next one first",
  request: { params: byChat },
  responses: { 200: jsonAnswer(z.array(queuedMessage), "All of them; a chat holds 20 at most") },
});

const updateRoute = createRoute({
  method: "patch",
  path: "/chats/{chat}/queue/{entry}",
  operationId: "updateChatQueuedMessage",
  tags: ROOM,
  summary: "Change what a queued message says, its model or its place",
  request: { params: byEntry, headers: seen, body: jsonBody(updateQueuedRequest) },
  responses: { 200: jsonAnswer(queuedMessage, "The entry with its new `seq`") },
});

const deleteRoute = createRoute({
  method: "delete",
  path: "/chats/{chat}/queue/{entry}",
  operationId: "deleteChatQueuedMessage",
  tags: ROOM,
  summary: "Take a message out of the queue",
  request: { params: byEntry },
  responses: { 204: { description: "It does not wait any more; so it is when it did not before" } },
});

const promoteRoute = createRoute({
  method: "post",
  path: "/chats/{chat}/queue/{entry}/promote",
  operationId: "promoteChatQueuedMessage",
  tags: ROOM,
  summary: "Send a queued message now: what runs is interrupted first",
  description: LIMIT_NOTE,
  request: { params: byEntry, headers: seen },
  responses: {
    200: jsonAnswer(createMessageResponse, "The message, or the entry at the head while the turn is being stopped"),
  },
});

export const queueRoutes = createRouter();

queueRoutes.openapi(listRoute, async function listQueue(c) {
  const { id: chatId } = await permittedChat(c, c.req.valid("param").chat, "read");
  // The queue comes with the first page, whatever its length.
  const page = await askChat(c.env.CHATS, chatId, (object) => object.messages({ beforeId: null, limit: 1 }));
  return c.json(page.queued_messages, 200);
});

queueRoutes.openapi(updateRoute, async function updateEntry(c) {
  const actor = requireActor(c);
  const { chat: given, entry } = c.req.valid("param");
  const permitted = await permittedChat(c, given, "use");
  const { id: chatId, ownWordsOnly } = permitted;
  const writtenBy = ownWordsOnly ? actor.userId : null;
  const ifSeq = readStamp(c.req.valid("header")["if-match"]);
  if (ifSeq === null) throw stampMissing();
  const { content, model_config_id, before } = c.req.valid("json");
  requireOwnersModel(permitted, model_config_id);
  if (model_config_id != null) await resolveModelChoice(c.var.db, c.env, model_config_id);
  const change = {
    id: entry,
    ifSeq,
    writtenBy,
    ...(content === undefined ? {} : { content: await takeContent(c.var.db, actor.userId, content, chatId) }),
    ...(model_config_id === undefined ? {} : { modelConfigId: model_config_id }),
    ...(before === undefined ? {} : { beforeId: before }),
  };
  return c.json(await askChat(c.env.CHATS, chatId, (object) => object.updateQueued(change)), 200);
});

queueRoutes.openapi(deleteRoute, async function deleteEntry(c) {
  const { chat: given, entry } = c.req.valid("param");
  const { id: chatId, ownWordsOnly } = await permittedChat(c, given, "use");
  const writtenBy = ownWordsOnly ? requireActor(c).userId : null;
  await askChat(c.env.CHATS, chatId, (object) => object.deleteQueued({ id: entry, writtenBy }));
  return c.body(null, 204);
});

queueRoutes.openapi(promoteRoute, async function promoteEntry(c) {
  const { chat: given, entry } = c.req.valid("param");
  const { id: chatId, ownerId, ownWordsOnly } = await permittedChat(c, given, "use");
  await requireSpendLeft(c.var.db, { ownerId, askedBy: requireActor(c).userId }, c.var.clock());
  const writtenBy = ownWordsOnly ? requireActor(c).userId : null;
  const ifSeq = readStamp(c.req.valid("header")["if-match"]);
  return c.json(
    await askChat(c.env.CHATS, chatId, (object) => object.promoteQueued({ id: entry, ifSeq, writtenBy })),
    200,
  );
});

/** The stamp in an `If-Match`; null when there is none. One that is no stamp of ours is a 400. */
function readStamp(header: string | undefined): number | null {
  if (header === undefined) return null;
  const digits = /^"?(\d{1,15})"?$/.exec(header.trim())?.[1];
  if (digits !== undefined) return Number(digits);
  const detail = 'Send the `seq` of the entry in quotes, such as "42".';
  throw new Problem(400, "The request is not valid.", { detail, errors: [{ parameter: "If-Match", detail }] });
}

/** RFC 6585, 3: without it, two browsers would undo each other's changes. */
function stampMissing(): Problem {
  const detail = 'Send the `seq` of the entry as you saw it, such as `If-Match: "42"`.';
  return new Problem(428, "Say which version you change.", { detail, errors: [{ parameter: "If-Match", detail }] });
}
