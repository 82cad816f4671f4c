import { and, eq, getTableColumns, inArray, sql, type SQL } from "drizzle-orm";
import { chats } from "../../chats/schema.ts";
import type { ChatDiffStatus } from "../../contract/git.ts";
import { runBatch, selectFromJson, type Database } from "../../platform/d1.ts";
import { diffStatusOfChat } from "../diff-status.ts";
import { chatBranches, chatDiffStatuses, chatPullRequests } from "../schema.ts";
import type { FoundPullRequest, SyncOutcome, SyncStore } from "./ports.ts";
import { LEASE_MS } from "./schedule.ts";

const CLAIMED_AT_ONCE = 50;
/** A chat that wanders through branches is asked about those it was on last. */
const BRANCHES_ASKED = 5;
/** The newest, and among them all that are open as a rule. */
const PULL_REQUESTS_KNOWN = 50;

/** What of a chat can be due at all. The words of the index `chat_diff_statuses_due`, and of who may still act. */
function syncable(ownerId: string): SQL {
  return sql`d.owner_id = ${ownerId} and d.git_branch != '' and d.git_remote_origin != ''
    and exists (select 1 from chats c where c.id = d.chat_id and c.archived = 0)
    and exists (select 1 from users u where u.id = d.owner_id and u.deleted = 0 and u.status != 'suspended')`;
}

/** The rows in D1. `tell` hears of the chats whose status looks different from before. */
export function syncStore(
  db: Database,
  ownerId: string,
  tell: (chatIds: readonly string[]) => Promise<void>,
): SyncStore {
  /** What people saw of each chat when it was claimed. */
  const seen = new Map<string, ChatDiffStatus | null>();

  return {
    async claim(now) {
      const leasedUntil = now + LEASE_MS;
      const claimed = sql`(select d.chat_id from chat_diff_statuses d
        where ${syncable(ownerId)} and d.stale_at <= ${now} order by d.stale_at limit ${CLAIMED_AT_ONCE})`;
      const mine = and(eq(chatDiffStatuses.ownerId, ownerId), eq(chatDiffStatuses.staleAt, leasedUntil));
      const ids = db.select({ chatId: chatDiffStatuses.chatId }).from(chatDiffStatuses).where(mine);
      const [, rows, shown, branches, pullRequests] = await db.batch([
        db
          .update(chatDiffStatuses)
          .set({ staleAt: leasedUntil })
          .where(sql`${chatDiffStatuses.chatId} in ${claimed}`),
        db.select().from(chatDiffStatuses).where(mine),
        // Apart: in a batch D1 answers by the names of columns, of which a join would have two of one.
        selectShown(db, sql`${ids}`),
        selectNewest(db, ids),
        selectKnown(db, ids),
      ]);
      for (const chat of shown) seen.set(chat.id, chat.shown);
      return rows.map((row) => {
        const own = branches.filter((branch) => branch.chatId === row.chatId);
        const current = { remoteOrigin: row.gitRemoteOrigin, branch: row.gitBranch };
        return {
          chatId: row.chatId,
          leasedUntil,
          reportedAt: own[0]?.reportedAt ?? row.updatedAt,
          workedAt: shown.find(({ id }) => id === row.chatId)?.workedAt ?? row.updatedAt,
          branches: [current, ...own.map(({ remoteOrigin, branch }) => ({ remoteOrigin, branch }))],
          pullRequests: pullRequests.filter((one) => one.chatId === row.chatId),
        };
      });
    },

    async write(outcomes) {
      if (outcomes.length === 0) return;
      await runBatch(db, [
        forgetFormer(outcomes),
        upsertPullRequests(outcomes),
        chooseShown(outcomes),
        endLeases(outcomes),
      ]);
      const after = await selectShown(db, sql`(select value from json_each(${chatIdsOf(outcomes)}))`);
      const changed = after.filter(({ id, shown }) => looksOf(shown) !== looksOf(seen.get(id) ?? null));
      if (changed.length > 0) await tell(changed.map(({ id }) => id));
    },

    async nextDueAt() {
      const due = await db.all<{ at: number | null }>(
        sql`select min(d.stale_at) as at from chat_diff_statuses d where ${syncable(ownerId)}`,
      );
      return due[0]?.at ?? null;
    },
  };
}

/** What people see of these chats. */
function selectShown(db: Database, ids: SQL) {
  const { id, updatedAt: workedAt } = chats;
  return db.select({ id, workedAt, shown: diffStatusOfChat }).from(chats).where(inArray(id, ids));
}

type ChatIds = SQL | { getSQL(): SQL };

function selectNewest(db: Database, ids: ChatIds) {
  const ranked = db.$with("ranked").as(
    db
      .select({
        ...getTableColumns(chatBranches),
        place: sql<number>`row_number() over (partition by chat_id order by reported_at desc, branch)`.as("place"),
      })
      .from(chatBranches)
      .where(sql`${chatBranches.chatId} in ${ids}`),
  );
  return db
    .with(ranked)
    .select()
    .from(ranked)
    .where(sql`place <= ${BRANCHES_ASKED}`)
    .orderBy(sql`place`);
}

function selectKnown(db: Database, ids: ChatIds) {
  const { chatId, url, state } = chatPullRequests;
  return db
    .select({ chatId, url, state })
    .from(chatPullRequests)
    .where(sql`${chatId} in ${ids}`)
    .orderBy(sql`${chatPullRequests.createdAt} desc`)
    .limit(PULL_REQUESTS_KNOWN * CLAIMED_AT_ONCE);
}

function chatIdsOf(outcomes: readonly SyncOutcome[]): string {
  return JSON.stringify(outcomes.map(({ chat }) => chat.chatId));
}

/** A repository that was renamed: its pull request is known under its new address from now on. */
function forgetFormer(outcomes: readonly SyncOutcome[]): SQL {
  const former = outcomes.flatMap(({ chat, found }) =>
    found.flatMap(({ formerUrl }) => (formerUrl === null ? [] : [{ chat_id: chat.chatId, url: formerUrl }])),
  );
  return sql`delete from chat_pull_requests where (chat_id, url) in (${selectFromJson(former, ["chat_id", "url"])})`;
}

const FACTS = [
  "state",
  "pull_request_title",
  "pull_request_draft",
  "changes_requested",
  "additions",
  "deletions",
  "changed_files",
  "author_login",
  "author_avatar_url",
  "base_branch",
  "head_branch",
  "pr_number",
  "commits",
  "approved",
  "reviewer_count",
  "opened_at",
  "merged_at",
  "closed_at",
  "refreshed_at",
] as const;

/** The answer to a later question stands, in whatever order they are written. */
function upsertPullRequests(outcomes: readonly SyncOutcome[]): SQL {
  const rows = outcomes.flatMap(({ chat, found }) => found.map((one) => rowOf(chat.chatId, one)));
  const columns = ["chat_id", "url", "provider", "repository", "created_at", ...FACTS];
  const set = sql.raw(FACTS.map((name) => `${name} = excluded.${name}`).join(", "));
  // A chat that is gone meanwhile takes nobody else's row with it.
  return sql`insert into chat_pull_requests (${sql.raw(columns.join(", "))}) ${selectFromJson(rows, columns)}
    and json_extract(value, '$.chat_id') in (select id from chats)
    on conflict (chat_id, url) do update set ${set} where excluded.refreshed_at >= chat_pull_requests.refreshed_at`;
}

function rowOf(chatId: string, { provider, repository, askedAt, status }: FoundPullRequest) {
  return {
    chat_id: chatId,
    url: status.url,
    provider,
    repository,
    state: status.state,
    pull_request_title: status.title,
    pull_request_draft: status.draft ? 1 : 0,
    changes_requested: status.changesRequested ? 1 : 0,
    additions: status.additions,
    deletions: status.deletions,
    changed_files: status.changedFiles,
    author_login: status.authorLogin,
    author_avatar_url: status.authorAvatarUrl,
    base_branch: status.baseBranch,
    head_branch: status.headBranch,
    pr_number: status.number,
    commits: status.commits,
    approved: status.approved === null ? null : status.approved ? 1 : 0,
    reviewer_count: status.reviewerCount,
    opened_at: status.openedAt,
    merged_at: status.mergedAt,
    closed_at: status.closedAt,
    refreshed_at: askedAt,
    created_at: askedAt,
  };
}

const SHOWN = FACTS.filter((name) => name !== "state" && name !== "closed_at").join(", ");

/**
 * The newest open pull request stands for the chat, else the newest, always by all that is known: whatever was
 * written last, in whatever order, the row ends in what is true. Branch and remote are left as reported.
 */
function chooseShown(outcomes: readonly SyncOutcome[]): SQL {
  return sql`update chat_diff_statuses set (url, pull_request_state, repository, ${sql.raw(SHOWN)}) = (
      select p.url, p.state, substr(p.rest, 1, instr(p.rest, '/')) || p.repository, ${sql.raw(SHOWN)}
      from (select *, substr(url, instr(url, '://') + 3) as rest from chat_pull_requests) p where p.chat_id = chat_diff_statuses.chat_id
      order by p.state = 'open' desc, coalesce(p.opened_at, p.created_at) desc, p.pr_number desc, p.url limit 1)
    where chat_id in (select value from json_each(${chatIdsOf(outcomes)}))
      and exists (select 1 from chat_pull_requests p where p.chat_id = chat_diff_statuses.chat_id)`;
}

/** Whatever made a chat due while it was asked about (a report, a webhook, a person) makes it due still. */
function endLeases(outcomes: readonly SyncOutcome[]): SQL {
  const leases = outcomes.map(({ chat, refreshedAt, nextAt }) => ({
    chat_id: chat.chatId,
    leased: chat.leasedUntil,
    next: Math.round(nextAt),
    refreshed: refreshedAt,
  }));
  return sql`update chat_diff_statuses set
      stale_at = iif(stale_at = lease.leased, lease.next, stale_at),
      refreshed_at = coalesce(max(refreshed_at, lease.refreshed), refreshed_at, lease.refreshed)
    from (select json_extract(value, '$.chat_id') as chat_id, json_extract(value, '$.leased') as leased,
        json_extract(value, '$.next') as next, json_extract(value, '$.refreshed') as refreshed
      from json_each(${JSON.stringify(leases)})) as lease
    where chat_diff_statuses.chat_id = lease.chat_id`;
}

/** What a person can see of it: not when it was asked for. */
function looksOf(status: ChatDiffStatus | null): string {
  if (status === null) return "";
  const { refreshed_at: _asked, stale_at: _due, ...shown } = status;
  return JSON.stringify(Object.entries(shown).toSorted(([a], [b]) => a.localeCompare(b)));
}
