import { and, eq, getTableColumns } from "drizzle-orm";
import { ALL_SCOPE } from "../access/scopes.ts";
import { mayAct, rightsOfUser, toActor } from "../identity/actors.ts";
import { users } from "../identity/schema.ts";
import type { SharingSwitch } from "../organizations/sharing-mode.ts";
import type { Database } from "../platform/d1.ts";
import { firstAgent, newestBuild } from "./records.ts";
import { workspaceAgents, workspaceBuilds, workspaces } from "./schema.ts";
import { mayUse, workspaceObject } from "./shares.ts";

/** The agent that serves a workspace now, or null when the workspace is gone. */
export async function readServingAgent(db: Database, workspaceId: string): Promise<{ agentId: string } | null> {
  const [row] = await db
    .select({ agentId: workspaceAgents.id })
    .from(workspaces)
    .innerJoin(workspaceBuilds, newestBuild)
    .innerJoin(workspaceAgents, firstAgent)
    .where(and(eq(workspaces.id, workspaceId), eq(workspaces.deleted, false)))
    .limit(1);
  return row ?? null;
}

/**
 * The same for the chats of one person, who may have been let in and may have been shut out since: asked at every
 * use, in the one query that the use needs anyway. "forbidden" when they may not use the workspace.
 */
export async function readServingAgentFor(
  db: Database,
  env: SharingSwitch,
  workspaceId: string,
  userId: string,
): Promise<{ agentId: string } | "forbidden" | null> {
  const [row] = await db
    .select({
      agentId: workspaceAgents.id,
      workspace: getTableColumns(workspaces),
      // Null once they may not act at all.
      user: getTableColumns(users),
      rights: rightsOfUser,
    })
    .from(workspaces)
    .innerJoin(workspaceBuilds, newestBuild)
    .innerJoin(workspaceAgents, firstAgent)
    .leftJoin(users, and(eq(users.id, userId), mayAct))
    .where(and(eq(workspaces.id, workspaceId), eq(workspaces.deleted, false)))
    .limit(1);
  if (row === undefined) return null;
  if (row.user === null) return "forbidden";
  const actor = toActor(row.user, row.rights, { sessionId: null, keyId: null, scopes: [ALL_SCOPE] });
  return mayUse(actor, workspaceObject(row.workspace, env)) ? { agentId: row.agentId } : "forbidden";
}
