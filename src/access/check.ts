import { notFound, Problem } from "../platform/problem.ts";
import type { Actor } from "./actor.ts";
import { grantsFor, permissionsOf } from "./decision.ts";
import type { Action, Level, Permission, ResourceType } from "./roles.ts";

export type { Action, ResourceType } from "./roles.ts";

/** What is to be acted on. Leave out what its type does not have. */
export interface AccessObject {
  type: ResourceType;
  ownerId?: string | null;
  organizationId?: string | null;
}

/** Whether the actor may do this to the object. */
export function check(actor: Actor, action: Action, object: AccessObject): boolean {
  return allows(permissionsOf(actor), actor, action, object);
}

/** `check` for a given set of permissions. */
export function allows(
  permissions: readonly Permission[],
  actor: Pick<Actor, "userId" | "organizationIds">,
  action: Action,
  object: AccessObject,
): boolean {
  const holds = (level: Level) => holdsFor(level, actor, object);
  return grantsFor(permissions, action, object.type).some((grant) => holds(grant.level) && !grant.unless.some(holds));
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
  throw new Problem(403, "You may not do this.", {
    detail: "Your role does not allow it. Ask an owner of this deployment.",
  });
}

function holdsFor(level: Level, actor: Pick<Actor, "userId" | "organizationIds">, object: AccessObject): boolean {
  switch (level) {
    case "site":
      return true;
    case "organization":
      return object.organizationId != null && actor.organizationIds.includes(object.organizationId);
    case "own":
      return object.ownerId === actor.userId;
  }
}
