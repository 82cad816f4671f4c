import * as oauth from "oauth4webapi";
import { checkOutgoingUrl } from "../../platform/outgoing.ts";
import { Problem } from "../../platform/problem.ts";
import { OutsideRefusal, type FlowSecrets, type OutsideIdentity } from "./identity.ts";
import { authorizationUrl, outgoing } from "./oauth.ts";
import type { OidcSettings } from "./settings.ts";

/** What the provider gives beside a sign-in. */
export interface OidcTokens {
  accessToken: string;
  /** "" = none. */
  refreshToken: string;
  /** Integer milliseconds; null = never. */
  expiresAt: number | null;
}

/** Providers change their endpoints about never; their keys have a life of their own, which oauth4webapi keeps. */
const DISCOVERY_MS = 10 * 60_000;

interface Provider {
  server: oauth.AuthorizationServer;
  keys: oauth.JWKSCacheInput;
  readAt: number;
}

const providers = new Map<string, Provider>();

/** Where the browser goes to sign in there: RFC 6749 with PKCE, and OpenID Connect's nonce. */
export async function beginOidc(settings: OidcSettings, flow: FlowSecrets, now: number): Promise<URL> {
  const { server } = await discover(settings, now);
  return authorizationUrl(server, settings, flow, { scope: settings.scopes, nonce: flow.nonce });
}

/**
 * Whom the provider says it had in front of it, out of the address that the browser came back to. State, issuer,
 * audience, nonce, times and the signature of the id token are checked. Throws what oauth4webapi throws.
 */
export async function finishOidc(
  settings: OidcSettings,
  flow: FlowSecrets,
  cameBackTo: URL,
  now: number,
): Promise<{ identity: OutsideIdentity; tokens: OidcTokens }> {
  const { server, keys } = await discover(settings, now);
  const client: oauth.Client = { client_id: settings.clientId };
  const options = outgoing(settings.issuer);
  const callback = oauth.validateAuthResponse(server, client, cameBackTo, flow.state);
  const answer = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    clientAuthentication(server, settings),
    callback,
    flow.redirectUri,
    flow.verifier,
    options,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, {
    expectedNonce: flow.nonce,
    requireIdToken: true,
  });
  await oauth.validateApplicationLevelSignature(server, answer, { ...options, [oauth.jwksCache]: keys });
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  if (claims === undefined) throw new OutsideRefusal("provider_failed");
  const more = await readUserInfo(server, client, tokens.access_token, claims);
  const identity: OutsideIdentity = {
    way: "oidc",
    issuer: server.issuer,
    subject: claims.sub,
    // An address and whether it is checked come from the same place, or one would vouch for the other's.
    ...addressOf(claims.email === undefined ? more : claims),
    name: text(claims.name ?? more.name),
    login: text(claims.preferred_username ?? more.preferred_username),
  };
  return { identity, tokens: oidcTokens(tokens, now) };
}

/** The tokens of an answer that was checked. */
export function oidcTokens(given: oauth.TokenEndpointResponse, now: number): OidcTokens {
  return {
    accessToken: given.access_token,
    refreshToken: given.refresh_token ?? "",
    expiresAt: given.expires_in === undefined ? null : now + given.expires_in * 1000,
  };
}

export async function discover(settings: OidcSettings, now: number): Promise<Provider> {
  const known = providers.get(settings.issuer.href);
  if (known !== undefined && known.readAt > now - DISCOVERY_MS) return known;
  const response = await oauth.discoveryRequest(settings.issuer, { algorithm: "oidc", ...outgoing(settings.issuer) });
  const server = await oauth.processDiscoveryResponse(settings.issuer, response);
  // The issuer is whoever runs the deployment's to choose; where it sends us from there is not.
  const allowPrivate = isPrivate(settings.issuer);
  for (const address of [server.token_endpoint, server.jwks_uri, server.userinfo_endpoint]) {
    if (address !== undefined) checkOutgoingUrl(address, { allowPrivate });
  }
  const provider = { server, keys: {}, readAt: now };
  providers.set(settings.issuer.href, provider);
  return provider;
}

/** What the id token lacks of what we want; nothing where it has it all. */
async function readUserInfo(
  server: oauth.AuthorizationServer,
  client: oauth.Client,
  accessToken: string,
  claims: oauth.IDToken,
): Promise<Partial<oauth.UserInfoResponse>> {
  const hasAll = claims.email !== undefined && claims.name !== undefined && claims.preferred_username !== undefined;
  if (hasAll || server.userinfo_endpoint === undefined) return {};
  const response = await oauth.userInfoRequest(server, client, accessToken, outgoing(new URL(server.issuer)));
  return oauth.processUserInfoResponse(server, client, claims.sub, response);
}

/** Some providers write the truth value as text. One that says nothing of it has not checked. */
function addressOf(claims: Readonly<Record<string, unknown>>): Pick<OutsideIdentity, "email" | "emailVerified"> {
  const { email, email_verified: verified } = claims;
  return { email: text(email).trim(), emailVerified: verified === true || verified === "true" };
}

function text(claim: unknown): string {
  return typeof claim === "string" ? claim : "";
}

export function clientAuthentication(server: oauth.AuthorizationServer, settings: OidcSettings): oauth.ClientAuth {
  if (settings.clientSecret === null) return oauth.None();
  // OpenID Connect Discovery, 3: what is not said is `client_secret_basic`.
  const ways = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
  return ways.includes("client_secret_basic")
    ? oauth.ClientSecretBasic(settings.clientSecret)
    : oauth.ClientSecretPost(settings.clientSecret);
}

function isPrivate(address: URL): boolean {
  try {
    checkOutgoingUrl(address.href, { allowPrivate: false });
    return false;
  } catch (error) {
    if (error instanceof Problem) return true;
    throw error;
  }
}
