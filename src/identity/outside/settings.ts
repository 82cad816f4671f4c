/** How people sign in with accounts elsewhere, as whoever runs the deployment set it up. */
interface OutsideSettings {
  clientId: string;
  /** Null for a public client, which PKCE alone protects. */
  clientSecret: string | null;
  /** Whether somebody whom nobody here knows gets an account. */
  allowSignups: boolean;
}

export interface OidcSettings extends OutsideSettings {
  issuer: URL;
  scopes: string;
  /** In lower case; when there are any, only addresses of these sign in. */
  emailDomains: string[];
  signInText: string;
}

export interface GithubSettings extends OutsideSettings {
  /** `https://github.com`, or a server of one's own. */
  base: URL;
  /** Logins in lower case; when there are any, only their members sign in. */
  allowedOrganizations: string[];
}

type OidcNames =
  | "ISSUER_URL"
  | "CLIENT_ID"
  | "CLIENT_SECRET"
  | "SCOPES"
  | "ALLOW_SIGNUPS"
  | "EMAIL_DOMAIN"
  | "SIGN_IN_TEXT";
type GithubNames = "CLIENT_ID" | "CLIENT_SECRET" | "ALLOWED_ORGS" | "ALLOW_SIGNUPS" | "BASE_URL";
export type OutsideEnv = Pick<Env, `OIDC_${OidcNames}` | `GITHUB_LOGIN_${GithubNames}`>;

/** The OpenID Connect provider; null when none is set up. */
export function oidcSettings(env: OutsideEnv): OidcSettings | null {
  const issuer = addressOf(env.OIDC_ISSUER_URL);
  const clientId = env.OIDC_CLIENT_ID?.trim() ?? "";
  if (issuer === null || clientId === "") return null;
  const scopes = words(env.OIDC_SCOPES ?? "");
  const emailDomains = words(env.OIDC_EMAIL_DOMAIN ?? "").map((domain) => domain.toLowerCase().replace(/^@/, ""));
  return {
    issuer,
    clientId,
    clientSecret: env.OIDC_CLIENT_SECRET?.trim() || null,
    // Without it the answer is no OpenID Connect.
    scopes: [...new Set(["openid", ...(scopes.length === 0 ? ["profile", "email"] : scopes)])].join(" "),
    emailDomains,
    // Some providers vouch for the whole world: who is let in must have been said somewhere.
    allowSignups: isOn(env.OIDC_ALLOW_SIGNUPS, emailDomains.length > 0),
    signInText: env.OIDC_SIGN_IN_TEXT?.trim() || "Continue with single sign-on",
  };
}

/** Sign-in with GitHub; null when it is not set up. */
export function githubSettings(env: OutsideEnv): GithubSettings | null {
  const base = addressOf(env.GITHUB_LOGIN_BASE_URL?.trim() || "https://github.com");
  const clientId = env.GITHUB_LOGIN_CLIENT_ID?.trim() ?? "";
  const clientSecret = env.GITHUB_LOGIN_CLIENT_SECRET?.trim() ?? "";
  if (base === null || clientId === "" || clientSecret === "") return null;
  const allowedOrganizations = words(env.GITHUB_LOGIN_ALLOWED_ORGS ?? "").map((name) => name.toLowerCase());
  return {
    base,
    clientId,
    clientSecret,
    allowedOrganizations,
    // Everybody has an account there.
    allowSignups: isOn(env.GITHUB_LOGIN_ALLOW_SIGNUPS, allowedOrganizations.length > 0),
  };
}

function addressOf(text: string | undefined): URL | null {
  const trimmed = text?.trim() ?? "";
  return /^https?:/.test(trimmed) && URL.canParse(trimmed) ? new URL(trimmed) : null;
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

function isOn(text: string | undefined, otherwise: boolean): boolean {
  const word = text?.trim().toLowerCase() ?? "";
  return word === "" ? otherwise : ["1", "true", "yes", "on"].includes(word);
}
