import { DurableObject } from "cloudflare:workers";
import type {
  AgentHello,
  AgentInstructions,
  CallStart,
  CallStarted,
  CallStatuses,
  GitChanges,
  RpcMethod,
} from "../contract/workspace.ts";
import { openDatabase } from "../platform/d1.ts";
import { randomText } from "../platform/ids.ts";
import { log } from "../platform/log.ts";
import { answerClose } from "../platform/socket-close.ts";
import { AgentRequests, type RequestOutcome, type RequestParams, type RequestResult } from "./agent-requests.ts";
import { OutputLanes } from "./output-lanes.ts";
import { recordConnection, recordDisconnections } from "./records.ts";
import { readServingAgent } from "./serving-agent.ts";
import { AGENT_CLOSE, readAgentFrame, type AgentFrame } from "./relay.ts";
import { reportBranch, reportOutput, reportResult, type Reporter } from "./reports.ts";
import { AGENT_HEADER, WORKSPACE_HEADER, type AgentAway, type AgentSilent, type WorkspaceRpc } from "./rpc.ts";

/** What a socket keeps over the object's sleep. */
interface Attachment {
  agentId: string;
  workspaceId: string;
  /** Set by the hello: only then calls go to it. */
  bootId: string | null;
  connectedAt: number;
}

/** Half of what a turn waits for an agent that is away; instructions are worth no more. */
const INSTRUCTIONS_LIMIT_MS = 5_000;
/** How often sockets are looked over while there are any. */
const LOOK_OVER_MS = 60_000;
/** Agents ping every 25 s; after three that did not come the machine behind the socket is gone. */
const SILENT_MS = 80_000;

const WORKSPACE_KEY = "workspace";
const AWAY: AgentAway = { state: "away" };

/**
 * The relay of one workspace: agents dial in, chats call out. It keeps no state of calls: the journal
 * of the agent and the rows of the chat do, and `reply_to` says where a result goes.
 */
export class WorkspaceRelayObject extends DurableObject<Env> implements WorkspaceRpc {
  readonly #db = openDatabase(this.env.DB);
  readonly #requests = new AgentRequests<WebSocket>(randomText(6));
  readonly #outputs = new Map<string, OutputLanes>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    // Answered by the platform, so that keep-alives don't wake the object.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  override async fetch(request: Request): Promise<Response> {
    const agentId = request.headers.get(AGENT_HEADER);
    const workspaceId = request.headers.get(WORKSPACE_HEADER);
    if (!agentId || !workspaceId) return new Response("Not authenticated", { status: 401 });

    const before = this.ctx.getWebSockets(agentId);
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server, [agentId]);
    attach(server, { agentId, workspaceId, bootId: null, connectedAt: Date.now() });
    for (const socket of before) this.#close(socket, AGENT_CLOSE.replaced);
    // An alarm has no request to read it from.
    await this.ctx.storage.put(WORKSPACE_KEY, workspaceId);
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + LOOK_OVER_MS);
    return new Response(null, { status: 101, webSocket: client });
  }

  async dispatch({ agentId, call }: { agentId: string; call: CallStart }): Promise<CallStarted | AgentSilent> {
    return this.#answered(await this.#ask(agentId, "call.start", call));
  }

  async cancel(request: {
    agentId: string;
    callId: string;
    replyTo: string;
  }): Promise<{ state: "acknowledged" } | AgentSilent> {
    const params = { call_id: request.callId, reply_to: request.replyTo };
    const answer = this.#answered(await this.#ask(request.agentId, "call.cancel", params));
    return answer.state === "away" || answer.state === "refused" ? answer : { state: "acknowledged" };
  }

  async status({ agentId, callIds }: { agentId: string; callIds: string[] }): Promise<CallStatuses | AgentSilent> {
    return this.#answered(await this.#ask(agentId, "call.status", { call_ids: callIds }));
  }

  async instructions({ agentId }: { agentId: string }): Promise<AgentInstructions | AgentSilent> {
    return this.#answered(await this.#ask(agentId, "instructions", {}, INSTRUCTIONS_LIMIT_MS));
  }

  async gitChanges({ agentId, chatId }: { agentId: string; chatId: string }): Promise<GitChanges | AgentSilent> {
    return this.#answered(await this.#ask(agentId, "git.changes", { chat_id: chatId }));
  }

  async cutOff({ exceptAgentId }: { exceptAgentId: string | null }): Promise<void> {
    for (const socket of this.ctx.getWebSockets()) {
      if (readAttachment(socket).agentId !== exceptAgentId) this.#close(socket, AGENT_CLOSE.cutOff);
    }
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const frame = readAgentFrame(message);
    if (frame.kind === "hello") return this.#greet(socket, frame.id, frame.hello);
    const { bootId, ...reporter } = readAttachment(socket);
    if (bootId === null) return this.#close(socket, { code: 1008, reason: "hello first" });
    await this.#take(socket, reporter, frame);
  }

  override async webSocketClose(socket: WebSocket, code: number, reason: string): Promise<void> {
    answerClose(socket, code, reason);
    await this.#left(socket, { code, reason });
  }

  override async webSocketError(socket: WebSocket, error: unknown): Promise<void> {
    await this.#left(socket, { error });
  }

  /**
   * Looks the sockets over: a machine that lost its power closes nothing, and a `cutOff` may have got
   * lost. It is also the first to run after the whole object was lost with its sockets.
   */
  override async alarm(): Promise<void> {
    let again = true;
    try {
      again = await this.#lookOver();
    } catch (error) {
      // D1 is away. The platform would give up after a few repeats; the next look-over does not.
      log.warn("agent.look_over_failed", { error });
    }
    if (again) await this.ctx.storage.setAlarm(Date.now() + LOOK_OVER_MS);
  }

  /** Answers whether there is anybody left to look over. */
  async #lookOver(): Promise<boolean> {
    const workspaceId = await this.ctx.storage.get<string>(WORKSPACE_KEY);
    if (workspaceId === undefined) return false;
    const serving = await readServingAgent(this.#db, workspaceId);
    for (const socket of this.ctx.getWebSockets()) {
      if (readAttachment(socket).agentId !== serving?.agentId) this.#close(socket, AGENT_CLOSE.cutOff);
      else if (this.#lastHeard(socket) < Date.now() - SILENT_MS) this.#close(socket, AGENT_CLOSE.silent);
    }
    const connected = this.#connectedAgents();
    await recordDisconnections(this.#db, workspaceId, connected, Date.now());
    return connected.length > 0;
  }

  async #greet(socket: WebSocket, id: number | string, hello: AgentHello): Promise<void> {
    const attachment = readAttachment(socket);
    let serves: boolean;
    try {
      serves = await recordConnection(this.#db, attachment.agentId, hello, Date.now());
    } catch (error) {
      log.error("agent.not_recorded", { workspaceId: attachment.workspaceId, error });
      return this.#close(socket, AGENT_CLOSE.unavailable); // D1 is away: the agent backs off and dials again.
    }
    // The token was good at the upgrade; a new build may have come since.
    if (!serves) return this.#close(socket, AGENT_CLOSE.cutOff);
    attach(socket, { ...attachment, bootId: hello.boot_id });
    send(socket, { id, result: { workspace_id: attachment.workspaceId, agent_id: attachment.agentId } });
    log.info("agent.connected", { workspaceId: attachment.workspaceId, agentId: attachment.agentId });
  }

  async #take(socket: WebSocket, reporter: Reporter, frame: Exclude<AgentFrame, { kind: "hello" }>): Promise<void> {
    switch (frame.kind) {
      case "answer":
        return this.#requests.answer(socket, frame.id, frame);
      case "output":
        return this.#outputsOf(reporter).push(frame.output);
      case "result": {
        this.#outputsOf(reporter).drop(frame.result.call_id);
        if (await reportResult(this.env, reporter, frame.result)) {
          await this.#requests.send(socket, "call.ack", { call_id: frame.result.call_id });
        }
        return;
      }
      case "branch":
        return reportBranch(this.env, this.#db, reporter, frame.branch);
      case "request":
        return send(socket, { id: frame.id, error: { message: `Unknown method: ${frame.method}` } });
      case "unknown":
        return;
      case "close":
        return this.#close(socket, frame);
    }
  }

  #outputsOf(reporter: Reporter): OutputLanes {
    let lanes = this.#outputs.get(reporter.agentId);
    if (!lanes) {
      lanes = new OutputLanes((output) => reportOutput(this.env, reporter, output));
      this.#outputs.set(reporter.agentId, lanes);
    }
    return lanes;
  }

  async #ask<M extends RpcMethod>(
    agentId: string,
    method: M,
    params: RequestParams<M>,
    limitMs?: number,
  ): Promise<RequestOutcome<M>> {
    const socket = this.#socketOf(agentId);
    if (!socket) return { state: "lost", why: "closed" };
    const outcome = await this.#requests.send(socket, method, params, limitMs);
    const silent = this.#lastHeard(socket) < Date.now() - SILENT_MS;
    if (outcome.state === "lost" && outcome.why === "timeout" && silent) this.#close(socket, AGENT_CLOSE.silent);
    return outcome;
  }

  #answered<M extends RpcMethod>(outcome: RequestOutcome<M>): RequestResult<M> | AgentSilent {
    if (outcome.state === "refused") return outcome;
    return outcome.state === "answered" ? outcome.result : AWAY;
  }

  /** The socket of an agent that has said hello. Sockets that were asked to close stay listed until they have. */
  #socketOf(agentId: string): WebSocket | undefined {
    return this.ctx
      .getWebSockets(agentId)
      .findLast((socket) => isOpen(socket) && readAttachment(socket).bootId !== null);
  }

  #lastHeard(socket: WebSocket): number {
    const pinged = this.ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0;
    return Math.max(pinged, readAttachment(socket).connectedAt);
  }

  #close(socket: WebSocket, why: { code: number; reason: string }): void {
    this.#requests.lose(socket);
    if (isOpen(socket)) socket.close(why.code, why.reason);
  }

  async #left(socket: WebSocket, why: object): Promise<void> {
    const { agentId, workspaceId } = readAttachment(socket);
    this.#requests.lose(socket);
    const connected = this.#connectedAgents(socket);
    if (!connected.includes(agentId)) this.#outputs.delete(agentId);
    log.info("agent.disconnected", { workspaceId, agentId, ...why });
    try {
      await recordDisconnections(this.#db, workspaceId, connected, Date.now());
    } catch (error) {
      log.warn("agent.not_recorded", { workspaceId, agentId, error }); // The next look-over does it.
    }
  }

  #connectedAgents(except?: WebSocket): string[] {
    const open = this.ctx.getWebSockets().filter((socket) => socket !== except && isOpen(socket));
    return open.map((socket) => readAttachment(socket).agentId);
  }
}

function isOpen(socket: WebSocket): boolean {
  return socket.readyState === WebSocket.OPEN;
}

/** What is meant for a socket that has closed meanwhile is lost with it; the agent asks again. */
function send(socket: WebSocket, frame: object): void {
  if (isOpen(socket)) socket.send(JSON.stringify(frame));
}

function attach(socket: WebSocket, attachment: Attachment): void {
  socket.serializeAttachment(attachment);
}

/** Every socket here was accepted by `fetch`, which attaches first. */
function readAttachment(socket: WebSocket): Attachment {
  return socket.deserializeAttachment();
}
