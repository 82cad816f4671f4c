import { organizationIdsOf, type Actor } from "../access/actor.ts";
import { Problem } from "../platform/problem.ts";
import { DEFAULT_ORGANIZATION_ID } from "./schema.ts";

/**
 * The organisation that something new belongs to: the one asked for, else the default one, else the
 * actor's first. Throws a 400 Problem for one that the actor is no member of, and a 403 when there is none.
 */
export function chooseOrganization(actor: Actor, asked: string | undefined, pointer = "/organization_id"): string {
  const own = organizationIdsOf(actor);
  if (asked !== undefined) {
    if (own.includes(asked)) return asked;
    const detail = "There is no such organisation, or you are not a member of it.";
    const error = pointer.startsWith("/") ? { pointer, detail } : { parameter: pointer, detail };
    throw new Problem(400, "Invalid organisation ID.", { detail, errors: [error] });
  }
  const chosen = own.includes(DEFAULT_ORGANIZATION_ID) ? DEFAULT_ORGANIZATION_ID : own.toSorted()[0];
  if (chosen !== undefined) return chosen;
  throw new Problem(403, "You are in no organisation.", { detail: "Ask an admin to add you to one." });
}
