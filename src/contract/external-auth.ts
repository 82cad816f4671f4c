import { z } from "zod";
import { timestamp } from "./common.ts";

/** Accounts at other services that a person has connected, so that Tideline may act there for them. */

export const externalAuthTypes = ["github", "gitlab", "gitea", "generic"] as const;
export type ExternalAuthType = (typeof externalAuthTypes)[number];

/** A service as the deployment's configuration describes it. Secrets are never among it. */
export const externalAuthProvider = z
  .object({
    id: z.string(),
    type: z.enum(externalAuthTypes),
    /** Whether it is connected by typing a code on another device. */
    device: z.boolean(),
    display_name: z.string(),
    display_icon: z.string(),
    allow_refresh: z.boolean(),
    allow_validate: z.boolean(),
    supports_revocation: z.boolean(),
    code_challenge_methods_supported: z.array(z.string()),
    /** Why it cannot be connected: its configuration is not right. "" when it can. */
    unavailable: z.string(),
  })
  .meta({ id: "ExternalAuthProvider" });
export type ExternalAuthProvider = z.infer<typeof externalAuthProvider>;

export const externalAuthLink = z
  .object({
    provider_id: z.string(),
    created_at: timestamp,
    updated_at: timestamp,
    has_refresh_token: z.boolean(),
    /** Null = never. */
    expires: timestamp.nullable(),
    authenticated: z.boolean(),
    /** Why it is not, in a sentence; "" when it is. */
    validate_error: z.string(),
  })
  .meta({ id: "ExternalAuthLink" });
export type ExternalAuthLink = z.infer<typeof externalAuthLink>;

/**
 * Why a way to a provider did not end connected: the `failure` in the address of the page that it leads back to. The
 * page says each in its own words, so that no address can put words into its mouth.
 */
export const externalAuthFailures = [
  /** The person said no there. */
  "cancelled",
  /** Begun too long ago, in another browser, or used already. */
  "expired",
  /** The provider did not answer, or not as it should. */
  "provider_failed",
  "not_configured",
  /** Whoever began it is not signed in any more. */
  "signed_out",
  /** Tried too often. */
  "too_many",
] as const;
export type ExternalAuthFailure = (typeof externalAuthFailures)[number];

/** `GET /external-auth`. */
export const externalAuthResponse = z
  .object({ providers: z.array(externalAuthProvider), links: z.array(externalAuthLink) })
  .meta({ id: "ListUserExternalAuthResponse" });
export type ExternalAuthResponse = z.infer<typeof externalAuthResponse>;

export const externalAuthUser = z
  .object({
    id: z.string().optional(),
    login: z.string(),
    avatar_url: z.string(),
    profile_url: z.string(),
    name: z.string(),
  })
  .meta({ id: "ExternalAuthUser" });
export type ExternalAuthUser = z.infer<typeof externalAuthUser>;
export const externalAuthInstallation = z
  .object({ id: z.int(), account: externalAuthUser, configure_url: z.string() })
  .meta({ id: "ExternalAuthAppInstallation" });

/** `GET /external-auth/{id}`: not connected is `authenticated: false`, not an error. */
export const externalAuthState = z
  .object({
    authenticated: z.boolean(),
    device: z.boolean(),
    display_name: z.string(),
    user: externalAuthUser.nullable(),
    app_installable: z.boolean(),
    installations: z.array(externalAuthInstallation),
    app_install_url: z.string(),
    supports_revocation: z.boolean(),
    /** Why it is not, in a sentence; "" when it is, or was never connected. */
    validate_error: z.string(),
  })
  .meta({ id: "ExternalAuth" });
export type ExternalAuthState = z.infer<typeof externalAuthState>;

/** `GET /external-auth/{id}/device` (RFC 8628). */
export const externalAuthDevice = z
  .object({
    device_code: z.string(),
    user_code: z.string(),
    verification_uri: z.string(),
    /** Seconds. */
    expires_in: z.int(),
    interval: z.int(),
  })
  .meta({ id: "ExternalAuthDevice" });
export type ExternalAuthDevice = z.infer<typeof externalAuthDevice>;
/** `POST /external-auth/{id}/device`: 204, or 400 with what the provider said, `authorization_pending` among it. */
export const exchangeDeviceCodeRequest = z
  .object({ device_code: z.string().min(1).max(2_000) })
  .meta({ id: "ExternalAuthDeviceExchange" });

/** `DELETE /external-auth/{id}`. */
export const deleteExternalAuthResponse = z
  .object({ token_revoked: z.boolean(), token_revocation_error: z.string().optional() })
  .meta({ id: "DeleteExternalAuthByIDResponse" });
export type DeleteExternalAuthResponse = z.infer<typeof deleteExternalAuthResponse>;
