import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { z } from "zod";
import { credentialName } from "../access/actor.ts";
import { forbidden, groundFor, requirePermission } from "../access/check.ts";
import { filter } from "../access/filter.ts";
import { createRouter, jsonAnswer, jsonBody, requireActor, type AppEnv } from "../access/router.ts";
import { scopesAllow } from "../access/scopes.ts";
import {
  chat,
  createChatRequest,
  createMessageRequest,
  createMessageResponse,
  messagesResponse,
  updateChatRequest,
} from "../contract/chats.ts";
import { id } from "../contract/common.ts";
import { readUser } from "../identity/users.ts";
import { chooseOrganization } from "../organizations/choice.ts";
import { forwardedUpgrade } from "../platform/forwarding.ts";
import { cutPage, pageLimit, pageQuery, unknownCursor } from "../platform/paging.ts";
import { notFound } from "../platform/problem.ts";
import { LIMIT_NOTE } from "../usage/limits.ts";
import { aheadOf, spendAhead } from "./ahead.ts";
import { createChat } from "./creation.ts";
import { askChat } from "./object.ts";
import { noteEntry, permittedChat } from "./permitted-chat.ts";
import { asSeenBy } from "./reads.ts";
import { chatCursor, selectChats, toChat } from "./records.ts";
import { messageToTake } from "./sending.ts";
import { chatColumns } from "./shares.ts";
import { EVENT_HEADERS, eventResponse, readEventId, socketRequest, wantsEvents } from "./sse.ts";
import { requireUsableWorkspace } from "./usable-workspace.ts";

const ROOM = ["Chats"];
const byChat = z.object({ chat: id });
const idempotencyKey = z.object({
  "idempotency-key": z
    .string()
    .min(1)
    .max(255)
    .optional()
    .meta({ description: "Makes a repeat harmless: it gets the first answer. Kept for 24 hours." }),
});
/** Message ids are integers that SQLite and JavaScript agree on. */
const messageId = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

const listRoute = createRoute({
  method: "get",
  path: "/chats",
  operationId: "listChats",
  tags: ROOM,
  summary: "Your chats, or others that you may see, the last changed first",
  request: {
    query: pageQuery.extend({
      shared: z
        .enum(["true", "false"])
        .default("false")
        .meta({ description: "In place of your own those that were shared with you." }),
      owner: z.string().max(100).optional().meta({
        description: "The id or name of whose chats are listed, or `me`. What you may not see is not among them.",
      }),
      archived: z
        .enum(["true", "false"])
        .optional()
        .meta({ description: "Only archived ones, or only others; all when it is left out." }),
      offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
    }),
  },
  responses: { 200: jsonAnswer(z.array(chat), 'One page; `Link: rel="next"` leads on') },
});

const createChatRoute = createRoute({
  method: "post",
  path: "/chats",
  operationId: "createChat",
  tags: ROOM,
  summary: "Begin a chat with its first message",
  description: LIMIT_NOTE,
  request: { headers: idempotencyKey, body: jsonBody(createChatRequest) },
  responses: { 201: jsonAnswer(chat, "The chat; its first turn has begun") },
});

const watchRoute = createRoute({
  method: "get",
  path: "/chats/watch",
  operationId: "watchChats",
  tags: ROOM,
  summary: "WebSocket: every change of your chats, as `ChatWatchEvent`",
  responses: { 101: { description: "The socket" } },
});

const readRoute = createRoute({
  method: "get",
  path: "/chats/{chat}",
  operationId: "readChat",
  tags: ROOM,
  summary: "One chat",
  request: { params: byChat },
  responses: { 200: jsonAnswer(chat, "The chat") },
});

const updateRoute = createRoute({
  method: "patch",
  path: "/chats/{chat}",
  operationId: "updateChat",
  tags: ROOM,
  summary: "Rename a chat, or give it another workspace",
  request: { params: byChat, body: jsonBody(updateChatRequest) },
  responses: { 200: jsonAnswer(chat, "The chat") },
});

const messagesRoute = createRoute({
  method: "get",
  path: "/chats/{chat}/messages",
  operationId: "listChatMessages",
  tags: ROOM,
  summary: "Messages of a chat, newest first",
  request: { params: byChat, query: z.strictObject({ before_id: messageId.optional(), limit: pageLimit }) },
  responses: { 200: jsonAnswer(messagesResponse, "One page; the first one has the queue, too") },
});

const sendRoute = createRoute({
  method: "post",
  path: "/chats/{chat}/messages",
  operationId: "createChatMessage",
  tags: ROOM,
  summary: "Send a message; it is queued while the agent is at work",
  description: LIMIT_NOTE,
  request: { params: byChat, headers: idempotencyKey, body: jsonBody(createMessageRequest) },
  responses: { 200: jsonAnswer(createMessageResponse, "The message, or its place in the queue") },
});

const interruptRoute = createRoute({
  method: "post",
  path: "/chats/{chat}/interrupt",
  operationId: "interruptChat",
  tags: ROOM,
  summary: "Stop the turn; what was said so far is kept",
  request: { params: byChat },
  responses: { 200: jsonAnswer(chat, "The chat; nothing changes when nothing runs") },
});

const streamRoute = createRoute({
  method: "get",
  path: "/chats/{chat}/stream",
  operationId: "streamChat",
  tags: ROOM,
  summary: "Everything that happens in a chat, as `ChatStreamFrame`: a WebSocket, or events for `text/event-stream`",
  description:
    'Over the WebSocket a client may send, as JSON text: `{"type": "ack", "bytes": …}` with the bytes that it has received on this socket, at least every 64 KiB (whoever acknowledges nothing for 30 s is cut off); the text `ping`, answered by `pong`; and `{"type": "send", "key": …, "message": …}` with the body of `POST /chats/{chat}/messages` and its Idempotency-Key, answered by a `sent` or `refused` frame (at most 64 Ki characters; 421: send it over HTTP).',
  request: {
    params: byChat,
    query: z.strictObject({
      since: z.coerce
        .number()
        .int()
        .min(0)
        .max(Number.MAX_SAFE_INTEGER)
        .optional()
        .meta({ description: "The `seq` of the last frame that you have; what came after it follows." }),
      epoch: z.string().max(200).optional().meta({ description: "The `epoch` of the `hello` under which you got it." }),
    }),
    headers: z.object({ "last-event-id": z.string().max(300).optional() }),
  },
  responses: {
    101: { description: "The socket" },
    200: {
      description: "The same frames as events; `Last-Event-ID` leads on",
      content: { "text/event-stream": { schema: z.string() } },
    },
  },
});

export const chatRoutes = createRouter();

chatRoutes.openapi(listRoute, async function listOwn(c) {
  const actor = requireActor(c);
  const { after_id, archived, limit, offset, shared, owner = "me" } = c.req.valid("query");
  const whose = shared === "true" ? null : owner === "me" ? actor.userId : await ownerNamed(c, owner);
  const list = { seenBy: actor.userId, ownerId: whose, readable: filter(actor, "read", "chat", chatColumns) };
  const after = after_id === undefined ? null : await chatCursor(c.var.db, list, after_id);
  if (after_id !== undefined && after === null) throw unknownCursor();
  const rows = await selectChats(c.var.db, {
    ...list,
    archived: archived === undefined ? null : archived === "true",
    after,
    offset,
    limit: limit + 1,
  });
  const page = cutPage(rows, limit, withoutOffset(c.req.url));
  if (page.link !== null) c.header("link", page.link);
  return c.json(page.rows.map(toChat), 200);
});

chatRoutes.openapi(createChatRoute, async function create(c) {
  const actor = requireActor(c);
  const body = c.req.valid("json");
  const organizationId = chooseOrganization(actor, body.organization_id);
  requirePermission(actor, "create", { type: "chat", ownerId: actor.userId, organizationId });
  const key = c.req.valid("header")["idempotency-key"] ?? null;
  const around = { env: c.env, db: c.var.db, clock: c.var.clock };
  return c.json(await createChat(around, actor, body, key), 201);
});

// Before the routes of one chat: "watch" is no id.
chatRoutes.openapi(watchRoute, async function watch(c) {
  const actor = requireActor(c);
  // It tells of chats wherever they belong, so no chat is asked about: only what the credential is good for.
  if (!scopesAllow(actor.scopes, "read", "chat")) throw forbidden("The token that you use may not read chats.");
  const upgrade = forwardedUpgrade(c.req.raw, {
    "x-tideline-user": actor.userId,
    "x-tideline-session": credentialName(actor),
  });
  return c.env.USERS.getByName(actor.userId).fetch(upgrade);
});

chatRoutes.openapi(readRoute, async function read(c) {
  const { id: chatId } = await permittedChat(c, c.req.valid("param").chat, "read");
  const facts = await askChat(c.env.CHATS, chatId, (object) => object.read());
  return c.json(await asSeenBy(c.var.db, requireActor(c).userId, facts), 200);
});

chatRoutes.openapi(updateRoute, async function update(c) {
  const { id: chatId, ownerId } = await permittedChat(c, c.req.valid("param").chat, "update");
  const { title, workspace_id } = c.req.valid("json");
  if (workspace_id != null) {
    await requireUsableWorkspace({ db: c.var.db, env: c.env }, requireActor(c), workspace_id, ownerId);
  }
  const change = {
    ...(title === undefined ? {} : { title }),
    ...(workspace_id === undefined ? {} : { workspaceId: workspace_id }),
  };
  const facts = await askChat(c.env.CHATS, chatId, (object) => object.update(change));
  return c.json(await asSeenBy(c.var.db, requireActor(c).userId, facts), 200);
});

chatRoutes.openapi(messagesRoute, async function listMessages(c) {
  const { id: chatId } = await permittedChat(c, c.req.valid("param").chat, "read");
  const { before_id, limit } = c.req.valid("query");
  const page = { beforeId: before_id ?? null, limit };
  return c.json(await askChat(c.env.CHATS, chatId, (object) => object.messages(page)), 200);
});

chatRoutes.openapi(sendRoute, async function send(c) {
  const permitted = await permittedChat(c, c.req.valid("param").chat, "use");
  const around = { env: c.env, db: c.var.db, clock: c.var.clock };
  const message = await messageToTake(around, requireActor(c), permitted, {
    body: c.req.valid("json"),
    idempotencyKey: c.req.valid("header")["idempotency-key"] ?? null,
    spend: await spendAhead(c, permitted),
  });
  const { settings } = await aheadOf(c, permitted.id);
  return c.json(await askChat(c.env.CHATS, permitted.id, (object) => object.send(message, settings)), 200);
});

chatRoutes.openapi(interruptRoute, async function interrupt(c) {
  const { id: chatId } = await permittedChat(c, c.req.valid("param").chat, "use");
  const facts = await askChat(c.env.CHATS, chatId, (object) => object.interrupt());
  return c.json(await asSeenBy(c.var.db, requireActor(c).userId, facts), 200);
});

chatRoutes.openapi(streamRoute, async function stream(c) {
  const actor = requireActor(c);
  const { id: chatId } = await permittedChat(c, c.req.valid("param").chat, "read");
  const sessionId = credentialName(actor);
  const asEvents = wantsEvents(c.req.raw);
  // Nobody reads what follows on a HEAD.
  if (asEvents && c.req.raw.method === "HEAD") return new Response(null, { headers: EVENT_HEADERS });
  const cursor = readEventId(c.req.valid("header")["last-event-id"]) ?? c.req.valid("query");
  const upgrade = forwardedUpgrade(asEvents ? socketRequest(c.req.url, cursor) : c.req.raw, {
    "x-tideline-user": actor.userId,
    "x-tideline-session": sessionId,
    "x-tideline-role": "viewer",
  });
  const response = await c.env.CHATS.getByName(chatId).fetch(upgrade);
  if (response.webSocket === null) throw notFound(); // Its creation broke off before there was an object.
  return asEvents ? eventResponse(response.webSocket) : response;
});

/** The person whose list is asked for. Whom only a role shows it leaves a line in the audit log. */
async function ownerNamed(c: Context<AppEnv>, reference: string): Promise<string> {
  const owner = await readUser(c.var.db, reference);
  // An empty list, as for somebody who shares nothing: names of accounts cannot be tried out here.
  if (owner === undefined) return reference;
  const list = { type: "chat" as const, ownerId: owner.id, organizationId: null };
  const ground = groundFor(requireActor(c), "read", list);
  if (ground === "site") {
    await noteEntry(c, { id: owner.id, title: `all chats of ${owner.username}`, organizationId: null }, "read");
  }
  return owner.id;
}

/** The next page begins at its cursor; an offset would skip rows a second time. */
function withoutOffset(url: string): string {
  const next = new URL(url);
  next.searchParams.delete("offset");
  return next.href;
}
