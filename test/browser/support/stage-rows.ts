import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executeLocal } from "../../../src/cli/local-database.ts";
import type { OwnTideline } from "../../support/own-tideline.ts";

export type StagedRow = Record<string, string | number | null>;

/** Rows in one statement, which D1 takes up to 100 kB of. */
const PIECE = 100;

/** Puts rows into the database of a Tideline of one's own, table by table in this order; `anew` empties them first. */
export async function stageRows(
  tideline: OwnTideline,
  tables: Record<string, readonly StagedRow[]>,
  { anew = false }: { anew?: boolean } = {},
): Promise<void> {
  const deletes = anew ? Object.keys(tables).toReversed() : [];
  const inserts = Object.entries(tables).flatMap(([table, rows]) => {
    const columns = Object.keys(rows[0] ?? {});
    const values = columns.map((column) => `json_extract(value, '$.${column}')`);
    const pieces = Array.from({ length: Math.ceil(rows.length / PIECE) }, (_, index) =>
      JSON.stringify(rows.slice(index * PIECE, (index + 1) * PIECE)).replaceAll("'", "''"),
    );
    return pieces.map(
      (json) => `insert into ${table} (${columns.join()}) select ${values.join()} from json_each('${json}');`,
    );
  });
  const folder = mkdtempSync(join(tmpdir(), "tideline-stage-"));
  try {
    const file = join(folder, "stage.sql");
    writeFileSync(file, [...deletes.map((table) => `delete from ${table};`), ...inserts].join("\n"));
    await executeLocal(join(tideline.folder, "state", "state"), file, process.env);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
