import { createRoute } from "@hono/zod-openapi";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { createRouter, jsonAnswer, requireActor } from "../access/router.ts";
import { permittedChat } from "../chats/permitted-chat.ts";
import { limitUse } from "../chats/use-limits.ts";
import { id } from "../contract/common.ts";
import { chatPullRequest, localChanges, type LocalRepository } from "../contract/git.ts";
import { originWithoutCredentials } from "../contract/git-origin.ts";
import { readServingAgentFor } from "../workspaces/serving-agent.ts";
import { listPullRequests } from "./records.ts";
import { chatDiffStatuses } from "./schema.ts";
import { wakeGitSync } from "./sync/wake.ts";

const ROOM = ["Git"];
const byChat = z.object({ chat: id });

const pullRequestsRoute = createRoute({
  method: "get",
  path: "/chats/{chat}/pull-requests",
  operationId: "listChatPullRequests",
  tags: ROOM,
  summary: "List the pull requests that a chat ever had, as they were when last looked at",
  description: "The one that stands for the chat comes first: the newest that is open, else the newest.",
  request: { params: byChat },
  responses: { 200: jsonAnswer(z.array(chatPullRequest), "Its pull requests; at most 200") },
});

const localChangesRoute = createRoute({
  method: "get",
  path: "/chats/{chat}/local-changes",
  operationId: "readChatLocalChanges",
  tags: ROOM,
  summary: "Ask the workspace what is not committed where a chat works",
  description:
    "For whoever may have the chat work there, since files that nobody has seen may be among it. The diff of each repository is cut at 512 KiB.",
  request: { params: byChat },
  responses: { 200: jsonAnswer(localChanges, "The repositories that the chat touched, as they are at this moment") },
});

const refreshRoute = createRoute({
  method: "post",
  path: "/chats/{chat}/diff/refresh",
  operationId: "refreshChatDiff",
  tags: ROOM,
  summary: "Look for a chat's pull request now, not when it is next due",
  description: "What comes of it is told to the sidebars. 429 for who asks too often.",
  request: { params: byChat },
  responses: { 204: { description: "It is being looked for" } },
});

export const gitChatRoutes = createRouter();

gitChatRoutes.openapi(pullRequestsRoute, async function pullRequests(c) {
  const { id: chatId } = await permittedChat(c, c.req.valid("param").chat, "read");
  return c.json(await listPullRequests(c.var.db, chatId), 200);
});

gitChatRoutes.openapi(localChangesRoute, async function readLocalChanges(c) {
  const { id: chatId, ownerId, workspaceId } = await permittedChat(c, c.req.valid("param").chat, "use");
  await limitUse({ env: c.env, clock: c.var.clock }, requireActor(c).userId, "local_changes");
  const repositories = workspaceId === null ? null : await askWorkspace(c.env, workspaceId);
  if (repositories === null || repositories === "away") {
    return c.json({ chat_id: chatId, state: repositories ?? "none", repositories: [] }, 200);
  }
  return c.json({ chat_id: chatId, state: "ready" as const, repositories }, 200);

  /** As the chat's owner, whose tools run there. Null: there is none that they may use. */
  async function askWorkspace(env: Env, workspace: string): Promise<LocalRepository[] | "away" | null> {
    const agent = await readServingAgentFor(c.var.db, env, workspace, ownerId);
    if (agent === null || agent === "forbidden") return null;
    const answer = await env.WORKSPACES.getByName(workspace).gitChanges({ agentId: agent.agentId, chatId });
    if ("repositories" in answer) {
      return answer.repositories.map((one) => ({ ...one, remote_origin: originWithoutCredentials(one.remote_origin) }));
    }
    // An agent of before knows nothing of git.
    return answer.state === "away" ? "away" : [];
  }
});

gitChatRoutes.openapi(refreshRoute, async function refresh(c) {
  const { id: chatId, ownerId } = await permittedChat(c, c.req.valid("param").chat, "read");
  const now = c.var.clock();
  await limitUse({ env: c.env, clock: c.var.clock }, requireActor(c).userId, "diff_refresh");
  await c.var.db
    .update(chatDiffStatuses)
    .set({ staleAt: now })
    .where(sql`${chatDiffStatuses.chatId} = ${chatId} and ${chatDiffStatuses.staleAt} > ${now}`);
  await wakeGitSync(c.env, [ownerId]);
  return c.body(null, 204);
});
