import { env } from "cloudflare:workers";
import { eq, sql } from "drizzle-orm";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { beforeEach, describe, expect, it } from "vitest";
import { openDatabase, preparedBatch, runBatch, selectFromJson } from "../../src/platform/d1.ts";

const db = openDatabase(env.DB);

beforeEach(async () => {
  await env.DB.exec("drop table if exists things");
  await env.DB.exec(
    "create table things (id integer primary key, name text, flag integer, size real, inner_json text)",
  );
});

const all = async () => (await env.DB.prepare("select * from things order by id").all()).results;

describe("selectFromJson", () => {
  const columns = ["id", "name", "flag", "size", "inner_json"];

  it("inserts any number of rows with one parameter and keeps null, zero, false and quotes apart", async () => {
    const rows = [
      { id: 1, name: 'it\'s "quoted" \\ 💥', flag: true, size: 0, inner_json: { a: [1, null] } },
      { id: 2, name: "", flag: false, size: 1.5, inner_json: [] },
      { id: 3, name: null },
    ];
    await db.run(sql`insert into things (${sql.raw(columns.join(", "))}) ${selectFromJson(rows, columns)}`);
    expect(await all()).toEqual([
      { id: 1, name: 'it\'s "quoted" \\ 💥', flag: 1, size: 0, inner_json: '{"a":[1,null]}' },
      { id: 2, name: "", flag: 0, size: 1.5, inner_json: "[]" },
      { id: 3, name: null, flag: null, size: null, inner_json: null },
    ]);
  });

  it("takes more rows than a statement has parameters, and conflicts", async () => {
    const rows = Array.from({ length: 1_000 }, (_, id) => ({ id, name: `first ${id}` }));
    const upsert = (given: typeof rows) =>
      db.run(sql`insert into things (id, name) ${selectFromJson(given, ["id", "name"])}
        on conflict (id) do update set name = excluded.name`);
    await upsert(rows);
    await upsert([{ id: 7, name: "second" }]);
    const found = await all();
    expect(found).toHaveLength(1_000);
    expect(found[7]).toMatchObject({ name: "second" });
  });

  it("refuses what is no plain column name", () => {
    expect(() => selectFromJson([], ["id'); drop table things; --"])).toThrow("Not a column name");
  });
});

describe("runBatch", () => {
  it("does all of it or nothing", async () => {
    const insert = (id: number) => sql`insert into things (id, name) values (${id}, ${"a name"})`;
    await expect(runBatch(db, [insert(1), insert(2), insert(1)])).rejects.toThrow("UNIQUE");
    expect(await all()).toEqual([]);
    const results = await runBatch(db, [insert(1), sql`select name from things where id = ${1}`]);
    expect(results[1]?.results).toEqual([{ name: "a name" }]);
  });
});

describe("preparedBatch", () => {
  const things = sqliteTable("things", {
    id: integer("id").primaryKey(),
    name: text("name"),
    flag: integer("flag", { mode: "boolean" }),
  });
  let built = 0;
  const ask = preparedBatch((opened) => {
    built += 1;
    return [
      opened
        .select()
        .from(things)
        .where(eq(things.id, sql.placeholder("id"))),
      opened
        .select({ shout: sql<string>`upper(${things.name})` })
        .from(things)
        .orderBy(things.id),
    ] as const;
  });

  it("builds its queries once, and answers each with its own values and types", async () => {
    await env.DB.exec("insert into things (id, name, flag) values (1, 'ebb', 1), (2, 'flood', 0)");
    const all = [{ shout: "EBB" }, { shout: "FLOOD" }];
    expect(await ask(db, { id: 1 })).toEqual([[{ id: 1, name: "ebb", flag: true }], all]);
    expect(await ask(db, { id: 2 })).toEqual([[{ id: 2, name: "flood", flag: false }], all]);
    expect(await Promise.all([ask(db, { id: 3 }), ask(db, { id: 1 })])).toEqual([
      [[], all],
      [[{ id: 1, name: "ebb", flag: true }], all],
    ]);
    expect(built).toBe(1);
  });
});
