import { and, not, or, sql, type SQL } from "drizzle-orm";
import type { AnySQLiteColumn } from "drizzle-orm/sqlite-core";
import type { Actor } from "./actor.ts";
import { grantsFor, permissionsOf, type Grant } from "./decision.ts";
import type { Action, Level, Permission, ResourceType } from "./roles.ts";

/** The columns that stand for an object's owner and organisation. Leave out what the table does not have. */
export interface AccessColumns {
  owner?: AnySQLiteColumn;
  organization?: AnySQLiteColumn;
}

/**
 * The rows for which `check` says yes, as a condition for WHERE. Lists and their counts use it, so
 * that pages are full and totals are right; nothing is ever filtered in memory.
 */
export function filter(actor: Actor, action: Action, type: ResourceType, columns: AccessColumns): SQL {
  return filterBy(permissionsOf(actor), actor, action, type, columns);
}

/** `filter` for a given set of permissions. */
export function filterBy(
  permissions: readonly Permission[],
  actor: Pick<Actor, "userId" | "organizationIds">,
  action: Action,
  type: ResourceType,
  columns: AccessColumns,
): SQL {
  const holds = (level: Level) => levelCondition(level, actor, columns);
  const whole = (grant: Grant) => and(holds(grant.level), ...grant.unless.map((level) => not(isTrue(holds(level)))));
  return or(...grantsFor(permissions, action, type).map(whole)) ?? sql`false`;
}

function levelCondition(level: Level, actor: Pick<Actor, "userId" | "organizationIds">, columns: AccessColumns): SQL {
  switch (level) {
    case "site":
      return sql`true`;
    case "organization":
      // One parameter however many organisations there are: D1 allows 100 in a statement.
      return columns.organization === undefined
        ? sql`false`
        : sql`${columns.organization} in (select value from json_each(${JSON.stringify(actor.organizationIds)}))`;
    case "own":
      return columns.owner === undefined ? sql`false` : sql`${columns.owner} = ${actor.userId}`;
  }
}

/** A null column makes a comparison null, and `not null` is null too: a veto that never ends. */
function isTrue(condition: SQL): SQL {
  return sql`((${condition}) is true)`;
}
