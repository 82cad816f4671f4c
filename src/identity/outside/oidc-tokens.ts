import * as oauth from "oauth4webapi";
import { log } from "../../platform/log.ts";
import { clientAuthentication, discover, oidcTokens, type OidcTokens } from "./oidc.ts";
import { OutsideRefusal } from "./identity.ts";
import type { OidcSettings } from "./settings.ts";
import { outgoing } from "./oauth.ts";

export type OidcTokenAnswer =
  | { outcome: "tokens"; tokens: OidcTokens }
  /** In a word of OAuth, and the provider's own. */
  | { outcome: "refused"; error: string; description: string }
  | { outcome: "unavailable" };

/** Exchanges a refresh token of the provider that people sign in with. What the answer leaves out stays as it was. */
export async function readOidcTokens(
  settings: OidcSettings,
  refreshToken: string,
  { limitMs, now }: { limitMs: number; now: number },
): Promise<OidcTokenAnswer> {
  const client: oauth.Client = { client_id: settings.clientId };
  try {
    const { server } = await discover(settings, now);
    const answer = await oauth.refreshTokenGrantRequest(
      server,
      client,
      clientAuthentication(server, settings),
      refreshToken,
      { ...outgoing(settings.issuer), signal: () => AbortSignal.timeout(Math.max(1, limitMs)) },
    );
    const given = await oauth.processRefreshTokenResponse(server, client, answer);
    const tokens = oidcTokens(given, now);
    return { outcome: "tokens", tokens: { ...tokens, refreshToken: tokens.refreshToken || refreshToken } };
  } catch (error) {
    return refusalOf(error);
  }
}

function refusalOf(error: unknown): OidcTokenAnswer {
  if (error instanceof oauth.ResponseBodyError) {
    return { outcome: "refused", error: error.error, description: error.error_description ?? "" };
  }
  // 401 with a challenge in its header: the client is meant, not the token (RFC 6749, 5.2).
  if (error instanceof oauth.WWWAuthenticateChallengeError) {
    return { outcome: "refused", error: "invalid_client", description: "" };
  }
  const isOfThem =
    error instanceof oauth.OperationProcessingError ||
    error instanceof OutsideRefusal ||
    error instanceof TypeError ||
    error instanceof DOMException;
  if (!isOfThem) throw error;
  log.warn("oidc.refresh_failed", { reason: error.message });
  return { outcome: "unavailable" };
}
