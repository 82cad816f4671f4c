import { setTimeout as sleep } from "node:timers/promises";
import { askOidcRefresh } from "../identity/outside/oidc-tokens.ts";
import { oidcSettings } from "../identity/outside/settings.ts";
import { openDatabase } from "../platform/d1.ts";
import { linkStore } from "./links.ts";
import type { TokenAnswer } from "./ports.ts";
import { renewedToken, type RefreshPorts } from "./refresh.ts";
import { findProvider, OIDC_LINK } from "./settings.ts";
import { refreshResult, refreshTokens } from "./token-endpoint.ts";
import { validateToken } from "./validation.ts";

type RefreshProvider = RefreshPorts["provider"];

/** The provider of a link; null when it is not set up. */
export function refreshProvider(env: Env, providerId: string): RefreshProvider | null {
  return providerId === OIDC_LINK ? oidcProvider(env) : oauthProvider(env, providerId);
}

/**
 * Reads the link once more and renews it if it must be. One at a time for a person and a provider: called by their
 * UserObject alone, which has all who ask wait for the same answer.
 */
export async function freshToken(env: Env, who: { userId: string; providerId: string }): Promise<TokenAnswer> {
  const provider = refreshProvider(env, who.providerId);
  if (provider === null) return { state: "not_connected" };
  const store = linkStore(openDatabase(env.DB), env.SECRET_KEY, who);
  return renewedToken({ store, provider, now: () => Date.now(), sleep: async (ms) => sleep(ms) });
}

function oauthProvider(env: Env, providerId: string): RefreshProvider | null {
  const settings = findProvider(env, providerId);
  if (settings === null) return null;
  return {
    displayName: settings.displayName,
    noRefresh: settings.noRefresh,
    isLate: settings.type === "github",
    refresh: (link, limitMs) => refreshTokens(settings, link, { limitMs, now: () => Date.now() }),
    validate: (accessToken, limitMs) => validateToken(settings, accessToken, limitMs),
  };
}

/** Who signs in with OpenID Connect is not asked to connect anything: what came with the sign-in is kept the same way. */
function oidcProvider(env: Env): RefreshProvider | null {
  const settings = oidcSettings(env);
  if (settings === null) return null;
  const named = { displayName: "Single sign-on", extraTokenKeys: [] };
  return {
    ...named,
    noRefresh: false,
    isLate: false,
    async refresh(link, limitMs) {
      const answer = await askOidcRefresh(settings, link.refreshToken, { limitMs, now: Date.now() });
      return refreshResult(named, link, answer, Date.now());
    },
    // Its token is for whoever asks the provider's services, which look at it themselves.
    validate: async () => ({ outcome: "valid" }),
  };
}
