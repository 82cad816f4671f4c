import { z } from "zod";
import { id, oneLine, timestamp } from "./common.ts";

export const loginTypes = ["password", "github", "oidc", "token", "none"] as const;
export const userStatuses = ["active", "dormant", "suspended"] as const;
export type UserStatus = (typeof userStatuses)[number];
/** Roles of the whole site; what each may do is data in `access/roles.ts`. */
export const siteRoles = ["owner", "member", "auditor", "template-admin", "user-admin"] as const;
export type SiteRole = (typeof siteRoles)[number];

export const username = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,30}[A-Za-z0-9])?$/, {
    error: "Use 1 to 32 letters, digits, dashes or underscores; begin and end with a letter or digit.",
  });
const email = z.email({ error: "Give an e-mail address, such as ada@example.com." }).trim().max(320);
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
    is_service_account: z.boolean(),
    created_at: timestamp,
    updated_at: timestamp,
    last_seen_at: timestamp.nullable(),
  })
  .meta({ id: "User" });
export type User = z.infer<typeof user>;

/** A person as others see them beside what they did or share. */
export const minimalUser = z
  .object({
    id,
    username: z.string(),
    name: z.string(),
    avatar_url: z.string(),
    is_service_account: z.boolean(),
  })
  .meta({ id: "MinimalUser" });
export type MinimalUser = z.infer<typeof minimalUser>;

/** `GET /api/v2/setup`: whether the first person has been here. Needs no login. */
export const setupState = z.object({ completed: z.boolean() }).meta({ id: "SetupState" });

/** `POST /api/v2/setup`: makes the owner, once. The token is in the link that the start printed. */
export const setupRequest = z
  .object({
    token: z.string().min(1),
    username,
    email,
    name: oneLine(200).default(""),
    password,
  })
  .meta({ id: "SetupRequest" });
export type SetupRequest = z.infer<typeof setupRequest>;

/** `POST /api/v2/users/login`. `login` is a user name or an e-mail address. Sets the session cookie. */
export const loginRequest = z
  .object({ login: z.string().trim().min(1).max(320), password: z.string().min(1).max(200) })
  .meta({ id: "LoginRequest" });

/** `PUT /api/v2/users/{user}/password`: ends all other sessions. The old one is needed for one's own account. */
export const changePasswordRequest = z
  .object({ old_password: z.string().min(1).max(200).optional(), password })
  .meta({ id: "ChangePasswordRequest" });

/** `PATCH /api/v2/users/{user}`: what is absent stays. */
export const updateUserRequest = z
  .object({
    username: username.optional(),
    email: email.optional(),
    name: oneLine(200).optional(),
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
    token_name: oneLine(64).min(1),
    lifetime_seconds: z.int().min(0).max(31_536_000).optional(),
    /** `all`, or pairs of a resource and an action such as `chat:*` and `*:read`. Absent = `all`. */
    scopes: z.array(z.string().max(64)).min(1).max(20).optional(),
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
    /** Who made it, where that is not the user: an admin, for a service account. */
    created_by: id.nullable(),
    /** That admin's name, and whether they are still active here. The token goes on without them. */
    creator: z.object({ name: z.string(), active: z.boolean() }).nullable(),
  })
  .meta({ id: "ApiToken" });
export type ApiToken = z.infer<typeof apiToken>;

/** `GET /api/v2/buildinfo`. */
export const buildInfo = z
  .object({ name: z.string(), version: z.string(), dashboard_url: z.string() })
  .meta({ id: "BuildInfo" });

/** `GET /api/v2/users`, by user name. */
export const usersResponse = z.object({ users: z.array(user), count: z.int() }).meta({ id: "UsersResponse" });

/**
 * `POST /api/v2/users`. A person has an address and a password, or signs in with an outside account; a
 * service account has neither and acts by tokens that an admin makes.
 */
export const createUserRequest = z
  .object({
    username,
    email: email.optional(),
    name: oneLine(200).default(""),
    password: password.optional(),
    login_type: z.enum(loginTypes).optional(),
    service_account: z.boolean().default(false),
    roles: z.array(z.enum(siteRoles)).max(siteRoles.length).optional(),
    /** Absent = the default organisation. */
    organization_ids: z.array(id).min(1).max(20).optional(),
  })
  .meta({ id: "CreateUserRequest" });
export type CreateUserRequest = z.infer<typeof createUserRequest>;

/** `PUT /api/v2/users/{user}/roles`: the roles that hold from now on; everybody keeps `member`. */
export const updateRolesRequest = z
  .object({ roles: z.array(z.enum(siteRoles)).max(siteRoles.length) })
  .meta({ id: "UpdateRolesRequest" });

/** `GET /api/v2/users/roles`: a role with whether the caller may give it. */
export const assignableSiteRole = z
  .object({ name: z.enum(siteRoles), display_name: z.string(), description: z.string(), assignable: z.boolean() })
  .meta({ id: "AssignableSiteRole" });
export type AssignableSiteRole = z.infer<typeof assignableSiteRole>;

export const accountLinkKinds = ["invite", "password_reset"] as const;

/** A link that somebody may use once: to make their account, or to choose a new password. */
export const accountLink = z
  .object({
    id,
    kind: z.enum(accountLinkKinds),
    email: z.string(),
    user_id: id.nullable(),
    roles: z.array(z.enum(siteRoles)),
    organization_ids: z.array(id),
    created_by: id,
    created_at: timestamp,
    expires_at: timestamp,
  })
  .meta({ id: "AccountLink" });
export type AccountLink = z.infer<typeof accountLink>;

/** `POST /api/v2/invites`. The link works for seven days, once. */
export const createInviteRequest = z
  .object({
    email: email.or(z.literal("")).default(""),
    roles: z.array(z.enum(siteRoles)).max(siteRoles.length).optional(),
    organization_ids: z.array(id).min(1).max(20).optional(),
  })
  .meta({ id: "CreateInviteRequest" });

/** The answer to a new invite or password reset: `url` is shown this once. */
export const createdAccountLink = z.object({ link: accountLink, url: z.string() }).meta({ id: "CreatedAccountLink" });

/** `POST /api/v2/account-links/inspect`: what a link is for, before it is used. Needs no login. */
export const inspectAccountLinkRequest = z
  .object({ token: z.string().min(1).max(200) })
  .meta({ id: "InspectAccountLinkRequest" });
export const openAccountLink = z
  .object({ kind: z.enum(accountLinkKinds), email: z.string(), username: z.string(), expires_at: timestamp })
  .meta({ id: "OpenAccountLink" });

/** `POST /api/v2/account-links/accept-invite`: makes the account and signs in. */
export const acceptInviteRequest = z
  .object({
    token: z.string().min(1).max(200),
    username,
    email,
    name: oneLine(200).default(""),
    password,
  })
  .meta({ id: "AcceptInviteRequest" });

/** `POST /api/v2/account-links/reset-password`: sets the password, ends every session, signs in. */
export const resetPasswordRequest = z
  .object({ token: z.string().min(1).max(200), password })
  .meta({ id: "ResetPasswordRequest" });
