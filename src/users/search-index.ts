import type { SearchMatch } from "../contract/search.ts";
import type { ObjectMigration } from "../platform/migrator.ts";
import { firstRow, type ObjectStorage } from "../platform/object-storage.ts";
import { matchExpression, snippetOf, wordsOf, type Term } from "./search-words.ts";

/**
 * A person's search: what they and their models wrote, and the titles of their chats. A text stands in
 * `search_texts`; `search_words` knows the words alone, folded by our own rule.
 */
export const SEARCH_MIGRATION: ObjectMigration = {
  id: "0002_search",
  statements: [
    // The title of a chat is its message 0. A deleted message stays as a row without text: a late arrival
    // of an older version must find it.
    `create table search_texts (
      id integer primary key,
      chat_id text not null,
      message_id integer not null,
      version integer not null,
      role text not null check (role in ('title', 'user', 'assistant')),
      text text not null,
      created_at integer not null,
      unique (chat_id, message_id)
    ) strict`,
    `create virtual table search_words using fts5(
      words, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3')`,
  ],
};

export interface SearchText {
  chatId: string;
  /** 0 = the chat's title. */
  messageId: number;
  /** Of two versions the higher counts. */
  version: number;
  role: "title" | "user" | "assistant";
  text: string;
  deleted: boolean;
  createdAt: number;
}

/** One stored value may not pass 2 MB; a unit of UTF-16 is at most 3 bytes. What is beyond is not found. */
const TEXT_MAX_LENGTH = 600_000;
const MATCHES_PER_CHAT = 3;

/** A repeat or a late arrival changes nothing. */
export function indexTexts(storage: ObjectStorage, texts: readonly SearchText[]): void {
  storage.transaction(() => {
    for (const text of texts) indexText(storage, text);
  });
}

function indexText(storage: ObjectStorage, entry: SearchText): void {
  const present = firstRow(
    storage.exec<{ id: number; version: number; text: string }>(
      "select id, version, text from search_texts where chat_id = ? and message_id = ?",
      entry.chatId,
      entry.messageId,
    ),
  );
  if (present !== null && present.version >= entry.version) return;
  const text = entry.deleted ? "" : entry.text.slice(0, TEXT_MAX_LENGTH).toWellFormed();
  const row = firstRow(
    storage.exec<{ id: number }>(
      `insert into search_texts (chat_id, message_id, version, role, text, created_at) values (?, ?, ?, ?, ?, ?)
       on conflict (chat_id, message_id) do update set version = excluded.version, text = excluded.text,
         created_at = excluded.created_at
       returning id`,
      entry.chatId,
      entry.messageId,
      entry.version,
      entry.role,
      text,
      entry.createdAt,
    ),
  );
  // A chat that changes keeps its title mostly.
  if (row === null || present?.text === text) return;
  if (present !== null) storage.exec("delete from search_words where rowid = ?", row.id);
  const words = wordsOf(text).map((word) => word.folded);
  if (words.length > 0) storage.exec("insert into search_words (rowid, words) values (?, ?)", row.id, words.join(" "));
}

/** Chats in which all terms stand in one text: those with them in the title first, then the newest match first. */
export function findChats(
  storage: ObjectStorage,
  terms: readonly Term[],
  page: { limit: number; offset: number },
): string[] {
  const rows = storage.exec<{ chat_id: string }>(
    `select chat_id from search_words join search_texts on search_texts.id = search_words.rowid
     where search_words match ? group by chat_id
     order by max(message_id = 0) desc, max(created_at) desc, chat_id limit ? offset ?`,
    matchExpression(terms),
    page.limit,
    page.offset,
  );
  return rows.map((row) => row.chat_id);
}

/** The best matches of each of these chats. */
export function findMatches(
  storage: ObjectStorage,
  terms: readonly Term[],
  chatIds: readonly string[],
): Map<string, SearchMatch[]> {
  const rows = storage.exec<{ chat_id: string; message_id: number; role: SearchMatch["role"]; text: string }>(
    // The rank is asked for before anything is joined: FTS5 gives it nowhere else.
    `with found as materialized (select rowid as id, rank as score from search_words where search_words match ?),
       ranked as (
         select found.id, row_number() over (
           partition by chat_id order by message_id = 0 desc, score, created_at desc) as place
         from found join search_texts on search_texts.id = found.id
         where chat_id in (select value from json_each(?)))
     select chat_id, message_id, role, text from ranked join search_texts on search_texts.id = ranked.id
     where place <= ? order by chat_id, place`,
    matchExpression(terms),
    JSON.stringify(chatIds),
    MATCHES_PER_CHAT,
  );
  const found = new Map<string, SearchMatch[]>();
  for (const row of rows) {
    const match = {
      message_id: row.message_id === 0 ? null : row.message_id,
      role: row.role,
      snippet: snippetOf(row.text, terms),
    };
    found.set(row.chat_id, [...(found.get(row.chat_id) ?? []), match]);
  }
  return found;
}
