import { organizationIdsOf, type Actor } from "./actor.ts";
import { shareRolesFor, speaksOf, type Action, type Permission, type ResourceType } from "./permissions.ts";
import { scopesAllow } from "./scopes.ts";

/**
 * The objects of a type on which an actor may do something, with the object still unknown. `check` asks
 * whether one object is among them, `filter` writes them as SQL; neither decides anything itself.
 */
export interface Reach {
  /** All there are. */
  everywhere: boolean;
  /** All of these organisations. */
  organizations: string[];
  /** What the actor owns, unless it belongs to one of the organisations in `except`. */
  owned: { except: string[] } | null;
  /** What the actor owns in these organisations. */
  ownedIn: string[];
  /** What was shared with the actor, or a group of theirs, under one of these names, in these organisations. */
  shared: { roles: string[]; organizations: string[] };
}

export const NO_REACH: Reach = {
  everywhere: false,
  organizations: [],
  owned: null,
  ownedIn: [],
  shared: { roles: [], organizations: [] },
};

/** What the actor's roles, within the credential's scopes, allow of an action on a type. */
export function reachOf(
  actor: Pick<Actor, "site" | "user" | "memberships" | "scopes">,
  action: Action,
  type: ResourceType,
): Reach {
  const says = (permissions: readonly Permission[], negate: boolean) =>
    permissions.some((permission) => (permission.negate ?? false) === negate && speaksOf(permission, action, type));
  const grants = (permissions: readonly Permission[]) => says(permissions, false);
  const forbids = (permissions: readonly Permission[]) => says(permissions, true);

  if (!scopesAllow(actor.scopes, action, type) || forbids(actor.site)) return NO_REACH;
  const inOrganizations = (holds: (membership: Actor["memberships"][string]) => boolean) =>
    organizationIdsOf(actor).filter((id) => {
      const membership = actor.memberships[id];
      return membership !== undefined && holds(membership);
    });
  const ownForbidden = forbids(actor.user);
  return {
    everywhere: grants(actor.site),
    organizations: inOrganizations((its) => grants(its.organization) && !forbids(its.organization)),
    owned:
      grants(actor.user) && !ownForbidden
        ? { except: inOrganizations((its) => forbids(its.organization) || forbids(its.member)) }
        : null,
    ownedIn: ownForbidden
      ? []
      : inOrganizations((its) => grants(its.member) && !forbids(its.member) && !forbids(its.organization)),
    shared: {
      roles: shareRolesFor(action, type),
      organizations: inOrganizations((its) => !forbids(its.organization)),
    },
  };
}
