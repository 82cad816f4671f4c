import type { Context } from "hono";
import type { AppEnv } from "../access/router.ts";
import type {
  ExternalAuthLink,
  ExternalAuthProvider,
  ExternalAuthResponse,
  ExternalAuthState,
} from "../contract/external-auth.ts";
import { toWireTime, toWireTimeOrNull } from "../platform/clock.ts";
import { readInstallations } from "./installations.ts";
import { linkStore, listLinks, type ExternalLink } from "./links.ts";
import type { ExternalAuthSettings } from "./ports.ts";
import { answerOf } from "./refresh.ts";
import { OIDC_LINK, readExternalAuth, type RefusedProvider } from "./settings.ts";
import { tokenSource } from "./tokens.ts";
import { validateToken } from "./validation.ts";

/** What can be connected, and what this person has; each link is renewed where it must be, and tried. */
export async function readOverview(c: Context<AppEnv>, userId: string): Promise<ExternalAuthResponse> {
  const { providers, refused } = readExternalAuth(c.env);
  const links = await listLinks(c.var.db, c.env.SECRET_KEY, userId);
  const shown = links.filter(({ providerId }) => providerId !== OIDC_LINK);
  return {
    providers: [...providers.map(toProvider), ...refused.map(toUnavailable)],
    links: await Promise.all(
      shown.map(async (link) => {
        const settings = providers.find(({ id }) => id === link.providerId);
        return settings === undefined
          ? toLink(link, "It is not set up here any more.")
          : triedLink(c, settings, link, userId);
      }),
    ),
  };
}

/** How one of them stands, without renewing it. */
export async function readState(
  c: Context<AppEnv>,
  settings: ExternalAuthSettings,
  userId: string,
): Promise<ExternalAuthState> {
  const link = await linkStore(c.var.db, c.env.SECRET_KEY, { userId, providerId: settings.id }).read();
  const facts = {
    device: settings.deviceFlow,
    display_name: settings.displayName,
    app_install_url: settings.appInstallUrl,
    supports_revocation: settings.revokeUrl !== "",
  };
  const none = { app_installable: false, installations: [], user: null, ...facts };
  if (link === null) return { ...none, authenticated: false, validate_error: "" };
  const now = c.var.clock();
  if (link.accessToken === "" || (link.expiresAt !== null && link.expiresAt <= now)) {
    return { ...none, authenticated: false, validate_error: whyExpired(link, settings, now) };
  }
  const [validation, installed] = await Promise.all([
    validateToken(settings, link.accessToken),
    readInstallations(settings, link.accessToken),
  ]);
  const { outcome, user } = validation;
  const error = outcome === "valid" ? "" : outcome === "unknown" ? validation.reason : notTaken(settings);
  return { ...none, ...installed, authenticated: outcome === "valid", user, validate_error: error };
}

async function triedLink(
  c: Context<AppEnv>,
  settings: ExternalAuthSettings,
  before: ExternalLink,
  userId: string,
): Promise<ExternalAuthLink> {
  const answer = await tokenSource(c.env).token(userId, settings.id);
  // A renewal has written meanwhile.
  const link = (await linkStore(c.var.db, c.env.SECRET_KEY, { userId, providerId: settings.id }).read()) ?? before;
  if (answer.state !== "ready") return toLink(link, answer.state === "not_connected" ? "" : answer.reason);
  const validation = await validateToken(settings, answer.token);
  if (validation.outcome === "valid") return { ...toLink(link, ""), authenticated: true };
  return toLink(link, validation.outcome === "unknown" ? validation.reason : notTaken(settings));
}

function whyExpired(link: ExternalLink, settings: ExternalAuthSettings, now: number): string {
  const known = answerOf(link, settings, now);
  if (known?.state === "refused") return known.reason;
  return `The access to ${settings.displayName} has expired, and is renewed when it is next needed.`;
}

function notTaken({ displayName }: ExternalAuthSettings): string {
  return `${displayName} does not accept the access any more. Connect it again.`;
}

function toLink(link: ExternalLink, error: string): ExternalAuthLink {
  return {
    provider_id: link.providerId,
    created_at: toWireTime(link.createdAt),
    updated_at: toWireTime(link.updatedAt),
    has_refresh_token: link.refreshToken !== "",
    expires: toWireTimeOrNull(link.expiresAt),
    authenticated: false,
    validate_error: error,
  };
}

function toProvider(settings: ExternalAuthSettings): ExternalAuthProvider {
  return {
    id: settings.id,
    type: settings.type,
    device: settings.deviceFlow,
    display_name: settings.displayName,
    display_icon: settings.displayIcon,
    allow_refresh: !settings.noRefresh,
    allow_validate: settings.validateUrl !== "",
    supports_revocation: settings.revokeUrl !== "",
    code_challenge_methods_supported: ["S256"],
    unavailable: "",
  };
}

/** In words for everybody; which variable it is stands in the log. */
function toUnavailable({ id, type, displayName }: RefusedProvider): ExternalAuthProvider {
  return {
    ...{ id, type, device: false, display_name: displayName, display_icon: "", allow_refresh: false },
    ...{ allow_validate: false, supports_revocation: false, code_challenge_methods_supported: [] },
    unavailable: "It is not set up correctly. Whoever runs this deployment finds the reason in its log.",
  };
}
