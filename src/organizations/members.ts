import { and, asc, count, eq, sql, type SQL } from "drizzle-orm";
import type { OrganizationMember, OrganizationRole } from "../contract/organizations.ts";
import { users } from "../identity/schema.ts";
import { toWireTime } from "../platform/clock.ts";
import { runBatch, type Database } from "../platform/d1.ts";
import { organizationMembers } from "./schema.ts";

type MemberRow = { member: typeof organizationMembers.$inferSelect; user: typeof users.$inferSelect };

export function toMember({ member, user }: MemberRow): OrganizationMember {
  return {
    user_id: user.id,
    organization_id: member.organizationId,
    username: user.username,
    name: user.name,
    avatar_url: user.avatarUrl,
    email: user.email,
    status: user.status,
    is_service_account: user.isServiceAccount,
    roles: member.roles,
    created_at: toWireTime(member.createdAt),
    updated_at: toWireTime(member.updatedAt),
  };
}

// Deleted users are members of nothing, whatever their rows say.
const isThere = sql`${users.deleted} = 0 and ${users.isSystem} = 0`;

function selectMembers(db: Database) {
  return db
    .select({ member: organizationMembers, user: users })
    .from(organizationMembers)
    .innerJoin(users, eq(users.id, organizationMembers.userId))
    .$dynamic();
}

export async function readMember(db: Database, organizationId: string, userId: string): Promise<MemberRow | undefined> {
  return selectMembers(db)
    .where(and(eq(organizationMembers.organizationId, organizationId), eq(organizationMembers.userId, userId), isThere))
    .get();
}

export interface MemberPage {
  organizationId: string;
  readable: SQL;
  /** Part of a user name, name or e-mail address, as it is written. */
  q: string;
  after: { id: string; username: string } | null;
  limit: number;
}

/** One page of the members that `readable` lets through, by user name, and how many there are in all. */
export async function listMembers(db: Database, page: MemberPage): Promise<{ members: MemberRow[]; count: number }> {
  const [members, totals] = await Promise.all([
    selectMemberPage(db, page),
    db
      .select({ count: count() })
      .from(organizationMembers)
      .innerJoin(users, eq(users.id, organizationMembers.userId))
      .where(matching(page)),
  ]);
  return { members, count: totals[0]?.count ?? 0 };
}

/** Sorts the organisation's members, as many as the count beside it reads anyway. */
export function selectMemberPage(db: Database, page: MemberPage) {
  const { after } = page;
  return selectMembers(db)
    .where(
      and(
        matching(page),
        after === null
          ? undefined
          : sql`(lower(${users.username}), ${users.id}) > (lower(${after.username}), ${after.id})`,
      ),
    )
    .orderBy(asc(sql`lower(${users.username})`), asc(users.id))
    .limit(page.limit);
}

function matching({ organizationId, readable, q }: MemberPage) {
  // Not `like`, whose patterns D1 refuses when they are longer than 50 bytes.
  const holds = (column: SQL) => sql`instr(lower(${column}), lower(${q})) > 0`;
  const found = sql`(${holds(sql`${users.username}`)} or ${holds(sql`${users.name}`)} or ${holds(sql`${users.email}`)})`;
  return and(eq(organizationMembers.organizationId, organizationId), readable, isThere, q === "" ? undefined : found);
}

/** False: the user is a member already, or is no user any more. */
export async function insertMember(
  db: Database,
  organizationId: string,
  userId: string,
  audit: SQL,
  now: number,
): Promise<boolean> {
  const [inserted] = await runBatch(db, [
    sql`insert into organization_members (organization_id, user_id, roles, created_at, updated_at)
      select o.id, u.id, '[]', ${now}, ${now} from organizations o join users u on u.id = ${userId}
      where o.id = ${organizationId} and o.deleted = 0 and u.deleted = 0 and u.is_system = 0
      on conflict do nothing returning user_id`,
    audit,
  ]);
  return inserted?.results.length === 1;
}

/** False: the roles are not `before` any more, or the member is gone; nothing was written. */
export async function updateMemberRoles(
  db: Database,
  member: { organizationId: string; userId: string; before: OrganizationRole[] },
  roles: OrganizationRole[],
  audit: SQL,
  now: number,
): Promise<boolean> {
  const [updated] = await runBatch(db, [
    sql`update organization_members set roles = ${JSON.stringify(roles)}, updated_at = ${now}
      where organization_id = ${member.organizationId} and user_id = ${member.userId}
        and roles = ${JSON.stringify(member.before)} returning user_id`,
    audit,
  ]);
  return updated?.results.length === 1;
}

/**
 * Takes somebody out of an organisation, and out of its groups and whatever was shared with them there: who comes
 * back later begins anew. False: the roles are not `before` any more, or somebody else was quicker.
 */
export async function deleteMember(
  db: Database,
  member: { organizationId: string; userId: string; before: OrganizationRole[] },
  audit: SQL,
): Promise<boolean> {
  const { organizationId, userId } = member;
  const gone = sql`not exists (select 1 from organization_members m
    where m.organization_id = ${organizationId} and m.user_id = ${userId})`;
  const [deleted] = await runBatch(db, [
    sql`delete from organization_members where organization_id = ${organizationId} and user_id = ${userId}
      and roles = ${JSON.stringify(member.before)} returning user_id`,
    audit,
    sql`delete from group_members where user_id = ${userId} and ${gone}
      and group_id in (select id from groups where organization_id = ${organizationId})`,
    forgetInAcls("user_acl", userId, organizationId, gone),
    forgetInChatShares(userId, organizationId, gone),
  ]);
  return deleted?.results.length === 1;
}

/** Takes a user or a group out of the ACLs of an organisation's workspaces. */
export function forgetInAcls(
  column: "user_acl" | "group_acl",
  subjectId: string,
  organizationId: string,
  when: SQL,
): SQL {
  const acl = sql.raw(column);
  return sql`update workspaces set ${acl} = json_remove(${acl}, ${`$."${subjectId}"`})
    where organization_id = ${organizationId} and ${when}
      and id in (select e.workspace_id from workspace_acl_entries e where e.subject_id = ${subjectId})`;
}

/** Takes a user or a group out of the shares of an organisation's chats. */
export function forgetInChatShares(subjectId: string, organizationId: string, when: SQL): SQL {
  return sql`delete from chat_shares where subject_id = ${subjectId} and ${when}
    and root_chat_id in (select c.id from chats c where c.organization_id = ${organizationId})`;
}
