import { id } from "../contract/common.ts";
import type { ProblemError } from "../contract/common.ts";
import { workspaceShareRoles } from "../contract/sharing.ts";
import { Problem } from "../platform/problem.ts";

/** The people and groups of the workspace's organisation among those that a request names: names by id. */
export interface AclSubjects {
  users: ReadonlyMap<string, string>;
  groups: ReadonlyMap<string, string>;
}

/** More than any list of people that somebody looks through: each wrong one is an error of its own. */
const ENTRIES_MAX = 200;

/** Throws a 400 Problem for more entries than one request takes. */
export function refuseTooMany(...maps: readonly Record<string, string>[]): void {
  if (maps.reduce((count, map) => count + Object.keys(map).length, 0) <= ENTRIES_MAX) return;
  const detail = `At most ${ENTRIES_MAX} entries at a time.`;
  throw new Problem(400, "The request is not valid.", { detail, errors: [{ pointer: "", detail }] });
}

/** Throws a 400 Problem with everything that is wrong with a change of an ACL. */
export function refuseWrongEntries(
  request: { userRoles: Record<string, string>; groupRoles: Record<string, string> },
  subjects: AclSubjects,
  who: { actorId: string; ownerId: string },
): void {
  const errors = [
    ...wrongEntries(request.userRoles, "/user_roles", (key, role) => {
      if (key === who.actorId) return "You can't change your own entry.";
      if (role === "") return null;
      if (key === who.ownerId) return "The workspace is theirs already.";
      return subjects.users.has(key) ? null : "There is no such user in the workspace's organisation.";
    }),
    ...wrongEntries(request.groupRoles, "/group_roles", (key, role) =>
      role === "" || subjects.groups.has(key) ? null : "There is no such group in the workspace's organisation.",
    ),
  ];
  if (errors.length === 0) return;
  const detail = "Nothing was shared. Every entry that is wrong is named below.";
  throw new Problem(400, "The request is not valid.", { detail, errors });
}

function wrongEntries(
  roles: Record<string, string>,
  pointer: string,
  whyNot: (key: string, role: string) => string | null,
): ProblemError[] {
  return Object.entries(roles).flatMap(([key, role]) => {
    const reasons = [
      id.safeParse(key).success ? whyNot(key, role) : "The key is no UUID.",
      role === "" || isRole(role) ? null : `There is no role "${role}": use ${roleList}, or "" to remove.`,
    ];
    return reasons.flatMap((reason) => (reason === null ? [] : [{ pointer, detail: `${key}: ${reason}` }]));
  });
}

const roleList = workspaceShareRoles.map((name) => `"${name}"`).join(" or ");

function isRole(name: string): boolean {
  return workspaceShareRoles.some((role) => role === name);
}
