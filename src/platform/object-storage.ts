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

/**
 * The same storage, which keeps the one row of each of these tables in memory: a rule that asks for it between two
 * writes asks SQLite once. Any other statement that names a table lets go of its row, and so does a transaction
 * that fails. Rows come frozen, since several read the same one. Everybody must go through this storage.
 */
export function keepRows(storage: ObjectStorage, tables: readonly string[]): ObjectStorage {
  const readings = new Map(tables.map((table) => [`select * from ${table}`, table]));
  const rows = new Map<string, object[]>();
  const namedBy = new Map<string, string[]>();

  function tablesNamedBy(sql: string): string[] {
    const known = namedBy.get(sql) ?? tables.filter((table) => new RegExp(`\\b${table}\\b`).test(sql));
    namedBy.set(sql, known);
    return known;
  }

  return {
    exec<Row extends object>(sql: string, ...bindings: SqlValue[]): Row[] {
      const table = readings.get(sql);
      if (table === undefined) {
        for (const named of tablesNamedBy(sql)) rows.delete(named);
        return storage.exec<Row>(sql, ...bindings);
      }
      const kept = rows.get(table) ?? Object.freeze(storage.exec<Row>(sql).map((row) => Object.freeze(row)));
      rows.set(table, kept as object[]);
      return kept as Row[];
    },
    transaction(work) {
      try {
        return storage.transaction(work);
      } catch (error) {
        rows.clear();
        throw error;
      }
    },
    setAlarm: (dueAt) => storage.setAlarm(dueAt),
  };
}
