import { NotYet } from "../../platform/jobs.ts";
import { firstRow } from "../../platform/object-storage.ts";
import { markArchived, requireState } from "./cells.ts";
import type { ChatContext } from "./context.ts";
import { interruptTurn } from "./interrupt.ts";
import { refuse } from "./refusals.ts";
import type { Answer } from "./rpc.ts";

/**
 * What of a tree is archived is the root's to say, under one counter: a later change of any chat has a
 * higher version, so that copies settle in whatever order they hear of it.
 */

interface TreeRow {
  chat_id: string;
  archived: 0 | 1;
  version: number;
}

/** On the root. Archiving the root takes its whole tree; restoring takes one chat, or all archived with it. */
export function archiveInTree(
  context: ChatContext,
  change: { chatId: string; archived: boolean; descendants: boolean },
): Answer<null> {
  const root = requireState(context);
  const isRoot = change.chatId === root.id;
  if (!isRoot && !isChild(context, change.chatId)) return refuse({ status: 404, title: "There is no such chat." });
  const present = readTree(context, change.chatId);
  if ((present?.archived === 1) === change.archived) {
    return refuse({
      status: 400,
      title: change.archived ? "The chat is archived already." : "The chat is not archived.",
    });
  }
  if (!change.archived && !isRoot && root.archived === 1) {
    return refuse({ status: 400, title: "Its parent is archived.", detail: "Unarchive the parent first." });
  }
  const chatIds = affected(context, change, isRoot, present);
  context.storage.transaction(() => {
    const version = root.tree_version + 1;
    context.storage.exec("update chat set tree_version = ?", version);
    for (const chatId of chatIds) {
      context.storage.exec(
        `insert into tree (chat_id, archived, version) values (?, ?, ?)
         on conflict (chat_id) do update set archived = excluded.archived, version = excluded.version`,
        chatId,
        change.archived ? 1 : 0,
        version,
      );
      if (chatId !== root.id) context.jobs.arm("archive_child", chatId, context.clock());
    }
    // The whole tree in one statement, so that a child that is born meanwhile is taken, too.
    const whole = isRoot && change.archived;
    const key = JSON.stringify({ version, archived: change.archived, chatIds: whole ? null : chatIds });
    context.jobs.arm("archive_tree", key, context.clock());
  });
  if (chatIds.includes(root.id)) setArchived(context, { version: root.tree_version + 1, archived: change.archived });
  return { ok: true, value: null };
}

function isChild(context: ChatContext, chatId: string): boolean {
  return context.storage.exec("select 1 from children where chat_id = ?", chatId).length > 0;
}

function readTree(context: ChatContext, chatId: string): TreeRow | null {
  return firstRow(context.storage.exec<TreeRow>("select * from tree where chat_id = ?", chatId));
}

function affected(
  context: ChatContext,
  change: { chatId: string; archived: boolean; descendants: boolean },
  isRoot: boolean,
  present: TreeRow | null,
): string[] {
  if (!isRoot) return [change.chatId];
  if (change.archived) {
    const children = context.storage.exec<{ chat_id: string }>("select chat_id from children");
    const alone = new Set(
      context.storage.exec<TreeRow>("select * from tree where archived = 1").map((row) => row.chat_id),
    );
    // A child that was archived alone before keeps its own version: restoring the tree leaves it archived.
    return [change.chatId, ...children.map((child) => child.chat_id).filter((id) => !alone.has(id))];
  }
  if (!change.descendants) return [change.chatId];
  const together = context.storage.exec<TreeRow>(
    "select * from tree where archived = 1 and version = ?",
    present?.version ?? -1,
  );
  return together.map((row) => row.chat_id);
}

/** On each chat of the tree: takes what the root says, unless it knows something newer. A running chat stops. */
export function setArchived(context: ChatContext, change: { version: number; archived: boolean }): void {
  const state = requireState(context);
  if (change.version <= state.archived_version) return;
  // Marked first: the end of a turn starts the queue's head, unless the chat is archived.
  context.stream.commit(() => markArchived(context, change));
  if (change.archived) interruptTurn(context);
  context.advance();
}

/** The job behind a child: told until it is there and has taken it. */
export async function archiveChild(context: ChatContext, chatId: string): Promise<void> {
  const row = readTree(context, chatId);
  if (row === null) return;
  const taken = await context.ports.relatives.setArchived(chatId, {
    version: row.version,
    archived: row.archived === 1,
  });
  if (!taken) throw new NotYet("The sub-agent does not exist yet.");
}

export async function archiveRows(context: ChatContext, key: string): Promise<void> {
  const change = JSON.parse(key) as { version: number; archived: boolean; chatIds: string[] | null };
  const { id, owner_id } = requireState(context);
  try {
    await context.ports.relatives.archiveRows({ ...change, ownerId: owner_id, rootId: id, at: context.clock() });
  } catch (error) {
    throw new NotYet("D1 did not take the change.", { cause: error });
  }
}
