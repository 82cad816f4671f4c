import { eq, isNotNull, sql, type Placeholder, type SQL } from "drizzle-orm";
import { chatMessages } from "../chats/schema.ts";
import {
  usageLimitPeriods,
  type UsageLimitExceeded,
  type UsageLimitPeriod,
  type UsageLimitStatus,
} from "../contract/usage.ts";
import { users } from "../identity/schema.ts";
import { toWireTime } from "../platform/clock.ts";
import type { Database } from "../platform/d1.ts";
import { Problem } from "../platform/problem.ts";
import { usageLimits } from "./schema.ts";

/** How much somebody may spend, and how much of it they have. Money is micro-dollars, periods are in UTC. */

export interface Period {
  start: number;
  /** The next one begins then. */
  end: number;
}

/** The day, week (from Monday) or month that an instant belongs to. */
export function periodAround(period: UsageLimitPeriod, now: number): Period {
  const at = new Date(now);
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  switch (period) {
    case "day":
      return { start: Date.UTC(year, month, day), end: Date.UTC(year, month, day + 1) };
    case "week": {
      const monday = day - ((at.getUTCDay() + 6) % 7);
      return { start: Date.UTC(year, month, monday), end: Date.UTC(year, month, monday + 7) };
    }
    case "month":
      return { start: Date.UTC(year, month, 1), end: Date.UTC(year, month + 1, 1) };
  }
}

/** When the period of each kind began that is under way. */
export type PeriodStarts<Start> = Record<UsageLimitPeriod, Start>;

export function periodStarts(now: number): PeriodStarts<number> {
  const start = (period: UsageLimitPeriod) => periodAround(period, now).start;
  return { day: start("day"), week: start("week"), month: start("month") };
}

/** What limits one person, and what they have spent of it in the period that is under way. */
export interface SpendState {
  limitMicros: number;
  /** Their own limit, else the lowest of their groups, else everybody's. */
  source: "user" | "group" | "default";
  period: UsageLimitPeriod;
  spentMicros: number;
}

/** The lowest limit of all groups that the user of the query around it is in; one's organisation is one of them. */
const lowestOfGroups = sql<number | null>`(
  select min(g.chat_spend_limit_micros) from groups g where g.id in (
    select gm.group_id from group_members gm where gm.user_id = ${users.id}
    union select om.organization_id from organization_members om where om.user_id = ${users.id}
  )
)`;

/** Rows of every kind, deleted ones, too: all of it was paid for. Answered from the index of the owner alone. */
function spentSince(starts: PeriodStarts<number | Placeholder>): SQL<number> {
  const cases = usageLimitPeriods.map((period) => sql`when ${period} then ${starts[period]}`);
  return sql<number>`(
    select coalesce(sum(m.total_cost_micros), 0) from ${chatMessages} m
    where m.owner_id = ${users.id} and m.created_at >= case ${usageLimits.period} ${sql.join(cases, sql` `)} end
  )`;
}

/** For a batch; no row while limits are off. `toSpendState` reads the answer. */
export function selectSpendState(db: Database, owner: string | SQL, starts: PeriodStarts<number | Placeholder>) {
  return db
    .select({
      own: users.chatSpendLimitMicros,
      group: lowestOfGroups,
      everybodys: usageLimits.defaultLimitMicros,
      period: usageLimits.period,
      spentMicros: spentSince(starts),
    })
    .from(usageLimits)
    .innerJoin(users, eq(users.id, owner))
    .where(isNotNull(usageLimits.defaultLimitMicros));
}

type SpendRow = Awaited<ReturnType<typeof selectSpendState>>[number];

/** Null while nothing limits this person. */
export function toSpendState([row]: readonly SpendRow[]): SpendState | null {
  if (row === undefined || row.everybodys === null) return null;
  const { period, spentMicros } = row;
  return { ...effectiveLimit({ ...row, everybodys: row.everybodys }), period, spentMicros };
}

/** Of the limits that are set, the one that counts. */
export function effectiveLimit(set: {
  own: number | null;
  group: number | null;
  everybodys: number;
}): Pick<SpendState, "limitMicros" | "source"> {
  if (set.own !== null) return { limitMicros: set.own, source: "user" };
  if (set.group !== null) return { limitMicros: set.group, source: "group" };
  return { limitMicros: set.everybodys, source: "default" };
}

export async function readSpendState(db: Database, userId: string, now: number): Promise<SpendState | null> {
  return toSpendState(await selectSpendState(db, userId, periodStarts(now)));
}

/** For a batch: a row while limits are on. They then limit everybody. */
export function selectWhetherLimited(db: Database) {
  return db.select({ period: usageLimits.period }).from(usageLimits).where(isNotNull(usageLimits.defaultLimitMicros));
}

export function exceededOf(state: SpendState, now: number): UsageLimitExceeded {
  return {
    spent_micros: state.spentMicros,
    limit_micros: state.limitMicros,
    resets_at: toWireTime(periodAround(state.period, now).end),
  };
}

/** What is told to whoever would start another model call; null while there is something left to spend. */
export function limitReached(state: SpendState | null, now: number): UsageLimitExceeded | null {
  return state === null || state.spentMicros < state.limitMicros ? null : exceededOf(state, now);
}

/** For the description of every route that asks. */
export const LIMIT_NOTE =
  "409 when the spend limit of the chat's owner is reached; the problem then has `resets_at`, and for the owner `spent_micros` and `limit_micros`.";

/** Whose model calls they would be, and who asks for them: a guest is not told what the owner spends. */
export interface SpendAsked {
  ownerId: string;
  askedBy: string;
}

/** Why nothing may begin that calls a model; null while there is something left to spend. */
export function spendRefusal(state: SpendState | null, { ownerId, askedBy }: SpendAsked, now: number) {
  const reached = limitReached(state, now);
  if (reached === null) return null;
  const { spent_micros, limit_micros, resets_at } = reached;
  const next = `The next period begins on ${resets_at.slice(0, 10)} at 00:00 UTC.`;
  if (ownerId !== askedBy) {
    const title = "The spend limit of this chat's owner is reached.";
    return { status: 409 as const, title, detail: next, extension: { resets_at } };
  }
  const detail = `${dollars(spent_micros)} of ${dollars(limit_micros)} are spent. ${next}`;
  return { status: 409 as const, title: "The spend limit is reached.", detail, extension: { ...reached } };
}

/** Throws a 409 Problem when the person whose model calls these are has spent all that they may. */
export async function requireSpendLeft(db: Database, asked: SpendAsked, now: number): Promise<void> {
  const refusal = spendRefusal(await readSpendState(db, asked.ownerId, now), asked, now);
  if (refusal !== null) throw new Problem(refusal.status, refusal.title, refusal);
}

/** Exact to the cent; less than a cent is said to be. */
export function dollars(micros: number): string {
  if (micros > 0 && micros < 10_000) return "less than $0.01";
  return `$${(micros / 1_000_000).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** How somebody stands to their limit. `users` knows what is set aside for calls that are under way. */
export async function readLimitStatus(
  db: Database,
  objects: Env["USERS"],
  userId: string,
  now: number,
): Promise<UsageLimitStatus> {
  const state = await readSpendState(db, userId, now);
  if (state === null) {
    return { is_limited: false, current_spend: 0, reserved_micros: 0, period_start: null, period_end: null };
  }
  const { start, end } = periodAround(state.period, now);
  return {
    is_limited: true,
    period: state.period,
    spend_limit_micros: state.limitMicros,
    source: state.source,
    current_spend: state.spentMicros,
    reserved_micros: await objects.getByName(userId).reservedSpend({ now }),
    period_start: toWireTime(start),
    period_end: toWireTime(end),
  };
}
