import { z } from "zod";
import { actions, resourceTypes, type Action, type ResourceType } from "./permissions.ts";

/** The scope of a credential that may do everything its user may. */
export const ALL_SCOPE = "all";

/** `all`, or a resource and an action with `*` for any: `*:read`, `chat:*`, `workspace:use`. */
export const scope = z
  .templateLiteral([z.enum(["*", ...resourceTypes]), ":", z.enum(["*", ...actions])])
  .or(z.literal(ALL_SCOPE));

/** Whether a credential with these scopes reaches so far. What a scope does not name, it does not allow. */
export function scopesAllow(scopes: readonly string[], action: Action, type: ResourceType): boolean {
  return scopes.some((name) => {
    if (name === ALL_SCOPE) return true;
    const [resource, what] = name.split(":");
    return (resource === "*" || resource === type) && (what === "*" || what === action);
  });
}

/** Those of the asked scopes that reach beyond the held ones, so that nobody hands on more than they hold. */
export function scopesBeyond(asked: readonly string[], held: readonly string[]): string[] {
  return asked.filter((name) => !held.some((other) => covers(other, name)));
}

function covers(held: string, asked: string): boolean {
  if (held === ALL_SCOPE || held === asked) return true;
  // `all` may come to mean more than every pair that there is today.
  if (asked === ALL_SCOPE) return false;
  const [heldResource, heldAction] = held.split(":");
  const [resource, action] = asked.split(":");
  return (heldResource === "*" || heldResource === resource) && (heldAction === "*" || heldAction === action);
}
