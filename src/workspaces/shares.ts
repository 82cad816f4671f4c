import { sql, type SQL } from "drizzle-orm";
import type { Actor } from "../access/actor.ts";
import { groundFor, type AccessObject } from "../access/check.ts";
import type { AccessColumns } from "../access/filter.ts";
import { sharingIsOff, type SharingSwitch } from "../organizations/sharing-mode.ts";
import { workspaces } from "./schema.ts";

/** A workspace as `check` asks about it. */
export function workspaceObject(
  workspace: Pick<typeof workspaces.$inferSelect, "ownerId" | "organizationId" | "userAcl" | "groupAcl">,
  env: SharingSwitch,
): AccessObject {
  return {
    type: "workspace",
    ownerId: workspace.ownerId,
    organizationId: workspace.organizationId,
    shares: sharingIsOff(env) ? {} : { ...workspace.userAcl, ...workspace.groupAcl },
  };
}

/**
 * Whether tools may run there in this person's name: the workspace is theirs or was shared with them. No role is
 * reason enough, the site owner's neither: a workspace may be somebody's own machine.
 */
export function mayUse(actor: Actor, workspace: AccessObject): boolean {
  const ground = groundFor(actor, "use", workspace);
  return ground === "own" || ground === "shared";
}

/** The columns of `workspaces` for `filter`. */
export function workspaceColumns(env: SharingSwitch): AccessColumns {
  const columns = { owner: workspaces.ownerId, organization: workspaces.organizationId };
  if (sharingIsOff(env)) return columns;
  return {
    ...columns,
    shared: (subjects: SQL, roles: SQL) =>
      sql`${workspaces.id} in (
        select e.workspace_id from workspace_acl_entries e where e.subject_id in ${subjects} and e.role in ${roles}
      )`,
  };
}
