import type { Context } from "hono";
import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import { requirePermission } from "../access/check.ts";
import { requireActor, type AppEnv } from "../access/router.ts";
import { auditStatement, CHANGED } from "../audit/record.ts";
import type { AuditDiff } from "../contract/audit.ts";
import { workspaceShareRoles, type updateWorkspaceAclRequest, type WorkspaceAcl } from "../contract/sharing.ts";
import { selectGroups, toGroup } from "../organizations/groups.ts";
import { groups } from "../organizations/schema.ts";
import { shareableInSql, sharingIsOff, whyNotShareable } from "../organizations/sharing-mode.ts";
import { runBatch, type Database } from "../platform/d1.ts";
import { notFound, Problem } from "../platform/problem.ts";
import { refuseTooMany, refuseWrongEntries, type AclSubjects } from "./acl-request.ts";
import { endLostUse } from "./lost-use.ts";
import { permittedWorkspace } from "./permitted-workspace.ts";
import type { WorkspaceRow } from "./records.ts";
import { workspaceObject } from "./shares.ts";

/**
 * With whom a workspace is shared. Everything takes the workspace's id, so that whatever runs in a workspace
 * is shared by these same maps under an address of its own.
 */

type AclRequest = z.infer<typeof updateWorkspaceAclRequest>;

const role = z.enum(workspaceShareRoles);

export async function readAcl(c: Context<AppEnv>, workspaceId: string): Promise<WorkspaceAcl> {
  const { workspace } = await shareableWorkspace(c, workspaceId);
  const { db } = c.var;
  const groupIds = Object.keys(workspace.groupAcl);
  const [people, shared] = await Promise.all([
    selectPeople(db, workspace.id),
    groupIds.length === 0
      ? []
      : selectGroups(db, sql`${groups.id} in (select value from json_each(${JSON.stringify(groupIds)}))`),
  ]);
  return {
    users: people.map(({ is_service_account, ...person }) => ({
      ...person,
      is_service_account: is_service_account === 1,
      role: role.parse(person.role),
    })),
    group: shared
      .filter((row) => row.organizationId === workspace.organizationId)
      .map((row) => ({ ...toGroup(row), role: role.parse(workspace.groupAcl[row.id]) })),
  };
}

/** Changes the entries that the request names and leaves the others as they are, all of it or nothing. */
export async function changeAcl(c: Context<AppEnv>, workspaceId: string, request: AclRequest): Promise<void> {
  const found = await shareableWorkspace(c, workspaceId);
  const { user_roles: userRoles = {}, group_roles: groupRoles = {} } = request;
  refuseTooMany(userRoles, groupRoles);
  const subjects = await readSubjects(c.var.db, found.workspace.organizationId, userRoles, groupRoles);
  refuseWrongEntries({ userRoles, groupRoles }, subjects, {
    actorId: requireActor(c).userId,
    ownerId: found.workspace.ownerId,
  });
  const diff: AuditDiff = {
    ...diffOfMap("users", found.workspace.userAcl, userRoles, subjects.users),
    ...diffOfMap("groups", found.workspace.groupAcl, groupRoles, subjects.groups),
  };
  if (Object.keys(diff).length === 0) return;
  await write(c, found, diff, (w) => ({
    userAcl: sql`json_patch(${w}.user_acl, ${mergePatch(
      userRoles,
      sql`select 1 from organization_members m where m.organization_id = ${w}.organization_id and m.user_id = e.key`,
    )})`,
    groupAcl: sql`json_patch(${w}.group_acl, ${mergePatch(
      groupRoles,
      sql`select 1 from groups g where g.organization_id = ${w}.organization_id and g.id = e.key`,
    )})`,
  }));
}

/** Takes everybody out. */
export async function clearAcl(c: Context<AppEnv>, workspaceId: string): Promise<void> {
  const found = await shareableWorkspace(c, workspaceId);
  const { userAcl, groupAcl } = found.workspace;
  const emptied = (acl: Record<string, string>) => Object.fromEntries(Object.keys(acl).map((id) => [id, ""]));
  const subjects = await readSubjects(c.var.db, found.workspace.organizationId, emptied(userAcl), emptied(groupAcl));
  const diff: AuditDiff = {
    ...diffOfMap("users", userAcl, emptied(userAcl), subjects.users),
    ...diffOfMap("groups", groupAcl, emptied(groupAcl), subjects.groups),
  };
  await write(c, found, diff, () => ({ userAcl: sql`'{}'`, groupAcl: sql`'{}'` }));
}

/** The workspace, once its shares may be seen and changed; throws a 403 Problem that says why not. */
async function shareableWorkspace(c: Context<AppEnv>, workspaceId: string): Promise<WorkspaceRow> {
  const found = await permittedWorkspace(c, workspaceId, "read");
  if (sharingIsOff(c.env)) throw sharingDisabled("Workspace sharing is disabled for this deployment.");
  const reason = whyNotShareable(found.sharing ?? "none", found.owner?.isServiceAccount ?? false);
  if (reason !== null) throw sharingDisabled(reason);
  requirePermission(requireActor(c), "share", workspaceObject(found.workspace, c.env));
  return found;
}

/**
 * Writes both maps and the line of the audit log. The mode is asked once more in the statement: it may have
 * changed since, and what it then purged must not come back.
 */
async function write(
  c: Context<AppEnv>,
  { workspace }: WorkspaceRow,
  diff: AuditDiff,
  maps: (w: SQL) => { userAcl: SQL; groupAcl: SQL },
): Promise<void> {
  const { userAcl, groupAcl } = maps(sql`w`);
  const [updated] = await runBatch(c.var.db, [
    sql`update workspaces as w set user_acl = ${userAcl}, group_acl = ${groupAcl}
      where w.id = ${workspace.id} and w.deleted = 0 and exists (
        select 1 from organizations o join users owner on owner.id = w.owner_id
        where o.id = w.organization_id and ${shareableInSql}
      ) returning id`,
    auditStatement(c, {
      action: "share",
      resourceType: "workspace",
      resourceId: workspace.id,
      target: workspace.name,
      organizationId: workspace.organizationId,
      diff,
      when: CHANGED,
    }),
  ]);
  if (updated?.results.length === 1) return endLostUse(c.env, c.var.db, { workspaceIds: [workspace.id] });
  await shareableWorkspace(c, workspace.id);
  throw notFound();
}

/** RFC 7396: null takes a key away. Who has left since the request was looked at is not let in again. */
function mergePatch(roles: Record<string, string>, isThere: SQL): SQL {
  return sql`(select json_group_object(e.key, iif(e.value = '', null, e.value))
    from json_each(${JSON.stringify(roles)}) e where e.value = '' or exists (${isThere}))`;
}

/** Those who are named and are members and groups of the organisation, with their names. */
async function readSubjects(
  db: Database,
  organizationId: string,
  userRoles: Record<string, string>,
  groupRoles: Record<string, string>,
): Promise<AclSubjects> {
  const [people, itsGroups] = await Promise.all([
    db.all<{ id: string; name: string }>(sql`select u.id, u.username as name
      from organization_members m join users u on u.id = m.user_id
      where m.organization_id = ${organizationId} and u.deleted = 0 and u.is_system = 0
        and m.user_id in (select value from json_each(${JSON.stringify(Object.keys(userRoles))}))`),
    db.all<{ id: string; name: string }>(sql`select g.id, g.name from groups g
      where g.organization_id = ${organizationId}
        and g.id in (select value from json_each(${JSON.stringify(Object.keys(groupRoles))}))`),
  ]);
  const byId = (rows: { id: string; name: string }[]) => new Map(rows.map(({ id, name }) => [id, name]));
  return { users: byId(people), groups: byId(itsGroups) };
}

/** What the log says of the change, by names that people know. */
function diffOfMap(
  kind: "users" | "groups",
  before: Record<string, string>,
  asked: Record<string, string>,
  names: ReadonlyMap<string, string>,
): AuditDiff {
  const changes = Object.entries(asked).flatMap(([id, now]) => {
    const old = before[id] ?? "";
    return old === now ? [] : [[`${kind}.${names.get(id) ?? id}`, { old: old || null, new: now || null }] as const];
  });
  return Object.fromEntries(changes);
}

/** Who has left the organisation, or was deleted, is passed over. */
function selectPeople(db: Database, workspaceId: string) {
  return db.all<{
    id: string;
    username: string;
    name: string;
    avatar_url: string;
    is_service_account: number;
    role: string;
  }>(sql`
    select u.id, u.username, u.name, u.avatar_url, u.is_service_account, e.value as role
    from workspaces w join json_each(w.user_acl) e join users u on u.id = e.key
    join organization_members m on m.organization_id = w.organization_id and m.user_id = u.id
    where w.id = ${workspaceId} and u.deleted = 0
    order by lower(u.username), u.id`);
}

function sharingDisabled(detail: string): Problem {
  return new Problem(403, "Sharing is disabled.", { detail });
}
