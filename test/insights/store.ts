import { sql } from "drizzle-orm";
import { runBatch, selectFromJson, type Database } from "../../src/platform/d1.ts";
import { rowsOf, type WorldChat } from "./world.ts";

/** Writes them into the tables. */
export async function storeWorld(db: Database, world: readonly WorldChat[]): Promise<void> {
  const statements = Object.entries(rowsOf(world)).flatMap(([table, rows]) => {
    const columns = Object.keys(rows[0] ?? {});
    const names = sql.raw(`${table} (${columns.join(", ")})`);
    return rows.length === 0 ? [] : [sql`insert into ${names} ${selectFromJson(rows, columns)}`];
  });
  if (statements.length > 0) await runBatch(db, statements);
}
