import { fillPlaceholders, sql, type SQL } from "drizzle-orm";
import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";
import { SQLiteAsyncDialect } from "drizzle-orm/sqlite-core";
import type { Json } from "../contract/common.ts";

/** Drizzle over D1. There is no `transaction()` on D1: statements that belong together are one `batch()`. */
export type Database = Omit<DrizzleD1Database & { $client: D1Database }, "transaction">;

const dialect = new SQLiteAsyncDialect();

const opened = new WeakMap<D1Database, Database>();

/** One for each binding: queries that were prepared on it serve every request of an isolate. */
export function openDatabase(d1: D1Database): Database {
  const known = opened.get(d1) ?? drizzle(d1);
  opened.set(d1, known);
  return known;
}

/**
 * A query that is built once for each database and run with other values: building one takes longer than
 * sending it.
 *
 * @example const byId = prepared((db) => db.select().from(users).where(eq(users.id, sql.placeholder("id"))).prepare());
 * const user = await byId(db).get({ id });
 */
export function prepared<Query>(build: (db: Database) => Query): (db: Database) => Query {
  const built = new WeakMap<Database, { query: Query }>();
  return (db) => {
    const known = built.get(db) ?? { query: build(db) };
    built.set(db, known);
    return known.query;
  };
}

/** A query of drizzle's that is not yet run. */
interface Buildable extends PromiseLike<unknown> {
  prepare(): {
    getQuery(): { sql: string; params: unknown[] };
    mapResult(response: unknown, isFromBatch?: boolean): unknown;
  };
}
type Answers<Queries extends readonly Buildable[]> = { [K in keyof Queries]: Awaited<Queries[K]> };

/**
 * The same for queries that are asked together, in one round trip: drizzle's own `batch()` builds each anew.
 *
 * @example const both = preparedBatch((db) => [selectUser(db, sql.placeholder("id")), selectKeys(db, sql.placeholder("id"))]);
 * const [[user], keys] = await both(db, { id });
 */
export function preparedBatch<const Queries extends readonly Buildable[]>(
  build: (db: Database) => Queries,
): (db: Database, values: Record<string, unknown>) => Promise<Answers<Queries>> {
  const built = prepared((db) =>
    build(db).map((query) => {
      const ready = query.prepare();
      const { sql: text, params } = ready.getQuery();
      return { statement: db.$client.prepare(text), params, read: (result: D1Result) => ready.mapResult(result, true) };
    }),
  );
  return async (db, values) => {
    const queries = built(db);
    const results = await db.$client.batch(
      queries.map(({ statement, params }) => statement.bind(...fillPlaceholders(params, values))),
    );
    // The queries' own types say what each of them answers.
    return results.map((result, index) => queries[index]?.read(result)) as Answers<Queries>;
  };
}

/**
 * Statements that belong together, all or none, for those that drizzle's builder cannot say: its own
 * `batch()` takes no `db.run(sql…)` with parameters.
 */
export async function runBatch(db: Database, statements: readonly SQL[]): Promise<D1Result[]> {
  return db.$client.batch(
    statements.map((statement) => {
      const query = dialect.sqlToQuery(statement);
      return db.$client.prepare(query.sql).bind(...query.params);
    }),
  );
}

/**
 * `select … from json_each(?)`: any number of rows as one bound parameter, since D1 allows 100 of them.
 * The columns come out in the order of `columns`; a key that a row lacks is null; true is 1; an object
 * or array is its JSON text. `where true` keeps a following `on conflict` from being read as a join.
 *
 * @example db.run(sql`insert into t (id, name) ${selectFromJson(rows, ["id", "name"])} on conflict do nothing`)
 */
export function selectFromJson(rows: readonly Record<string, Json | undefined>[], columns: readonly string[]): SQL {
  const values = columns.map((column) => sql`json_extract(value, ${sql.raw(`'$.${plainName(column)}'`)})`);
  return sql`select ${sql.join(values, sql`, `)} from json_each(${JSON.stringify(rows)}) where true`;
}

/** Column names are written into the statement; anything but a plain name is a mistake of ours. */
function plainName(column: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(column)) throw new Error(`Not a column name: ${column}`);
  return column;
}

/** Whether D1 refuses what was to be written, by a constraint or for its size. Any other failure passes. */
export function isRefusedRow(error: unknown): boolean {
  return /constraint|SQLITE_TOOBIG|string or blob too big|datatype mismatch/i.test(String(error));
}
