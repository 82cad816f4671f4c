import { createRoute } from "@hono/zod-openapi";
import { eq } from "drizzle-orm";
import type { Context } from "hono";
import { z } from "zod";
import { createRouter, jsonAnswer, jsonBody, type AppEnv } from "../../access/router.ts";
import {
  authMethods,
  confirmedRequest,
  linkOutsideResponse,
  outsideWays,
  type OutsideFailure,
  type OutsideWay,
} from "../../contract/sign-in.ts";
import { pageOrigin } from "../../platform/origin.ts";
import { notFound, Problem } from "../../platform/problem.ts";
import { requireConfirmation, requireSelf } from "../confirmation.ts";
import { users } from "../schema.ts";
import { isSetupCompleted } from "../setup.ts";
import { signIn } from "../sign-in.ts";
import { userParams } from "../user-routes.ts";
import { readUser } from "../users.ts";
import {
  createAccount,
  keepOidcTokens,
  linkAccount,
  listOutsideAccounts,
  readKnown,
  touchLink,
  unlinkAccount,
} from "./accounts.ts";
import { askWho, comeBack, leaveFor, ownPath, pageWithFailure } from "./flow.ts";
import { OutsideRefusal, type OutsideIdentity } from "./identity.ts";
import { judge } from "./matching.ts";
import { githubSettings, oidcSettings } from "./settings.ts";

const methodsRoute = createRoute({
  method: "get",
  path: "/users/auth-methods",
  operationId: "readAuthMethods",
  tags: ["Users"],
  summary: "The ways to sign in here",
  security: [],
  responses: { 200: jsonAnswer(authMethods, "What a sign-in page offers") },
});

/** What is a name in a client that is generated from the description: without a space. */
const operationNames: Record<OutsideWay, string> = { oidc: "Oidc", github: "GitHub" };

function startRoute(way: OutsideWay, name: string) {
  return createRoute({
    method: "get",
    path: `/users/${way}/start`,
    operationId: `start${operationNames[way]}`,
    tags: ["Users"],
    summary: `Sign in with ${name}: where a sign-in page leads a browser`,
    security: [],
    request: { query: z.strictObject({ back: z.string().optional().meta({ description: "Where it ends: a path." }) }) },
    responses: { 302: { description: "On to the provider, or back to the sign-in page with what is in the way" } },
  });
}

/** Providers add parameters as they like, and strangers what they like; none of them is answered with JSON. */
const whatever = z.string().or(z.array(z.string())).optional();
const whateverCameBack = z
  .looseObject({ code: whatever, state: whatever, error: whatever })
  .transform((parameters) => parameters);

function callbackRoute(way: OutsideWay, name: string) {
  return createRoute({
    method: "get",
    path: `/users/${way}/callback`,
    operationId: `finish${operationNames[way]}`,
    tags: ["Users"],
    summary: `Where ${name} leads the browser back to`,
    security: [],
    request: { query: whateverCameBack },
    responses: { 302: { description: "Signed in, or back to the sign-in page with what is in the way" } },
  });
}

const linkRoute = createRoute({
  method: "post",
  path: "/users/{user}/outside-accounts/{way}",
  operationId: "linkOutsideAccount",
  tags: ["Sign-in methods"],
  summary: "Begin to link an account elsewhere, to sign in with",
  request: { params: userParams.extend({ way: z.enum(outsideWays) }), body: jsonBody(confirmedRequest) },
  responses: { 200: jsonAnswer(linkOutsideResponse, "Where the browser that sent this goes on") },
});

const unlinkRoute = createRoute({
  method: "delete",
  path: "/users/{user}/outside-accounts/{account}",
  operationId: "unlinkOutsideAccount",
  tags: ["Sign-in methods"],
  summary: "Take the link to an account elsewhere off, unless it is the only way to sign in",
  request: { params: userParams.extend({ account: z.string().max(100) }) },
  responses: { 204: { description: "It signs nobody in from now on" } },
});

const start = (way: OutsideWay) =>
  async function start(c: Context<AppEnv>): Promise<Response> {
    const back = ownPath(c.req.query("back"), pageOrigin(c.req.raw, c.env.ACCESS_URL));
    return orPage(c, { way, back, linking: false }, async () => {
      // Whoever comes first would not be the owner, and nobody could make them one.
      if (!(await isSetupCompleted(c.var.db))) throw new OutsideRefusal("setup_first");
      return (await leaveFor(c, way, { back, link: null })).href;
    });
  };

const finish = (way: OutsideWay) =>
  async function finish(c: Context<AppEnv>): Promise<Response> {
    // Until it is known where it was to end, it ends on the sign-in page.
    const from = { way, back: "/", linking: false };
    return orPage(c, from, async () => {
      const left = await comeBack(c, way);
      if (left === null) throw new OutsideRefusal("expired");
      const { back, link } = left;
      from.back = back;
      from.linking = link !== null;
      const { identity, tokens } = await askWho(c, left);
      if (link !== null) await linkTo(c, link, identity);
      const userId = link ?? (await signInAs(c, identity));
      if (tokens !== null) await keepOidcTokens(c, userId, tokens);
      return back;
    });
  };

export const outsideRoutes = createRouter()
  .openapi(methodsRoute, function readAuthMethods(c) {
    const oidc = oidcSettings(c.env);
    return c.json(
      {
        password: { enabled: true },
        passkey: { enabled: true },
        github: { enabled: githubSettings(c.env) !== null },
        oidc: { enabled: oidc !== null, sign_in_text: oidc?.signInText ?? "" },
      },
      200,
    );
  })
  .openapi(startRoute("oidc", "OpenID Connect"), start("oidc"))
  .openapi(startRoute("github", "GitHub"), start("github"))
  .openapi(callbackRoute("oidc", "OpenID Connect"), finish("oidc"))
  .openapi(callbackRoute("github", "GitHub"), finish("github"))
  .openapi(linkRoute, async function link(c) {
    const { user, way } = c.req.valid("param");
    const row = await requireSelf(c, user);
    await requireConfirmation(c, row, c.req.valid("json").password);
    try {
      return c.json({ url: (await leaveFor(c, way, { back: "/settings/security", link: row.id })).href }, 200);
    } catch (error) {
      if (!(error instanceof OutsideRefusal)) throw error;
      throw error.failure === "not_configured"
        ? new Problem(409, "This way to sign in is not set up here.")
        : new Problem(502, "The provider does not answer.", { detail: "Try again in a moment." });
    }
  })
  .openapi(unlinkRoute, async function unlink(c) {
    const params = c.req.valid("param");
    const row = await requireSelf(c, params.user);
    const found = (await listOutsideAccounts(c.var.db, row.id)).find(({ id }) => id === params.account);
    if (found === undefined) throw notFound();
    if (await unlinkAccount(c, row, found)) return c.body(null, 204);
    throw new Problem(409, "It is your only way to sign in.", { detail: "Add a passkey first, then take this off." });
  });

/** Signs in whoever the provider names, by the rule of `judge`. Answers as whom. */
async function signInAs(c: Context<AppEnv>, identity: OutsideIdentity): Promise<string> {
  const { db } = c.var;
  const settings = identity.way === "oidc" ? oidcSettings(c.env) : githubSettings(c.env);
  if (settings === null) throw new OutsideRefusal("not_configured");
  const emailDomains = "emailDomains" in settings ? settings.emailDomains : [];
  const found = judge(identity, await readKnown(db, identity), { allowSignups: settings.allowSignups, emailDomains });
  if (found.verdict === "refuse") throw new OutsideRefusal(found.failure);
  const userId = found.verdict === "create" ? await createAccount(c, identity) : found.userId;
  const row = await readUser(db, userId);
  // Deleted between two statements, or somebody took the name or the address: it comes right when they try again.
  if (row === undefined || row.id !== userId) throw new OutsideRefusal("expired");
  if (row.isServiceAccount) throw new OutsideRefusal("uses_other_way");
  if (found.verdict === "adopt") await linkAccount(c, row, identity);
  else await touchLink(db, identity, c.var.clock());
  await signIn(c, row, identity.way);
  return row.id;
}

/** Links whoever the provider names to the account that the browser left with, if it is still signed in to it. */
async function linkTo(c: Context<AppEnv>, userId: string, identity: OutsideIdentity): Promise<void> {
  const { actor, db } = c.var;
  if (actor === null || actor.userId !== userId || actor.sessionId === null) throw new OutsideRefusal("signed_out");
  const row = await db.select().from(users).where(eq(users.id, userId)).get();
  if (row === undefined) throw new OutsideRefusal("signed_out");
  await linkAccount(c, row, identity);
}

/** Leads on, or to a page of ours that says what is in the way: nobody ends on an error in JSON. */
async function orPage(
  c: Context<AppEnv>,
  from: { way: OutsideWay; back: string; linking: boolean },
  lead: () => Promise<string>,
): Promise<Response> {
  try {
    return c.redirect(await lead(), 302);
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null) throw error;
    return c.redirect(pageWithFailure(from.back, failure, from.way, from.linking), 302);
  }
}

function failureOf(error: unknown): OutsideFailure | null {
  if (error instanceof OutsideRefusal) return error.failure;
  // Suspended since it was looked at.
  if (error instanceof Problem && error.status === 401) return "suspended";
  return null;
}
