import { and, asc, eq, isNotNull, sql, type SQL } from "drizzle-orm";
import type { UsageLimitConfig, UsageLimitPeriod } from "../contract/usage.ts";
import { users } from "../identity/schema.ts";
import { selectGroups } from "../organizations/groups.ts";
import { groups } from "../organizations/schema.ts";
import { toWireTimeOrNull } from "../platform/clock.ts";
import { runBatch, type Database } from "../platform/d1.ts";
import { usageLimits } from "./schema.ts";

export type LimitSetting = Pick<UsageLimitConfig, "spend_limit_micros" | "period">;

/** What was never set is off, by month. */
const NEVER_SET: LimitSetting & { updated_at: null } = { spend_limit_micros: null, period: "month", updated_at: null };

/** Everything that admins have set, whether or not it counts at the moment. */
export async function readLimits(db: Database): Promise<Omit<UsageLimitConfig, "unpriced_model_count">> {
  const [[everybodys], people, teams] = await db.batch([
    db.select().from(usageLimits),
    db
      .select()
      .from(users)
      .where(and(isNotNull(users.chatSpendLimitMicros), eq(users.deleted, false)))
      .orderBy(asc(sql`lower(${users.username})`)),
    selectGroups(db, isNotNull(groups.chatSpendLimitMicros)),
  ]);
  const setting =
    everybodys === undefined
      ? NEVER_SET
      : {
          spend_limit_micros: everybodys.defaultLimitMicros,
          period: everybodys.period,
          updated_at: toWireTimeOrNull(everybodys.updatedAt),
        };
  return {
    ...setting,
    overrides: people.map((user) => ({
      user_id: user.id,
      username: user.username,
      name: user.name,
      avatar_url: user.avatarUrl,
      spend_limit_micros: user.chatSpendLimitMicros,
    })),
    group_overrides: teams.map((group) => ({
      group_id: group.id,
      group_name: group.name,
      group_display_name: group.displayName,
      group_avatar_url: group.avatarUrl,
      organization_id: group.organizationId,
      member_count: group.memberCount,
      spend_limit_micros: group.chatSpendLimitMicros,
    })),
  };
}

/** The limit of everybody; null turns all limits off. Writing what stands already changes nothing. */
export async function writeLimit(
  db: Database,
  limit: { micros: number | null; period: UsageLimitPeriod; now: number },
  audit: SQL,
): Promise<void> {
  await runBatch(db, [
    sql`insert into usage_limits (one, default_limit_micros, period, updated_at)
      values (1, ${limit.micros}, ${limit.period}, ${limit.now})
      on conflict (one) do update set default_limit_micros = excluded.default_limit_micros,
        period = excluded.period, updated_at = excluded.updated_at
      where default_limit_micros is not excluded.default_limit_micros or period <> excluded.period`,
    audit,
  ]);
}

/** The limit of one user or group; null takes it away. False: it was as it is. */
export async function writeOverride(
  db: Database,
  whose: { table: "users" | "groups"; id: string },
  micros: number | null,
  audit: SQL,
): Promise<boolean> {
  const [written] = await runBatch(db, [
    sql`update ${sql.identifier(whose.table)} set chat_spend_limit_micros = ${micros}
      where id = ${whose.id} and chat_spend_limit_micros is not ${micros} returning id`,
    audit,
  ]);
  return written?.results.length === 1;
}
