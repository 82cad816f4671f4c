import { sql } from "drizzle-orm";
import { check, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { usageLimitPeriods } from "../contract/usage.ts";
import { instant, oneOf } from "../platform/columns.ts";

/**
 * How much everybody may spend: one row, or none while limits were never set. A null limit turns all limits
 * off; those of users and groups stay in their rows for when it is turned on again.
 */
export const usageLimits = sqliteTable(
  "usage_limits",
  {
    one: integer("one").primaryKey().default(1),
    defaultLimitMicros: integer("default_limit_micros"),
    period: text("period", { enum: usageLimitPeriods }).notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    check("usage_limits_one", sql`${table.one} = 1`),
    check("usage_limits_positive", sql`${table.defaultLimitMicros} is null or ${table.defaultLimitMicros} > 0`),
    oneOf("usage_limits_period", table.period, usageLimitPeriods),
  ],
);
