import type { ObjectStorage } from "./object-storage.ts";

/**
 * Migrations of a Durable Object's own SQLite. The list is append-only: an object may sleep for years
 * and wakes with any prefix of it applied. Keep each one additive and quick.
 */
export interface ObjectMigration {
  id: string;
  statements: readonly string[];
}

/**
 * Applies what is missing, each migration whole or not at all.
 * Throws when what was applied is not a prefix of `migrations`: somebody edited or reordered the list.
 */
export function migrate(storage: ObjectStorage, migrations: readonly ObjectMigration[]): void {
  storage.exec("create table if not exists _migrations (position integer primary key, id text not null) strict");
  const applied = storage.exec<{ id: string }>("select id from _migrations order by position");
  for (const [position, row] of applied.entries()) {
    const known = migrations[position]?.id;
    if (known !== row.id) {
      throw new Error(`Migration ${position} is ${row.id} in storage and ${known ?? "missing"} in the code.`);
    }
  }
  for (const [position, migration] of migrations.entries()) {
    if (position < applied.length) continue;
    storage.transaction(() => {
      for (const statement of migration.statements) storage.exec(statement);
      storage.exec("insert into _migrations (position, id) values (?, ?)", position, migration.id);
    });
  }
}
