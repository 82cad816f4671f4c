import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { createRouter, jsonBody, requireActor } from "../access/router.ts";
import { markReadRequest } from "../contract/chats.ts";
import { id } from "../contract/common.ts";
import { log } from "../platform/log.ts";
import { askChat } from "./object.ts";
import { permittedChat } from "./permitted-chat.ts";
import { markRead } from "./reads.ts";

const readRoute = createRoute({
  method: "post",
  path: "/chats/{chat}/read",
  operationId: "markChatRead",
  tags: ["Chats"],
  summary: "Mark a chat as read up to a message, on all of your devices",
  request: { params: z.object({ chat: id }), body: jsonBody(markReadRequest) },
  responses: { 204: { description: "Marked; a mark never goes back" } },
});

export const unreadRoutes = createRouter();

unreadRoutes.openapi(readRoute, async function markAsRead(c) {
  const actor = requireActor(c);
  const { id: chatId, ownerId } = await permittedChat(c, c.req.valid("param").chat, "read");
  const { message_id } = c.req.valid("json");
  const newest = await askChat(c.env.CHATS, chatId, (object) => object.messages({ beforeId: null, limit: 1 }));
  // An answer that is still being written has an id already: its reader has not read it yet.
  const messageId = Math.min(message_id, newest.messages[0]?.id ?? 0);
  const moved = await markRead(c.var.db, { userId: actor.userId, chatId, messageId });
  // Told through the chat, whose events go out one after the other: an older one never comes last.
  if (moved && ownerId === actor.userId) {
    try {
      await askChat(c.env.CHATS, chatId, (object) => object.tellSidebars());
    } catch (error) {
      // The mark is stored, and every list shows it; only sidebars that are open hear of it later.
      log.warn("chat.mark_untold", { chatId, error });
    }
  }
  return c.body(null, 204);
});
