import { eq, sql } from "drizzle-orm";
import type { MinimalUser } from "../contract/identity.ts";
import { users } from "../identity/schema.ts";
import type { Database } from "../platform/d1.ts";

/** A person as others see them. */
export const minimalUserColumns = {
  id: users.id,
  username: users.username,
  name: users.name,
  avatar_url: users.avatarUrl,
  is_service_account: users.isServiceAccount,
};

/** People by their ids, by user name; those who have left, too. */
export async function readPeople(db: Database, userIds: readonly string[]): Promise<MinimalUser[]> {
  return db
    .select(minimalUserColumns)
    .from(users)
    .where(sql`${users.id} in (select value from json_each(${JSON.stringify(userIds)}))`)
    .orderBy(users.username, users.id);
}

export async function readPerson(db: Database, userId: string): Promise<MinimalUser | undefined> {
  const [row] = await db.select(minimalUserColumns).from(users).where(eq(users.id, userId));
  return row;
}
