/**
 * The part of a Durable Object's storage that our rules stand on. Narrow, so that they run in
 * milliseconds over any SQLite; `openObjectStorage` gives the platform's.
 */
export interface ObjectStorage {
  /** Runs one statement and answers its rows. `?` placeholders only. */
  exec<Row extends object>(sql: string, ...bindings: SqlValue[]): Row[];
  /** All or nothing. `work` is synchronous: the platform does not roll an async callback back. */
  transaction<T>(work: () => NotAPromise<T>): T;
  /** The one alarm of the object; null takes it away. Part of the transaction that it stands in. */
  setAlarm(dueAt: number | null): void;
}

export type SqlValue = string | number | null | ArrayBuffer;
type NotAPromise<T> = T extends PromiseLike<unknown> ? never : T;

export function openObjectStorage(ctx: DurableObjectState): ObjectStorage {
  return {
    exec<Row extends object>(sql: string, ...bindings: SqlValue[]): Row[] {
      return ctx.storage.sql.exec(sql, ...bindings).toArray() as Row[];
    },
    transaction<T>(work: () => NotAPromise<T>): T {
      return ctx.storage.transactionSync(work);
    },
    setAlarm(dueAt) {
      // The write is queued at once and the output gate waits for it; a failure resets the object.
      ctx.waitUntil(dueAt === null ? ctx.storage.deleteAlarm() : ctx.storage.setAlarm(dueAt));
    },
  };
}

/** The first row, or null. */
export function firstRow<Row extends object>(rows: Row[]): Row | null {
  return rows[0] ?? null;
}
