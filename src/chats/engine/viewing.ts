import type { ProblemBody } from "../../contract/common.ts";
import type { StreamFrame } from "../../contract/stream.ts";
import { NotYet } from "../../platform/jobs.ts";
import { log } from "../../platform/log.ts";
import { closeSaying } from "../../platform/socket-close.ts";
import type { ChatContext } from "./context.ts";
import type { Attachment, StreamSocket } from "./fanout.ts";
import { presenceChanged, watching } from "./presence.ts";
import { readState } from "./state.ts";

/** Who may watch, from the moment of joining to the last socket. */

/** 4403 = this account may not watch any more. */
const ACCESS_LOST = 4403;
/** A revocation closes sockets at once; this covers one that was lost. */
const ACCESS_CHECK_MS = 60_000;

export function watchAccess(context: ChatContext): void {
  context.jobs.armBy("access", "", context.clock() + ACCESS_CHECK_MS);
}

/** "Try again later": the Worker asks D1 once more before it lets anybody back in. */
const TRY_AGAIN_LATER = 1013;

export const NO_LONGER_YOURS = "You no longer have access to this chat.";
export const SESSION_ENDED = "You were signed out.";

/**
 * Somebody has joined, whom the Worker had found allowed to. Their own object learns where a revocation must
 * reach, and only then D1 is asked once more: a revocation comes before this and is seen here, or after it and
 * finds the socket. They read meanwhile; where that cannot be made sure of, they come in by the door again.
 */
export async function admitViewer(context: ChatContext, socket: StreamSocket): Promise<void> {
  const chatId = readState(context.storage)?.id;
  const [viewer] = viewersAmong(context, { joined: socket });
  if (chatId === undefined || viewer === undefined) return;
  const [, { userId, sessionId }] = viewer;
  try {
    await context.ports.projection.watch(userId, sessionId, chatId);
  } catch (error) {
    log.warn("viewer.unregistered", { error });
    leave(context, socket);
    socket.close(TRY_AGAIN_LATER, "Please reconnect.");
    return;
  }
  if (viewersAmong(context, { joined: socket }).length > 0) await checkAccess(context, { joined: socket });
  else await forget(context, chatId, viewer[1]);
}

/** Whom to ask about: all of a user's sockets, or the one that has just joined. */
export interface Asked {
  userId?: string;
  joined?: StreamSocket;
}

/**
 * Asks D1 about everybody who watches, or about some: many who join at once would each ask about all.
 * Throws NotYet while it does not answer.
 */
export async function checkAccess(context: ChatContext, asked: Asked = {}): Promise<void> {
  const chatId = readState(context.storage)?.id;
  if (chatId === undefined) return;
  // The sockets of one session are allowed or refused together, and all are asked about at once.
  const answers = new Map<string, Promise<boolean>>();
  const viewers = viewersAmong(context, asked).map(([socket, { userId, sessionId }]) => {
    const who = `${userId} ${sessionId}`;
    const may = answers.get(who) ?? context.ports.projection.mayRead(userId, sessionId, chatId);
    answers.set(who, may);
    return { socket, may };
  });
  try {
    for (const { socket, may } of viewers) if (!(await may)) expel(context, socket, NO_LONGER_YOURS);
  } catch (error) {
    await Promise.allSettled(answers.values());
    throw new NotYet("D1 does not say who may watch.", { cause: error });
  }
  if (context.fanout.size > 0) watchAccess(context);
}

/**
 * Rights have changed: asks about the viewers, or those of one user, at once. Whoever cannot be asked about
 * has to come in by the door again.
 */
export async function recheckViewers(context: ChatContext, asked: Asked): Promise<void> {
  try {
    await checkAccess(context, asked);
  } catch (error) {
    log.warn("viewers.unasked", { error });
    for (const [socket] of viewersAmong(context, asked)) {
      leave(context, socket);
      socket.close(TRY_AGAIN_LATER, "Please reconnect.");
    }
  }
}

function viewersAmong(context: ChatContext, { userId, joined }: Asked): [StreamSocket, Attachment][] {
  return [...context.fanout.viewers()].filter(
    ([socket, viewer]) =>
      (joined === undefined || socket === joined) && (userId === undefined || viewer.userId === userId),
  );
}

/** Closes the sockets of a user, or of one session of theirs. */
export function revokeViewers(context: ChatContext, who: { userId: string; sessionId?: string }): void {
  for (const [socket, viewer] of viewersAmong(context, { userId: who.userId })) {
    if (who.sessionId !== undefined && viewer.sessionId !== who.sessionId) continue;
    expel(context, socket, SESSION_ENDED);
  }
}

/** Says why and closes; the frame reaches those who read events in place of a socket, too. */
function expel(context: ChatContext, socket: StreamSocket, reason: string): void {
  leave(context, socket);
  const data: ProblemBody = { type: "about:blank", title: reason, message: reason, status: 403, request_id: "" };
  const frame: StreamFrame = { type: "error", data };
  closeSaying(socket, frame, ACCESS_LOST, reason);
}

function leave(context: ChatContext, socket: StreamSocket): void {
  const before = watching(context);
  context.fanout.leave(socket);
  presenceChanged(context, before, false);
}

/** A socket has closed. After a session's last one, a revocation need not reach this chat. */
export async function endWatching(context: ChatContext, socket: StreamSocket): Promise<void> {
  const gone = new Map(context.fanout.viewers()).get(socket) ?? socket.load();
  // One that took nothing was let go before it closed.
  const before = new Set([...watching(context), ...(gone === null ? [] : [gone.userId])]);
  context.fanout.leave(socket);
  presenceChanged(context, before, false);
  const chatId = readState(context.storage)?.id;
  if (gone !== null && chatId !== undefined) await forget(context, chatId, gone);
}

/** Unless the session has another socket here. */
async function forget(context: ChatContext, chatId: string, { userId, sessionId }: Attachment): Promise<void> {
  if (viewersAmong(context, { userId }).some(([, other]) => other.sessionId === sessionId)) return;
  await context.ports.projection.unwatch(userId, sessionId, chatId);
}
