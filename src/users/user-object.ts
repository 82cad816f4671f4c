import { DurableObject } from "cloudflare:workers";
import type { BookedHold, HoldAsk, HoldRefusal } from "../chats/engine/ports.ts";
import type { Chat, WatchEnded, WatchEvent } from "../contract/chats.ts";
import type { SearchMatch } from "../contract/search.ts";
import { freshToken } from "../external-auth/fresh-token.ts";
import type { TokenAnswer } from "../external-auth/ports.ts";
import { tellDiffStatus } from "../git/sync/told.ts";
import { mayStayOpen } from "../identity/live-credentials.ts";
import { systemClock } from "../platform/clock.ts";
import { openDatabase, type Database } from "../platform/d1.ts";
import { createJobs, JOBS_TABLE, type Job } from "../platform/jobs.ts";
import { log } from "../platform/log.ts";
import { migrate, type ObjectMigration } from "../platform/migrator.ts";
import { openObjectStorage } from "../platform/object-storage.ts";
import type { RateCount } from "../platform/rate-limit.ts";
import { answerClose, closeSaying } from "../platform/socket-close.ts";
import { readSpendState } from "../usage/limits.ts";
import { GIT_ANSWERS_MIGRATION } from "./git-answers.ts";
import { createGitSync, GIT_SYNC_JOB } from "./git-sync-job.ts";
import { findChats, findMatches, indexTexts, SEARCH_MIGRATION, type SearchText } from "./search-index.ts";
import { termsOf } from "./search-words.ts";
import { createTokenFlights } from "./token-flights.ts";
import { createSpendHolds, SPEND_HOLDS_MIGRATION } from "./spend-holds.ts";
import { countUse, USE_COUNTS_MIGRATION } from "./use-counts.ts";
import { createWatchGather, WATCH_GATHER_MS } from "./watchers.ts";

const MIGRATIONS: readonly ObjectMigration[] = [
  {
    id: "0001_first",
    statements: [
      // Which chats this user's sessions may have open: where a revocation must reach.
      `create table registrations (
        chat_id text not null,
        session_id text not null,
        registered_at integer not null,
        primary key (chat_id, session_id)
      ) strict, without rowid`,
    ],
  },
  SEARCH_MIGRATION,
  USE_COUNTS_MIGRATION,
  SPEND_HOLDS_MIGRATION,
  GIT_ANSWERS_MIGRATION,
  { id: "0006_jobs", statements: [JOBS_TABLE] },
];

const ACCESS_CHECK_JOB = "access-check";

/** 4403 = this session may not watch any more. */
const ACCESS_LOST = 4403;
/** A sidebar has no cursor: whoever comes back reads their lists anew. */
const TRY_AGAIN_LATER = 1013;
const SESSION_ENDED = "You were signed out.";
/** A registration that no socket has renewed for so long is of a socket that is gone: sessions live 90 days at most. */
const REGISTRATION_KEPT_MS = 90 * 24 * 60 * 60_000;
const CLIENT_FRAME_MAX_LENGTH = 1_000;
/** A revocation closes sockets at once; this covers one that was lost, and credentials whose time is up. */
const ACCESS_CHECK_MS = 60_000;

/** Whose socket it is; outlives the object's sleep. */
interface WatcherAttachment {
  userId: string;
  credential: string;
}

/** One user: the sidebars that watch, and what must close when a right is taken away. */
export class UserHubObject extends DurableObject<Env> {
  readonly #gather = createWatchGather();
  readonly #storage = openObjectStorage(this.ctx);
  readonly #holds = createSpendHolds(this.#storage);
  readonly #flights = createTokenFlights((flight) => this.ctx.waitUntil(flight));
  readonly #jobs = createJobs(this.#storage, systemClock);
  readonly #gitSync = createGitSync({
    env: this.env,
    db: openDatabase(this.env.DB),
    storage: this.#storage,
    jobs: this.#jobs,
    clock: systemClock,
    tokens: { token: (userId, providerId) => this.freshToken({ userId, providerId }) },
    tell: (chatIds) =>
      tellDiffStatus(this.env.USERS, openDatabase(this.env.DB), chatIds, (event) => this.#watch(event)),
  });
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    migrate(this.#storage, MIGRATIONS);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  /** A session is about to open a chat's stream. */
  async register(stream: { chatId: string; sessionId: string }): Promise<void> {
    const now = Date.now();
    this.#storage.exec("delete from registrations where registered_at < ?", now - REGISTRATION_KEPT_MS);
    this.#storage.exec(
      `insert into registrations (chat_id, session_id, registered_at) values (?, ?, ?)
       on conflict do update set registered_at = excluded.registered_at`,
      stream.chatId,
      stream.sessionId,
      now,
    );
  }

  /** That session watches the chat no more. */
  async unregister(stream: { chatId: string; sessionId: string }): Promise<void> {
    this.#storage.exec(
      "delete from registrations where chat_id = ? and session_id = ?",
      stream.chatId,
      stream.sessionId,
    );
  }

  /** D1 has been written. Closes what the user, or one session, has open, here and in every chat. */
  async revoke({ why = SESSION_ENDED, ...who }: { userId: string; sessionId?: string; why?: string }): Promise<void> {
    for (const socket of this.ctx.getWebSockets(who.sessionId)) {
      end(socket, why);
    }
    const registered = this.#storage.exec<{ chat_id: string }>(
      "select distinct chat_id from registrations where ? is null or session_id = ?",
      who.sessionId ?? null,
      who.sessionId ?? null,
    );
    await Promise.all(registered.map(({ chat_id: chatId }) => this.#revokeIn(chatId, who)));
  }

  async #revokeIn(chatId: string, who: { userId: string; sessionId?: string }): Promise<void> {
    await this.#reach(chatId, async () => {
      await this.env.CHATS.getByName(chatId).revoke(who);
      this.#storage.exec(
        "delete from registrations where chat_id = ? and (? is null or session_id = ?)",
        chatId,
        who.sessionId ?? null,
        who.sessionId ?? null,
      );
    });
  }

  /**
   * D1 has been written: what the user may do has changed. Every chat that is open asks anew whether it may
   * stay; what may, is not disturbed. Sidebars come back, and read anew which chats there are.
   */
  async recheck(who: { userId: string }): Promise<void> {
    const registered = this.#storage.exec<{ chat_id: string }>("select distinct chat_id from registrations");
    for (const socket of this.ctx.getWebSockets()) socket.close(TRY_AGAIN_LATER, "What you may see has changed.");
    await Promise.all([
      ...registered.map(({ chat_id: chatId }) =>
        this.#reach(chatId, () => this.env.CHATS.getByName(chatId).recheck({ userId: who.userId })),
      ),
    ]);
  }

  async #reach(chatId: string, call: () => Promise<void>): Promise<void> {
    try {
      await call();
    } catch (error) {
      // The chat asks D1 itself every minute while it is watched; the registration stays for the next call.
      log.warn("revocation.unreached", { chatId, error });
    }
  }

  /** One more of something that is limited: how often the user has done it in the window that is open. */
  async countUse(use: { kind: string; windowMs: number; now: number }): Promise<RateCount> {
    return countUse(this.#storage, use.kind, use.windowMs, use.now);
  }

  /** Sets money aside for a model call of one of this user's chats. Null: the call may go out. */
  async holdSpend({ ownerId, ...ask }: HoldAsk & { ownerId: string }): Promise<HoldRefusal | null> {
    const db = openDatabase(this.env.DB);
    return this.#holds.take(ask, Date.now, () => readSpendState(db, ownerId, Date.now()));
  }

  /** These calls of a chat are in the ledger, or have cost nothing. */
  async settleSpend({ chatId, holds }: { chatId: string; holds: BookedHold[] }): Promise<void> {
    this.#holds.settle(chatId, holds, Date.now());
  }

  /** What is set aside for calls that are under way. */
  async reservedSpend({ now }: { now: number }): Promise<number> {
    return this.#holds.reserved(now);
  }

  /** A token of what this user has connected, renewed once however many ask. */
  async freshToken(which: { userId: string; providerId: string }): Promise<TokenAnswer> {
    return this.#flights.join(which.providerId, () => freshToken(this.env, which));
  }

  /** D1 has been written: the pull requests of some of this user's chats are to be looked at now. */
  async wakeGitSync({ userId }: { userId: string }): Promise<void> {
    this.#gitSync.wake(userId);
  }

  /** What was said in this user's chats, for search. A repeat or a late arrival changes nothing. */
  async indexMessages(texts: SearchText[]): Promise<void> {
    indexTexts(this.#storage, texts);
  }

  /** Ids of chats with what is looked for, the best first; whether they may be seen is D1's to say. */
  async findChats(search: { question: string; limit: number; offset: number }): Promise<string[]> {
    const terms = termsOf(search.question);
    return terms.length === 0 ? [] : findChats(this.#storage, terms, search);
  }

  /** Where in these chats it stands. */
  async findMatches(search: {
    question: string;
    chatIds: string[];
  }): Promise<{ chatId: string; matches: SearchMatch[] }[]> {
    const found = findMatches(this.#storage, termsOf(search.question), search.chatIds);
    return [...found].map(([chatId, matches]) => ({ chatId, matches }));
  }

  /** Tells every sidebar of this user what a chat of theirs has become. */
  async chatChanged(event: WatchEvent): Promise<void> {
    indexTexts(this.#storage, [titleOf(event.chat)]);
    this.#watch(event);
  }

  /** The same of a chat that was shared with this user; search is of one's own. */
  async sharedChatChanged(event: WatchEvent): Promise<void> {
    this.#watch(event);
  }

  #watch(event: WatchEvent): void {
    const now = Date.now();
    const due = this.#gather.take(event, now);
    if (due !== null) this.#tell([due]);
    else this.#wait();
  }

  #wait(): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      const { events, nextAt } = this.#gather.due(Date.now());
      this.#tell(events);
      if (nextAt !== null) this.#wait();
    }, WATCH_GATHER_MS);
  }

  #tell(events: WatchEvent[]): void {
    const sockets = events.length === 0 ? [] : this.ctx.getWebSockets();
    for (const event of events) {
      const text = JSON.stringify(event);
      for (const socket of sockets) {
        try {
          socket.send(text);
        } catch (error) {
          log.info("watch.socket_gone", { error });
        }
      }
    }
  }

  /** `GET /chats/watch`. The Worker has authenticated. */
  override async fetch(request: Request): Promise<Response> {
    const { 0: client, 1: server } = new WebSocketPair();
    const credential = request.headers.get("x-tideline-session") ?? "";
    this.ctx.acceptWebSocket(server, [credential]);
    const watcher: WatcherAttachment = { userId: request.headers.get("x-tideline-user") ?? "", credential };
    server.serializeAttachment(watcher);
    this.#checkLater();
    this.ctx.waitUntil(this.#admit(server));
    return new Response(null, { status: 101, webSocket: client });
  }

  /** What ended between the Worker's look and this socket closed nothing: D1 is asked once more, now that it can. */
  async #admit(socket: WebSocket): Promise<void> {
    try {
      await this.#closeIfEnded(openDatabase(this.env.DB), socket);
    } catch (error) {
      log.warn("watch.access_unknown", { error });
      socket.close(TRY_AGAIN_LATER, "Please reconnect.");
    }
  }

  override async alarm(): Promise<void> {
    await this.#jobs.run((job) => this.#runJob(job));
    // An alarm from before there were jobs has none that follows it.
    if (this.#isWatched()) this.#checkLater();
  }

  async #runJob({ kind, key }: Job): Promise<void> {
    if (kind === GIT_SYNC_JOB) return this.#gitSync.run(key);
    if (kind !== ACCESS_CHECK_JOB) throw new Error(`There is no job ${kind}`);
    try {
      await this.#closeEnded();
    } catch (error) {
      // D1 is away; the next check asks again.
      log.warn("watch.access_unknown", { error });
    }
    if (this.#isWatched()) this.#jobs.arm(ACCESS_CHECK_JOB, "", Date.now() + ACCESS_CHECK_MS);
  }

  #isWatched(): boolean {
    return this.ctx.getWebSockets().some((socket) => socket.readyState === WebSocket.OPEN);
  }

  async #closeEnded(): Promise<void> {
    const db = openDatabase(this.env.DB);
    for (const socket of this.ctx.getWebSockets()) await this.#closeIfEnded(db, socket);
  }

  async #closeIfEnded(db: Database, socket: WebSocket): Promise<void> {
    // Every socket here was accepted by `fetch`, which attaches.
    const watcher: WatcherAttachment = socket.deserializeAttachment();
    if (await mayStayOpen(db, watcher.userId, watcher.credential, Date.now())) return;
    end(socket, SESSION_ENDED);
  }

  #checkLater(): void {
    this.#jobs.armBy(ACCESS_CHECK_JOB, "", Date.now() + ACCESS_CHECK_MS);
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const length = typeof message === "string" ? message.length : message.byteLength;
    if (length > CLIENT_FRAME_MAX_LENGTH) socket.close(1008, "This socket takes nothing.");
  }

  override async webSocketClose(socket: WebSocket, code: number, reason: string): Promise<void> {
    answerClose(socket, code, reason);
  }
}

function end(socket: WebSocket, reason: string): void {
  const frame: WatchEnded = { kind: "ended", reason };
  closeSaying(socket, frame, ACCESS_LOST, reason);
}

function titleOf(chat: Chat): SearchText {
  const { id: chatId, version, title: text, updated_at } = chat;
  return { chatId, messageId: 0, version, role: "title", text, deleted: false, createdAt: Date.parse(updated_at) };
}
