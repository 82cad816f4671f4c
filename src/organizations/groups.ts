import { and, asc, eq, getTableColumns, sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import { minimalUser } from "../contract/identity.ts";
import type { Group } from "../contract/organizations.ts";
import { toWireTime } from "../platform/clock.ts";
import { runBatch, type Database } from "../platform/d1.ts";
import { forgetInAcls, forgetInChatShares } from "./members.ts";
import { groups } from "./schema.ts";

/** So many members come with a group; `member_count` counts all. */
const MEMBERS_SHOWN = 100;

/** Who is in a group, `g` in the query around it: of the group of everybody, all members of the organisation. */
const inGroup = sql`u.deleted = 0 and u.is_system = 0 and u.id in (
  select gm.user_id from group_members gm where gm.group_id = groups.id
  union select om.user_id from organization_members om
    where om.organization_id = groups.organization_id and groups.id = groups.organization_id
)`;

const shown = sql<string>`(
  select json_group_array(json_object('id', m.id, 'username', m.username, 'name', m.name,
    'avatar_url', m.avatar_url, 'is_service_account', json(iif(m.is_service_account, 'true', 'false'))))
  from (select u.* from users u where ${inGroup} order by lower(u.username), u.id limit ${MEMBERS_SHOWN}) m
)`;
const memberCount = sql<number>`(select count(*) from users u where ${inGroup})`;

const shownMembers = z.array(minimalUser);

export type GroupRow = typeof groups.$inferSelect & { shown: string; memberCount: number };

export function toGroup(row: GroupRow): Group {
  return {
    id: row.id,
    organization_id: row.organizationId,
    name: row.name,
    display_name: row.displayName,
    avatar_url: row.avatarUrl,
    is_everyone: row.id === row.organizationId,
    member_count: row.memberCount,
    members: shownMembers.parse(JSON.parse(row.shown)),
    created_at: toWireTime(row.createdAt),
  };
}

/** Groups with their members. Those of a deleted organisation went with it. */
export function selectGroups(db: Database, where: SQL | undefined) {
  return db
    .select({ ...getTableColumns(groups), shown, memberCount })
    .from(groups)
    .where(where)
    .orderBy(asc(sql`lower(${groups.name})`))
    .$dynamic();
}

export async function readGroup(db: Database, id: string): Promise<GroupRow | undefined> {
  return selectGroups(db, eq(groups.id, id)).get();
}

export interface GroupPage {
  organizationId: string;
  readable: SQL;
  after: { name: string } | null;
  limit: number;
}

/** One page of an organisation's groups, by name, which no two there share. */
export function selectGroupPage(db: Database, { organizationId, readable, after, limit }: GroupPage) {
  return selectGroups(
    db,
    and(
      eq(groups.organizationId, organizationId),
      readable,
      after === null ? undefined : sql`lower(${groups.name}) > lower(${after.name})`,
    ),
  ).limit(limit);
}

export interface NewGroup {
  id: string;
  organizationId: string;
  name: string;
  displayName: string;
}

/** False: the organisation has a group of this name, or is gone. */
export async function insertGroup(db: Database, group: NewGroup, audit: SQL, now: number): Promise<boolean> {
  const { id, organizationId, name, displayName } = group;
  const [inserted] = await runBatch(db, [
    sql`insert into groups (id, organization_id, name, display_name, created_at, updated_at)
      select ${id}, o.id, ${name}, ${displayName}, ${now}, ${now} from organizations o
      where o.id = ${organizationId} and o.deleted = 0 and ${isFree(id, organizationId, name)} returning id`,
    audit,
  ]);
  return inserted?.results.length === 1;
}

export interface GroupChange {
  name: string;
  displayName: string;
  add: string[];
  remove: string[];
}

/** All of the change or nothing. Null: the name is taken, or the group is gone; else who is not in it any more. */
export async function updateGroup(
  db: Database,
  { id, organizationId }: { id: string; organizationId: string },
  { name, displayName, add, remove }: GroupChange,
  audit: SQL,
  now: number,
): Promise<string[] | null> {
  const free = isFree(id, organizationId, name);
  const [updated, , , removed] = await runBatch(db, [
    sql`update groups set name = ${name}, display_name = ${displayName}, updated_at = ${now}
      where id = ${id} and ${free} returning id`,
    audit,
    sql`insert into group_members (group_id, user_id, created_at)
      select g.id, om.user_id, ${now} from groups g join organization_members om on om.organization_id = g.organization_id
      where g.id = ${id} and ${free} and om.user_id in (select value from json_each(${JSON.stringify(add)}))
      on conflict do nothing`,
    sql`delete from group_members where group_id = ${id} and ${free}
      and user_id in (select value from json_each(${JSON.stringify(remove)})) returning user_id`,
  ]);
  if (updated?.results.length !== 1) return null;
  return userIds(removed);
}

/** Deletes a group with all that was shared with it. Null: somebody else was quicker; else who was in it. */
export async function deleteGroup(
  db: Database,
  { id, organizationId }: { id: string; organizationId: string },
  audit: SQL,
): Promise<string[] | null> {
  const [members, deleted] = await runBatch(db, [
    sql`select user_id from group_members where group_id = ${id}`,
    sql`delete from groups where id = ${id} and id <> organization_id returning id`,
    audit,
    forgetInAcls("group_acl", id, organizationId, sql`true`),
    forgetInChatShares(id, organizationId, sql`true`),
  ]);
  return deleted?.results.length === 1 ? userIds(members) : null;
}

/** Which of these users are no members of the organisation. */
export async function strangersTo(db: Database, organizationId: string, ids: readonly string[]): Promise<string[]> {
  const rows = await db.all<{ id: string }>(sql`select value as id from json_each(${JSON.stringify(ids)})
    where value not in (
      select om.user_id from organization_members om join users u on u.id = om.user_id
      where om.organization_id = ${organizationId} and u.deleted = 0 and u.is_system = 0
    )`);
  return rows.map((row) => row.id);
}

/** In the statement itself, so that two who want the same name at once do not both get it. */
function isFree(id: string, organizationId: string, name: string): SQL {
  return sql`not exists (select 1 from groups taken where taken.organization_id = ${organizationId}
    and lower(taken.name) = lower(${name}) and taken.id <> ${id})`;
}

const userRow = z.object({ user_id: z.string() });

function userIds(result: D1Result | undefined): string[] {
  return (result?.results ?? []).map((row) => userRow.parse(row).user_id);
}
