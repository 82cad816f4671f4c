import { ALL_SCOPE, type Actor } from "./actor.ts";
import { levels, sitePermissions, type Action, type Level, type Permission, type ResourceType } from "./roles.ts";

/** What may be tested on an object at one level: it is allowed where `level` holds and none of `unless` does. */
export interface Grant {
  level: Level;
  unless: Level[];
}

/** All permissions of an actor; none for a credential whose scopes do not reach this far. */
export function permissionsOf(actor: Pick<Actor, "siteRoles" | "scopes">): Permission[] {
  if (!actor.scopes.includes(ALL_SCOPE)) return [];
  return actor.siteRoles.flatMap((role) => sitePermissions[role] ?? []);
}

/**
 * The one rule, with the object still unknown: at which levels permissions allow the action on a type,
 * and which negations would veto each. `check` evaluates it on an object, `filter` writes it as SQL.
 */
export function grantsFor(permissions: readonly Permission[], action: Action, type: ResourceType): Grant[] {
  const relevant = permissions.filter((permission) => applies(permission, action, type));
  const negated = new Set(relevant.filter((permission) => permission.negate).map((permission) => permission.level));
  const granted = new Set(relevant.filter((permission) => !permission.negate).map((permission) => permission.level));
  return levels
    .filter((level) => granted.has(level))
    .map((level) => ({ level, unless: levels.filter((other) => negated.has(other) && isAsStrong(other, level)) }));
}

function applies(permission: Permission, action: Action, type: ResourceType): boolean {
  const onResource = permission.resource === "*" || permission.resource === type;
  return onResource && (permission.actions === "*" || permission.actions.includes(action));
}

function isAsStrong(level: Level, than: Level): boolean {
  return levels.indexOf(level) <= levels.indexOf(than);
}
