import { and, eq, lt, sql } from "drizzle-orm";
import { wakeGitSync } from "../git/sync/wake.ts";
import type { Database } from "../platform/d1.ts";
import type { RelativesPort, RunReport } from "./engine/ports.ts";
import { chatStub } from "./object.ts";
import { selectSeenBy } from "./reads.ts";
import { toChat } from "./records.ts";
import { chats } from "./schema.ts";
import { tellSharers } from "./shared-sidebars.ts";

/** How a chat's object reaches the others of its tree, and the tree's rows in D1. */
export function relativesPort(env: Pick<Env, "CHATS" | "USERS">, db: Database): RelativesPort {
  const open = (chatId: string) => chatStub(env.CHATS, chatId);
  return {
    startRun: (input) => open(input.childId).startRun(input),
    interruptChild: async (childId) => existing(childId, await open(childId).interruptRun()),
    readRun: async (childId) => existing(childId, await open(childId).readRun()),
    reportTo: (parentId, report) => open(parentId).takeReport(report),
    setArchived: (chatId, change) => open(chatId).setArchived(change),

    async archiveRows({ ownerId, rootId, chatIds, version, archived, at }) {
      const listed = JSON.stringify(chatIds ?? []);
      const changed = await db
        .update(chats)
        .set({ archived, archivedVersion: version, updatedAt: sql`max(${chats.updatedAt}, ${at})` })
        .where(
          and(
            eq(chats.rootChatId, rootId),
            lt(chats.archivedVersion, version),
            chatIds === null ? undefined : sql`${chats.id} in (select value from json_each(${listed}))`,
          ),
        )
        .returning({ id: chats.id });
      const ids = JSON.stringify(changed.map((row) => row.id));
      const rows = await selectSeenBy(db, chats.ownerId, sql`${chats.id} in (select value from json_each(${ids}))`);
      const whole = rows.find((row) => row.id === rootId);
      // One event takes a root and its children away; restored chats are told one by one.
      const told = archived && whole !== undefined ? [whole] : rows;
      for (const row of told) {
        const kind = archived ? "deleted" : "created";
        await env.USERS.getByName(ownerId).chatChanged({ kind, chat: toChat(row) });
        if (row.shared) await tellSharers(env.USERS, db, kind, { id: row.id, root_chat_id: row.rootChatId });
      }
      // Nothing of an archived chat is looked at.
      if (!archived) await wakeGitSync(env, [ownerId]);
    },
  };
}

/** A sub-agent that nobody created answers nothing: its start has not arrived yet. */
function existing(childId: string, report: RunReport | null): RunReport {
  if (report === null) throw new Error(`The sub-agent ${childId} does not exist yet.`);
  return report;
}
