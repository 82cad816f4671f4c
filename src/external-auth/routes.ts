import { createRoute } from "@hono/zod-openapi";
import { Hono } from "hono";
import type { Context } from "hono";
import { z } from "zod";
import type { Actor } from "../access/actor.ts";
import { requirePermission } from "../access/check.ts";
import { createRouter, jsonAnswer, jsonBody, requireActor, type AppEnv } from "../access/router.ts";
import {
  deleteExternalAuthResponse,
  exchangeDeviceCodeRequest,
  externalAuthDevice,
  externalAuthResponse,
  externalAuthState,
} from "../contract/external-auth.ts";
import { issueTicket, openTicket } from "../identity/tickets/tickets.ts";
import { notFound, Problem } from "../platform/problem.ts";
import { limitRate } from "../platform/rate-limit.ts";
import { connect, disconnect } from "./connecting.ts";
import { askDeviceCode } from "./device.ts";
import { comeBack, ConnectRefusal, leaveFor, PAGE, pageWithFailure } from "./flow.ts";
import type { ExternalAuthSettings } from "./ports.ts";
import { revokeTokens } from "./revocation.ts";
import { findProvider, OIDC_LINK } from "./settings.ts";
import { readOverview, readState } from "./states.ts";
import { exchangeDeviceCode } from "./token-endpoint.ts";

const ROOM = ["Connected accounts"];
const byId = z.object({ external_auth: z.string().max(100).meta({ description: "As the configuration names it." }) });

const listRoute = createRoute({
  method: "get",
  path: "/external-auth",
  operationId: "listExternalAuth",
  tags: ROOM,
  summary: "The services that can be connected, and those that you have; each is asked whether it still is",
  description:
    "A token that is about to expire is renewed first. What a service says against it, or that it does not answer, is " +
    "`validate_error` of its link, a sentence, and no failure of the request.",
  responses: { 200: jsonAnswer(externalAuthResponse, "Services and links") },
});

const readRoute = createRoute({
  method: "get",
  path: "/external-auth/{external_auth}",
  operationId: "readExternalAuth",
  tags: ROOM,
  summary: "Whether you have connected a service, and as whom",
  description:
    "Asks the service with the token as it is; this renews nothing. `installations` are those of a GitHub App.",
  request: { params: byId },
  responses: { 200: jsonAnswer(externalAuthState, "Not connected is an answer, not an error") },
});

const deleteRoute = createRoute({
  method: "delete",
  path: "/external-auth/{external_auth}",
  operationId: "deleteExternalAuth",
  tags: ROOM,
  summary: "Disconnect a service, and ask it to take the access back",
  description:
    "It is gone here first, so that nothing uses it any more, whatever the service answers then: `token_revocation_error` " +
    "says in a sentence why it did not take the access back. 404 when it was not connected. One that is not configured " +
    "any more can still be disconnected.",
  request: { params: byId },
  responses: { 200: jsonAnswer(deleteExternalAuthResponse, "It is gone here; whether there too") },
});

const deviceRoute = createRoute({
  method: "get",
  path: "/external-auth/{external_auth}/device",
  operationId: "beginExternalAuthDevice",
  tags: ROOM,
  summary: "A code to type in at the service, to connect it without a way back for the browser",
  description:
    "RFC 8628. Show `user_code` and `verification_uri`, and send `device_code` to the POST of this path every `interval` " +
    "seconds. 400 for a service without device flow, 429 after 30 codes in 15 minutes, 502 when the service gives none.",
  request: { params: byId },
  responses: { 200: jsonAnswer(externalAuthDevice, "The code, where to type it, and how often to ask") },
});

const exchangeRoute = createRoute({
  method: "post",
  path: "/external-auth/{external_auth}/device",
  operationId: "exchangeExternalAuthDevice",
  tags: ROOM,
  summary: "Ask whether the code was typed in; until then 400 with `authorization_pending` as its detail",
  description:
    "The detail of a 400 is what the service answered, in the words of RFC 8628: `authorization_pending` and `slow_down` " +
    "mean to go on asking, `access_denied` and `expired_token` to begin anew. Only who began can have it connected.",
  request: { params: byId, body: jsonBody(exchangeDeviceCodeRequest) },
  responses: { 204: { description: "Connected" } },
});

const startRoute = createRoute({
  method: "get",
  path: "/external-auth/{external_auth}/start",
  operationId: "startExternalAuth",
  tags: ROOM,
  summary: "Connect a service: where a page leads a browser",
  description:
    "Leads on to the service with a state and a PKCE challenge; what belongs to them is kept in a sealed cookie " +
    "for ten minutes. Begun from another site it connects nothing.",
  security: [],
  request: {
    params: byId,
    query: z.strictObject({ redirect: z.string().optional().meta({ description: "Where it ends: a path." }) }),
  },
  responses: { 302: { description: "On to the service, or back to the page with what is in the way" } },
});

/** Services add parameters as they like, and strangers what they like; none of them is answered with JSON. */
const whatever = z.string().or(z.array(z.string())).optional();
const whateverCameBack = z
  .looseObject({ code: whatever, state: whatever, error: whatever })
  .transform((parameters) => parameters);

const callbackRoute = createRoute({
  method: "get",
  path: "/external-auth/{external_auth}/callback",
  operationId: "finishExternalAuth",
  tags: ROOM,
  summary: "Where a service leads the browser back to",
  description:
    "This is the redirect URI to register at the service. Connects it for the person who left in this browser, and for " +
    "nobody else; whatever is in the way is said on the page where it ends.",
  security: [],
  request: { params: byId, query: whateverCameBack },
  responses: { 302: { description: "Connected, or back to the page with what is in the way" } },
});

/** Ten a minute is more than anybody types in. */
const CODES = { limit: 30, windowMs: 15 * 60_000 };
/** Two pages that ask every second. */
const ASKS = { limit: 2_000, windowMs: 15 * 60_000 };

/** Each asks the services of whoever looks: more often than a page is read, and no way to have us call them all day. */
const LOOKS = { limit: 300, windowMs: 15 * 60_000 };

const deviceTicket = z.object({ provider: z.string(), userId: z.string(), deviceCode: z.string() });

export const externalAuthRoutes = createRouter()
  .openapi(listRoute, async function list(c) {
    const { userId } = ownLinks(c, "read");
    await limitRate(c.var.db, `external-auth-look:${userId}`, LOOKS, c.var.clock());
    return c.json(await readOverview(c, userId), 200);
  })
  .openapi(readRoute, async function read(c) {
    const { userId } = ownLinks(c, "read");
    const settings = requireProvider(c, c.req.valid("param").external_auth);
    await limitRate(c.var.db, `external-auth-look:${userId}`, LOOKS, c.var.clock());
    return c.json(await readState(c, settings, userId), 200);
  })
  .openapi(deleteRoute, async function remove(c) {
    const { userId } = ownLinks(c, "update");
    const id = c.req.valid("param").external_auth;
    if (id === OIDC_LINK) throw notFound();
    const settings = findProvider(c.env, id);
    // One that is not set up any more can still be let go.
    const link = await disconnect(c, settings ?? { id, displayName: id }, userId);
    if (link === null) throw notFound();
    const { revoked, error } = settings === null ? { revoked: false, error: null } : await revokeTokens(settings, link);
    return c.json({ token_revoked: revoked, ...(error === null ? {} : { token_revocation_error: error }) }, 200);
  })
  .openapi(deviceRoute, async function beginDevice(c) {
    const { userId } = ownLinks(c, "update");
    const settings = requireDevice(c, c.req.valid("param").external_auth);
    const now = c.var.clock();
    await limitRate(c.var.db, `external-auth-device:${userId}`, CODES, now);
    const given = await askDeviceCode(settings);
    if (typeof given === "string") throw unanswered(given);
    const { deviceCode, userCode, verificationUri, expiresInSeconds, intervalSeconds } = given;
    // Sealed, so that nobody but the person who began can have what is said yes to.
    const { ticket } = await issueTicket(
      c.env,
      "external-auth-device",
      { provider: settings.id, userId, deviceCode },
      { lifetimeMs: expiresInSeconds * 1000, now },
    );
    return c.json(
      {
        device_code: ticket,
        user_code: userCode,
        verification_uri: verificationUri,
        expires_in: expiresInSeconds,
        interval: intervalSeconds,
      },
      200,
    );
  })
  .openapi(exchangeRoute, async function exchangeDevice(c) {
    const { userId } = ownLinks(c, "update");
    const settings = requireDevice(c, c.req.valid("param").external_auth);
    const now = c.var.clock();
    await limitRate(c.var.db, `external-auth-ask:${userId}`, ASKS, now);
    const ticket = c.req.valid("json").device_code;
    const opened = await openTicket(c.env, "external-auth-device", deviceTicket, { ticket, now });
    const begun = opened?.content;
    if (begun === undefined || begun.userId !== userId || begun.provider !== settings.id)
      throw refused("expired_token");
    const result = await exchangeDeviceCode(settings, begun.deviceCode, now);
    if (result.outcome === "unavailable") throw unanswered(result.reason);
    if (result.outcome === "refused") throw refused(result.error);
    await connect(c, settings, userId, result.tokens);
    return c.body(null, 204);
  })
  .openapi(startRoute, async function start(c) {
    const { external_auth: id } = c.req.valid("param");
    return orPage(c, id, async () => {
      // Another site's page must not begin it: a provider that has said yes before says it again without a question.
      if (c.req.header("sec-fetch-site") === "cross-site") return PAGE;
      return leaveFor(c, id, c.req.valid("query").redirect);
    });
  })
  .openapi(callbackRoute, async function finish(c) {
    const { external_auth: id } = c.req.valid("param");
    return orPage(c, id, () => comeBack(c, id));
  });

/** Addresses of the reference that people have set up at their providers, or have as bookmarks. */
export const externalAuthPages = new Hono<AppEnv>()
  .get("/external-auth/:id/callback", (c) => c.redirect(`/api/v2${new URL(c.req.url).pathname}${queryOf(c)}`, 307))
  .get("/external-auth/:id", (c) =>
    c.redirect(
      c.req.query("redirected") === undefined ? `/api/v2${new URL(c.req.url).pathname}/start${queryOf(c)}` : PAGE,
      307,
    ),
  );

function queryOf(c: Context<AppEnv>): string {
  return new URL(c.req.url).search;
}

function ownLinks(c: Context<AppEnv>, action: "read" | "update"): Actor {
  const actor = requireActor(c);
  requirePermission(actor, action, { type: "user", ownerId: actor.userId });
  return actor;
}

function requireProvider(c: Context<AppEnv>, id: string): ExternalAuthSettings {
  const settings = findProvider(c.env, id);
  if (settings === null) throw notFound();
  return settings;
}

function requireDevice(c: Context<AppEnv>, id: string): ExternalAuthSettings {
  const settings = requireProvider(c, id);
  if (settings.deviceFlow) return settings;
  throw new Problem(400, "This service is not connected with a code.", {
    detail: "Connect it in the browser: Settings → Connected accounts.",
  });
}

/** What the service said, in the words of OAuth: a program decides by them. */
function refused(error: string): Problem {
  return new Problem(400, "The service has not given access.", { detail: error.slice(0, 200) });
}

function unanswered(detail: string): Problem {
  return new Problem(502, "The service does not answer as it should.", { detail });
}

/** Leads on, or to a page of ours that says what is in the way: nobody ends on an error in JSON. */
async function orPage(c: Context<AppEnv>, id: string, lead: () => Promise<string>): Promise<Response> {
  try {
    return c.redirect(await lead(), 302);
  } catch (error) {
    if (!(error instanceof ConnectRefusal)) throw error;
    return c.redirect(pageWithFailure(id, error.failure), 302);
  }
}
