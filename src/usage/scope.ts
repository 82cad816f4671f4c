import { and, eq, gte, isNull, lt, sql, type SQL } from "drizzle-orm";
import type { Context } from "hono";
import { organizationIdsOf, type Actor } from "../access/actor.ts";
import { check, forbidden } from "../access/check.ts";
import { filter, jsonRows } from "../access/filter.ts";
import { requireActor, type AppEnv } from "../access/router.ts";
import { chatMessages, usageColumns } from "../chats/schema.ts";
import type { MinimalUser } from "../contract/identity.ts";
import { users } from "../identity/schema.ts";
import { NO_MODEL_ID } from "../models/names.ts";
import { groups, organizations } from "../organizations/schema.ts";
import type { Database } from "../platform/d1.ts";
import { notFound, Problem } from "../platform/problem.ts";
import type { Range } from "./ranges.ts";

/** Which rows of the ledger a figure is made of, without its range. */
export interface UsageScope {
  /** What the actor may read, as `filter` says it. */
  readable: SQL;
  /** Whose chats. Null = everybody's. */
  ownerId: string | null;
  /** Of these organisations alone. Null = wherever. */
  organizationIds: readonly string[] | null;
  /** Of people who are in this group now, and only what they spent in its organisation. */
  group: { id: string; organizationId: string } | null;
  /** The zero UUID stands for calls whose model is not known, as it does in answers. */
  modelConfigId: string | null;
  /** With its sub-agents. */
  rootChatId: string | null;
}

/** Narrowing that the actor's rights have no part in, as queries name it. */
export interface ScopeFilters {
  organization_id?: string | undefined;
  model_config_id?: string | undefined;
  root_chat_id?: string | undefined;
}

/**
 * A row that is a model call, or at least has a figure: what was said by people and tools is no call. Rows of
 * every kind are, and deleted ones, since all of them were paid for.
 */
const isModelCall = sql.raw(
  `(role = 'assistant' or coalesce(total_cost_micros, input_tokens, output_tokens, cache_read_tokens,
    cache_creation_tokens, reasoning_tokens) is not null)`,
);

/** The condition that finds the rows; both of the ledger's covering indexes can answer it alone. */
export function rowsOf(scope: UsageScope, range: Range): SQL {
  return sql`${whenever(scope)} and ${gte(chatMessages.createdAt, range.from)} and ${lt(chatMessages.createdAt, range.to)}`;
}

/** The same without a range. */
export function whenever(scope: UsageScope): SQL {
  const { readable, ownerId, organizationIds, group, modelConfigId, rootChatId } = scope;
  const condition = and(
    isModelCall,
    ownerId === null ? undefined : eq(chatMessages.ownerId, ownerId),
    organizationIds === null ? undefined : sql`${chatMessages.organizationId} in ${jsonRows(organizationIds)}`,
    group === null
      ? undefined
      : sql`${chatMessages.organizationId} = ${group.organizationId} and ${chatMessages.ownerId} in (${membersOf(group)})`,
    modelConfigId === null
      ? undefined
      : modelConfigId === NO_MODEL_ID
        ? isNull(chatMessages.modelConfigId)
        : eq(chatMessages.modelConfigId, modelConfigId),
    rootChatId === null ? undefined : eq(chatMessages.rootChatId, rootChatId),
    readable,
  );
  return condition ?? isModelCall;
}

/** The group whose id is the organisation's is all of its members. */
function membersOf({ id, organizationId }: { id: string; organizationId: string }): SQL {
  return id === organizationId
    ? sql`select m.user_id from organization_members m where m.organization_id = ${id}`
    : sql`select m.user_id from group_members m where m.group_id = ${id}`;
}

/** The person that `{user}` in a path names, and which of their rows the actor sees. */
export interface Spender {
  id: string;
  user: MinimalUser;
  /** All of their rows, and not those of some organisations only. */
  isWhole: boolean;
  scope: UsageScope;
}

/**
 * Whose figures are asked for: the actor's own, anybody's for whom usage may be read everywhere, and those of
 * people of an organisation for whoever may read its usage, who then gets the rows of that organisation alone.
 * To others every name is the same 403, whether or not there is such a person.
 */
export async function requireSpender(
  c: Context<AppEnv>,
  reference: string,
  filters: ScopeFilters = {},
): Promise<Spender> {
  const actor = requireActor(c);
  const everywhere = readsEverywhere(actor);
  const within = organizationsRead(actor);
  const person = await readPerson(c.var.db, reference === "me" ? actor.userId : reference, within);
  const isOwn = person?.id === actor.userId && check(actor, "read", { type: "usage", ownerId: actor.userId });
  const { organization_id: organizationId } = filters;
  if (person !== undefined && (everywhere || isOwn || person.isOfThese === 1)) {
    const scope = {
      readable: filter(actor, "read", "usage", usageColumns),
      ownerId: person.id,
      organizationIds: organizationId === undefined ? null : [organizationId],
      group: null,
      ...narrowing(filters),
    };
    const { isOfThese: _, ...user } = person;
    return { id: person.id, user, isWhole: everywhere || isOwn, scope };
  }
  if (everywhere) throw notFound();
  throw forbidden("What somebody spent is for themselves and for those whose role lets them read usage.");
}

/** Deleted accounts, too, by id: what they spent was spent. */
function readPerson(db: Database, reference: string, organizationIds: readonly string[]) {
  const ids = jsonRows(organizationIds);
  return db
    .select({
      id: users.id,
      username: users.username,
      name: users.name,
      avatar_url: users.avatarUrl,
      is_service_account: users.isServiceAccount,
      // Whoever has left an organisation still has chats there.
      isOfThese:
        organizationIds.length === 0
          ? sql<number>`0`
          : sql<number>`exists (
        select 1 from organization_members m where m.user_id = users.id and m.organization_id in ${ids}
        union all select 1 from chats k where k.owner_id = users.id and k.organization_id in ${ids})`,
    })
    .from(users)
    .where(
      sql`(users.id = ${reference} or (lower(users.username) = lower(${reference}) and users.deleted = 0 and users.is_system = 0))`,
    )
    .orderBy(sql`users.id = ${reference} desc`)
    .limit(1)
    .get();
}

/**
 * Everything that the actor may read of others' usage: of the deployment, or of their organisations. Throws a 403
 * Problem for those who may read their own alone, and for organisations and groups beyond their reach, known or not.
 */
export async function requireTeamScope(
  c: Context<AppEnv>,
  asked: ScopeFilters & { group_id?: string | undefined },
): Promise<UsageScope> {
  const actor = requireActor(c);
  const { db } = c.var;
  const everywhere = readsEverywhere(actor);
  const within = organizationsRead(actor);
  if (!everywhere && within.length === 0) throw beyondReach();
  const { organization_id: organizationId, group_id: groupId } = asked;
  if (organizationId !== undefined) {
    if (!everywhere && !within.includes(organizationId)) throw beyondReach();
    await requireKnown("organization_id", isThere(db, organizations, organizationId));
  }
  const group = groupId === undefined ? null : await readGroup(db, groupId);
  if (groupId !== undefined) {
    if (!everywhere && (group === null || !within.includes(group.organizationId))) throw beyondReach();
    await requireKnown("group_id", group !== null);
  }
  return {
    readable: filter(actor, "read", "usage", usageColumns),
    ownerId: null,
    // What the actor spent elsewhere is no part of what their organisations did.
    organizationIds: organizationId !== undefined ? [organizationId] : everywhere ? null : within,
    group,
    ...narrowing(asked),
  };
}

function narrowing(filters: ScopeFilters): Pick<UsageScope, "modelConfigId" | "rootChatId"> {
  return { modelConfigId: filters.model_config_id ?? null, rootChatId: filters.root_chat_id ?? null };
}

function readsEverywhere(actor: Actor): boolean {
  return check(actor, "read", { type: "usage", ownerId: null, organizationId: null });
}

/** The organisations all of whose usage the actor may read. */
function organizationsRead(actor: Actor): string[] {
  return organizationIdsOf(actor).filter((organizationId) =>
    check(actor, "read", { type: "usage", ownerId: null, organizationId }),
  );
}

function beyondReach(): Problem {
  return forbidden("Usage of others is for those whose role lets them read it.");
}

async function isThere(db: Database, table: typeof organizations, id: string): Promise<boolean> {
  return (await db.select({ id: table.id }).from(table).where(eq(table.id, id)).get()) !== undefined;
}

async function readGroup(db: Database, id: string): Promise<UsageScope["group"]> {
  const row = await db
    .select({ id: groups.id, organizationId: groups.organizationId })
    .from(groups)
    .where(eq(groups.id, id))
    .get();
  return row ?? null;
}

async function requireKnown(parameter: string, known: boolean | Promise<boolean>): Promise<void> {
  if (await known) return;
  throw new Problem(400, "The request is not valid.", {
    errors: [{ parameter, detail: "There is none with this id." }],
  });
}
