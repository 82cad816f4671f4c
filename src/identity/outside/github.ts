import * as oauth from "oauth4webapi";
import { z } from "zod";
import { OutsideRefusal, type FlowSecrets, type OutsideIdentity } from "./identity.ts";
import { authorizationUrl, outgoing } from "./oauth.ts";
import type { GithubSettings } from "./settings.ts";

const profile = z.object({ id: z.int(), login: z.string(), name: z.string().nullable() });
const emails = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }));
const membership = z.object({ state: z.string() });

/** Where the browser goes to sign in at GitHub, which speaks OAuth but not OpenID Connect. */
export async function beginGithub(settings: GithubSettings, flow: FlowSecrets): Promise<URL> {
  const scope = ["read:user", "user:email", ...(settings.allowedOrganizations.length > 0 ? ["read:org"] : [])];
  return authorizationUrl(serverOf(settings), settings, flow, { scope: scope.join(" "), allow_signup: "false" });
}

/** Whom GitHub says it had in front of it. Throws what oauth4webapi throws, and a refusal of our own. */
export async function finishGithub(
  settings: GithubSettings,
  flow: FlowSecrets,
  cameBackTo: URL,
): Promise<OutsideIdentity> {
  const server = serverOf(settings);
  const client: oauth.Client = { client_id: settings.clientId };
  const callback = oauth.validateAuthResponse(server, client, cameBackTo, flow.state);
  const answer = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.ClientSecretPost(settings.clientSecret ?? ""),
    callback,
    flow.redirectUri,
    flow.verifier,
    outgoing(settings.base),
  );
  const { access_token: token } = await oauth.processAuthorizationCodeResponse(server, client, answer);
  const [person, addresses] = await Promise.all([
    read(settings, token, "/user", profile),
    read(settings, token, "/user/emails", emails),
  ]);
  await requireMembership(settings, token);
  const primary = addresses.find((address) => address.primary);
  return {
    way: "github",
    issuer: server.issuer,
    // The number: a login can be given up, and taken by somebody else.
    subject: String(person.id),
    email: primary?.email ?? "",
    emailVerified: primary?.verified ?? false,
    name: person.name ?? "",
    login: person.login,
  };
}

async function requireMembership(settings: GithubSettings, token: string): Promise<void> {
  if (settings.allowedOrganizations.length === 0) return;
  for (const organization of settings.allowedOrganizations) {
    const response = await request(settings, token, `/user/memberships/orgs/${encodeURIComponent(organization)}`);
    // 404 to strangers; 403 where the organisation has not let our application in.
    if (response.status === 404 || response.status === 403) continue;
    // Invited is not yet a member.
    if (membership.parse(await jsonOf(response)).state === "active") return;
  }
  throw new OutsideRefusal("not_in_organization");
}

async function read<S extends z.ZodType>(
  settings: GithubSettings,
  token: string,
  path: string,
  schema: S,
): Promise<z.output<S>> {
  return schema.parse(await jsonOf(await request(settings, token, path)));
}

async function jsonOf(response: Response): Promise<unknown> {
  if (!response.ok) throw new OutsideRefusal("provider_failed", { cause: `GitHub answered ${response.status}` });
  return response.json();
}

async function request({ base }: GithubSettings, token: string, path: string): Promise<Response> {
  const api = base.hostname === "github.com" ? "https://api.github.com" : new URL("/api/v3", base).href;
  const answer = await fetch(`${api}${path}`, {
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${token}`,
      // GitHub refuses requests without one.
      "user-agent": "Tideline",
      "x-github-api-version": "2022-11-28",
    },
    // With our token in it, the request goes nowhere else.
    redirect: "manual",
    signal: outgoing(base).signal(),
  });
  return answer;
}

/** GitHub has no discovery; these have not changed since it has had OAuth. */
function serverOf({ base }: GithubSettings): oauth.AuthorizationServer {
  const at = (path: string) => new URL(path, base).href;
  return {
    issuer: at("/login/oauth"),
    authorization_endpoint: at("/login/oauth/authorize"),
    token_endpoint: at("/login/oauth/access_token"),
  };
}
