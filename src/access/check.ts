import { notFound, Problem } from "../platform/problem.ts";
import type { Actor } from "./actor.ts";
import { reachOf, type Reach } from "./decision.ts";
import type { Action, ResourceType } from "./permissions.ts";

export type { Action, ResourceType } from "./permissions.ts";

/** What is to be acted on. Leave out what its type does not have. */
export interface AccessObject {
  type: ResourceType;
  ownerId?: string | null;
  organizationId?: string | null;
  /** With whom it is shared: the name of a share role by the id of a user or a group. */
  shares?: Readonly<Record<string, string>>;
}

/** Why an actor may do something, the nearest reason: it is theirs, it was shared with them, or their role reaches it. */
export type Ground = "own" | "shared" | "organization" | "site";

/** Whether the actor may do this to the object. */
export function check(actor: Actor, action: Action, object: AccessObject): boolean {
  return groundFor(actor, action, object) !== null;
}

/** Why the actor may do this to the object; null when they may not. */
export function groundFor(actor: Actor, action: Action, object: AccessObject): Ground | null {
  return groundWithin(reachOf(actor, action, object.type), actor, object);
}

/**
 * Throws unless `check` says yes: a 404 Problem when the actor may not even read the object, so that
 * ids of others cannot be probed, and a 403 when it may. What has neither owner nor organisation
 * (settings of the deployment) is known to exist, and so is what is about to be created: always 403.
 */
export function requirePermission(actor: Actor, action: Action, object: AccessObject): void {
  if (check(actor, action, object)) return;
  const known = action === "create" || (object.ownerId === undefined && object.organizationId === undefined);
  if (!known && !check(actor, "read", object)) throw notFound();
  throw forbidden();
}

/** For what an actor may see but not do. */
export function forbidden(detail = "Your role does not allow it. Ask an owner of this deployment."): Problem {
  return new Problem(403, "You may not do this.", { detail });
}

function groundWithin(reach: Reach, actor: Pick<Actor, "userId" | "groupIds">, object: AccessObject): Ground | null {
  const { ownerId, organizationId = null, shares = {} } = object;
  const isIn = (ids: readonly string[]) => organizationId !== null && ids.includes(organizationId);
  if (ownerId === actor.userId) {
    if (reach.owned !== null && !isIn(reach.owned.except)) return "own";
    if (isIn(reach.ownedIn)) return "own";
  }
  if (isIn(reach.shared.organizations)) {
    const names = [actor.userId, ...actor.groupIds].filter((id) => Object.hasOwn(shares, id)).map((id) => shares[id]);
    if (names.some((name) => name !== undefined && reach.shared.roles.includes(name))) return "shared";
  }
  if (isIn(reach.organizations)) return "organization";
  return reach.everywhere ? "site" : null;
}
