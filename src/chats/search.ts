import { and, eq, gt, sql, type SQL } from "drizzle-orm";
import type { ChatStatus } from "../contract/chats.ts";
import type { SearchResult } from "../contract/search.ts";
import type { Database } from "../platform/d1.ts";
import { selectSeenBy } from "./reads.ts";
import { toChat, type SeenChat } from "./records.ts";
import { chats } from "./schema.ts";

export interface ChatQuestion {
  userId: string;
  text: string;
  /** What the actor may read, as `filter` says it. */
  readable: SQL;
  status: ChatStatus | null;
  archived: boolean | null;
  limit: number;
}

/** Chats that the index is asked for at a time; most of them pass, so one page is enough. */
const CANDIDATES = 200;

/**
 * Chats of a person with what they look for. The index knows the words, D1 what may be seen and how a
 * chat stands now: the index is asked on until enough of its chats pass.
 */
export async function searchChats(users: Env["USERS"], db: Database, question: ChatQuestion): Promise<SearchResult[]> {
  const hub = users.getByName(question.userId);
  const found: SeenChat[] = [];
  for (let offset = 0; found.length < question.limit; offset += CANDIDATES) {
    const ids = await hub.findChats({ question: question.text, limit: CANDIDATES, offset });
    if (ids.length > 0) found.push(...(await passing(db, question, ids)));
    if (ids.length < CANDIDATES) break;
  }
  const shown = found.slice(0, question.limit);
  if (shown.length === 0) return [];
  const matches = await hub.findMatches({ question: question.text, chatIds: shown.map((chat) => chat.id) });
  return shown.map((chat) => ({
    chat: toChat(chat),
    matches: matches.find((own) => own.chatId === chat.id)?.matches ?? [],
  }));
}

/** In the order of the index. */
async function passing(db: Database, question: ChatQuestion, ids: readonly string[]): Promise<SeenChat[]> {
  const rows = await selectSeenBy(
    db,
    question.userId,
    and(
      sql`${chats.id} in (select value from json_each(${JSON.stringify(ids)}))`,
      eq(chats.ownerId, question.userId),
      question.readable,
      gt(chats.version, 0),
      question.archived === null ? undefined : eq(chats.archived, question.archived),
      question.status === null ? undefined : eq(chats.status, question.status),
    ),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
