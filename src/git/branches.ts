import { sql } from "drizzle-orm";
import { originWithoutCredentials } from "../contract/git-origin.ts";
import type { Database } from "../platform/d1.ts";
import { chatBranches, chatDiffStatuses } from "./schema.ts";

/** The last ones a chat was on; an agent on somebody else's machine may report any number. */
const BRANCHES_KEPT = 100;

/** On which branch a chat's work is, as the agent of its workspace said. */
export interface BranchReport {
  chatId: string;
  workspaceId: string;
  path: string;
  branch: string;
  remoteOrigin: string;
}

/**
 * Writes down where a chat's work is and has its pull request looked for. Answers whose chat it is when that was
 * news; null for a repeat, and for a chat that works elsewhere or is not there.
 */
export async function recordBranch(
  db: Database,
  { chatId, workspaceId, path, branch, remoteOrigin }: BranchReport,
  now: number,
): Promise<{ ownerId: string } | null> {
  // The agent has taken them off; it runs on somebody else's machine.
  const origin = originWithoutCredentials(remoteOrigin);
  if (origin === "" || branch === "") return null;
  const isNews = sql`not exists (select 1 from chat_diff_statuses d where d.chat_id = ${chatId}
    and d.git_branch = ${branch} and d.git_remote_origin = ${origin})`;
  const works = sql`from chats c where c.id = ${chatId} and c.workspace_id = ${workspaceId} and ${isNews}`;
  const [, recorded] = await db.batch([
    db
      .insert(chatBranches)
      .select(sql`select c.id, ${origin}, ${branch}, ${path}, ${now} ${works}`)
      .onConflictDoUpdate({
        target: [chatBranches.chatId, chatBranches.remoteOrigin, chatBranches.branch],
        set: { path: sql`excluded.path`, reportedAt: sql`max(${chatBranches.reportedAt}, excluded.reported_at)` },
      }),
    // What is known of a pull request stays until its provider was asked about the new branch.
    db
      .insert(chatDiffStatuses)
      .select(
        sql`select c.id, c.owner_id, null, null, '', 0, 0, 0, 0, 0, null, null, null, null, null, null, null, null,
          null, null, null, ${branch}, ${origin}, null, ${now}, ${now}, ${now} ${works}`,
      )
      .onConflictDoUpdate({
        target: chatDiffStatuses.chatId,
        set: {
          gitBranch: sql`excluded.git_branch`,
          gitRemoteOrigin: sql`excluded.git_remote_origin`,
          staleAt: sql`excluded.stale_at`,
          updatedAt: sql`excluded.updated_at`,
        },
      })
      .returning({ ownerId: chatDiffStatuses.ownerId }),
    db.delete(chatBranches).where(sql`chat_id = ${chatId} and (remote_origin, branch) in (
      select remote_origin, branch from chat_branches where chat_id = ${chatId}
      order by reported_at desc, branch limit -1 offset ${BRANCHES_KEPT})`),
  ]);
  return recorded[0] ?? null;
}

/**
 * Remotes that somebody worked in where nobody else could lead the work there: in chats in which they alone write,
 * or before anybody else could.
 */
export async function readOwnRemotes(db: Database, ownerId: string): Promise<string[]> {
  const rows = await db.all<{ origin: string }>(sql`
    select distinct b.remote_origin as origin from chats c join chat_branches b on b.chat_id = c.id
    where c.owner_id = ${ownerId} and not exists (select 1 from chat_shares s
      where s.root_chat_id = c.root_chat_id and s.role = 'collaborator' and s.created_at <= b.reported_at)`);
  return rows.map(({ origin }) => origin);
}
