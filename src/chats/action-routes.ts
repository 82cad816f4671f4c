import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { createRouter, jsonAnswer, jsonBody, requireActor } from "../access/router.ts";
import { chat, chatMessage, editMessageRequest } from "../contract/chats.ts";
import { id } from "../contract/common.ts";
import { LIMIT_NOTE, requireSpendLeft } from "../usage/limits.ts";
import { takeContent } from "./message-content.ts";
import { askChat } from "./object.ts";
import { permittedChat } from "./permitted-chat.ts";
import { asSeenBy } from "./reads.ts";

const ROOM = ["Chats"];
const byChat = z.object({ chat: id });
const messageId = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

const editRoute = createRoute({
  method: "patch",
  path: "/chats/{chat}/messages/{message}",
  operationId: "editChatMessage",
  tags: ROOM,
  summary: "Say one of your messages anew; it and all that came after it is deleted",
  description: LIMIT_NOTE,
  request: { params: byChat.extend({ message: messageId }), body: jsonBody(editMessageRequest) },
  responses: { 200: jsonAnswer(chatMessage, "The new message; its turn has begun") },
});

const compactRoute = createRoute({
  method: "post",
  path: "/chats/{chat}/compact",
  operationId: "compactChat",
  tags: ROOM,
  summary: "Summarise the context now, to make room in it",
  description: LIMIT_NOTE,
  request: { params: byChat },
  responses: { 200: jsonAnswer(chat, "The chat; the summary is being made. 409 while a turn is under way") },
});

const titleRoute = createRoute({
  method: "post",
  path: "/chats/{chat}/title/regenerate",
  operationId: "regenerateChatTitle",
  tags: ROOM,
  summary: "Ask a model for another title",
  description: LIMIT_NOTE,
  request: { params: byChat },
  responses: { 200: jsonAnswer(chat, "The chat; its new title comes when the model has answered") },
});

const archiveRoute = createRoute({
  method: "post",
  path: "/chats/{chat}/archive",
  operationId: "archiveChat",
  tags: ROOM,
  summary: "Archive a chat; with a root its whole tree. What runs is interrupted",
  request: { params: byChat },
  responses: { 204: { description: "Archived; 400 when it is already" } },
});

const unarchiveRoute = createRoute({
  method: "post",
  path: "/chats/{chat}/unarchive",
  operationId: "unarchiveChat",
  tags: ROOM,
  summary: "Take a chat out of the archive",
  request: {
    params: byChat,
    query: z.strictObject({
      descendants: z
        .enum(["true", "false"])
        .default("false")
        .meta({ description: "Also the sub-agents that were archived together with it." }),
    }),
  },
  responses: { 204: { description: "Taken out; 400 when it is not archived" } },
});

export const actionRoutes = createRouter();

actionRoutes.openapi(editRoute, async function edit(c) {
  const actor = requireActor(c);
  const { chat: given, message } = c.req.valid("param");
  const { id: chatId, ownerId, ownWordsOnly } = await permittedChat(c, given, "use");
  await requireSpendLeft(c.var.db, { ownerId, askedBy: requireActor(c).userId }, c.var.clock());
  const content = await takeContent(c.var.db, actor.userId, c.req.valid("json").content, chatId);
  const anew = { messageId: message, content, editorId: actor.userId, ownWordsOnly };
  return c.json(await askChat(c.env.CHATS, chatId, (object) => object.editMessage(anew)), 200);
});

actionRoutes.openapi(compactRoute, async function compact(c) {
  const { id: chatId, ownerId } = await permittedChat(c, c.req.valid("param").chat, "update");
  await requireSpendLeft(c.var.db, { ownerId, askedBy: requireActor(c).userId }, c.var.clock());
  const facts = await askChat(c.env.CHATS, chatId, (object) => object.compact());
  return c.json(await asSeenBy(c.var.db, requireActor(c).userId, facts), 200);
});

actionRoutes.openapi(titleRoute, async function regenerateTitle(c) {
  const { id: chatId, ownerId } = await permittedChat(c, c.req.valid("param").chat, "update");
  await requireSpendLeft(c.var.db, { ownerId, askedBy: requireActor(c).userId }, c.var.clock());
  const facts = await askChat(c.env.CHATS, chatId, (object) => object.regenerateTitle());
  return c.json(await asSeenBy(c.var.db, requireActor(c).userId, facts), 200);
});

actionRoutes.openapi(archiveRoute, async function archive(c) {
  const { id: chatId, rootChatId } = await permittedChat(c, c.req.valid("param").chat, "update");
  const change = { chatId, archived: true, descendants: true };
  // What of a tree is archived is its root's to say.
  await askChat(c.env.CHATS, rootChatId, (object) => object.archive(change));
  return c.body(null, 204);
});

actionRoutes.openapi(unarchiveRoute, async function unarchive(c) {
  const { id: chatId, rootChatId } = await permittedChat(c, c.req.valid("param").chat, "update");
  const change = { chatId, archived: false, descendants: c.req.valid("query").descendants === "true" };
  await askChat(c.env.CHATS, rootChatId, (object) => object.archive(change));
  return c.body(null, 204);
});
