import { createRoute } from "@hono/zod-openapi";
import { sql } from "drizzle-orm";
import type { Context } from "hono";
import { z } from "zod";
import { credentialName, type Actor } from "../access/actor.ts";
import { forbidden } from "../access/check.ts";
import { createRouter, jsonAnswer, jsonBody, requireActor, type AppEnv } from "../access/router.ts";
import { ALL_SCOPE, scope, scopesAllow, scopesBeyond } from "../access/scopes.ts";
import { auditStatement, diffOf } from "../audit/record.ts";
import { apiToken, createTokenRequest, createTokenResponse } from "../contract/identity.ts";
import { runBatch } from "../platform/d1.ts";
import { cutPage, pageQuery, unknownCursor } from "../platform/paging.ts";
import { notFound, Problem } from "../platform/problem.ts";
import { deleteApiKey, listApiKeys, newApiKey, readApiKey, toApiToken } from "./api-keys.ts";
import { requireEntry } from "./giving.ts";
import { revokeAccess } from "./revocation.ts";
import { userParams } from "./user-routes.ts";
import { requireUser, type UserRow } from "./users.ts";

const createToken = createRoute({
  method: "post",
  path: "/users/{user}/keys/tokens",
  operationId: "createToken",
  tags: ["API tokens"],
  summary: "Create an API token; its key is shown this once",
  description:
    "A token acts with the roles of the account that it belongs to. One of a service account goes on when the admin who made it is suspended or deleted: revoke it then, if they may have kept its key.",
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
    const actor = requireActor(c);
    const owner = await requireTokensOf(c, actor, c.req.valid("param").user, "create");
    await requireEntry(c.var.db, actor, owner);
    const { token_name: name, lifetime_seconds: lifetimeSeconds = 0, ...request } = c.req.valid("json");
    const scopes = readScopes(actor, request.scopes ?? [ALL_SCOPE]);
    const createdBy = owner.id === actor.userId ? null : actor.userId;
    const token = newApiKey({ userId: owner.id, name, scopes, lifetimeSeconds, createdBy }, c.var.clock());
    await runBatch(c.var.db, [
      token.statement,
      auditStatement(c, {
        action: "create",
        resourceType: "api_key",
        resourceId: token.id,
        target: name,
        diff: diffOf({}, { user: owner.username, scopes: [...scopes] }),
        when: sql`changes() > 0`,
      }),
    ]);
    return c.json({ key: token.key, id: token.id }, 201);
  })
  .openapi(listTokens, async function listUserTokens(c) {
    const owner = await requireTokensOf(c, requireActor(c), c.req.valid("param").user, "read");
    const { limit, after_id } = c.req.valid("query");
    const after = after_id === undefined ? null : await readApiKey(c.var.db, owner.id, after_id);
    if (after === undefined) throw unknownCursor();
    const page = cutPage(await listApiKeys(c.var.db, owner.id, { after, limit: limit + 1 }), limit, c.req.url);
    if (page.link !== null) c.header("link", page.link);
    return c.json(page.rows.map(toApiToken), 200);
  })
  .openapi(deleteToken, async function deleteUserToken(c) {
    const params = c.req.valid("param");
    const owner = await requireTokensOf(c, requireActor(c), params.user, "delete");
    const key = await readApiKey(c.var.db, owner.id, params.keyid);
    if (key === undefined) throw notFound();
    await runBatch(c.var.db, [
      deleteApiKey(c.var.db, owner.id, key.id).getSQL(),
      auditStatement(c, {
        action: "delete",
        resourceType: "api_key",
        resourceId: key.id,
        target: key.tokenName,
        diff: diffOf({ user: owner.username }, {}),
        when: sql`changes() > 0`,
      }),
    ]);
    await revokeAccess(c.env, owner.id, { sessionId: credentialName({ sessionId: null, keyId: key.id }) });
    return c.body(null, 204);
  });

/** The user, once the actor may do this to their tokens. Those of a service account are whose account it is to manage. */
async function requireTokensOf(
  c: Context<AppEnv>,
  actor: Actor,
  reference: string,
  action: "create" | "read" | "delete",
): Promise<UserRow> {
  const owner = await requireUser(c.var.db, actor, reference, "read");
  const manages = owner.isServiceAccount && owner.id !== actor.userId && scopesAllow(actor.scopes, action, "api_key");
  return manages
    ? requireUser(c.var.db, actor, owner.id, "update")
    : requireUser(c.var.db, actor, owner.id, action, "api_key");
}

/** Throws a 400 Problem for what is no scope, and a 403 for those that the actor's own credential does not have. */
function readScopes(actor: Actor, asked: readonly string[]): string[] {
  const unknown = asked.flatMap((name, index) =>
    scope.safeParse(name).success
      ? []
      : [{ pointer: `/scopes/${index}`, detail: "Use all, or a pair such as chat:*, *:read or workspace:use." }],
  );
  if (unknown.length > 0) throw new Problem(400, "The request is not valid.", { errors: unknown });
  const beyond = scopesBeyond(asked, actor.scopes);
  if (beyond.length === 0) return [...new Set(asked)];
  throw forbidden(`The token that you use does not have ${beyond.join(", ")}, so it cannot give it to another.`);
}
