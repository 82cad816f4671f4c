import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { credentialName } from "../access/actor.ts";
import { createRouter, jsonAnswer, jsonBody, requireActor } from "../access/router.ts";
import { apiToken, createTokenRequest, createTokenResponse } from "../contract/identity.ts";
import { cutPage, pageQuery, unknownCursor } from "../platform/paging.ts";
import { notFound } from "../platform/problem.ts";
import { createApiKey, deleteApiKey, listApiKeys, readApiKey, toApiToken } from "./api-keys.ts";
import { revokeAccess } from "./revocation.ts";
import { userParams } from "./user-routes.ts";
import { requireUser } from "./users.ts";

const createToken = createRoute({
  method: "post",
  path: "/users/{user}/keys/tokens",
  operationId: "createToken",
  tags: ["API tokens"],
  summary: "Create an API token; its key is shown this once",
  request: { params: userParams, body: jsonBody(createTokenRequest) },
  responses: { 201: jsonAnswer(createTokenResponse, "The new key") },
});

const listTokens = createRoute({
  method: "get",
  path: "/users/{user}/keys/tokens",
  operationId: "listTokens",
  tags: ["API tokens"],
  summary: "List API tokens, newest first",
  request: { params: userParams, query: pageQuery },
  responses: { 200: jsonAnswer(z.array(apiToken), "The tokens; `Link` tells of more") },
});

const deleteToken = createRoute({
  method: "delete",
  path: "/users/{user}/keys/{keyid}",
  operationId: "deleteToken",
  tags: ["API tokens"],
  summary: "Delete an API token",
  request: { params: userParams.extend({ keyid: z.string().max(100) }) },
  responses: { 204: { description: "Deleted; it is refused from now on" } },
});

export const apiKeyRoutes = createRouter()
  .openapi(createToken, async function createUserToken(c) {
    const owner = await requireUser(c.var.db, requireActor(c), c.req.valid("param").user, "create", "api_key");
    const { id, key } = await createApiKey(c.var.db, owner.id, c.req.valid("json"), c.var.clock());
    return c.json({ key, id }, 201);
  })
  .openapi(listTokens, async function listUserTokens(c) {
    const owner = await requireUser(c.var.db, requireActor(c), c.req.valid("param").user, "read", "api_key");
    const { limit, after_id } = c.req.valid("query");
    const after = after_id === undefined ? null : await readApiKey(c.var.db, owner.id, after_id);
    if (after === undefined) throw unknownCursor();
    const page = cutPage(await listApiKeys(c.var.db, owner.id, { after, limit: limit + 1 }), limit, c.req.url);
    if (page.link !== null) c.header("link", page.link);
    return c.json(page.rows.map(toApiToken), 200);
  })
  .openapi(deleteToken, async function deleteUserToken(c) {
    const params = c.req.valid("param");
    const owner = await requireUser(c.var.db, requireActor(c), params.user, "delete", "api_key");
    if (!(await deleteApiKey(c.var.db, owner.id, params.keyid))) throw notFound();
    await revokeAccess(c.env, owner.id, { sessionId: credentialName({ sessionId: null, keyId: params.keyid }) });
    return c.body(null, 204);
  });
