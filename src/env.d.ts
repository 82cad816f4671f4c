/** Secrets and settings of a deployment; `worker-configuration.d.ts` has the bindings. README, "Configuration". */
interface Settings {
  /** Seals provider keys before they reach D1. Made by `npm start` and `npm run deploy`. */
  SECRET_KEY: string;
  /** In the first-run link: whoever holds it may become the owner, once. */
  SETUP_TOKEN: string;
  ANTHROPIC_API_KEY?: string;
  ANTHROPIC_BASE_URL?: string;
  OPENAI_API_KEY?: string;
  OPENAI_BASE_URL?: string;
  GEMINI_API_KEY?: string;
  /** Another name of the same key. */
  GOOGLE_GENERATIVE_AI_API_KEY?: string;
  GEMINI_BASE_URL?: string;
  OLLAMA_HOST?: string;
  /** "1" allows provider addresses in private networks, such as a model on the same machine. */
  ALLOW_PRIVATE_PROVIDERS?: string;
  /** "1": no workspace is shared, whatever an organisation's setting says. */
  DISABLE_WORKSPACE_SHARING?: string;
  /** The address that people use, where it differs from the one that requests carry. */
  ACCESS_URL?: string;
  /** Sign-in with an OpenID Connect provider. README, "Signing in". */
  OIDC_ISSUER_URL?: string;
  OIDC_CLIENT_ID?: string;
  OIDC_CLIENT_SECRET?: string;
  OIDC_SCOPES?: string;
  OIDC_ALLOW_SIGNUPS?: string;
  OIDC_EMAIL_DOMAIN?: string;
  OIDC_SIGN_IN_TEXT?: string;
  /** Sign-in with GitHub. */
  GITHUB_LOGIN_CLIENT_ID?: string;
  GITHUB_LOGIN_CLIENT_SECRET?: string;
  GITHUB_LOGIN_ALLOWED_ORGS?: string;
  GITHUB_LOGIN_ALLOW_SIGNUPS?: string;
  GITHUB_LOGIN_BASE_URL?: string;
  /** Accounts elsewhere that people may connect, numbered from 0. README, "Connected accounts". */
  [name: `EXTERNAL_AUTH_${number}_${string}`]: string | undefined;
}

interface Env extends Settings {}
declare namespace Cloudflare {
  interface Env extends Settings {}
}
