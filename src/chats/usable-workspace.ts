import type { Actor } from "../access/actor.ts";
import { ALL_SCOPE } from "../access/scopes.ts";
import { readActor } from "../identity/actors.ts";
import type { SharingSwitch } from "../organizations/sharing-mode.ts";
import type { Database } from "../platform/d1.ts";
import { Problem } from "../platform/problem.ts";
import { readWorkspace } from "../workspaces/records.ts";
import { mayUse, workspaceObject } from "../workspaces/shares.ts";

/**
 * Throws a 400 Problem unless both may use the workspace: who binds it to a chat, and the chat's owner, as whom
 * its tools run there. It is a wrong value, not a wrong address.
 */
export async function requireUsableWorkspace(
  { db, env }: { db: Database; env: SharingSwitch },
  actor: Actor,
  workspaceId: string,
  chatOwnerId: string,
): Promise<void> {
  const found = await readWorkspace(db, workspaceId);
  const object = found === null ? null : workspaceObject(found.workspace, env);
  const usable = object !== null && mayUse(actor, object);
  if (usable && chatOwnerId === actor.userId) return;
  if (usable) {
    const owner = await readActor(db, chatOwnerId, { sessionId: null, keyId: null, scopes: [ALL_SCOPE] });
    if (owner !== null && mayUse(owner, object)) return;
  }
  const detail = usable
    ? "The owner of this chat may not use that workspace."
    : "There is no such workspace, or you may not use it.";
  throw new Problem(400, "Invalid workspace ID.", { detail, errors: [{ pointer: "/workspace_id", detail }] });
}
