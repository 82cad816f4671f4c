import { z } from "zod";
import worker, { ChatObject as Chat } from "../../../src/worker.ts";
import { fillLedger } from "./ledger.ts";
import { fillLists } from "./lists.ts";

/**
 * The product with counters: rows that its objects read and write, and round trips to D1. And with a way to make
 * a long chat at once. All objects of a Worker share one isolate here, so one count holds them all.
 */

export { UserObject, WorkspaceObject } from "../../../src/worker.ts";

const total = { rowsRead: 0, rowsWritten: 0, d1: 0 };
const patched = new WeakSet<object>();
/** The newest messages of a filled chat, which stand after its summary. */
const AFTER_SUMMARY = 10;

export class ChatObject extends Chat {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    countRows(ctx.storage.sql);
    countTrips(env.DB);
  }

  async fill(messages: number): Promise<void> {
    const sql = this.ctx.storage.sql;
    const chat = z
      .object({ id: z.string(), owner_id: z.string(), first: z.int() })
      .parse(
        sql
          .exec(
            "update chat set next_id = next_id + ? returning id, owner_id, next_id - ? as first",
            messages,
            messages,
          )
          .one(),
      );
    const numbers = "with recursive n(i) as (select 0 union all select i + 1 from n where i + 1 < ?2)";
    const role = (i: string) => `case ${i} % 2 when 0 then 'user' else 'assistant' end`;
    sql.exec(
      `insert into messages (id, seq, role, visibility, content, content_version, compressed, created_at)
       ${numbers} select ?1 + i, 1, ${role("i")}, case i when ?3 then 'model' else 'both' end,
         '[{"type":"text","text":"message ' || i || '"}]', 1, i = ?3, ?4 from n`,
      chat.first,
      messages,
      Math.max(0, messages - AFTER_SUMMARY),
      Date.now(),
    );
    await this.env.DB.prepare(
      `insert into chat_messages (chat_id, id, kind, role, visibility, content_version, version, created_at)
       ${numbers} select ?3, ?1 + i, 'message', ${role("i")}, 'both', 1, 1, ?4 from n`,
    )
      .bind(chat.first, messages, chat.id, Date.now())
      .run();
    const texts = Array.from({ length: messages }, (_, index) => ({
      chatId: chat.id,
      messageId: chat.first + index,
      version: 1,
      role: index % 2 === 0 ? ("user" as const) : ("assistant" as const),
      text: `message ${index}`,
      deleted: false,
      createdAt: Date.now(),
    }));
    for (let start = 0; start < texts.length; start += 20) {
      await this.env.USERS.getByName(chat.owner_id).indexMessages(texts.slice(start, start + 20));
    }
  }
}

interface Filling {
  fill(messages: number): Promise<void>;
}

export default {
  ...worker,
  async fetch(request, env, context) {
    const url = new URL(request.url);
    if (url.pathname.endsWith("/bench/lists/fill")) {
      await fillLists(env.DB, Number(url.searchParams.get("rows")));
      return Response.json(null);
    }
    if (url.pathname.endsWith("/bench/ledger/fill")) {
      await fillLedger(env.DB, Number(url.searchParams.get("rows")));
      return Response.json(null);
    }
    const [, chatId, what] = /\/bench\/([^/]+)\/(fill|counts)$/.exec(url.pathname) ?? [];
    if (chatId === undefined) return worker.fetch(request, env, context);
    if (what === "fill") {
      // The platform's type of a stub spells out every method, which the compiler gives up on.
      const chat = env.CHATS.getByName(chatId) as unknown as Filling;
      await chat.fill(Number(url.searchParams.get("messages")));
    }
    return Response.json(total);
  },
} satisfies ExportedHandler<Env>;

function countRows(sql: SqlStorage): void {
  const prototype: SqlStorage = Object.getPrototypeOf(sql);
  if (patched.has(prototype)) return;
  patched.add(prototype);
  const exec = prototype.exec;
  prototype.exec = function counted<T extends Record<string, SqlStorageValue>>(query: string, ...bindings: unknown[]) {
    const cursor: SqlStorageCursor<T> = exec.call(this, query, ...bindings) as SqlStorageCursor<T>;
    total.rowsRead += cursor.rowsRead;
    total.rowsWritten += cursor.rowsWritten;
    countRest(Object.getPrototypeOf(cursor));
    return cursor;
  };
}

/** Rows are counted as they are taken. */
function countRest(prototype: SqlStorageCursor<Record<string, SqlStorageValue>>): void {
  if (patched.has(prototype)) return;
  patched.add(prototype);
  const toArray = prototype.toArray;
  prototype.toArray = function counted() {
    const { rowsRead, rowsWritten } = this;
    const rows = toArray.call(this);
    total.rowsRead += this.rowsRead - rowsRead;
    total.rowsWritten += this.rowsWritten - rowsWritten;
    return rows;
  };
}

function countTrips(db: D1Database): void {
  const prototype: D1Database = Object.getPrototypeOf(db);
  if (patched.has(prototype)) return;
  patched.add(prototype);
  const batch = prototype.batch;
  prototype.batch = function counted<T>(statements: D1PreparedStatement[]) {
    total.d1 += 1;
    return batch.call(this, statements) as Promise<D1Result<T>[]>;
  };
  const statement: D1PreparedStatement = Object.getPrototypeOf(db.prepare("select 1"));
  const { all, run, raw } = statement;
  statement.all = function counted<T>() {
    total.d1 += 1;
    return all.call(this) as Promise<D1Result<T>>;
  };
  statement.run = function counted<T>() {
    total.d1 += 1;
    return run.call(this) as Promise<D1Result<T>>;
  };
  statement.raw = function counted(this: D1PreparedStatement, options?: { columnNames?: boolean }) {
    total.d1 += 1;
    return Reflect.apply(raw, this, [options]);
  };
}
