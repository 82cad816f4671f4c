import { and, or, sql, type SQL } from "drizzle-orm";
import type { AnySQLiteColumn } from "drizzle-orm/sqlite-core";
import type { Actor } from "./actor.ts";
import { reachOf, type Reach } from "./decision.ts";
import type { Action, ResourceType } from "./permissions.ts";

/** The columns that stand for an object's owner, organisation and shares. Leave out what the table does not have. */
export interface AccessColumns {
  owner?: AnySQLiteColumn;
  organization?: AnySQLiteColumn;
  /**
   * The rows that are shared with one of `subjects` (ids of a user and of groups, as a JSON array in one
   * parameter) under one of `roles` (likewise).
   */
  shared?: (subjects: SQL, roles: SQL) => SQL;
}

/**
 * The rows for which `check` says yes, as a condition for WHERE. Lists and their counts use it, so
 * that pages are full and totals are right; nothing is ever filtered in memory.
 */
export function filter(actor: Actor, action: Action, type: ResourceType, columns: AccessColumns): SQL {
  return conditionFor(reachOf(actor, action, type), actor, columns);
}

/** A JSON array as rows. One parameter however many there are: D1 allows 100 in a statement. */
export function jsonRows(values: readonly string[]): SQL {
  return sql`(select value from json_each(${JSON.stringify(values)}))`;
}

function conditionFor(reach: Reach, actor: Pick<Actor, "userId" | "groupIds">, columns: AccessColumns): SQL {
  if (reach.everywhere) return sql`true`;
  const { owner, organization, shared } = columns;
  // Beside an owner or a share the organisation only excludes: the plus keeps SQLite from reading all of it by index.
  const isIn = (ids: readonly string[]) =>
    organization === undefined || ids.length === 0 ? null : sql`+${organization} in ${jsonRows(ids)}`;
  // What is owned or shared in an organisation all of which is reached adds no row, only work.
  const isCovered = (id: string) => reach.organizations.includes(id);
  const isOwned = owner === undefined ? null : sql`${owner} = ${actor.userId}`;

  const either: SQL[] = [];
  const inOrganization = organization === undefined ? null : allOf(organization, reach.organizations);
  if (inOrganization !== null) either.push(inOrganization);
  if (isOwned !== null && reach.owned !== null) {
    const excepted = isIn(reach.owned.except);
    // A null organisation makes `in` null, and `not null` is null too: an exception for all that has none.
    either.push(excepted === null ? isOwned : sql`(${isOwned} and (${excepted}) is not true)`);
  }
  const ownedIn = isIn(reach.ownedIn.filter((id) => !isCovered(id)));
  if (isOwned !== null && ownedIn !== null) either.push(sql`(${isOwned} and ${ownedIn})`);
  const sharedIn = isIn(reach.shared.organizations.filter((id) => !isCovered(id)));
  if (shared !== undefined && sharedIn !== null && reach.shared.roles.length > 0) {
    const subjects = jsonRows([actor.userId, ...actor.groupIds]);
    const condition = and(sharedIn, shared(subjects, jsonRows(reach.shared.roles)));
    if (condition !== undefined) either.push(sql`(${condition})`);
  }
  return or(...either) ?? sql`false`;
}

/** Everything of these organisations. Of one alone an index gives the rows in the order of a list. */
function allOf(organization: AnySQLiteColumn, ids: readonly string[]): SQL | null {
  const [first, ...others] = ids;
  if (first === undefined) return null;
  return others.length === 0 ? sql`${organization} = ${first}` : sql`${organization} in ${jsonRows(ids)}`;
}
