import type { ExternalAuthType } from "../contract/external-auth.ts";

/** A provider as `EXTERNAL_AUTH_<N>_…` describes it. Made once from the environment, see `settings.ts`. */
export interface ExternalAuthSettings {
  id: string;
  type: ExternalAuthType;
  displayName: string;
  displayIcon: string;
  clientId: string;
  /** Null for a public client. */
  clientSecret: string | null;
  authUrl: string;
  tokenUrl: string;
  /** "" = tokens are not validated. */
  validateUrl: string;
  /** "" = tokens are not revoked. */
  revokeUrl: string;
  deviceCodeUrl: string;
  deviceFlow: boolean;
  appInstallUrl: string;
  appInstallationsUrl: string;
  noRefresh: boolean;
  scopes: string[];
  extraTokenKeys: string[];
  /** Which remotes of git are of this provider. */
  regex: RegExp;
  /** Of its API; "" = the provider's default. */
  apiBaseUrl: string;
  /** Of its webhooks; "" = they are not taken. */
  webhookSecret: string;
}

/** A token to act with, or why there is none. */
export type TokenAnswer =
  | { state: "ready"; token: string; expiresAt: number | null }
  /** The person has not connected this provider. */
  | { state: "not_connected" }
  /** It was connected, and must be again; `reason` is a sentence. */
  | { state: "refused"; reason: string }
  /** The provider did not answer; a later try may succeed. */
  | { state: "unavailable"; reason: string };

/** Gives tokens of the people who connected a provider; refreshed when they are about to expire, once for all who ask. */
export interface TokenSource {
  token(userId: string, providerId: string): Promise<TokenAnswer>;
}
