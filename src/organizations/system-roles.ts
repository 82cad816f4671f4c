import { and, eq, sql, type SQL } from "drizzle-orm";
import type { Permission } from "../access/permissions.ts";
import { systemRolePermissions, systemRoles, type SystemRole } from "../access/roles.ts";
import type { ShareableWorkspaceOwners } from "../contract/organizations.ts";
import { runBatch, type Database } from "../platform/d1.ts";
import { log as systemLog, type Log } from "../platform/log.ts";
import { customRoles, organizations } from "./schema.ts";

/** The permissions of a system role, as they stand in the database or should. */
export interface SystemRoleState {
  name: string;
  organization: readonly Permission[];
  member: readonly Permission[];
}

/** What an organisation's two system roles should be under its sharing mode. */
export function desiredSystemRoles(mode: ShareableWorkspaceOwners): (SystemRoleState & { name: SystemRole })[] {
  return systemRoles.map((name) => ({ name, ...systemRolePermissions(name, mode) }));
}

/** Whether two lists allow and forbid the same: order, repeats and how actions are grouped mean nothing. */
export function samePermissions(left: readonly Permission[], right: readonly Permission[]): boolean {
  const [ours, theirs] = [atoms(left), atoms(right)];
  return ours.size === theirs.size && [...ours].every((atom) => theirs.has(atom));
}

function atoms(permissions: readonly Permission[]): Set<string> {
  return new Set(
    permissions.flatMap(({ resource, actions, negate = false }) =>
      (actions === "*" ? ["*"] : actions).map((action) => `${negate ? "not " : ""}${resource}:${action}`),
    ),
  );
}

export interface RoleDrift {
  missing: SystemRole[];
  different: SystemRole[];
}

/** Which system roles are not what the mode asks for. */
export function driftOf(mode: ShareableWorkspaceOwners, stored: readonly SystemRoleState[]): RoleDrift {
  const drift: RoleDrift = { missing: [], different: [] };
  for (const wanted of desiredSystemRoles(mode)) {
    const found = stored.find(({ name }) => name === wanted.name);
    if (found === undefined) drift.missing.push(wanted.name);
    else if (
      !samePermissions(found.organization, wanted.organization) ||
      !samePermissions(found.member, wanted.member)
    ) {
      drift.different.push(wanted.name);
    }
  }
  return drift;
}

/**
 * Writes the system roles that an organisation has under a mode, if that is its mode when the statement runs:
 * who was overtaken by another change of the mode writes nothing.
 */
export function systemRoleStatements(
  organizationId: string,
  mode: ShareableWorkspaceOwners,
  now: number,
  only: readonly SystemRole[] = systemRoles,
): SQL[] {
  return desiredSystemRoles(mode)
    .filter(({ name }) => only.includes(name))
    .map(
      ({ name, organization, member }) =>
        sql`insert into custom_roles (organization_id, name, is_system, organization_permissions, member_permissions,
            created_at, updated_at)
          select id, ${name}, 1, ${JSON.stringify(organization)}, ${JSON.stringify(member)}, ${now}, ${now}
          from organizations where id = ${organizationId} and shareable_workspace_owners = ${mode}
          on conflict do update set is_system = 1, organization_permissions = excluded.organization_permissions,
            member_permissions = excluded.member_permissions, updated_at = excluded.updated_at
          where organization_permissions <> excluded.organization_permissions
            or member_permissions <> excluded.member_permissions or is_system = 0`,
    );
}

/**
 * Brings the system roles of every organisation to what its mode asks for; at start, since a new version may
 * mean something else by a role. One query when all is well.
 */
export async function reconcileSystemRoles(db: Database, now: number, log: Log = systemLog): Promise<void> {
  const rows = await db
    .select({
      id: organizations.id,
      mode: organizations.shareableWorkspaceOwners,
      name: customRoles.name,
      organization: customRoles.organizationPermissions,
      member: customRoles.memberPermissions,
    })
    .from(organizations)
    .leftJoin(customRoles, and(eq(customRoles.organizationId, organizations.id), eq(customRoles.isSystem, true)))
    .where(eq(organizations.deleted, false));
  const byOrganization = Map.groupBy(rows, ({ id }) => id);
  for (const [organizationId, itsRows] of byOrganization) {
    const mode = itsRows[0]?.mode ?? "everyone";
    const stored = itsRows.flatMap(({ name, organization, member }) =>
      name === null ? [] : [{ name, organization: organization ?? [], member: member ?? [] }],
    );
    const { missing, different } = driftOf(mode, stored);
    // Nobody deletes them through the API: whoever did may not know that every member lost everything.
    if (missing.length > 0) log.error("system_roles.missing", { organizationId, roles: missing });
    if (different.length > 0) log.info("system_roles.updated", { organizationId, roles: different });
    const drifted = [...missing, ...different];
    if (drifted.length > 0) await runBatch(db, systemRoleStatements(organizationId, mode, now, drifted));
  }
}
