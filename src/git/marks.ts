import { and, eq, gt, sql } from "drizzle-orm";
import type { ExternalAuthSettings } from "../external-auth/ports.ts";
import type { Database } from "../platform/d1.ts";
import { sameName } from "./providers/fields.ts";
import type { RepositoryRef } from "./providers/provider.ts";
import { resolveOrigin } from "./resolve.ts";
import { chatDiffStatuses } from "./schema.ts";
import type { GitEvent } from "./webhook-events.ts";

/** Who sent the event, among all that are set up. */
interface Sender {
  providerId: string;
  providers: readonly ExternalAuthSettings[];
}

/** Has a chat looked after as soon as possible; false when it was to be anyway. */
export async function markStale(db: Database, chatId: string, now: number): Promise<boolean> {
  const marked = await db
    .update(chatDiffStatuses)
    .set({ staleAt: now })
    .where(and(eq(chatDiffStatuses.chatId, chatId), gt(chatDiffStatuses.staleAt, now)))
    .returning({ chatId: chatDiffStatuses.chatId });
  return marked.length > 0;
}

/**
 * Has the chats that an event is about looked after as soon as possible, and answers whose they are. Told twice, it
 * changes nothing the second time: what is due already stays as it is.
 */
export async function markByEvent(db: Database, sender: Sender, event: GitEvent, now: number): Promise<string[]> {
  const { pullRequestUrl: url, branch } = event;
  const origins = branch === null ? [] : await readOrigins(db, sender, branch.repository);
  const marked = await db.all<{ owner_id: string }>(sql`
      update chat_diff_statuses set stale_at = ${now}
      where stale_at > ${now} and chat_id in (
        select chat_id from chat_pull_requests where url = ${url}
        union select chat_id from chat_diff_statuses where url = ${url}
        union select b.chat_id from json_each(${JSON.stringify(origins)}) o
          join chat_branches b on b.remote_origin = o.value and b.branch = ${branch?.name ?? null})
      returning owner_id`);
  return [...new Set(marked.map((row) => row.owner_id))];
}

/**
 * Every spelling in which workspaces named this repository: with and without `.git`, over https and ssh. Walks from
 * one spelling to the next in the index, since there are few of them and many branches.
 */
async function readOrigins(db: Database, sender: Sender, repository: RepositoryRef): Promise<string[]> {
  const rows = await db.all<{ origin: string }>(sql`
    with recursive spelling(origin) as (
      select min(remote_origin) from chat_branches
      union all
      select (select min(remote_origin) from chat_branches where remote_origin > origin) from spelling
        where origin is not null)
    select origin from spelling where instr(lower(origin), ${`${repository.owner}/${repository.name}`.toLowerCase()}) > 0`);
  return rows.map(({ origin }) => origin).filter((origin) => isOf(origin, sender, repository));
}

function isOf(origin: string, { providerId, providers }: Sender, { owner, name }: RepositoryRef): boolean {
  const found = resolveOrigin(providers, origin);
  return found?.settings.id === providerId && sameName(found.ref.owner, owner) && sameName(found.ref.name, name);
}
