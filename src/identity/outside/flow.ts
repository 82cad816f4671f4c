import type { Context } from "hono";
import * as oauth from "oauth4webapi";
import { z } from "zod";
import type { AppEnv } from "../../access/router.ts";
import { outsideWays, type OutsideFailure, type OutsideWay } from "../../contract/sign-in.ts";
import { log } from "../../platform/log.ts";
import { pageOrigin } from "../../platform/origin.ts";
import { Problem } from "../../platform/problem.ts";
import { countUses } from "../../platform/rate-limit.ts";
import { cookie } from "../cookie.ts";
import { cookieValue } from "../credentials.ts";
import { clientAddress } from "../login-limit.ts";
import { issueTicket, openTicket, spendTicket } from "../tickets/tickets.ts";
import { beginGithub, finishGithub } from "./github.ts";
import { OutsideRefusal, type OutsideIdentity } from "./identity.ts";
import { beginOidc, finishOidc, type OidcTokens } from "./oidc.ts";
import { githubSettings, oidcSettings } from "./settings.ts";

/*
 * The way to a provider and back. What has to be known again afterwards lies sealed in a cookie: only the browser that
 * left can come back, so nobody is signed in to an account of somebody else's choosing.
 */

const COOKIE = "tideline_outside";
/** Time to sign in at the provider, with its own second factor. */
const LIFETIME_MS = 10 * 60_000;

/** An office behind one address signs in on a Monday morning. */
const WAYS_PER_ADDRESS = 100;
const WAYS_WINDOW_MS = 15 * 60_000;

const flow = z.object({
  way: z.enum(outsideWays),
  redirectUri: z.string(),
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  /** A path of ours, where it ends. */
  back: z.string(),
  /** Whose account is being linked; null for a sign-in. */
  link: z.string().nullable(),
});
type Flow = z.infer<typeof flow>;

/** Where the browser goes, once its cookie is set. Throws a refusal when it cannot go anywhere. */
export async function leaveFor(
  c: Context<AppEnv>,
  way: OutsideWay,
  { back, link }: Pick<Flow, "back" | "link">,
): Promise<URL> {
  const secrets: Flow = {
    way,
    redirectUri: `${pageOrigin(c.req.raw, c.env.ACCESS_URL)}/api/v2/users/${way}/callback`,
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
    back,
    link,
  };
  const url = await orRefusal(() => askProvider(c, way, secrets));
  const issued = { lifetimeMs: LIFETIME_MS, now: c.var.clock() };
  const { ticket } = await issueTicket(c.env, "outside", secrets, issued);
  setFlowCookie(c, ticket, LIFETIME_MS / 1000);
  return url;
}

/** What the browser left with; null when it did not leave from here, or long ago. The cookie is gone after it. */
export async function comeBack(c: Context<AppEnv>, way: OutsideWay): Promise<Flow | null> {
  const ticket = cookieValue(c.req.header("cookie") ?? null, COOKIE);
  if (ticket === null) return null;
  setFlowCookie(c, "", 0);
  const now = c.var.clock();
  const opened = await openTicket(c.env, "outside", flow, { ticket, now });
  if (opened === null || opened.content.way !== way) return null;
  await limitWays(c, now);
  return (await spendTicket(c.var.db, opened, now)) ? opened.content : null;
}

/** Each way costs the provider and us some requests, and anybody may begin one. */
async function limitWays(c: Context<AppEnv>, now: number): Promise<void> {
  const key = `outside:${clientAddress(c.req.raw.headers)}`;
  const [counted] = await countUses(c.var.db, [key], WAYS_WINDOW_MS, now);
  if (counted !== undefined && counted.count > WAYS_PER_ADDRESS) throw new OutsideRefusal("too_many");
}

/** Whom the provider says it had in front of it, and what it gave to act for them where it speaks OpenID Connect. */
export interface Arrival {
  identity: OutsideIdentity;
  tokens: OidcTokens | null;
}

/** Throws a refusal when the provider does not say who it is. */
export async function askWho(c: Context<AppEnv>, left: Flow): Promise<Arrival> {
  const { search } = new URL(c.req.url);
  // As the provider was told: what stands in front of us may have changed the host.
  const cameBackTo = new URL(left.redirectUri + search);
  const now = c.var.clock();
  return orRefusal(async () => {
    if (left.way === "github") {
      const settings = githubSettings(c.env);
      if (settings !== null) return { identity: await finishGithub(settings, left, cameBackTo), tokens: null };
    } else {
      const settings = oidcSettings(c.env);
      if (settings !== null) return finishOidc(settings, left, cameBackTo, now);
    }
    throw new OutsideRefusal("not_configured");
  });
}

/** A page of ours with the word for what went wrong; the page has the sentence. */
export function pageWithFailure(back: string, failure: OutsideFailure, way: OutsideWay, linking: boolean): string {
  const query = new URLSearchParams({ failure, way });
  if (linking) return `/settings/security?${query.toString()}`;
  if (back !== "/") query.set("back", back);
  return `/login?${query.toString()}`;
}

/** A path of ours that an address bar gave; anything that leads elsewhere is the start page. */
export function ownPath(path: string | undefined, base: string): string {
  if (path === undefined || !URL.canParse(path, base)) return "/";
  const url = new URL(path, base);
  // As a browser reads it: `//host`, `/\host` and a tab before a slash are other hosts. The path of `/.//host` is
  // ours until it is read a second time, as the address that a browser is sent to.
  const isOurs = url.origin === new URL(base).origin && !url.pathname.startsWith("//");
  return isOurs ? url.pathname + url.search + url.hash : "/";
}

async function askProvider(c: Context<AppEnv>, way: OutsideWay, secrets: Flow): Promise<URL> {
  if (way === "github") {
    const settings = githubSettings(c.env);
    if (settings !== null) return beginGithub(settings, secrets);
  } else {
    const settings = oidcSettings(c.env);
    if (settings !== null) return beginOidc(settings, secrets, c.var.clock());
  }
  throw new OutsideRefusal("not_configured");
}

/** Whatever a provider does wrong is a sentence for the person, and a line for whoever runs this. */
async function orRefusal<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof OutsideRefusal && error.failure !== "provider_failed") throw error;
    if (error instanceof oauth.AuthorizationResponseError && error.error === "access_denied") {
      throw new OutsideRefusal("cancelled");
    }
    log.warn("outside_sign_in_failed", { reason: reasonOf(error) });
    throw new OutsideRefusal("provider_failed", { cause: error });
  }
}

/** What a provider sends is in no message of ours: only which check it failed. */
function reasonOf(error: unknown): string {
  if (error instanceof OutsideRefusal) return typeof error.cause === "string" ? error.cause : error.failure;
  if (error instanceof oauth.ResponseBodyError || error instanceof oauth.AuthorizationResponseError) {
    return `The provider says ${error.error}.`;
  }
  if (error instanceof Problem) return `${error.title} ${error.detail ?? ""}`;
  if (error instanceof z.ZodError) return "The provider's answer has another shape.";
  return error instanceof Error ? error.message : String(error);
}

function setFlowCookie(c: Context<AppEnv>, value: string, maxAgeSeconds: number): void {
  c.header("set-cookie", cookie(c.req.url, { name: COOKIE, value, path: "/api/v2/users/", maxAgeSeconds }), {
    append: true,
  });
}
