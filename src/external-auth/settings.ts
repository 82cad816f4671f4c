import { externalAuthTypes, type ExternalAuthType } from "../contract/external-auth.ts";
import { log } from "../platform/log.ts";
import { checkOutgoingUrl } from "../platform/outgoing.ts";
import { Problem } from "../platform/problem.ts";
import type { ExternalAuthSettings } from "./ports.ts";
import { defaultsOf, type ProviderDefaults } from "./provider-defaults.ts";

/** One that is set up in a way that cannot work. */
export interface RefusedProvider {
  id: string;
  type: ExternalAuthType;
  displayName: string;
  /** What to change, naming the variable. */
  reason: string;
}

export interface ExternalAuthConfiguration {
  providers: ExternalAuthSettings[];
  refused: RefusedProvider[];
}

/** Under this name lie the tokens of those who sign in with OpenID Connect. */
export const OIDC_LINK = "oidc";

const NAME = /^EXTERNAL_AUTH_(\d{1,3})_([A-Z_]+)$/;
/** It stands in addresses and in the key of a row. */
const ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** What is wrong with one, in words for whoever runs the deployment. */
class SettingError extends Error {}

/** Each worth a line once, not with every request. */
const reported = new Set<string>();

/** The providers that the environment describes, those that cannot work apart. Numbers may have gaps. */
export function readExternalAuth(env: object): ExternalAuthConfiguration {
  const configuration: ExternalAuthConfiguration = { providers: [], refused: [] };
  const taken = new Set<string>([OIDC_LINK]);
  for (const [number, fields] of numbered(env)) {
    const field = (name: string) => fields.get(name) ?? "";
    const type = typeOf(field);
    const id = field("ID") || (field("TYPE") === "" ? "" : type);
    try {
      if (field("TYPE") !== "" && !isType(field("TYPE"))) {
        throw new SettingError(`TYPE must be one of ${externalAuthTypes.join(", ")}`);
      }
      if (!ID.test(id)) throw new SettingError("ID must be letters, digits, dashes and underscores");
      if (taken.has(id)) throw new SettingError(`ID is ${id}, which is taken`);
      configuration.providers.push(settingsOf(id, type, field));
      taken.add(id);
    } catch (error) {
      if (!(error instanceof SettingError)) throw error;
      const reason = `EXTERNAL_AUTH_${number}_${error.message}.`;
      if (!reported.has(reason)) log.error("external_auth.misconfigured", { provider: id || number, reason });
      reported.add(reason);
      const shown = ID.test(id) && !taken.has(id) ? id : `external-auth-${number}`;
      taken.add(shown);
      const displayName = field("DISPLAY_NAME") || defaultsOf(type, "").displayName || shown;
      configuration.refused.push({ id: shown, type, displayName, reason });
    }
  }
  return configuration;
}

/** The provider of this id; null when there is none, or it cannot work. */
export function findProvider(env: object, id: string): ExternalAuthSettings | null {
  return readExternalAuth(env).providers.find((provider) => provider.id === id) ?? null;
}

function numbered(env: object): [number, Map<string, string>][] {
  const found = new Map<number, Map<string, string>>();
  for (const [name, value] of Object.entries(env)) {
    const [, number, field] = NAME.exec(name) ?? [];
    if (number === undefined || field === undefined || typeof value !== "string" || value.trim() === "") continue;
    const fields = found.get(Number(number)) ?? new Map<string, string>();
    found.set(Number(number), fields.set(field, value.trim()));
  }
  return [...found].toSorted(([a], [b]) => a - b);
}

type Field = (name: string) => string;

/** Without a TYPE, one is what its ID is called like. */
function typeOf(field: Field): ExternalAuthType {
  return [field("TYPE"), field("ID")].find(isType) ?? "generic";
}

function isType(text: string): text is ExternalAuthType {
  return externalAuthTypes.some((type) => type === text);
}

function settingsOf(id: string, type: ExternalAuthType, field: Field): ExternalAuthSettings {
  if (field("CLIENT_ID") === "") throw new SettingError("CLIENT_ID is missing");
  const apiBaseUrl = address("API_BASE_URL", field("API_BASE_URL"));
  const authUrl = address("AUTH_URL", field("AUTH_URL"));
  const defaults = baseOf(type, apiBaseUrl, authUrl);
  const one = (name: string, otherwise: string) => address(name, field(name)) || otherwise;
  const clientId = field("CLIENT_ID");
  const settings: ExternalAuthSettings = {
    id,
    type,
    displayName: field("DISPLAY_NAME") || defaults.displayName || id,
    displayIcon: field("DISPLAY_ICON"),
    clientId,
    clientSecret: field("CLIENT_SECRET") || null,
    authUrl: authUrl || defaults.authUrl,
    tokenUrl: one("TOKEN_URL", defaults.tokenUrl),
    validateUrl: one("VALIDATE_URL", defaults.validateUrl),
    revokeUrl: one("REVOKE_URL", defaults.revokeUrl.replace("{client_id}", encodeURIComponent(clientId))),
    deviceCodeUrl: one("DEVICE_CODE_URL", defaults.deviceCodeUrl),
    deviceFlow: isOn("DEVICE_FLOW", field("DEVICE_FLOW")),
    appInstallUrl: one("APP_INSTALL_URL", ""),
    appInstallationsUrl: one("APP_INSTALLATIONS_URL", defaults.appInstallationsUrl),
    noRefresh: isOn("NO_REFRESH", field("NO_REFRESH")),
    scopes: field("SCOPES") === "" ? defaults.scopes : words(field("SCOPES")),
    extraTokenKeys: words(field("EXTRA_TOKEN_KEYS")),
    regex: regexOf(field("REGEX"), defaults.host),
    apiBaseUrl: apiBaseUrl || defaults.apiBaseUrl,
    webhookSecret: field("WEBHOOK_SECRET"),
  };
  if (settings.tokenUrl === "") throw new SettingError("TOKEN_URL is missing");
  if (settings.deviceFlow && settings.deviceCodeUrl === "") throw new SettingError("DEVICE_CODE_URL is missing");
  if (!settings.deviceFlow && settings.authUrl === "") throw new SettingError("AUTH_URL is missing");
  return settings;
}

/** Those of a server of one's own, where the address of its API or of its sign-in says that it is one. */
function baseOf(type: ExternalAuthType, apiBaseUrl: string, authUrl: string): ProviderDefaults {
  if (apiBaseUrl !== "") return defaultsOf(type, apiBaseUrl);
  const usual = defaultsOf(type, "");
  if (type === "generic" || authUrl === "" || new URL(authUrl).host === usual.host) return usual;
  // A token of that server must not go to the API of the public one.
  return defaultsOf(type, new URL(authUrl).origin + usual.apiPath);
}

/** A full address without a slash at its end, or "". */
function address(name: string, text: string): string {
  if (text === "") return "";
  try {
    // Whoever runs the deployment chose it: a private one is fine, one where clouds keep secrets is not.
    checkOutgoingUrl(text, { allowPrivate: true });
  } catch (error) {
    if (error instanceof Problem) throw new SettingError(`${name} cannot be used: ${error.detail ?? error.title}`);
    throw error;
  }
  return text.replace(/\/+$/, "");
}

/** Remotes in all their spellings: `https://host/…`, `git@host:…`, `ssh://git@host:22/…`. */
function regexOf(text: string, host: string): RegExp {
  if (text !== "") {
    try {
      return new RegExp(text, "i");
    } catch (error) {
      if (error instanceof SyntaxError) throw new SettingError("REGEX is no regular expression");
      throw error;
    }
  }
  if (host === "") return /(?!)/;
  const [name = "", port] = host.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&").split(/:(?=\d+$)/);
  const ports = port === undefined ? "(?::\\d+)?" : `(?::${port})?`;
  return new RegExp(`^(?:(?:https?|ssh|git)://)?(?:[^@/\\s]+@)?${name}${ports}(?:[/:].*)?$`, "i");
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

function isOn(name: string, text: string): boolean {
  const word = text.toLowerCase();
  if (["", "0", "false", "no", "off"].includes(word)) return false;
  if (["1", "true", "yes", "on"].includes(word)) return true;
  throw new SettingError(`${name} must be true or false`);
}
