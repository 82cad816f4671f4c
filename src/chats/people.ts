import { eq, sql } from "drizzle-orm";
import { check } from "../access/check.ts";
import { ALL_SCOPE } from "../access/scopes.ts";
import type { MinimalUser } from "../contract/identity.ts";
import { readActor } from "../identity/actors.ts";
import { users } from "../identity/schema.ts";
import type { Database } from "../platform/d1.ts";
import { readStoredChat } from "./records.ts";
import { chatObject } from "./shares.ts";

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

/** Whether somebody may send to a chat, whatever credential they would do it with. */
export async function mayWrite(db: Database, userId: string, chatId: string): Promise<boolean> {
  const [actor, chat] = await Promise.all([
    readActor(db, userId, { sessionId: null, keyId: null, scopes: [ALL_SCOPE] }),
    readStoredChat(db, chatId),
  ]);
  return actor !== null && chat !== null && check(actor, "use", chatObject(chat));
}

export async function readPerson(db: Database, userId: string): Promise<MinimalUser | undefined> {
  const [row] = await db.select(minimalUserColumns).from(users).where(eq(users.id, userId));
  return row;
}
