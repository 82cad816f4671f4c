import { NotYet } from "../../platform/jobs.ts";
import type { ChatContext } from "./context.ts";
import type { StreamSocket } from "./fanout.ts";
import { readState } from "./state.ts";

/** Who may watch, from the moment of joining to the last socket. */

/** 4403 = this account may not watch any more. */
const ACCESS_LOST = 4403;
/** A revocation closes sockets at once; this covers one that was lost. */
const ACCESS_CHECK_MS = 60_000;

export function watchAccess(context: ChatContext): void {
  context.jobs.armBy("access", "", context.clock() + ACCESS_CHECK_MS);
}

/**
 * Asks D1 about everybody who watches, or about the one who has just joined: many who join at once would each
 * ask about all. Throws NotYet while it does not answer.
 */
export async function checkAccess(context: ChatContext, joined?: StreamSocket): Promise<void> {
  const chatId = readState(context.storage)?.id;
  if (chatId === undefined) return;
  // The sockets of one session are allowed or refused together.
  const answers = new Map<string, boolean>();
  try {
    for (const [socket, { userId, sessionId }] of [...context.fanout.viewers()]) {
      if (joined !== undefined && socket !== joined) continue;
      const who = `${userId} ${sessionId}`;
      const may = answers.get(who) ?? (await context.ports.projection.mayRead(userId, sessionId, chatId));
      answers.set(who, may);
      if (!may) expel(context, socket);
    }
  } catch (error) {
    throw new NotYet("D1 does not say who may watch.", { cause: error });
  }
  if (context.fanout.size > 0) watchAccess(context);
}

/** Closes the sockets of a user, or of one session of theirs. */
export function revokeViewers(context: ChatContext, who: { userId: string; sessionId?: string }): void {
  for (const [socket, viewer] of [...context.fanout.viewers()]) {
    if (viewer.userId !== who.userId) continue;
    if (who.sessionId !== undefined && viewer.sessionId !== who.sessionId) continue;
    expel(context, socket);
  }
}

function expel(context: ChatContext, socket: StreamSocket): void {
  context.fanout.leave(socket);
  socket.close(ACCESS_LOST, "You may not watch this chat any more.");
}

/** A socket has closed. After a session's last one, a revocation need not reach this chat. */
export async function endWatching(context: ChatContext, socket: StreamSocket): Promise<void> {
  const viewers = new Map(context.fanout.viewers());
  const gone = viewers.get(socket) ?? socket.load();
  context.fanout.leave(socket);
  const chatId = readState(context.storage)?.id;
  if (gone === null || chatId === undefined) return;
  const { userId, sessionId } = gone;
  for (const [other, viewer] of viewers) {
    if (other !== socket && viewer.userId === userId && viewer.sessionId === sessionId) return;
  }
  await context.ports.projection.unwatch(userId, sessionId, chatId);
}
