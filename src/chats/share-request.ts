import { eq, sql } from "drizzle-orm";
import type { z } from "zod";
import type { ProblemError } from "../contract/common.ts";
import { chatShareRoles, type updateChatSharesRequest } from "../contract/sharing.ts";
import { users } from "../identity/schema.ts";
import { groups } from "../organizations/schema.ts";
import type { Database } from "../platform/d1.ts";
import { Problem } from "../platform/problem.ts";
import type { Share } from "./share-records.ts";

/** More than any list of people that somebody looks through, and far below what a statement takes. */
const ENTRIES_MAX = 200;

interface Subject {
  id: string;
  name: string;
  isMember: boolean;
}

/**
 * Whom a request lets in and whom it takes out. Throws one 400 Problem with everything that is wrong. The
 * empty role takes out whoever is named, known or not: a share can outlive its subject.
 */
export async function resolveShares(
  db: Database,
  chat: { ownerId: string; organizationId: string },
  request: z.infer<typeof updateChatSharesRequest>,
): Promise<{ set: Share[]; removedIds: string[] }> {
  const { user_roles: userRoles = {}, group_roles: groupRoles = {} } = request;
  const count = Object.keys(userRoles).length + Object.keys(groupRoles).length;
  if (count > ENTRIES_MAX) throw invalid([{ pointer: "", detail: `At most ${ENTRIES_MAX} entries at a time.` }]);

  const [people, teams] = await Promise.all([
    findUsers(db, chat.organizationId, Object.keys(userRoles)),
    findGroups(db, chat.organizationId, Object.keys(groupRoles)),
  ]);
  const errors: ProblemError[] = [];
  const set = new Map<string, Share>();
  const removed = new Set<string>();

  function take(field: string, type: Share["type"], key: string, roleName: string, subject: Subject | undefined): void {
    const pointer = `/${field}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    if (roleName === "") return void removed.add(subject?.id ?? key);
    const role = chatShareRoles.find((known) => known === roleName);
    if (role === undefined) errors.push({ pointer, detail: 'Use viewer or collaborator, or "" to take it away.' });
    if (subject === undefined || !subject.isMember) {
      const detail = type === "user" ? "There is nobody of this name" : "There is no such group";
      errors.push({ pointer, detail: `${detail} in the chat's organisation.` });
    } else if (subject.id === chat.ownerId) {
      errors.push({ pointer, detail: "The chat is theirs already." });
    } else if (set.has(subject.id)) {
      errors.push({ pointer, detail: "They are named twice." });
    } else if (role !== undefined) {
      set.set(subject.id, { id: subject.id, type, role, name: subject.name });
    }
  }
  for (const [key, role] of Object.entries(userRoles)) take("user_roles", "user", key, role, people(key));
  for (const [key, role] of Object.entries(groupRoles)) take("group_roles", "group", key, role, teams(key));
  if (errors.length > 0) throw invalid(errors);
  return { set: [...set.values()], removedIds: [...removed].filter((id) => !set.has(id)) };
}

function invalid(errors: ProblemError[]): Problem {
  return new Problem(400, "The shares are not valid.", {
    detail: [...new Set(errors.map((error) => error.detail))].join(" "),
    errors,
  });
}

/** By id or user name; an id wins, since the name of another can look like one. */
async function findUsers(db: Database, organizationId: string, keys: readonly string[]) {
  const rows = await db
    .select({
      id: users.id,
      name: users.username,
      isMember: sql<boolean>`exists (select 1 from organization_members m
        where m.organization_id = ${organizationId} and m.user_id = users.id)`.mapWith(Boolean),
    })
    .from(users)
    .where(
      sql`users.deleted = 0 and users.is_system = 0 and (users.id in (select value from json_each(${JSON.stringify(keys)}))
        or lower(users.username) in (select lower(value) from json_each(${JSON.stringify(keys)})))`,
    );
  return (key: string): Subject | undefined =>
    rows.find((row) => row.id === key) ?? rows.find((row) => row.name.toLowerCase() === key.toLowerCase());
}

async function findGroups(db: Database, organizationId: string, keys: readonly string[]) {
  const rows = await db
    .select({ id: groups.id, name: sql<string>`coalesce(nullif(${groups.displayName}, ''), ${groups.name})` })
    .from(groups)
    .where(
      sql`${groups.id} in (select value from json_each(${JSON.stringify(keys)})) and ${eq(groups.organizationId, organizationId)}`,
    );
  const found = new Map(rows.map((row) => [row.id, { ...row, isMember: true }]));
  return (key: string): Subject | undefined => found.get(key);
}
