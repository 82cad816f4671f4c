import type { ExternalLink } from "./links.ts";
import { askProvider } from "./outgoing.ts";
import type { ExternalAuthSettings } from "./ports.ts";
import { basicAuthorization } from "./token-endpoint.ts";

/** Whether the provider has forgotten what it gave; `error` is a sentence where it was asked and did not. */
export interface Revocation {
  revoked: boolean;
  error: string | null;
}

/** Tells the provider that a link is no more. What it answers changes nothing here: the link is gone. */
export async function revokeTokens(settings: ExternalAuthSettings, link: ExternalLink): Promise<Revocation> {
  if (settings.revokeUrl === "" || link.accessToken === "") return { revoked: false, error: null };
  const isGithub = settings.type === "github";
  const answer = await (isGithub ? revokeAtGithub(settings, link) : revokeToken(settings, link));
  if (answer.status === (isGithub ? 204 : 200)) return { revoked: true, error: null };
  const why = answer.status === null ? answer.reason : `it answered with status ${answer.status}`;
  return { revoked: false, error: `${settings.displayName} did not take the access back: ${why}.` };
}

function revokeAtGithub(settings: ExternalAuthSettings, { accessToken }: ExternalLink) {
  return askProvider(settings.revokeUrl, {
    method: "DELETE",
    headers: {
      authorization: basicAuthorization(settings.clientId, settings.clientSecret ?? "", false),
      "content-type": "application/json",
    },
    body: JSON.stringify({ access_token: accessToken }),
  });
}

/** RFC 7009. With the refresh token goes all that came of it. */
function revokeToken(settings: ExternalAuthSettings, { accessToken, refreshToken }: ExternalLink) {
  const body = new URLSearchParams({
    client_id: settings.clientId,
    ...(settings.clientSecret === null ? {} : { client_secret: settings.clientSecret }),
    token: refreshToken || accessToken,
    token_type_hint: refreshToken === "" ? "access_token" : "refresh_token",
  });
  return askProvider(settings.revokeUrl, {
    method: "POST",
    headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/x-www-form-urlencoded" },
    body: body.toString(),
  });
}
