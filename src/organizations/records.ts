import { and, asc, eq, sql, type SQL } from "drizzle-orm";
import type { Actor } from "../access/actor.ts";
import { requirePermission, type Action, type ResourceType } from "../access/check.ts";
import type { Organization } from "../contract/organizations.ts";
import { toWireTime } from "../platform/clock.ts";
import { runBatch, type Database } from "../platform/d1.ts";
import { newId } from "../platform/ids.ts";
import { notFound } from "../platform/problem.ts";
import { organizations } from "./schema.ts";
import { systemRoleStatements } from "./system-roles.ts";

export type OrganizationRow = typeof organizations.$inferSelect;

/** The name of the group of all members; its id is the organisation's. */
export const EVERYONE = "Everyone";

export function toOrganization(row: OrganizationRow): Organization {
  return {
    id: row.id,
    name: row.name,
    display_name: row.displayName,
    is_default: row.isDefault,
    created_at: toWireTime(row.createdAt),
    updated_at: toWireTime(row.updatedAt),
  };
}

/** The organisation whose id or name this is. No name can be taken for an id: ids are longer. */
export async function readOrganization(db: Database, reference: string): Promise<OrganizationRow | undefined> {
  return db
    .select()
    .from(organizations)
    .where(
      and(
        sql`(${organizations.id} = ${reference} or ${organizations.name} = ${reference})`,
        eq(organizations.deleted, false),
      ),
    )
    .get();
}

/**
 * The organisation that a path names, once the actor may read it and do this with what is of this type there.
 * Throws a 404 Problem for unknown and foreign ones.
 */
export async function requireOrganization(
  db: Database,
  actor: Actor,
  reference: string,
  action: Action,
  type: ResourceType = "organization",
): Promise<OrganizationRow> {
  const row = await readOrganization(db, reference);
  if (row === undefined) throw notFound();
  requirePermission(actor, "read", { type: "organization", organizationId: row.id });
  requirePermission(actor, action, { type, organizationId: row.id });
  return row;
}

export interface OrganizationPage {
  readable: SQL;
  /** Only those of which this user is a member. */
  memberId: string | null;
  after: { name: string } | null;
  limit: number;
}

/** One page of the organisations that `readable` lets through, by name, which no two share. */
export async function listOrganizations(
  db: Database,
  { readable, memberId, after, limit }: OrganizationPage,
): Promise<OrganizationRow[]> {
  return db
    .select()
    .from(organizations)
    .where(
      and(
        readable,
        eq(organizations.deleted, false),
        memberId === null
          ? undefined
          : sql`organizations.id in (select organization_id from organization_members where user_id = ${memberId})`,
        after === null ? undefined : sql`${organizations.name} > ${after.name}`,
      ),
    )
    .orderBy(asc(organizations.name))
    .limit(limit);
}

export interface NewOrganization {
  id: string;
  name: string;
  displayName: string;
  creatorId: string;
}

/**
 * Makes an organisation with its group of everybody, its system roles and its first admin. `audit` is written
 * with it. False: the name is taken, and nothing was written.
 */
export async function insertOrganization(
  db: Database,
  { id, name, displayName, creatorId }: NewOrganization,
  audit: SQL,
  now: number,
): Promise<boolean> {
  const made = sql`from organizations where id = ${id}`;
  const [inserted] = await runBatch(db, [
    sql`insert into organizations (id, name, display_name, is_default, created_at, updated_at)
      select ${id}, ${name}, ${displayName}, 0, ${now}, ${now}
      where not exists (select 1 from organizations taken where taken.name = ${name}) returning id`,
    audit,
    sql`insert into groups (id, organization_id, name, display_name, created_at, updated_at)
      select id, id, ${EVERYONE}, ${EVERYONE}, ${now}, ${now} ${made}`,
    ...systemRoleStatements(id, "everyone", now),
    sql`insert into organization_members (organization_id, user_id, roles, created_at, updated_at)
      select id, ${creatorId}, '["organization-admin"]', ${now}, ${now} ${made}`,
  ]);
  return inserted?.results.length === 1;
}

/** False: another organisation has the name, or this one is gone. */
export async function updateOrganization(
  db: Database,
  id: string,
  { name, displayName }: { name: string; displayName: string },
  audit: SQL,
  now: number,
): Promise<boolean> {
  const [updated] = await runBatch(db, [
    sql`update organizations set name = ${name}, display_name = ${displayName}, updated_at = ${now}
      where id = ${id} and deleted = 0
        and not exists (select 1 from organizations taken where taken.name = ${name} and taken.id <> ${id})
      returning id`,
    audit,
  ]);
  return updated?.results.length === 1;
}

export interface Holdings {
  members: number;
  workspaces: number;
  chats: number;
}

/** What stands in the way of deleting an organisation: everything in it but `userId`, who deletes it. */
export async function readHoldings(db: Database, id: string, userId: string): Promise<Holdings> {
  const found = await db.get<Holdings>(sql`select
    (select count(*) from organization_members where organization_id = ${id} and user_id <> ${userId}) as members,
    (select count(*) from workspaces where organization_id = ${id} and deleted = 0) as workspaces,
    (select count(*) from chats where organization_id = ${id}) as chats`);
  return found ?? { members: 0, workspaces: 0, chats: 0 };
}

/**
 * Deletes an organisation that holds nothing; its row stays for the audit log, its name is free again. False:
 * there was something in it, or it is the default one.
 */
export async function deleteOrganization(
  db: Database,
  id: string,
  userId: string,
  audit: SQL,
  now: number,
): Promise<boolean> {
  const gone = sql`exists (select 1 from organizations where id = ${id} and deleted = 1)`;
  const [deleted] = await runBatch(db, [
    sql`update organizations set deleted = 1, name = ${`deleted-${newId()}`}, updated_at = ${now}
      where id = ${id} and deleted = 0 and is_default = 0
        and not exists (select 1 from organization_members m where m.organization_id = ${id} and m.user_id <> ${userId})
        and not exists (select 1 from workspaces w where w.organization_id = ${id} and w.deleted = 0)
        and not exists (select 1 from chats c where c.organization_id = ${id})
      returning id`,
    audit,
    sql`delete from groups where organization_id = ${id} and ${gone}`,
    sql`delete from organization_members where organization_id = ${id} and ${gone}`,
  ]);
  return deleted?.results.length === 1;
}
