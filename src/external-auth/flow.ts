import type { Context } from "hono";
import * as oauth from "oauth4webapi";
import { z } from "zod";
import type { AppEnv } from "../access/router.ts";
import type { ExternalAuthFailure } from "../contract/external-auth.ts";
import { cookie } from "../identity/cookie.ts";
import { cookieValue } from "../identity/credentials.ts";
import { ownPath } from "../identity/outside/flow.ts";
import { issueTicket, openTicket, spendTicket } from "../identity/tickets/tickets.ts";
import { log } from "../platform/log.ts";
import { pageOrigin } from "../platform/origin.ts";
import { countUses } from "../platform/rate-limit.ts";
import { sameText } from "../platform/sealing.ts";
import { connect } from "./connecting.ts";
import type { ExternalAuthSettings } from "./ports.ts";
import { findProvider } from "./settings.ts";
import { exchangeCode } from "./token-endpoint.ts";

/*
 * A browser's way to a provider and back. What has to be known again afterwards lies sealed in a cookie that goes to
 * this provider's callback alone: only the browser that left can come back, to the provider that it left for, as the
 * person who left. So nobody gets a stranger's account connected, and no provider gets another's code.
 */

const COOKIE = "tideline_external_auth";
/** Time to sign in at the provider, with its own second factor. */
const LIFETIME_MS = 10 * 60_000;

/** Somebody who tries what does not work; a script that tries codes. */
const WAYS_PER_USER = 60;
const WAYS_WINDOW_MS = 15 * 60_000;

export const PAGE = "/settings/external-auth";

const flow = z.object({
  provider: z.string(),
  userId: z.string(),
  redirectUri: z.string(),
  state: z.string(),
  verifier: z.string(),
  /** A path of ours, where it ends. */
  back: z.string(),
});

/** Why it ends without a connection. */
export class ConnectRefusal extends Error {
  readonly failure: ExternalAuthFailure;

  constructor(failure: ExternalAuthFailure) {
    super(failure);
    this.name = "ConnectRefusal";
    this.failure = failure;
  }
}

/** Where the browser goes, once its cookie is set. */
export async function leaveFor(c: Context<AppEnv>, provider: string, back: string | undefined): Promise<string> {
  const settings = requireSettings(c, provider);
  const origin = pageOrigin(c.req.raw, c.env.ACCESS_URL);
  const secrets: z.output<typeof flow> = {
    provider,
    userId: signedInUser(c),
    redirectUri: `${origin}${pathOf(provider)}/callback`,
    state: oauth.generateRandomState(),
    verifier: oauth.generateRandomCodeVerifier(),
    back: ownPath(back ?? PAGE, origin),
  };
  const { ticket } = await issueTicket(c.env, "external-auth", secrets, {
    lifetimeMs: LIFETIME_MS,
    now: c.var.clock(),
  });
  setFlowCookie(c, provider, ticket, LIFETIME_MS / 1000);
  const url = new URL(settings.authUrl);
  const parameters = {
    response_type: "code",
    client_id: settings.clientId,
    redirect_uri: secrets.redirectUri,
    state: secrets.state,
    code_challenge: await oauth.calculatePKCECodeChallenge(secrets.verifier),
    code_challenge_method: "S256",
    ...(settings.scopes.length > 0 ? { scope: settings.scopes.join(" ") } : {}),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** Connects what the browser comes back with, and answers where it ends. */
export async function comeBack(c: Context<AppEnv>, provider: string): Promise<string> {
  const settings = requireSettings(c, provider);
  const ticket = cookieValue(c.req.header("cookie") ?? null, COOKIE);
  if (ticket === null) throw new ConnectRefusal("expired");
  setFlowCookie(c, provider, "", 0);
  const now = c.var.clock();
  const opened = await openTicket(c.env, "external-auth", flow, { ticket, now });
  if (opened === null || opened.content.provider !== provider) throw new ConnectRefusal("expired");
  const left = opened.content;
  if (signedInUser(c) !== left.userId) throw new ConnectRefusal("signed_out");
  await limitWays(c, left.userId, now);
  if (!(await spendTicket(c.var.db, opened, now))) throw new ConnectRefusal("expired");
  const query = new URL(c.req.url).searchParams;
  if (!sameText(only(query, "state") ?? "", left.state)) throw new ConnectRefusal("expired");
  const code = codeOf(settings, query);
  const result = await exchangeCode(settings, { code, redirectUri: left.redirectUri, verifier: left.verifier }, now);
  if (result.outcome !== "tokens") {
    throw providerFailure(settings, result.outcome === "refused" ? result.error : result.reason);
  }
  await connect(c, settings, left.userId, result.tokens);
  return left.back === PAGE ? `${PAGE}?${new URLSearchParams({ connected: provider }).toString()}` : left.back;
}

/** A page of ours with the word for what went wrong; the page has the sentence. */
export function pageWithFailure(provider: string, failure: ExternalAuthFailure): string {
  return `${PAGE}?${new URLSearchParams({ failure, provider }).toString()}`;
}

/** The account of a browser that is signed in. A token connects nothing: there is nobody who could say yes over there. */
function signedInUser(c: Context<AppEnv>): string {
  const { actor } = c.var;
  if (actor === null || actor.sessionId === null) throw new ConnectRefusal("signed_out");
  return actor.userId;
}

function requireSettings(c: Context<AppEnv>, provider: string): ExternalAuthSettings {
  const settings = findProvider(c.env, provider);
  if (settings === null || settings.authUrl === "") throw new ConnectRefusal("not_configured");
  return settings;
}

/** Throws what the provider says in place of a code (RFC 6749, 4.1.2.1). */
function codeOf(settings: ExternalAuthSettings, query: URLSearchParams): string {
  const error = only(query, "error");
  if (error === "access_denied") throw new ConnectRefusal("cancelled");
  const code = only(query, "code");
  if (error !== null || code === null) throw providerFailure(settings, error ?? "no code");
  return code;
}

/** A parameter that is given once; one that is given twice is nobody's to choose from. */
function only(query: URLSearchParams, name: string): string | null {
  const [value, ...more] = query.getAll(name);
  return value === undefined || more.length > 0 ? null : value;
}

function providerFailure({ id }: ExternalAuthSettings, reason: string): ConnectRefusal {
  log.warn("external_auth.connect_failed", { provider: id, reason: reason.slice(0, 200) });
  return new ConnectRefusal("provider_failed");
}

async function limitWays(c: Context<AppEnv>, userId: string, now: number): Promise<void> {
  const [counted] = await countUses(c.var.db, [`external-auth:${userId}`], WAYS_WINDOW_MS, now);
  if (counted !== undefined && counted.count > WAYS_PER_USER) throw new ConnectRefusal("too_many");
}

function pathOf(provider: string): string {
  return `/api/v2/external-auth/${encodeURIComponent(provider)}`;
}

function setFlowCookie(c: Context<AppEnv>, provider: string, value: string, maxAgeSeconds: number): void {
  // A path of each provider's own, so that two ways at once do not end each other.
  const made = cookie(c.req.url, { name: COOKIE, value, path: `${pathOf(provider)}/callback`, maxAgeSeconds });
  c.header("set-cookie", made, { append: true });
}
