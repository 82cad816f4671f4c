import { eq, getTableColumns, sql, type SQL } from "drizzle-orm";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";
import { check } from "../access/check.ts";
import { ALL_SCOPE } from "../access/scopes.ts";
import type { Chat, WatchEvent } from "../contract/chats.ts";
import { readActor } from "../identity/actors.ts";
import { credentialScopes } from "../identity/live-credentials.ts";
import { systemClock, type Clock } from "../platform/clock.ts";
import { selectFromJson, type Database } from "../platform/d1.ts";
import { log } from "../platform/log.ts";
import type { ChatRow, LedgerOwner, LedgerRow, ProjectionPort } from "./engine/ports.ts";
import { selectSeenBy } from "./reads.ts";
import { readStoredChat, toChat } from "./records.ts";
import { tellSharers } from "./shared-sidebars.ts";
import { chatObject } from "./shares.ts";
import { chatMessages, chats } from "./schema.ts";

/** Keeps the one JSON parameter of a statement well under D1's 2 MB. */
const LEDGER_ROWS_PER_STATEMENT = 1_000;

/** A message has at most 1 MB, and a call between objects takes 32 MB. */
const SEARCH_TEXTS_PER_CALL = 20;

/** Where a chat's object puts what lists and figures need. */
export function projectionPort(env: Pick<Env, "USERS">, db: Database, clock: Clock = systemClock): ProjectionPort {
  function tellOthers(kind: WatchEvent["kind"], chat: Chat): void {
    // Not awaited: what the owner sees does not wait for anybody else's sidebar.
    tellSharers(env.USERS, db, kind, chat).catch((error: unknown) => {
      log.warn("sidebars.untold", { chatId: chat.id, error });
    });
  }

  return {
    async write(chat, ledger, whose) {
      const [first, ...rest] = [...(chat ? [upsertChat(db, chat)] : []), ...upsertLedger(db, ledger, whose)];
      const chatId = chat?.id ?? ledger[0]?.chat_id;
      if (first === undefined || chatId === undefined) return null;
      const answers = await db.batch([first, ...rest, selectSeenBy(db, chats.ownerId, eq(chats.id, chatId))]);
      const rows = answers.at(-1);
      const [row] = Array.isArray(rows) ? rows : [];
      return row ? toChat(row) : null;
    },

    async index(ownerId, entries) {
      const texts = entries.map(({ seq, ...entry }) => ({ ...entry, version: seq }));
      for (let start = 0; start < texts.length; start += SEARCH_TEXTS_PER_CALL) {
        await env.USERS.getByName(ownerId).indexMessages(texts.slice(start, start + SEARCH_TEXTS_PER_CALL));
      }
    },

    async notify(kind, chat) {
      await env.USERS.getByName(chat.owner_id).chatChanged({ kind, chat });
      if (chat.shared === true) tellOthers(kind, chat);
    },

    async watch(userId, sessionId, chatId) {
      await env.USERS.getByName(userId).register({ chatId, sessionId });
    },

    async unwatch(userId, sessionId, chatId) {
      await env.USERS.getByName(userId).unregister({ chatId, sessionId });
    },

    async mayRead(userId, sessionId, chatId) {
      const [scopes, actor, chat] = await Promise.all([
        credentialScopes(db, userId, sessionId, clock()),
        readActor(db, userId, { sessionId: null, keyId: null, scopes: [ALL_SCOPE] }),
        readStoredChat(db, chatId),
      ]);
      if (!scopes || !actor || !chat) return false;
      return check({ ...actor, scopes }, "read", chatObject(chat));
    },
  };
}

/** A late arrival changes nothing. Archiving has its own writer: these columns are set at the insert only. */
function upsertChat(db: Database, chat: ChatRow) {
  return db
    .insert(chats)
    .values({
      id: chat.id,
      ownerId: chat.owner_id,
      organizationId: chat.organization_id,
      workspaceId: chat.workspace_id,
      parentChatId: chat.parent_chat_id,
      rootChatId: chat.root_chat_id,
      title: chat.title,
      status: chat.status,
      lastError: chat.last_error,
      lastErrorDetail: chat.last_error_detail,
      lastModelConfigId: chat.last_model_config_id,
      mode: chat.mode,
      archived: fromRoot(chat, "archived", chat.archived ? 1 : 0),
      archivedVersion: fromRoot(chat, "archived_version", chat.archived_version),
      version: chat.version,
      createdAt: chat.created_at,
      updatedAt: chat.updated_at,
      lastAnswerId: chat.last_answer_id,
    })
    .onConflictDoUpdate({
      target: chats.id,
      set: excluded(chats, [
        "workspaceId",
        "title",
        "status",
        "lastError",
        "lastErrorDetail",
        "lastModelConfigId",
        "mode",
        "version",
        "updatedAt",
        "lastAnswerId",
      ]),
      setWhere: sql`excluded.version > ${chats.version}`,
    });
}

/** A child that is inserted after its tree was archived belongs to the archive, too. */
function fromRoot(chat: ChatRow, column: "archived" | "archived_version", own: number): SQL {
  if (chat.root_chat_id === chat.id) return sql`${own}`;
  return sql`coalesce((select ${sql.raw(column)} from chats root where root.id = ${chat.root_chat_id}), ${own})`;
}

function upsertLedger(db: Database, rows: readonly LedgerRow[], whose: LedgerOwner) {
  const columns = Object.values(getTableColumns(chatMessages)).map((column) => column.name);
  const statements = [];
  for (let start = 0; start < rows.length; start += LEDGER_ROWS_PER_STATEMENT) {
    const some = rows.slice(start, start + LEDGER_ROWS_PER_STATEMENT).map((row) => ({ ...row, ...whose }));
    statements.push(
      db
        .insert(chatMessages)
        .select(selectFromJson(some, columns))
        .onConflictDoUpdate({
          target: [chatMessages.chatId, chatMessages.id],
          set: { ...excluded(chatMessages, ledgerChanges), totalCostMicros: costUnlessRepriced },
          setWhere: sql`excluded.version > ${chatMessages.version}`,
        }),
    );
  }
  return statements;
}

const ledgerChanges = [
  "kind",
  "role",
  "visibility",
  "contentVersion",
  "createdBy",
  "modelConfigId",
  "inputTokens",
  "outputTokens",
  "totalTokens",
  "reasoningTokens",
  "cacheCreationTokens",
  "cacheReadTokens",
  "cacheCreation1hTokens",
  "webSearchRequests",
  "contextLimit",
  "estimated",
  "runtimeMs",
  "compressed",
  "deleted",
  "version",
  "createdAt",
] as const;

/** A row that an admin had priced anew keeps that price: the object knows the one of its time. */
const costUnlessRepriced = sql`iif(${chatMessages.repricedAt} is null, excluded.total_cost_micros, ${chatMessages.totalCostMicros})`;

/** `set column = excluded.column`: the row that was to be inserted wins. */
function excluded<T extends SQLiteTable>(table: T, keys: readonly (keyof T["_"]["columns"] & string)[]) {
  const columns = getTableColumns(table);
  return Object.fromEntries(keys.map((key) => [key, sql`excluded.${sql.identifier(columns[key]?.name ?? key)}`]));
}
