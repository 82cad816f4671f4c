import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import {
  agentHello,
  agentInstructions,
  callOutput,
  callResult,
  callStarted,
  callStatuses,
  gitBranch,
  gitChanges,
  type AgentHello,
  type CallOutput,
  type CallResult,
  type GitBranch,
} from "../../../src/contract/workspace.ts";
import { eventually } from "./eventually.ts";

/** The other end of an agent: the protocol of the contract over a real server on a free port. */
export class TestRelay {
  readonly hellos: AgentHello[] = [];
  readonly outputs: CallOutput[] = [];
  readonly results: CallResult[] = [];
  readonly branches: GitBranch[] = [];
  readonly authorizations: (string | undefined)[] = [];
  readonly dialledAt: number[] = [];
  /** Whether results are acknowledged as they come. */
  acknowledges = true;
  /** An HTTP status with which the next dials are refused. */
  refuses: number | null = null;

  readonly #http: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #open = new Map<number, (frame: { result?: unknown; error?: { message: string } }) => void>();
  #socket: WebSocket | null = null;
  #lastId = 0;

  constructor() {
    this.#http = createServer();
    this.#http.on("upgrade", (request, socket, head) => {
      this.dialledAt.push(performance.now());
      this.authorizations.push(request.headers.authorization);
      if (request.url !== "/api/v2/workspaceagents/me/rpc") return socket.end("HTTP/1.1 404 Not Found\r\n\r\n");
      if (this.refuses !== null) return socket.end(`HTTP/1.1 ${this.refuses} No\r\n\r\n`);
      this.#sockets.handleUpgrade(request, socket, head, (agent) => this.#take(agent));
    });
  }

  async listen(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.#http.listen(port, "127.0.0.1", resolve));
    return this;
  }

  get port(): number {
    const address: AddressInfo | string | null = this.#http.address();
    if (address === null || typeof address === "string") throw new Error("The relay does not listen.");
    return address.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Resolves when an agent has said hello for the nth time. */
  async connected(times = 1): Promise<void> {
    await eventually(() => this.hellos.length >= times && this.#socket !== null);
  }

  start(callId: string, tool: string, args: unknown) {
    return this.ask("call.start", { call_id: callId, reply_to: `to ${callId}`, tool, args }).then((answer) =>
      callStarted.parse(answer),
    );
  }

  cancel(callId: string) {
    return this.ask("call.cancel", { call_id: callId, reply_to: `to ${callId}` }).then((answer) =>
      callStarted.parse(answer),
    );
  }

  async state(callId: string) {
    const statuses = callStatuses.parse(await this.ask("call.status", { call_ids: [callId] }));
    return statuses.calls[0];
  }

  async instructions() {
    return agentInstructions.parse(await this.ask("instructions", {}));
  }

  async changes(chatId: string) {
    return gitChanges.parse(await this.ask("git.changes", { chat_id: chatId })).repositories;
  }

  acknowledge(callId: string) {
    return this.ask("call.ack", { call_id: callId });
  }

  /** Starts a call and waits for what comes of it. */
  async call(callId: string, tool: string, args: unknown): Promise<CallResult> {
    await this.start(callId, tool, args);
    return this.resultOf(callId);
  }

  async resultOf(callId: string): Promise<CallResult> {
    return eventually(() => this.results.find((result) => result.call_id === callId));
  }

  outputOf(callId: string): CallOutput[] {
    return this.outputs.filter((output) => output.call_id === callId);
  }

  ask(method: string, params: unknown): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#open.set(id, (frame) => (frame.error ? reject(new Error(frame.error.message)) : resolve(frame.result)));
      this.sendText(JSON.stringify({ id, method, params }));
    });
  }

  sendText(text: string): void {
    if (!this.#socket) throw new Error("No agent is connected.");
    this.#socket.send(text);
  }

  /** Closes the agent's connection; without a code, as a network that breaks. */
  drop(code?: number, reason?: string): void {
    const socket = this.#socket;
    this.#socket = null;
    if (code === undefined) socket?.terminate();
    else socket?.close(code, reason);
  }

  async close(): Promise<void> {
    for (const client of this.#sockets.clients) client.terminate();
    this.#socket = null;
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #take(socket: WebSocket): void {
    socket.on("message", (content, isBinary) => {
      const text = isBinary || !Buffer.isBuffer(content) ? "" : content.toString("utf8");
      if (text === "ping") socket.send("pong");
      else this.#read(socket, JSON.parse(text));
    });
    socket.on("close", () => {
      if (this.#socket === socket) this.#socket = null;
    });
  }

  #read(socket: WebSocket, frame: { id?: number; method?: string; params?: unknown; result?: unknown }): void {
    if (frame.method === "hello") {
      socket.send(JSON.stringify({ id: frame.id, result: { workspace_id: "w", agent_id: "a" } }));
      this.#socket = socket;
      this.hellos.push(agentHello.parse(frame.params));
    } else if (frame.method === "call.output") {
      this.outputs.push(callOutput.parse(frame.params));
    } else if (frame.method === "call.result") {
      const result = callResult.parse(frame.params);
      this.results.push(result);
      if (this.acknowledges) void this.acknowledge(result.call_id);
    } else if (frame.method === "git.branch") {
      this.branches.push(gitBranch.parse(frame.params));
    } else if (frame.id !== undefined) {
      this.#open.get(frame.id)?.(frame);
      this.#open.delete(frame.id);
    }
  }
}
