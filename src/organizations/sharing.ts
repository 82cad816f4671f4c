import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import type { ShareableWorkspaceOwners } from "../contract/organizations.ts";
import { runBatch, type Database } from "../platform/d1.ts";
import { systemRoleStatements } from "./system-roles.ts";

/** How many workspaces would lose shares under each mode. What is forgotten already does not count. */
export type SharesRemoved = Record<ShareableWorkspaceOwners, number>;

export async function countSharesRemoved(db: Database, organizationId: string): Promise<SharesRemoved> {
  const found = await db.get<{ shared: number; of_people: number }>(sql`
    select count(*) as shared, coalesce(sum(owner.is_service_account = 0), 0) as of_people
    from workspaces w join users owner on owner.id = w.owner_id
    where w.organization_id = ${organizationId} and w.deleted = 0 and ${hasShares}`);
  return { none: found?.shared ?? 0, everyone: 0, service_accounts: found?.of_people ?? 0 };
}

const hasShares = sql`(w.user_acl <> '{}' or w.group_acl <> '{}')`;

export interface ModeChange {
  organizationId: string;
  /** What the mode was when the caller read it. */
  from: ShareableWorkspaceOwners;
  to: ShareableWorkspaceOwners;
}

/**
 * Changes the sharing mode with everything that hangs on it, all or nothing: the system roles, and the shares
 * that the new mode does not allow, which no later mode brings back. Answers which workspaces lost shares; null: the mode is not `from` any more.
 *
 * Two admins at once: batches run one after the other, and every statement of the later one asks whether its
 * own mode is the organisation's, so roles and shares always follow the mode that stands.
 */
export async function changeSharingMode(
  db: Database,
  { organizationId, from, to }: ModeChange,
  audit: SQL,
  now: number,
): Promise<string[] | null> {
  const stands = sql`exists (select 1 from organizations o
    where o.id = ${organizationId} and o.shareable_workspace_owners = ${to})`;
  const results = await runBatch(db, [
    sql`update organizations set shareable_workspace_owners = ${to}, updated_at = ${now}
      where id = ${organizationId} and deleted = 0 and shareable_workspace_owners = ${from} returning id`,
    audit,
    ...systemRoleStatements(organizationId, to, now),
    ...purge(organizationId, to, stands),
  ]);
  if (results[0]?.results.length !== 1) return null;
  return to === "everyone" ? [] : (results.at(-1)?.results ?? []).map((row) => purged.parse(row).id);
}

const purged = z.object({ id: z.string() });

function purge(organizationId: string, mode: ShareableWorkspaceOwners, stands: SQL): SQL[] {
  if (mode === "everyone") return [];
  const kept = mode === "none" ? sql`false` : sql`owner.is_service_account = 1`;
  return [
    sql`update workspaces as w set user_acl = '{}', group_acl = '{}'
      where w.organization_id = ${organizationId} and ${hasShares} and ${stands}
        and not exists (select 1 from users owner where owner.id = w.owner_id and ${kept}) returning id`,
  ];
}
