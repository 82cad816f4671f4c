import { and, asc, count, eq, sql, type SQL } from "drizzle-orm";
import { filter } from "../access/filter.ts";
import type { Actor } from "../access/actor.ts";
import type { SiteRole, User, UserStatus } from "../contract/identity.ts";
import type { Database } from "../platform/d1.ts";
import { userColumns, users } from "./schema.ts";
import { isPerson, organizationsOfUser, shownUser } from "./users.ts";

export interface UserSearch {
  q?: string | undefined;
  status?: UserStatus | undefined;
  role?: SiteRole | undefined;
  service_account?: boolean | undefined;
}

/** A page of those accounts that the actor may read, by user name. `after` is the name that the page before ended with. */
export function selectUsers(
  db: Database,
  readable: SQL,
  search: UserSearch,
  page: { after: string | null; limit: number },
) {
  return db
    .select({ user: users, organizations: organizationsOfUser })
    .from(users)
    .where(
      and(
        isPerson,
        readable,
        matching(search),
        // A name is used once among those who are there, so it is an order without ties.
        page.after === null ? undefined : sql`lower(${users.username}) > lower(${page.after})`,
      ),
    )
    .orderBy(asc(sql`lower(${users.username})`))
    .limit(page.limit);
}

/** The accounts on a page, and how many there are on all of them. */
export async function listUsers(
  db: Database,
  actor: Actor,
  search: UserSearch,
  page: { after: string | null; limit: number },
): Promise<{ users: User[]; count: number }> {
  const readable = readableUsers(actor);
  const [rows, [counted]] = await db.batch([
    selectUsers(db, readable, search, page),
    db
      .select({ count: count() })
      .from(users)
      .where(and(isPerson, readable, matching(search))),
  ]);
  return { users: rows.map((row) => shownUser(row.user, row.organizations)), count: counted?.count ?? 0 };
}

/** The name of the account with this id, if the actor may read it: where the next page begins. */
export async function userCursor(db: Database, actor: Actor, id: string): Promise<string | undefined> {
  const found = await db
    .select({ username: users.username })
    .from(users)
    .where(and(eq(users.id, id), isPerson, readableUsers(actor)))
    .get();
  return found?.username;
}

function readableUsers(actor: Actor): SQL {
  return filter(actor, "read", "user", userColumns);
}

function matching({ q, status, role, service_account: isServiceAccount }: UserSearch): SQL | undefined {
  return and(
    q === undefined || q === "" ? undefined : holds(q),
    status === undefined ? undefined : eq(users.status, status),
    role === undefined ? undefined : sql`exists (select 1 from json_each(users.roles) where value = ${role})`,
    isServiceAccount === undefined ? undefined : eq(users.isServiceAccount, isServiceAccount),
  );
}

/** Not `like`, where signs of the question are wildcards and D1 takes 50 bytes at most. */
function holds(q: string): SQL {
  const columns = [users.username, users.name, users.email];
  return sql`(${sql.join(
    columns.map((column) => sql`instr(lower(${column}), lower(${q})) > 0`),
    sql` or `,
  )})`;
}
