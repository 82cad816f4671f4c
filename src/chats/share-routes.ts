import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import { check, forbidden, requirePermission } from "../access/check.ts";
import { filter } from "../access/filter.ts";
import { scopesAllow } from "../access/scopes.ts";
import { createRouter, jsonAnswer, jsonBody, requireActor, type AppEnv } from "../access/router.ts";
import { auditStatement, diffOf } from "../audit/record.ts";
import { id } from "../contract/common.ts";
import {
  chatPeople,
  chatShares,
  chatSharingSetting,
  givenChatShare,
  updateChatSharesRequest,
  type ChatShares,
} from "../contract/sharing.ts";
import { siteConfigs } from "../identity/schema.ts";
import { recheckAccess } from "../identity/revocation.ts";
import { runBatch, type Database } from "../platform/d1.ts";
import { log } from "../platform/log.ts";
import { cutPage, pageQuery, unknownCursor } from "../platform/paging.ts";
import { notFound, Problem } from "../platform/problem.ts";
import { askChat, chatStub } from "./object.ts";
import { readPeople, readPerson } from "./people.ts";
import { permittedChat, type PermittedChat } from "./permitted-chat.ts";
import { readStoredChat } from "./records.ts";
import { chatMessages, chats } from "./schema.ts";
import { readSharers, tellShareChange } from "./shared-sidebars.ts";
import {
  givenCursor,
  listGivenShares,
  listShares,
  readShares,
  readSharesWith,
  shareStatements,
  type Share,
} from "./share-records.ts";
import { resolveShares } from "./share-request.ts";
import { chatColumns, chatObject, SHARING_SWITCH } from "./shares.ts";

const ROOM = ["Chat sharing"];
const byChat = z.object({ chat: id });

const givenRoute = createRoute({
  method: "get",
  path: "/chats/shares",
  operationId: "listGivenChatShares",
  tags: ROOM,
  summary: "What you have shared with whom, newest first",
  request: { query: pageQuery },
  responses: { 200: jsonAnswer(z.array(givenChatShare), 'One page; `Link: rel="next"` leads on') },
});

const switchRoute = createRoute({
  method: "get",
  path: "/chats/config/sharing",
  operationId: "readChatSharing",
  tags: ROOM,
  summary: "Whether chats may be shared in this deployment",
  responses: { 200: jsonAnswer(chatSharingSetting, "The switch") },
});

const changeSwitchRoute = createRoute({
  method: "put",
  path: "/chats/config/sharing",
  operationId: "updateChatSharing",
  tags: ROOM,
  summary: "Turn the sharing of chats on or off; off, what was shared is its owner's alone until it is on again",
  request: { body: jsonBody(chatSharingSetting) },
  responses: { 200: jsonAnswer(chatSharingSetting, "The switch") },
});

const listRoute = createRoute({
  method: "get",
  path: "/chats/{chat}/shares",
  operationId: "listChatShares",
  tags: ROOM,
  summary: "With whom a chat and its sub-agents' chats are shared",
  request: { params: byChat },
  responses: { 200: jsonAnswer(chatShares, "Its owner, people and groups") },
});

const changeRoute = createRoute({
  method: "patch",
  path: "/chats/{chat}/shares",
  operationId: "updateChatShares",
  tags: ROOM,
  summary: "Let people and groups into a chat and its sub-agents' chats, or take them out; who is not named stays",
  request: { params: byChat, body: jsonBody(updateChatSharesRequest) },
  responses: { 200: jsonAnswer(chatShares, "Its owner, people and groups") },
});

const endRoute = createRoute({
  method: "delete",
  path: "/chats/{chat}/shares",
  operationId: "deleteChatShares",
  tags: ROOM,
  summary: "Take everybody out but the owner",
  request: { params: byChat },
  responses: { 204: { description: "It is shared with nobody" } },
});

const leaveRoute = createRoute({
  method: "delete",
  path: "/chats/{chat}/shares/me",
  operationId: "leaveChat",
  tags: ROOM,
  summary: "Leave a chat that was shared with you, and its sub-agents' chats with it",
  description: "409 when it is your own, or when a group that you belong to would still let you in.",
  request: { params: byChat },
  responses: { 204: { description: "You have left; only whoever shared it can let you in again" } },
});

const peopleRoute = createRoute({
  method: "get",
  path: "/chats/{chat}/people",
  operationId: "listChatPeople",
  tags: ROOM,
  summary: "Who owns the chat or wrote in it, for names and pictures",
  request: { params: byChat },
  responses: { 200: jsonAnswer(chatPeople, "The people, by user name") },
});

export const shareRoutes = createRouter();

shareRoutes.openapi(givenRoute, async function listGiven(c) {
  const actor = requireActor(c);
  const { after_id, limit } = c.req.valid("query");
  const after = after_id === undefined ? null : await givenCursor(c.var.db, actor.userId, after_id);
  if (after_id !== undefined && after === null) throw unknownCursor();
  const readable = filter(actor, "read", "chat", chatColumns);
  const rows = await listGivenShares(c.var.db, actor.userId, readable, { after, limit: limit + 1 });
  const page = cutPage(rows, limit, c.req.url);
  if (page.link !== null) c.header("link", page.link);
  return c.json(page.rows, 200);
});

shareRoutes.openapi(switchRoute, async function readSwitch(c) {
  requireActor(c);
  return c.json({ chat_sharing_enabled: await isSharingOn(c.var.db) }, 200);
});

shareRoutes.openapi(changeSwitchRoute, async function changeSwitch(c) {
  requirePermission(requireActor(c), "update", { type: "deployment_config" });
  const { chat_sharing_enabled: on } = c.req.valid("json");
  const { db } = c.var;
  const before = await isSharingOn(db);
  await runBatch(db, [
    sql`insert into site_configs (key, value, updated_at) values (${SHARING_SWITCH}, ${String(on)}, ${c.var.clock()})
      on conflict (key) do update set value = excluded.value, updated_at = excluded.updated_at
      where site_configs.value != excluded.value`,
    auditStatement(c, {
      action: "write",
      resourceType: "setting",
      resourceId: SHARING_SWITCH,
      target: "sharing of chats",
      diff: diffOf({ chat_sharing_enabled: before }, { chat_sharing_enabled: on }),
      when: sql`changes() > 0 and ${before ? 1 : 0} != ${on ? 1 : 0}`,
    }),
  ]);
  if (before && !on) await recheckAccess(c.env, await everybodySharedWith(db));
  return c.json({ chat_sharing_enabled: on }, 200);
});

shareRoutes.openapi(listRoute, async function list(c) {
  const chat = await permittedChat(c, c.req.valid("param").chat, "read");
  return c.json(await sharesOf(c, chat), 200);
});

shareRoutes.openapi(changeRoute, async function change(c) {
  const chat = await permittedChat(c, c.req.valid("param").chat, "share");
  const request = await resolveShares(c.var.db, chat, c.req.valid("json"));
  if (request.set.length > 0 && !(await isSharingOn(c.var.db))) {
    throw forbidden("The sharing of chats is turned off in this deployment.");
  }
  await apply(c, chat, request.set, request.removedIds);
  return c.json(await sharesOf(c, chat), 200);
});

shareRoutes.openapi(endRoute, async function end(c) {
  const chat = await permittedChat(c, c.req.valid("param").chat, "share");
  const all = await readShares(c.var.db, chat.rootChatId);
  await apply(
    c,
    chat,
    [],
    all.map((share) => share.id),
  );
  return c.body(null, 204);
});

shareRoutes.openapi(leaveRoute, async function leave(c) {
  const actor = requireActor(c);
  const chat = await permittedChat(c, c.req.valid("param").chat, "read");
  if (!scopesAllow(actor.scopes, "share", "chat")) throw forbidden("The token that you use does not have chat:share.");
  if (chat.ownerId === actor.userId) throw staying("It is yours. Archive it to put it away.");
  const shares = await readSharesWith(c.var.db, chat.rootChatId, actor.userId);
  const teams = shares.filter((share) => share.type === "group").map((share) => share.name);
  if (teams.length > 0) {
    throw staying(`It is shared with ${teams.join(", ")}, where you belong. Its owner can end that.`);
  }
  if (shares.length === 0) throw staying("It is not shared with you: your role lets you in.");
  await apply(c, chat, [], [actor.userId]);
  return c.body(null, 204);
});

shareRoutes.openapi(peopleRoute, async function listPeople(c) {
  const chat = await permittedChat(c, c.req.valid("param").chat, "read");
  const [authors, page] = await Promise.all([
    c.var.db
      .selectDistinct({ id: chatMessages.createdBy })
      .from(chatMessages)
      .where(sql`${eq(chatMessages.chatId, chat.id)} and ${chatMessages.createdBy} is not null`),
    // The ledger has what was sent; who waits in the queue is in the first page.
    askChat(c.env.CHATS, chat.id, (object) => object.messages({ beforeId: null, limit: 1 })),
  ]);
  const ids = [
    chat.ownerId,
    ...authors.flatMap((author) => author.id ?? []),
    ...page.queued_messages.map((queued) => queued.created_by),
  ];
  return c.json({ people: await readPeople(c.var.db, ids) }, 200);
});

function staying(detail: string): Problem {
  return new Problem(409, "You can't leave this chat.", { detail });
}

async function isSharingOn(db: Database): Promise<boolean> {
  const [row] = await db
    .select({ value: siteConfigs.value })
    .from(siteConfigs)
    .where(eq(siteConfigs.key, SHARING_SWITCH));
  return row?.value !== "false";
}

async function sharesOf(c: Context<AppEnv>, chat: PermittedChat): Promise<ChatShares> {
  const actor = requireActor(c);
  const [owner, shares, on, stored] = await Promise.all([
    readPerson(c.var.db, chat.ownerId),
    listShares(c.var.db, chat.rootChatId),
    isSharingOn(c.var.db),
    readStoredChat(c.var.db, chat.id),
  ]);
  if (owner === undefined || stored === null) throw notFound();
  return { may_share: on && check(actor, "share", chatObject(stored)), owner, ...shares };
}

/** Writes what differs, and tells everybody whom it concerns before it returns. */
async function apply(
  c: Context<AppEnv>,
  chat: PermittedChat,
  set: readonly Share[],
  removedIds: readonly string[],
): Promise<void> {
  const { db } = c.var;
  const { rootChatId, organizationId } = chat;
  const [before, sidebars, root] = await Promise.all([
    readShares(db, rootChatId),
    readSharers(db, rootChatId),
    readStoredChat(db, rootChatId),
  ]);
  const present = new Map(before.map((share) => [share.id, share]));
  const changed = set.filter((share) => present.get(share.id)?.role !== share.role);
  const removed = removedIds.flatMap((subjectId) => present.get(subjectId) ?? []);
  if (changed.length === 0 && removed.length === 0) return;

  await runBatch(db, [
    ...shareStatements({
      rootChatId,
      organizationId,
      giverId: requireActor(c).userId,
      set: changed,
      removedIds: removed.map((share) => share.id),
      now: c.var.clock(),
    }),
    auditStatement(c, {
      action: "share",
      resourceType: "chat_share",
      resourceId: rootChatId,
      target: root?.title ?? chat.title,
      organizationId,
      diff: diffOf(named([...removed, ...changed.flatMap((share) => present.get(share.id) ?? [])]), named(changed)),
    }),
  ]);

  await Promise.all([
    removed.length > 0 ? recheckTree(c, rootChatId) : undefined,
    tellSidebars(c, rootChatId, sidebars),
  ]);
}

/** That a chat has come comes first: what becomes of it is told of a chat that is there. */
async function tellSidebars(
  c: Context<AppEnv>,
  rootChatId: string,
  before: Awaited<ReturnType<typeof readSharers>>,
): Promise<void> {
  await tellShareChange(c.env.USERS, before, await readSharers(c.var.db, rootChatId));
  await tellOwner(c, rootChatId);
}

function named(shares: readonly Share[]): Record<string, string> {
  return Object.fromEntries(
    shares.map(({ type, id: subjectId, name, role }) => [
      `${type === "group" ? "group " : ""}${name === "" ? subjectId : name}`,
      role,
    ]),
  );
}

/** Whoever watches a chat of the tree and may not any more is shut out now. */
async function recheckTree(c: Context<AppEnv>, rootChatId: string): Promise<void> {
  const tree = await c.var.db.select({ id: chats.id }).from(chats).where(eq(chats.rootChatId, rootChatId));
  await Promise.all(
    tree.map(async ({ id: chatId }) => {
      try {
        await chatStub(c.env.CHATS, chatId).recheck({});
      } catch (error) {
        // It asks D1 itself every minute while it is watched.
        log.warn("revocation.unreached", { chatId, error });
      }
    }),
  );
}

/** Told through the chat, whose events go out one after the other. */
async function tellOwner(c: Context<AppEnv>, rootChatId: string): Promise<void> {
  try {
    await askChat(c.env.CHATS, rootChatId, (object) => object.tellSidebars());
  } catch (error) {
    // The share is stored, and every list shows it; only sidebars that are open hear of it later.
    log.warn("chat.share_untold", { rootChatId, error });
  }
}

/** Everybody to whom some share goes: theirs is what the switch takes away. */
async function everybodySharedWith(db: Database): Promise<string[]> {
  const rows = await db.all<{ id: string }>(sql`
    select s.subject_id as id from chat_shares s where s.subject_type = 'user'
    union select g.user_id from chat_shares s join group_members g on g.group_id = s.subject_id
    union select m.user_id from chat_shares s join organization_members m on m.organization_id = s.subject_id`);
  return rows.map((row) => row.id);
}
