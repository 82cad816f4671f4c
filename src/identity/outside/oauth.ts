import * as oauth from "oauth4webapi";
import { OutsideRefusal, type FlowSecrets } from "./identity.ts";

/** Longer than a provider takes, shorter than a person waits. */
const TIMEOUT_MS = 10_000;

/** For every request to a provider. Plain http only where whoever runs the deployment said so in the address. */
export function outgoing(base: URL) {
  return { signal: () => AbortSignal.timeout(TIMEOUT_MS), [oauth.allowInsecureRequests]: base.protocol === "http:" };
}

/** Where a browser goes to sign in at a provider, with the challenge of PKCE. */
export async function authorizationUrl(
  server: oauth.AuthorizationServer,
  { clientId }: { clientId: string },
  { redirectUri, state, verifier }: FlowSecrets,
  more: Record<string, string>,
): Promise<URL> {
  if (server.authorization_endpoint === undefined) throw new OutsideRefusal("provider_failed");
  const url = new URL(server.authorization_endpoint);
  const parameters = {
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...more,
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url;
}
