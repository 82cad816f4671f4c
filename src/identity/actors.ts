import { and, eq, ne, sql } from "drizzle-orm";
import { z } from "zod";
import { actorOf, type Actor } from "../access/actor.ts";
import { actions, resourceTypes } from "../access/permissions.ts";
import { organizationRoles } from "../contract/organizations.ts";
import { siteRoles } from "../contract/identity.ts";
import type { Database } from "../platform/d1.ts";
import { users } from "./schema.ts";

/** The credential part of an actor. */
export type ActorCredential = Pick<Actor, "sessionId" | "keyId" | "scopes">;

const permission = z.object({
  resource: z.enum(["*", ...resourceTypes]),
  actions: z.union([z.literal("*"), z.array(z.enum(actions))]),
  negate: z.boolean().default(false),
});

/** A name that this version does not know gives nothing, rather than shutting its holder out. */
function known<T extends string>(names: readonly T[]) {
  return z.array(z.string()).transform((given) => names.filter((name) => given.includes(name)));
}

const membership = z.object({
  organization_id: z.string(),
  roles: known(organizationRoles),
  organization: z.array(permission).nullable(),
  member: z.array(permission).nullable(),
});

const rights = z.object({ memberships: z.array(membership), groups: z.array(z.string()) });

/**
 * What a user's rights are made of, as JSON text, to stand in a query of `users` so that one query answers
 * everything: memberships with their roles and what the system role of this kind of account holds there,
 * and the groups. The columns stand in so many words: of a query of one table drizzle leaves the table's name
 * out, and in here a bare `id` would be another table's.
 */
export const rightsOfUser = sql<string>`(
  select json_object(
    'memberships', (
      select json_group_array(json_object(
        'organization_id', m.organization_id,
        'roles', json(m.roles),
        'organization', json(r.organization_permissions),
        'member', json(r.member_permissions)
      ))
      from organization_members m
      join organizations o on o.id = m.organization_id and o.deleted = 0
      left join custom_roles r on r.organization_id = m.organization_id and r.is_system = 1
        and r.name = iif(users.is_service_account, 'organization-service-account', 'organization-member')
      where m.user_id = users.id
    ),
    'groups', (select json_group_array(g.group_id) from group_members g where g.user_id = users.id)
  )
)`;

/** Who may act at all: not suspended, not deleted, not Tideline itself. */
export const mayAct = and(eq(users.deleted, false), ne(users.status, "suspended"), eq(users.isSystem, false));

/** The actor of a row that was read with `rightsOfUser` beside it. */
export function toActor(
  user: Pick<typeof users.$inferSelect, "id" | "username" | "isServiceAccount" | "roles">,
  rightsText: string,
  credential: ActorCredential,
): Actor {
  const { memberships, groups } = rights.parse(JSON.parse(rightsText));
  return actorOf({
    userId: user.id,
    username: user.username,
    isServiceAccount: user.isServiceAccount,
    siteRoles: siteRoles.filter((role) => user.roles.includes(role)),
    memberships: memberships.map(({ organization_id, roles, organization, member }) => ({
      organizationId: organization_id,
      roles,
      implied: { organization: organization ?? [], member: member ?? [] },
    })),
    groupIds: groups,
    ...credential,
  });
}

/** The actor that a user is with this credential; null when the user may not act. */
export async function readActor(db: Database, userId: string, credential: ActorCredential): Promise<Actor | null> {
  const found = await db
    .select({ user: users, rights: rightsOfUser })
    .from(users)
    .where(and(eq(users.id, userId), mayAct))
    .get();
  return found === undefined ? null : toActor(found.user, found.rights, credential);
}
