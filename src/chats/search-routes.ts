import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { filter } from "../access/filter.ts";
import { createRouter, jsonAnswer, requireActor } from "../access/router.ts";
import { chatStatus } from "../contract/chats.ts";
import { searchResult } from "../contract/search.ts";
import { chatColumns } from "./shares.ts";
import { searchChats } from "./search.ts";

const searchRoute = createRoute({
  method: "get",
  path: "/chats/search",
  operationId: "searchChats",
  tags: ["Chats"],
  summary: "Your chats with all of these words, or their beginnings, in the title or in one message",
  request: {
    query: z.strictObject({
      q: z
        .string()
        .trim()
        .min(1, { error: "Say what to look for." })
        .max(500)
        .meta({ description: "Words; there is no syntax." }),
      status: chatStatus.optional(),
      archived: z
        .enum(["true", "false"])
        .optional()
        .meta({ description: "Only archived ones, or only others; all when it is left out." }),
      limit: z.coerce.number().int().min(1).max(50).default(20),
    }),
  },
  responses: {
    200: jsonAnswer(z.array(searchResult), "Chats with a match in the title first, then those with the newest match"),
  },
});

export const searchRoutes = createRouter();

searchRoutes.openapi(searchRoute, async function search(c) {
  const actor = requireActor(c);
  const { q, status, archived, limit } = c.req.valid("query");
  const results = await searchChats(c.env.USERS, c.var.db, {
    userId: actor.userId,
    text: q,
    readable: filter(actor, "read", "chat", chatColumns),
    status: status ?? null,
    archived: archived === undefined ? null : archived === "true",
    limit,
  });
  return c.json(results, 200);
});
