import { sql, type SQL } from "drizzle-orm";
import type { ShareableWorkspaceOwners } from "../contract/organizations.ts";

/** The deployment's switch over all organisations: while it is on, no share counts and none can be made. */
export type SharingSwitch = Pick<Env, "DISABLE_WORKSPACE_SHARING">;

/** Whether the deployment forbids all sharing of workspaces. */
export function sharingIsOff(env: SharingSwitch): boolean {
  return env.DISABLE_WORKSPACE_SHARING === "1" || env.DISABLE_WORKSPACE_SHARING === "true";
}

/** Why a workspace of this owner can't be shared, as a sentence; null when it can. */
export function whyNotShareable(mode: ShareableWorkspaceOwners, ownerIsServiceAccount: boolean): string | null {
  switch (mode) {
    case "everyone":
      return null;
    case "service_accounts":
      return ownerIsServiceAccount ? null : "In this organisation only workspaces of service accounts can be shared.";
    case "none":
      return "Workspace sharing is disabled for this organisation.";
  }
}

/** The same rule where a statement meets the row: `o` the organisation and `owner` the workspace's owner. */
export const shareableInSql: SQL = sql`(o.shareable_workspace_owners = 'everyone'
  or (o.shareable_workspace_owners = 'service_accounts' and owner.is_service_account = 1))`;

/** The mode that a request asks for; null when it names none. The newer field wins. */
export function askedMode(request: {
  shareable_workspace_owners?: ShareableWorkspaceOwners | "" | undefined;
  sharing_disabled?: boolean | undefined;
}): ShareableWorkspaceOwners | null {
  const { shareable_workspace_owners: owners = "" } = request;
  if (owners !== "") return owners;
  if (request.sharing_disabled === undefined) return null;
  return request.sharing_disabled ? "none" : "everyone";
}
