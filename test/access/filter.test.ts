import { DatabaseSync } from "node:sqlite";
import { sql } from "drizzle-orm";
import { SQLiteSyncDialect, sqliteTable, text } from "drizzle-orm/sqlite-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Actor, Membership } from "../../src/access/actor.ts";
import { check, type AccessObject } from "../../src/access/check.ts";
import { filter, type AccessColumns } from "../../src/access/filter.ts";
import {
  actions,
  resourceTypes,
  shareRoles,
  type Action,
  type Permission,
  type ResourceType,
} from "../../src/access/permissions.ts";
import { siteRoles } from "../../src/contract/identity.ts";
import { organizationRoles, shareableWorkspaceOwners } from "../../src/contract/organizations.ts";
import { actorWith } from "./support.ts";

const things = sqliteTable("things", {
  id: text("id").primaryKey(),
  owner: text("owner"),
  organization: text("organization"),
  shares: text("shares").notNull(),
});
const dialect = new SQLiteSyncDialect();

const people = ["a", "b", 'it\'s "c"'];
const organizations = ["x", "y", "z"];
const groups = ["g", "h"];
const sharings: Record<string, string>[] = [
  {},
  { a: "use", g: "viewer" },
  { a: "viewer", b: "admin" },
  { h: "collaborator", x: "admin" },
  { 'it\'s "c"': "admin", y: "use" },
];
/** Every owner with every organisation and every list of shares, nobody and none among them. */
const rows = [...people, null].flatMap((owner) =>
  [...organizations, null].flatMap((organization) =>
    sharings.map((shares, index) => ({ id: `${owner}/${organization}/${index}`, owner, organization, shares })),
  ),
);
type Row = (typeof rows)[number];

const db = new DatabaseSync(":memory:");
db.exec("create table things (id text primary key, owner text, organization text, shares text not null)");
for (const { id, owner, organization, shares } of rows) {
  db.prepare("insert into things values (?, ?, ?, ?)").run(id, owner, organization, JSON.stringify(shares));
}

function idsWhere(condition: ReturnType<typeof filter>): string[] {
  const query = dialect.sqlToQuery(sql`select ${things.id} from ${things} where ${condition} order by 1`);
  return db
    .prepare(query.sql)
    .all(...query.params.map(String))
    .map((row) => String(row["id"]));
}

const columns: AccessColumns = {
  owner: things.owner,
  organization: things.organization,
  shared: (subjects, roles) =>
    sql`exists (select 1 from json_each(${things.shares}) s where s.key in ${subjects} and s.value in ${roles})`,
};
/** Tables without an owner, an organisation or shares, too. */
const anyColumns: fc.Arbitrary<AccessColumns> = fc
  .subarray(["owner", "organization", "shared"] as const)
  .map((names) => Object.fromEntries(names.map((name) => [name, columns[name]])));

/** The row as `check` sees it: what the table has no column for, the object does not have. */
function objectOf(row: Row, type: ResourceType, has: AccessColumns): AccessObject {
  return {
    type,
    ...(has.owner === undefined ? {} : { ownerId: row.owner }),
    ...(has.organization === undefined ? {} : { organizationId: row.organization }),
    ...(has.shared === undefined ? {} : { shares: row.shares }),
  };
}

/** The rule in the words of its definition, level by level, without sets of organisations worked out ahead. */
function byDefinition(actor: Actor, action: Action, object: AccessObject): boolean {
  const fits = (permission: Permission) =>
    (permission.resource === "*" || permission.resource === object.type) &&
    (permission.actions === "*" || permission.actions.includes(action));
  const yes = (list: readonly Permission[]) => list.some((permission) => !permission.negate && fits(permission));
  const no = (list: readonly Permission[]) => list.some((permission) => permission.negate && fits(permission));
  const inScope = actor.scopes.some((name) => {
    const [resource, what] = name === "all" ? ["*", "*"] : name.split(":");
    return (resource === "*" || resource === object.type) && (what === "*" || what === action);
  });
  if (!inScope || no(actor.site)) return false;
  if (yes(actor.site)) return true;
  const there: Membership | undefined = actor.memberships[object.organizationId ?? ""];
  if (there !== undefined && no(there.organization)) return false;
  if (there !== undefined && yes(there.organization)) return true;
  if (object.ownerId === actor.userId && !no(actor.user) && !no(there?.member ?? [])) {
    if (yes(actor.user) || yes(there?.member ?? [])) return true;
  }
  const allowing: Record<string, Record<string, readonly Action[]>> = shareRoles;
  return (
    there !== undefined &&
    [actor.userId, ...actor.groupIds].some((id) => allowing[object.type]?.[object.shares?.[id] ?? ""]?.includes(action))
  );
}

const anyAction = fc.constantFrom(...actions);
const anyType = fc.constantFrom(...resourceTypes);
const anyScopes = fc.constantFrom(["all"], ["all"], [], ["*:read"], ["chat:*"], ["workspace:use", "chat:read"]);
const anyRole = fc.record({
  userId: fc.constantFrom(...people),
  siteRoles: fc.subarray([...siteRoles]),
  organizations: fc.dictionary(fc.constantFrom(...organizations), fc.subarray([...organizationRoles])),
  mode: fc.constantFrom(...shareableWorkspaceOwners),
  isServiceAccount: fc.boolean(),
  groupIds: fc.subarray(groups),
  scopes: anyScopes,
});
const anyPermissions: fc.Arbitrary<Permission[]> = fc.array(
  fc.record({
    resource: fc.constantFrom("*" as const, "chat" as const, "workspace" as const),
    actions: fc.oneof(fc.constant("*" as const), fc.subarray([...actions])),
    negate: fc.boolean(),
  }),
  { maxLength: 2 },
);
/** With permissions that no role has today: what roles may come to be. */
const anyActor: fc.Arbitrary<Actor> = fc
  .record({
    userId: fc.constantFrom(...people),
    site: anyPermissions,
    user: anyPermissions,
    memberships: fc.dictionary(
      fc.constantFrom(...organizations),
      fc.record({ roles: fc.constant([]), organization: anyPermissions, member: anyPermissions }),
    ),
    groupIds: fc.subarray(groups),
    scopes: anyScopes,
  })
  .map((parts) => ({
    ...actorWith({ userId: parts.userId, scopes: parts.scopes }),
    ...parts,
    groupIds: [...parts.groupIds, ...Object.keys(parts.memberships)],
  }));

function expectAgreement(actor: Actor, action: Action, type: ResourceType, has: AccessColumns): void {
  const allowed = rows.filter((row) => byDefinition(actor, action, objectOf(row, type, has))).map((row) => row.id);
  expect(rows.filter((row) => check(actor, action, objectOf(row, type, has))).map((row) => row.id)).toEqual(allowed);
  expect(idsWhere(filter(actor, action, type, has))).toEqual(allowed.toSorted());
}

describe("check and filter", () => {
  it("agree with the definition and with each other, for every role, mode, scope, action and table", () => {
    fc.assert(
      fc.property(anyRole, anyAction, anyType, anyColumns, (role, action, type, has) =>
        expectAgreement(actorWith(role), action, type, has),
      ),
      { numRuns: 1_000 },
    );
  });

  it("and for any permissions that roles may come to have, negations at every level included", () => {
    fc.assert(
      fc.property(
        anyActor,
        anyAction,
        fc.constantFrom("chat" as const, "workspace" as const),
        anyColumns,
        expectAgreement,
      ),
      { numRuns: 2_000 },
    );
  });

  it("take one parameter for a list of ids, however long", () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`o${index}`, []]));
    const condition = filter(actorWith({ organizations: many }), "read", "workspace", columns);
    expect(dialect.sqlToQuery(condition).params.length).toBeLessThan(10);
  });
});
