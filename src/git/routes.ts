import { createRoute } from "@hono/zod-openapi";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { createRouter, jsonAnswer, requireActor } from "../access/router.ts";
import { permittedChat } from "../chats/permitted-chat.ts";
import { limitUse } from "../chats/use-limits.ts";
import { id } from "../contract/common.ts";
import { chatDiff } from "../contract/git.ts";
import { readExternalAuth } from "../external-auth/settings.ts";
import { tokenSource } from "../external-auth/tokens.ts";
import { readOwnRemotes } from "./branches.ts";
import { readChatDiff } from "./diff.ts";
import { markStale } from "./marks.ts";
import { isAmong } from "./resolve.ts";
import { chatDiffStatuses } from "./schema.ts";
import { wakeGitSync } from "./sync/wake.ts";

const diffRoute = createRoute({
  method: "get",
  path: "/chats/{chat}/diff",
  operationId: "readChatDiff",
  tags: ["Git"],
  summary: "Ask the git provider for the diff of a chat's pull request, or of its branch when there is none",
  description:
    "Asked in the name of the chat's owner; for other readers in their own name, where the owner has worked in that " +
    "repository only since others could write in the chat. What the provider refuses or cannot do is not an error: the answer is 200 " +
    "with what is known and `unavailable_reason`, a sentence.",
  request: { params: z.object({ chat: id }) },
  responses: { 200: jsonAnswer(chatDiff, "What is known of its branch and pull request, with the diff") },
});

export const gitRoutes = createRouter();

gitRoutes.openapi(diffRoute, async function readDiff(c) {
  const { id: chatId, ownerId } = await permittedChat(c, c.req.valid("param").chat, "read");
  const readerId = requireActor(c).userId;
  await limitUse({ env: c.env, clock: c.var.clock }, readerId, "diff");
  const [row] = await c.var.db.select().from(chatDiffStatuses).where(eq(chatDiffStatuses.chatId, chatId)).limit(1);
  if (row === undefined) return c.json({ chat_id: chatId }, 200);
  const work = {
    chatId,
    ownerId,
    remoteOrigin: row.gitRemoteOrigin,
    branch: row.gitBranch,
    url: row.url,
    headBranch: row.headBranch,
    isOpen: row.pullRequestState === "open",
  };
  const { providers } = readExternalAuth(c.env);
  const { diff, hasNews } = await readChatDiff(work, {
    providers,
    readerId,
    isOwnersChoice: async (repository) => isAmong(repository, providers, await readOwnRemotes(c.var.db, ownerId)),
    tokens: tokenSource(c.env),
    // Looked up at each call: a test may stand in for the network.
    fetch: (input, init) => fetch(input, init),
    now: c.var.clock,
  });
  if (hasNews && (await markStale(c.var.db, chatId, c.var.clock())))
    c.executionCtx.waitUntil(wakeGitSync(c.env, [ownerId]));
  return c.json(diff, 200);
});
