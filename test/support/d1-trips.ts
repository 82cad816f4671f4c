import { env } from "cloudflare:workers";

/** The round trips to D1 from here on, each with the statements that it carried. */
export function countTrips(): string[][] {
  const trips: string[][] = [];
  const statements = new WeakMap<D1PreparedStatement, string>();
  const database: D1Database = Object.getPrototypeOf(env.DB);
  const statement: D1PreparedStatement = Object.getPrototypeOf(env.DB.prepare("select 1"));
  const { prepare, batch } = database;
  database.prepare = function prepared(query) {
    const made = prepare.call(this, query);
    statements.set(made, query);
    return made;
  };
  database.batch = function counted<T>(list: D1PreparedStatement[]) {
    trips.push(list.map((one) => statements.get(one) ?? ""));
    return batch.call(this, list) as Promise<D1Result<T>[]>;
  };
  const { bind } = statement;
  statement.bind = function bound(...values) {
    const made = bind.apply(this, values);
    statements.set(made, statements.get(this) ?? "");
    return made;
  };
  for (const way of ["all", "run", "raw", "first"] as const) {
    const ask = statement[way];
    Object.defineProperty(statement, way, {
      value(this: D1PreparedStatement, ...args: unknown[]): unknown {
        trips.push([statements.get(this) ?? ""]);
        return Reflect.apply(ask, this, args);
      },
    });
  }
  return trips;
}
