import { and, eq, sql } from "drizzle-orm";
import { askEach } from "../platform/ask-each.ts";
import type { Database } from "../platform/d1.ts";
import { chatStub } from "./object.ts";
import { chats } from "./schema.ts";

/** Far more than anybody has at work at once; a chat that is left out ends at its next step. */
const STOPPED_AT_MOST = 200;

/** Stops the turns of a person's chats. Call it once D1 says why; a chat that it does not reach finds that out itself. */
export async function stopChatsOf(env: Pick<Env, "CHATS">, db: Database, userId: string): Promise<void> {
  // In so many words, as the index of working chats says it.
  const isWorking = sql`${chats.status} in ('pending', 'running', 'interrupting')`;
  const working = await db
    .select({ id: chats.id })
    .from(chats)
    .where(and(eq(chats.ownerId, userId), isWorking))
    .limit(STOPPED_AT_MOST);
  const ask = ({ id }: { id: string }) => chatStub(env.CHATS, id).interrupt();
  await askEach(working, ask, "chat.not_stopped", ({ id }) => ({ chatId: id }));
}
