import { DurableObject } from "cloudflare:workers";
import type { ChatFacts, ChatMessage, CreateMessageResponse, QueuedMessage } from "../../contract/chats.ts";
import { systemClock } from "../../platform/clock.ts";
import { openObjectStorage } from "../../platform/object-storage.ts";
import { answerClose } from "../../platform/socket-close.ts";
import { waitAtMost } from "../../platform/time-limit.ts";
import { acceptMessage, createChat, helloOf, readMessages, updateChat } from "./accept.ts";
import { archiveInTree, setArchived } from "./archive.ts";
import { dispatchCalls, takeOutput, takeResult } from "./calls.ts";
import type { Barrier, ChatContext } from "./context.ts";
import { requireState } from "./cells.ts";
import { takeReport } from "./children.ts";
import { compactChat } from "./compaction.ts";
import { editMessage } from "./edit.ts";
import { createChatContext, runJobs } from "./engine.ts";
import { attachment, POLICY_VIOLATION, type SendAsked, type StreamSocket } from "./fanout.ts";
import { interruptTurn } from "./interrupt.ts";
import { regenerateTitle } from "./title.ts";
import { enqueueChat } from "./outbox.ts";
import { admitViewer, endWatching, recheckViewers, revokeViewers, watchAccess } from "./viewing.ts";
import type { EnginePorts, RunReport, StartRunInput } from "./ports.ts";
import { presenceChanged, watching } from "./presence.ts";
import { deleteQueued, promoteQueued, updateQueued } from "./queue.ts";
import { ARCHIVED, refuse } from "./refusals.ts";
import { takePrices } from "./repriced.ts";
import { readRun, startRun } from "./run.ts";
import type { Answer, ChatRpc, CreateChatInput, ExportPage, QueueChange, RepricedCall, SendInput } from "./rpc.ts";
import { SocketSends, type SendAnswer, type SocketSender } from "./sends.ts";
import { readState, toWireChat } from "./state.ts";
import { openCalls } from "./tool-results.ts";
import { exportPage } from "./transfer.ts";

/** An answer waits this long for lists to show what it did; the outbox goes on without it. */
const DRAIN_WAIT_MS = 1_000;

const NOT_FOUND = refuse({ status: 404, title: "There is no such chat." });

/**
 * One chat: its RPC surface, its sockets and its alarm. What it decides stands in the files beside.
 * `worker.ts` gives it its ports.
 */
export abstract class ChatEngineObject extends DurableObject<Env> implements ChatRpc {
  readonly #sockets = new WeakMap<WebSocket, StreamSocket>();
  readonly #sends = new SocketSends();
  #context: ChatContext | null = null;

  protected abstract ports(): EnginePorts;

  /** Takes a message that came over a viewer's socket, as the HTTP route would: the deployment knows who may send. */
  protected abstract sendOverSocket(sender: SocketSender, asked: SendAsked): Promise<SendAnswer>;

  /** The object goes on when this settles: at once, but for the fault tests' build, which overrides it. */
  protected async barrier(_name: Barrier): Promise<void> {}

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    // Answered without waking the object.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  /** Null for an object that nobody created; nothing is written for asking. */
  #open(): ChatContext | null {
    if (this.#context !== null) return this.#context;
    const tables = this.ctx.storage.sql.exec("select 1 from sqlite_master where name = 'chat'").toArray();
    if (tables.length === 0) return null;
    const context = this.#start();
    return readState(context.storage) === null ? null : context;
  }

  #start(): ChatContext {
    const context = createChatContext({
      storage: openObjectStorage(this.ctx),
      clock: systemClock,
      random: Math.random,
      ports: this.ports(),
      waitUntil: (promise) => this.ctx.waitUntil(promise),
      abort: (reason) => this.ctx.abort(String(reason)),
      barrier: (name) => this.barrier(name),
    });
    this.#context = context;
    for (const socket of this.ctx.getWebSockets()) context.fanout.adopt(this.#socket(socket));
    // A turn that was under way when the last instance went needs no client to go on.
    context.background("wake", async () => {
      if (readState(context.storage) !== null) context.advance();
    });
    return context;
  }

  #socket(socket: WebSocket): StreamSocket {
    const known = this.#sockets.get(socket);
    if (known !== undefined) return known;
    const adapter: StreamSocket = {
      send: (text) => socket.send(text),
      close: (code, reason) => socket.close(code, reason),
      load: () => attachment.safeParse(socket.deserializeAttachment()).data ?? null,
      save: (state) => socket.serializeAttachment(state),
    };
    this.#sockets.set(socket, adapter);
    return adapter;
  }

  async create(input: CreateChatInput): Promise<Answer<ChatFacts>> {
    const context = this.#open() ?? this.#start();
    const answer = createChat(context, input);
    await this.#drained(context);
    return answer;
  }

  async read(): Promise<Answer<ChatFacts>> {
    const state = this.#open()?.storage;
    const row = state === undefined ? null : readState(state);
    return row === null ? NOT_FOUND : { ok: true, value: toWireChat(row) };
  }

  async send(input: SendInput): Promise<Answer<CreateMessageResponse>> {
    return this.#changed((context) => acceptMessage(context, input));
  }

  /** `send` for somebody who watches: the answer does not wait for lists to show it, and comes with the message. */
  protected take(input: SendInput): Answer<CreateMessageResponse> {
    const context = this.#open();
    return context === null ? NOT_FOUND : acceptMessage(context, input);
  }

  async messages(page: { beforeId: number | null; limit: number }) {
    const context = this.#open();
    return context === null ? NOT_FOUND : { ok: true as const, value: readMessages(context, page) };
  }

  async interrupt(): Promise<Answer<ChatFacts>> {
    return this.#changed((context) => {
      interruptTurn(context);
      return { ok: true, value: toWireChat(requireState(context)) };
    });
  }

  async editMessage(edit: Parameters<ChatRpc["editMessage"]>[0]): Promise<Answer<ChatMessage>> {
    return this.#changed((context) => editMessage(context, edit));
  }

  async updateQueued(change: QueueChange): Promise<Answer<QueuedMessage>> {
    return this.#changed((context) => updateQueued(context, change));
  }

  async deleteQueued(entry: Parameters<ChatRpc["deleteQueued"]>[0]): Promise<Answer<null>> {
    return this.#changed((context) => deleteQueued(context, entry.id, entry.writtenBy));
  }

  async promoteQueued(entry: Parameters<ChatRpc["promoteQueued"]>[0]): Promise<Answer<CreateMessageResponse>> {
    return this.#changed((context) => promoteQueued(context, entry));
  }

  async compact(): Promise<Answer<ChatFacts>> {
    return this.#changed((context) => compactChat(context));
  }

  async regenerateTitle(): Promise<Answer<ChatFacts>> {
    return this.#changed((context) => regenerateTitle(context));
  }

  async archive(change: Parameters<ChatRpc["archive"]>[0]): Promise<Answer<null>> {
    const context = this.#open();
    if (context === null) return NOT_FOUND;
    const answer = archiveInTree(context, change);
    // The rows of the tree are a job's to write; it is due now, and the answer waits for it as for the outbox.
    await waitAtMost(runJobs(context), DRAIN_WAIT_MS);
    await this.#drained(context);
    return answer;
  }

  async setArchived(change: { version: number; archived: boolean }): Promise<boolean> {
    const context = this.#open();
    if (context === null) return false;
    setArchived(context, change);
    await this.#drained(context);
    return true;
  }

  async startRun(input: StartRunInput): Promise<RunReport> {
    const context = this.#open() ?? this.#start();
    const report = startRun(context, input);
    await this.#drained(context);
    return report;
  }

  async interruptRun(): Promise<RunReport | null> {
    const context = this.#open();
    if (context === null) return null;
    interruptTurn(context);
    return readRun(context);
  }

  async readRun(): Promise<RunReport | null> {
    const context = this.#open();
    return context === null ? null : readRun(context);
  }

  async takeReport(report: RunReport): Promise<void> {
    const context = this.#open();
    if (context !== null) takeReport(context, report);
  }

  async update(change: { title?: string; workspaceId?: string | null }): Promise<Answer<ChatFacts>> {
    return this.#changed((context) =>
      requireState(context).archived === 1 ? refuse(ARCHIVED) : { ok: true, value: updateChat(context, change) },
    );
  }

  async exportPage(page: { afterId: number }): Promise<Answer<ExportPage>> {
    const context = this.#open();
    return context === null ? NOT_FOUND : { ok: true, value: exportPage(context, page.afterId) };
  }

  async tellSidebars(): Promise<Answer<null>> {
    return this.#changed((context) => {
      enqueueChat(context, "updated");
      return { ok: true, value: null };
    });
  }

  async repriced(calls: RepricedCall[]): Promise<void> {
    const context = this.#open();
    if (context !== null) takePrices(context, calls);
  }

  async toolResult(report: Parameters<ChatRpc["toolResult"]>[0]): Promise<boolean> {
    const context = this.#open();
    if (context !== null) takeResult(context, report);
    return true;
  }

  async toolOutput(report: Parameters<ChatRpc["toolOutput"]>[0]): Promise<void> {
    const context = this.#open();
    if (context !== null) takeOutput(context, report);
  }

  /** For the sweep: a chat that should have woken itself. Answers whether it exists. */
  async wake(): Promise<boolean> {
    const context = this.#open();
    if (context === null) return false;
    context.jobs.schedule();
    context.advance();
    return true;
  }

  async revoke(who: { userId: string; sessionId?: string }): Promise<void> {
    const context = this.#open();
    if (context !== null) revokeViewers(context, who);
  }

  async recheck(who: { userId?: string }): Promise<void> {
    const context = this.#open();
    if (context === null) return;
    // The owner may have lost the workspace where calls run: asking after them is asking whether they still may.
    if (openCalls(context).length > 0) context.background("dispatch", () => dispatchCalls(context));
    await recheckViewers(context, who);
  }

  /** The stream. The Worker has authenticated and checked the query. */
  override async fetch(request: Request): Promise<Response> {
    const context = this.#open();
    if (context === null) return new Response("There is no such chat.", { status: 404 });
    const query = new URL(request.url).searchParams;
    const hello = helloOf(context);
    const since = query.get("since");
    const sameEpoch = (query.get("epoch") ?? hello.epoch) === hello.epoch;
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    const before = watching(context);
    context.fanout.join(
      this.#socket(server),
      {
        userId: request.headers.get("x-tideline-user") ?? "",
        sessionId: request.headers.get("x-tideline-session") ?? "",
        since: since === null || !sameEpoch ? null : Number(since),
      },
      hello,
    );
    presenceChanged(context, before, true);
    watchAccess(context);
    context.background("access", () => admitViewer(context, this.#socket(server)));
    return new Response(null, { status: 101, webSocket: client });
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const viewer = this.#socket(socket);
    const context = this.#open();
    const asked = context?.fanout.receive(viewer, message) ?? null;
    // Not awaited: the socket's next event, an acknowledgement perhaps, would come after it only.
    if (context !== null && asked !== null) context.background("send", () => this.#send(context, viewer, asked));
  }

  async #send(context: ChatContext, viewer: StreamSocket, asked: SendAsked): Promise<void> {
    const who = context.fanout.viewer(viewer);
    const chatId = readState(context.storage)?.id;
    if (chatId === undefined || who === null) return;
    const sender = { chatId, userId: who.userId, credential: who.sessionId };
    const answer = await this.#sends.inOrder(viewer, asked, (next) => this.sendOverSocket(sender, next));
    if (answer === null) viewer.close(POLICY_VIOLATION, "This stream takes one message after the other.");
    else context.fanout.tell(viewer, answer);
  }

  override async webSocketClose(socket: WebSocket, code: number, reason: string): Promise<void> {
    answerClose(socket, code, reason);
    await this.#left(socket);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    await this.#left(socket);
  }

  async #left(socket: WebSocket): Promise<void> {
    const context = this.#open();
    if (context !== null) await endWatching(context, this.#socket(socket));
  }

  override async alarm(): Promise<void> {
    const context = this.#open();
    if (context !== null) await runJobs(context);
  }

  /** Does something that D1 should know of before the answer goes out. */
  async #changed<T>(change: (context: ChatContext) => Answer<T>): Promise<Answer<T>> {
    const context = this.#open();
    if (context === null) return NOT_FOUND;
    const answer = change(context);
    await this.#drained(context);
    return answer;
  }

  async #drained(context: ChatContext): Promise<void> {
    await waitAtMost(context.drain(), DRAIN_WAIT_MS);
  }
}
