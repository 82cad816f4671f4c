import { SentenceError } from "./sentence-error.ts";

/** What `npm start` passes on from the environment: wrangler dev gives a Worker nothing of it by itself. */
export const passedOn = [
  "ANTHROPIC_API_KEY",
  "ANTHROPIC_BASE_URL",
  "OPENAI_API_KEY",
  "OPENAI_BASE_URL",
  "GEMINI_API_KEY",
  "GOOGLE_GENERATIVE_AI_API_KEY",
  "GEMINI_BASE_URL",
  "OLLAMA_HOST",
  "OIDC_ISSUER_URL",
  "OIDC_CLIENT_ID",
  "OIDC_CLIENT_SECRET",
  "OIDC_SCOPES",
  "OIDC_ALLOW_SIGNUPS",
  "OIDC_EMAIL_DOMAIN",
  "OIDC_SIGN_IN_TEXT",
  "GITHUB_LOGIN_CLIENT_ID",
  "GITHUB_LOGIN_CLIENT_SECRET",
  "GITHUB_LOGIN_ALLOWED_ORGS",
  "GITHUB_LOGIN_ALLOW_SIGNUPS",
  "GITHUB_LOGIN_BASE_URL",
  "ACCESS_URL",
  "DISABLE_WORKSPACE_SHARING",
] as const;

/** Accounts elsewhere that people may connect: any number of them, so by pattern. */
const EXTERNAL_AUTH = /^EXTERNAL_AUTH_\d{1,3}_[A-Z_]+$/;

/** The settings of a Worker that stand in an environment, other than the two that are made. */
export function settingsIn(env: NodeJS.ProcessEnv): string[] {
  const numbered = Object.keys(env).filter((name) => EXTERNAL_AUTH.test(name));
  return [...passedOn, ...numbered.toSorted()].filter((name) => (env[name]?.trim() ?? "") !== "");
}

const realModels = [
  "ANTHROPIC_API_KEY",
  "OPENAI_API_KEY",
  "GEMINI_API_KEY",
  "GOOGLE_GENERATIVE_AI_API_KEY",
  "OLLAMA_HOST",
] as const;

/** The Worker's settings from the environment. Private addresses are fine for a model on one's own machine. */
export function workerSettings(env: NodeJS.ProcessEnv, secrets: Record<string, string>): Record<string, string> {
  const settings: Record<string, string> = {
    ALLOW_PRIVATE_PROVIDERS: env.ALLOW_PRIVATE_PROVIDERS ?? secrets.ALLOW_PRIVATE_PROVIDERS ?? "1",
  };
  for (const name of settingsIn(env)) settings[name] = env[name]?.trim() ?? "";
  return settings;
}

/** Which real models a Worker with these settings and secrets offers; none means that the demo serves. */
export function configuredModels(settings: Record<string, string>, secrets: Record<string, string>): string[] {
  return realModels.filter((name) => settings[name] || secrets[name]);
}

/**
 * The text of an env file that reads back as `settings`.
 * wrangler expands `$NAME` in values even between quotes, so dollars are escaped.
 */
export function envFileText(settings: Record<string, string>): string {
  return Object.entries(settings)
    .map(([name, value]) => {
      if (/['\n\r]/.test(value)) throw new SentenceError(`${name} holds a quote or a line break; it cannot be right.`);
      return `${name}='${value.replaceAll("$", "\\$")}'\n`;
    })
    .join("");
}

/**
 * The environment of the workspace agent and of what it runs: without provider keys, which a command that
 * a model wrote has no business reading, and without what npm and git set for their own children.
 */
export function agentEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const hidden = new Set<string>([...passedOn, "SECRET_KEY", "SETUP_TOKEN", "INIT_CWD", "NODE_ENV", "NODE_OPTIONS"]);
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !hidden.has(name) && !/^(npm_|GIT_|CLOUDFLARE_|WRANGLER_|VITEST|EXTERNAL_AUTH_)/.test(name),
    ),
  );
}
