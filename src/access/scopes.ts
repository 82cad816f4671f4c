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
