import { DatabaseSync } from "node:sqlite";
import { sql } from "drizzle-orm";
import { SQLiteSyncDialect, sqliteTable, text } from "drizzle-orm/sqlite-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Actor } from "../../src/access/actor.ts";
import { allows, check } from "../../src/access/check.ts";
import { filter, filterBy, type AccessColumns } from "../../src/access/filter.ts";
import { actions, levels, resourceTypes, type Permission } from "../../src/access/roles.ts";
import { siteRoles } from "../../src/contract/identity.ts";

const things = sqliteTable("things", {
  id: text("id").primaryKey(),
  owner: text("owner"),
  organization: text("organization"),
});
const dialect = new SQLiteSyncDialect();

const people = ["a", "b", "c", 'it\'s "c"'];
const groups = ["x", "y", "z"];
/** Every owner with every organisation, nobody and none among them. */
const rows = [...people, null].flatMap((owner) =>
  [...groups, null].map((organization) => ({ id: `${owner}/${organization}`, owner, organization })),
);

const db = new DatabaseSync(":memory:");
db.exec("create table things (id text primary key, owner text, organization text)");
for (const row of rows) db.prepare("insert into things values (?, ?, ?)").run(row.id, row.owner, row.organization);

function idsWhere(condition: ReturnType<typeof filter>): string[] {
  const query = dialect.sqlToQuery(sql`select ${things.id} from ${things} where ${condition} order by 1`);
  const parameters = query.params.map((parameter) => String(parameter));
  return db
    .prepare(query.sql)
    .all(...parameters)
    .map((row) => String(row["id"]));
}

const anyPermission: fc.Arbitrary<Permission> = fc.record({
  level: fc.constantFrom(...levels),
  resource: fc.constantFrom("*" as const, "chat" as const, "workspace" as const),
  actions: fc.oneof(fc.constant("*" as const), fc.subarray([...actions])),
  negate: fc.boolean(),
});
const anyActor: fc.Arbitrary<Actor> = fc.record({
  userId: fc.constantFrom(...people),
  username: fc.constant("somebody"),
  siteRoles: fc.subarray([...siteRoles]),
  organizationIds: fc.subarray(groups),
  sessionId: fc.constant(null),
  keyId: fc.constant(null),
  scopes: fc.constantFrom(["all"], []),
});
const anyAction = fc.constantFrom(...actions);
/** Tables without an owner or without an organisation, too. */
const anyColumns = fc.record(
  { owner: fc.constant(things.owner), organization: fc.constant(things.organization) },
  { requiredKeys: [] },
);

/** The row as `check` sees it: what the table has no column for, the object does not have. */
function objectOf(row: (typeof rows)[number], columns: AccessColumns) {
  return {
    ...(columns.owner === undefined ? {} : { ownerId: row.owner }),
    ...(columns.organization === undefined ? {} : { organizationId: row.organization }),
  };
}

describe("filter", () => {
  it("finds the rows for which check says yes, for every role", () => {
    fc.assert(
      fc.property(
        anyActor,
        anyAction,
        fc.constantFrom(...resourceTypes),
        anyColumns,
        (actor, action, type, columns) => {
          const expected = rows.filter((row) => check(actor, action, { type, ...objectOf(row, columns) }));
          expect(idsWhere(filter(actor, action, type, columns))).toEqual(expected.map((row) => row.id).sort());
        },
      ),
      { numRuns: 300 },
    );
  });

  it("and for any permissions that roles may come to have, negations included", () => {
    fc.assert(
      fc.property(
        fc.array(anyPermission, { maxLength: 6 }),
        anyActor,
        anyAction,
        anyColumns,
        (permissions, actor, action, columns) => {
          const expected = rows.filter((row) =>
            allows(permissions, actor, action, { type: "chat", ...objectOf(row, columns) }),
          );
          const found = idsWhere(filterBy(permissions, actor, action, "chat", columns));
          expect(found).toEqual(expected.map((row) => row.id).sort());
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("lets a negation beat its own level and weaker ones, not stronger ones", () => {
    const actor = { userId: "a", organizationIds: ["x"] };
    const all = { resource: "chat", actions: "*" } as const;
    const mine = rows.filter((row) => row.owner === "a").map((row) => row.id);
    const count = (...permissions: Permission[]) =>
      idsWhere(filterBy(permissions, actor, "read", "chat", { owner: things.owner, organization: things.organization }))
        .length;

    expect(count({ ...all, level: "own" })).toBe(mine.length);
    expect(count({ ...all, level: "own" }, { ...all, level: "organization", negate: true })).toBe(mine.length - 1);
    expect(count({ ...all, level: "site" }, { ...all, level: "organization", negate: true })).toBe(rows.length);
    expect(count({ ...all, level: "site" }, { ...all, level: "site", negate: true })).toBe(0);
  });
});
