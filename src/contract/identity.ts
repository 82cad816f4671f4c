import { z } from "zod";
import { id, timestamp } from "./common.ts";

export const loginTypes = ["password", "github", "oidc", "token", "none"] as const;
export const userStatuses = ["active", "dormant", "suspended"] as const;
/** Roles of the whole site. Issue C adds the others as data. */
export const siteRoles = ["owner", "member"] as const;
export type SiteRole = (typeof siteRoles)[number];

export const username = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,30}[A-Za-z0-9])?$/, {
    error: "Use 1 to 32 letters, digits, dashes or underscores; begin and end with a letter or digit.",
  });
/** Length only, as NIST SP 800-63B asks; 72 bytes and more are fine for scrypt. */
export const password = z
  .string()
  .min(10, { error: "Use at least 10 characters." })
  .max(200, { error: "Use at most 200 characters." });

export const user = z
  .object({
    id,
    username: z.string(),
    email: z.string(),
    name: z.string(),
    avatar_url: z.string(),
    status: z.enum(userStatuses),
    login_type: z.enum(loginTypes),
    roles: z.array(z.enum(siteRoles)),
    organization_ids: z.array(id),
    created_at: timestamp,
    updated_at: timestamp,
    last_seen_at: timestamp.nullable(),
  })
  .meta({ id: "User" });
export type User = z.infer<typeof user>;

/** `GET /api/v2/setup`: whether the first person has been here. Needs no login. */
export const setupState = z.object({ completed: z.boolean() }).meta({ id: "SetupState" });

/** `POST /api/v2/setup`: makes the owner, once. The token is in the link that the start printed. */
export const setupRequest = z
  .object({
    token: z.string().min(1),
    username,
    email: z.email().trim().max(320),
    name: z.string().trim().max(200).default(""),
    password,
  })
  .meta({ id: "SetupRequest" });
export type SetupRequest = z.infer<typeof setupRequest>;

/** `POST /api/v2/users/login`. `login` is a user name or an e-mail address. Sets the session cookie. */
export const loginRequest = z
  .object({ login: z.string().trim().min(1).max(320), password: z.string().min(1).max(200) })
  .meta({ id: "LoginRequest" });

/** `PUT /api/v2/users/{user}/password`: ends all other sessions. */
export const changePasswordRequest = z
  .object({ old_password: z.string().min(1).max(200), password })
  .meta({ id: "ChangePasswordRequest" });

/** `PATCH /api/v2/users/{user}`: what is absent stays. */
export const updateUserRequest = z
  .object({
    username: username.optional(),
    email: z.email().trim().max(320).optional(),
    name: z.string().trim().max(200).optional(),
  })
  .meta({ id: "UpdateUserRequest" });

/** `GET /api/v2/users/{user}/sessions`. */
export const session = z
  .object({
    id,
    created_at: timestamp,
    last_used_at: timestamp,
    expires_at: timestamp,
    ip_address: z.string(),
    user_agent: z.string(),
    current: z.boolean(),
  })
  .meta({ id: "Session" });
export type Session = z.infer<typeof session>;

/** `POST /api/v2/users/{user}/keys/tokens`. Lifetime: 0 or absent = 30 days; at most a year. */
export const createTokenRequest = z
  .object({
    token_name: z.string().trim().min(1).max(64),
    lifetime_seconds: z.int().min(0).max(31_536_000).optional(),
  })
  .meta({ id: "CreateTokenRequest" });
/** `key` is shown this once: `tl_<id>-<secret>`. */
export const createTokenResponse = z.object({ key: z.string(), id: z.string() }).meta({ id: "CreateTokenResponse" });
export const apiToken = z
  .object({
    id: z.string(),
    token_name: z.string(),
    /** First characters of the key, to recognise it by. */
    prefix: z.string(),
    scopes: z.array(z.string()),
    created_at: timestamp,
    expires_at: timestamp,
    last_used: timestamp.nullable(),
  })
  .meta({ id: "ApiToken" });
export type ApiToken = z.infer<typeof apiToken>;

/** `GET /api/v2/buildinfo`. */
export const buildInfo = z
  .object({ name: z.string(), version: z.string(), dashboard_url: z.string() })
  .meta({ id: "BuildInfo" });
