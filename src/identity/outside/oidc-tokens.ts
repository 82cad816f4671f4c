import * as oauth from "oauth4webapi";
import { log } from "../../platform/log.ts";
import { OutsideRefusal } from "./identity.ts";
import { outgoing } from "./oauth.ts";
import { clientAuthentication, discover } from "./oidc.ts";
import type { OidcSettings } from "./settings.ts";

/**
 * What the provider that people sign in with answers to a refresh token, as it came. It is not looked at here: the
 * token that was sent works once, so what came for it is kept before anything about it is found wanting, and the id
 * token that may stand beside it signs nobody in.
 */
export async function askOidcRefresh(
  settings: OidcSettings,
  refreshToken: string,
  { limitMs, now }: { limitMs: number; now: number },
): Promise<{ status: number; headers: Headers; text: string } | { status: null; reason: string }> {
  try {
    const { server } = await discover(settings, now);
    const client: oauth.Client = { client_id: settings.clientId };
    const response = await oauth.refreshTokenGrantRequest(
      server,
      client,
      clientAuthentication(server, settings),
      refreshToken,
      { ...outgoing(settings.issuer), signal: () => AbortSignal.timeout(Math.max(1, limitMs)) },
    );
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (error) {
    // The network, or a description of the provider that is none.
    const isTheirs =
      error instanceof oauth.OperationProcessingError ||
      error instanceof oauth.ResponseBodyError ||
      error instanceof OutsideRefusal ||
      error instanceof TypeError ||
      error instanceof DOMException;
    if (!isTheirs) throw error;
    log.warn("oidc.refresh_failed", { reason: error.message });
    return { status: null, reason: "it could not be reached" };
  }
}
