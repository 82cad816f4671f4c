import type { Context } from "hono";
import { requirePermission, type Action } from "../access/check.ts";
import { requireActor, type AppEnv } from "../access/router.ts";
import { notFound } from "../platform/problem.ts";
import { readWorkspace, type WorkspaceRow } from "./records.ts";
import { workspaceObject } from "./shares.ts";

/** A workspace that the actor may do this to; 404 for ids that are unknown, forgotten or out of their reach. */
export async function permittedWorkspace(
  c: Context<AppEnv>,
  workspaceId: string,
  action: Action,
): Promise<WorkspaceRow> {
  const actor = requireActor(c);
  const found = await readWorkspace(c.var.db, workspaceId);
  if (found === null) throw notFound();
  requirePermission(actor, action, workspaceObject(found.workspace, c.env));
  return found;
}
