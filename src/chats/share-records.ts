import { and, desc, eq, gt, sql, type SQL } from "drizzle-orm";
import type { ChatShareRole, ChatShares, GivenChatShare } from "../contract/sharing.ts";
import { users } from "../identity/schema.ts";
import { groups } from "../organizations/schema.ts";
import { toWireTime } from "../platform/clock.ts";
import type { Database } from "../platform/d1.ts";
import { minimalUserColumns } from "./people.ts";
import { chats, chatShares } from "./schema.ts";

/** The shares of a tree as clients see them; people and groups that are gone are left out. */
export async function listShares(db: Database, rootChatId: string): Promise<Pick<ChatShares, "users" | "groups">> {
  const ofTree = eq(chatShares.rootChatId, rootChatId);
  const share = { role: chatShares.role, createdAt: chatShares.createdAt };
  // Not as one batch: that answers rows by the names of their columns, and two of these are `created_at`.
  const [people, teams] = await Promise.all([
    db
      .select({ user: minimalUserColumns, ...share })
      .from(chatShares)
      .innerJoin(users, eq(users.id, chatShares.subjectId))
      .where(and(ofTree, eq(chatShares.subjectType, "user"), eq(users.deleted, false)))
      .orderBy(users.username, users.id),
    db
      .select({ group: groups, members: memberCount, ...share })
      .from(chatShares)
      .innerJoin(groups, eq(groups.id, chatShares.subjectId))
      .where(and(ofTree, eq(chatShares.subjectType, "group")))
      .orderBy(groups.name, groups.id),
  ]);
  return {
    users: people.map(({ user, role, createdAt }) => ({ ...user, role, shared_at: toWireTime(createdAt) })),
    groups: teams.map(({ group, members, role, createdAt }) => ({
      id: group.id,
      organization_id: group.organizationId,
      name: group.name,
      display_name: group.displayName,
      avatar_url: group.avatarUrl,
      is_everyone: group.id === group.organizationId,
      member_count: members,
      created_at: toWireTime(group.createdAt),
      role,
      shared_at: toWireTime(createdAt),
    })),
  };
}

/** The group of all members has no rows of its own. */
const memberCount = sql<number>`case when ${groups.id} = ${groups.organizationId}
  then (select count(*) from organization_members m join users p on p.id = m.user_id and p.deleted = 0
    where m.organization_id = ${groups.id})
  else (select count(*) from group_members m join users p on p.id = m.user_id and p.deleted = 0
    where m.group_id = ${groups.id})
  end`;

/** One share that is there or shall be. */
export interface Share {
  id: string;
  type: "user" | "group";
  role: ChatShareRole;
  /** How the subject is called. */
  name: string;
}

export async function readShares(db: Database, rootChatId: string): Promise<Share[]> {
  const rows = await db
    .select({
      id: chatShares.subjectId,
      type: chatShares.subjectType,
      role: chatShares.role,
      name: subjectName,
    })
    .from(chatShares)
    .where(eq(chatShares.rootChatId, rootChatId));
  return rows;
}

/** What lets one person into a tree: a share of their own, and those of their groups. */
export async function readSharesWith(db: Database, rootChatId: string, userId: string): Promise<Share[]> {
  const shares = await readShares(db, rootChatId);
  const own = await db.all<{ id: string }>(sql`
    select ${userId} as id union select group_id from group_members where user_id = ${userId}
    union select organization_id from organization_members where user_id = ${userId}`);
  return shares.filter((share) => own.some(({ id }) => id === share.id));
}

/** Names the outer table in so many words: alone in its query, drizzle would leave it out. */
const subjectName = sql<string>`coalesce(case chat_shares.subject_type
  when 'user' then (select p.username from users p where p.id = chat_shares.subject_id)
  else (select coalesce(nullif(g.display_name, ''), g.name) from groups g where g.id = chat_shares.subject_id)
  end, '')`;

export interface ShareChange {
  rootChatId: string;
  organizationId: string;
  giverId: string;
  set: readonly Share[];
  removedIds: readonly string[];
  now: number;
}

/**
 * The statements of a change. Whoever has left the organisation since they were looked up gets nothing;
 * a role that changes keeps when and by whom it was first given.
 */
export function shareStatements({ rootChatId, organizationId, giverId, set, removedIds, now }: ShareChange): SQL[] {
  return [
    sql`delete from chat_shares where root_chat_id = ${rootChatId}
      and subject_id in (select value from json_each(${JSON.stringify(removedIds)}))`,
    sql`insert into chat_shares (root_chat_id, subject_type, subject_id, role, created_by, created_at)
      select ${rootChatId}, value ->> '$.type', value ->> '$.id', value ->> '$.role', ${giverId}, ${now}
      from json_each(${JSON.stringify(set)})
      where (value ->> '$.type' = 'user' and exists (select 1 from organization_members m
          where m.organization_id = ${organizationId} and m.user_id = value ->> '$.id'))
        or (value ->> '$.type' = 'group' and exists (select 1 from groups g
          where g.organization_id = ${organizationId} and g.id = value ->> '$.id'))
      on conflict (root_chat_id, subject_id) do update set role = excluded.role`,
  ];
}

/** Where a page of given shares ends: a chat and whom it was shared with. */
export interface GivenCursor {
  rootChatId: string;
  subjectId: string;
  createdAt: number;
}

/** A page of what a person has shared, newest first. */
export async function listGivenShares(
  db: Database,
  giverId: string,
  readable: SQL,
  page: { after: GivenCursor | null; limit: number },
): Promise<GivenChatShare[]> {
  const { after, limit } = page;
  const rows = await db
    .select({ share: chatShares, title: chats.title, name: subjectName })
    .from(chatShares)
    .innerJoin(chats, eq(chats.id, chatShares.rootChatId))
    .where(
      and(
        eq(chatShares.createdBy, giverId),
        gt(chats.version, 0),
        readable,
        after === null
          ? undefined
          : sql`(${chatShares.createdAt}, ${chatShares.rootChatId}, ${chatShares.subjectId})
              < (${after.createdAt}, ${after.rootChatId}, ${after.subjectId})`,
      ),
    )
    .orderBy(desc(chatShares.createdAt), desc(chatShares.rootChatId), desc(chatShares.subjectId))
    .limit(limit);
  return rows.map(({ share, title, name }) => ({
    id: `${share.rootChatId}:${share.subjectId}`,
    chat_id: share.rootChatId,
    title,
    subject_type: share.subjectType,
    subject_id: share.subjectId,
    subject_name: name,
    role: share.role,
    shared_at: toWireTime(share.createdAt),
  }));
}

/** The share with this id; null when it is none that this person gave. */
export async function givenCursor(db: Database, giverId: string, id: string): Promise<GivenCursor | null> {
  const [rootChatId = "", subjectId = ""] = id.split(":");
  const [row] = await db
    .select({
      rootChatId: chatShares.rootChatId,
      subjectId: chatShares.subjectId,
      createdAt: chatShares.createdAt,
    })
    .from(chatShares)
    .where(
      and(
        eq(chatShares.rootChatId, rootChatId),
        eq(chatShares.subjectId, subjectId),
        eq(chatShares.createdBy, giverId),
      ),
    );
  return row ?? null;
}
