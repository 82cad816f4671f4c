import { and, eq, inArray, sql, type SQL } from "drizzle-orm";
import type { Actor } from "../access/actor.ts";
import { check } from "../access/check.ts";
import type { ProblemError } from "../contract/common.ts";
import type { CreateUserRequest, SiteRole, User } from "../contract/identity.ts";
import { DEFAULT_ORGANIZATION_ID, organizations } from "../organizations/schema.ts";
import type { Database } from "../platform/d1.ts";
import { newId } from "../platform/ids.ts";
import { Problem } from "../platform/problem.ts";
import { statusChange } from "./status.ts";

/** What a new account consists of, whoever makes it. */
export interface NewUser {
  id: string;
  username: string;
  email: string;
  name: string;
  loginType: User["login_type"];
  passwordHash: string | null;
  isServiceAccount: boolean;
  roles: SiteRole[];
  organizationIds: string[];
}

/**
 * The statements that make an account, for a batch: the first one makes it where `when` holds and its name and
 * address are free, the others follow only it.
 */
export function creationOf(user: NewUser, now: number, when: SQL = sql`true`): SQL[] {
  const isMade = sql`exists (select 1 from users where id = ${user.id})`;
  return [
    sql`insert into users (id, username, email, name, login_type, password_hash, roles, is_service_account, status,
          created_at, updated_at)
        select ${user.id}, ${user.username}, ${user.email}, ${user.name}, ${user.loginType}, ${user.passwordHash},
          ${JSON.stringify(user.roles)}, ${user.isServiceAccount ? 1 : 0}, 'active', ${now}, ${now}
        where ${when}
          and not exists (select 1 from users where deleted = 0 and lower(username) = lower(${user.username}))
          and not exists (
            select 1 from users where deleted = 0 and email != '' and lower(email) = lower(${user.email}))`,
    statusChange(user.id, "active", now, isMade),
    sql`insert into organization_members (organization_id, user_id, roles, created_at, updated_at)
        select id, ${user.id}, '[]', ${now}, ${now} from organizations
        where id in (select value from json_each(${JSON.stringify(user.organizationIds)})) and deleted = 0 and ${isMade}`,
  ];
}

/** The account that a request of an admin describes. Throws a 400 Problem with everything that does not fit together. */
export function readNewUser(request: CreateUserRequest): Omit<NewUser, "passwordHash" | "roles" | "organizationIds"> {
  const { service_account: isServiceAccount, email, password } = request;
  const loginType = request.login_type ?? (isServiceAccount ? "none" : "password");
  const errors: ProblemError[] = [];
  const wrong = (pointer: string, detail: string) => errors.push({ pointer, detail });
  if (isServiceAccount) {
    if (email !== undefined) wrong("/email", "A service account has no e-mail address.");
    if (password !== undefined) wrong("/password", "A service account has no password; it acts by API tokens.");
    if (loginType !== "none") wrong("/login_type", "A service account cannot sign in: leave it out, or say none.");
  } else {
    if (email === undefined) wrong("/email", "A person needs an e-mail address.");
    if (loginType === "none" || loginType === "token")
      wrong("/login_type", "A person signs in with password, github or oidc; only service accounts do not.");
    if (loginType === "password" && password === undefined) wrong("/password", "Choose a password, or invite by link.");
    if (loginType !== "password" && password !== undefined)
      wrong("/password", `Somebody who signs in with ${loginType} has no password here.`);
  }
  if (errors.length > 0) throw doesNotFit(errors);
  return {
    id: newId(),
    username: request.username,
    email: email ?? "",
    name: request.name,
    loginType,
    isServiceAccount,
  };
}

/**
 * The organisations that a new account comes into: those asked for, else the default one. Throws a 400 Problem
 * that names those which do not exist or to which the actor may not add members.
 */
export async function readOrganizations(
  db: Database,
  actor: Actor,
  asked: readonly string[] | undefined,
): Promise<string[]> {
  const ids = [...new Set(asked ?? [DEFAULT_ORGANIZATION_ID])];
  const open = await openOrganizations(db, actor, ids);
  const errors = ids.flatMap((id, index) =>
    open.includes(id)
      ? []
      : [{ pointer: `/organization_ids/${index}`, detail: "There is no such organisation, or you may not add to it." }],
  );
  if (errors.length > 0) throw doesNotFit(errors);
  return ids;
}

/** Those of the organisations that there are, and to which the actor may add members. */
export async function openOrganizations(db: Database, actor: Actor, ids: readonly string[]): Promise<string[]> {
  const rows = await db
    .select({ id: organizations.id })
    .from(organizations)
    .where(and(inArray(organizations.id, [...ids]), eq(organizations.deleted, false)));
  return rows
    .map(({ id }) => id)
    .filter((organizationId) => check(actor, "create", { type: "organization_member", organizationId }));
}

function doesNotFit(errors: ProblemError[]): Problem {
  return new Problem(400, "The request is not valid.", {
    detail: errors.map((error) => `${error.pointer}: ${error.detail}`).join(" "),
    errors,
  });
}
