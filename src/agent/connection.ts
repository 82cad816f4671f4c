import { setTimeout as sleep } from "node:timers/promises";
import WebSocket from "ws";
import { rpcMethods, type AgentHello } from "../contract/workspace.ts";
import { RpcPeer, type RequestTable } from "./rpc.ts";
import { say, wordsOf } from "./say.ts";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000; // A chat waits 20 s for an agent that is away: by then it has tried again.
const REPLACED_WAIT_MS = 60_000; // Two agents with one token must not push each other out all the time.
const REPLACED_LONGEST_WAIT_MS = 10 * 60_000;
const HANDSHAKE_MS = 15_000;
const CLOSE_MS = 1_000; // A relay that does not say goodbye must not hold up whoever stops the agent.
const PING_MS = 25_000;
const PINGS_MISSED = 1.4; // Pings come back at once: 10 s after one was due, nobody is there.
const STEADY_MS = 5_000; // A connection that lasts this long was a good one; the waiting starts anew.
const FRAME_MAX_BYTES = 32 * 1024 * 1024; // What the platform takes; the relay sends far less.
const BACKLOG_BYTES = 1024 * 1024; // More than this unsent: live output waits for a slow network.

const CLOSE_REPLACED = 4001;
const CLOSE_TOKEN_GONE = 4401;

/** How one attempt to be connected ended. */
type SessionEnd = { kind: "lost"; why: string; steady: boolean } | { kind: "replaced" } | { kind: "token_rejected" };

export interface ConnectionOptions {
  endpoint: URL;
  token: string;
  hello: AgentHello;
  answers: RequestTable;
  onWelcome: () => void;
  /** How often it pings. */
  pingMs?: number;
}

/** The one connection to the relay: dialled out, kept alive, dialled again when it is lost. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #stop = new AbortController();
  #socket: WebSocket | null = null;
  #peer: RpcPeer | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** Stays connected until it is stopped or the token is refused. */
  async run(): Promise<"stopped" | "token_rejected"> {
    let attempt = 0;
    let replaced = 0;
    while (!this.#stop.signal.aborted) {
      const end = await this.#session();
      if (this.#stop.signal.aborted) break;
      if (end.kind === "token_rejected") return "token_rejected";
      if (end.kind === "replaced") {
        const wait = jittered(backoff(REPLACED_WAIT_MS, REPLACED_LONGEST_WAIT_MS, replaced++));
        say(`another agent connected with this token and took over; trying again in ${Math.round(wait / 1000)} s`);
        await this.#wait(wait);
        continue;
      }
      if (end.steady) attempt = replaced = 0;
      const wait = jittered(backoff(FIRST_WAIT_MS, LONGEST_WAIT_MS, attempt++));
      say(`not connected: ${end.why}; trying again in ${(wait / 1000).toFixed(1)} s`);
      await this.#wait(wait);
    }
    return "stopped";
  }

  /** False when there is no connection or, for live output, when the network is behind. */
  notify(method: string, params: object, mayWait: boolean): boolean {
    if (!this.#peer || this.#socket?.readyState !== WebSocket.OPEN) return false;
    if (mayWait && this.#socket.bufferedAmount > BACKLOG_BYTES) return false;
    this.#peer.notify(method, params);
    return true;
  }

  stop(): void {
    this.#stop.abort();
    const socket = this.#socket;
    socket?.close(1000, "agent stopped");
    setTimeout(() => socket?.terminate(), CLOSE_MS).unref();
  }

  #wait(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.#stop.signal }).catch(ignoreAbort);
  }

  #session(): Promise<SessionEnd> {
    const { promise, resolve } = Promise.withResolvers<SessionEnd>();
    const socket = new WebSocket(this.#options.endpoint, {
      headers: { authorization: `Bearer ${this.#options.token}` },
      handshakeTimeout: HANDSHAKE_MS,
      maxPayload: FRAME_MAX_BYTES,
      perMessageDeflate: false,
    });
    const peer = new RpcPeer((text) => socket.send(text, ignoreSendError), this.#options.answers);
    const openedAt = performance.now();
    let why = "the connection closed";
    let welcomed = false;
    let watch: (() => void) | null = null;

    socket.on("unexpected-response", (_request, response) => {
      response.resume();
      why = `the server answered ${response.statusCode}`;
      if (response.statusCode === 401) resolve({ kind: "token_rejected" });
      socket.terminate();
    });
    socket.on("error", (error) => {
      why = wordsOf(error) || why;
    });
    socket.on("open", () => {
      watch = watchSilence(socket, this.#options.pingMs ?? PING_MS);
      this.#greet(peer).then(
        () => {
          welcomed = true;
          this.#peer = peer;
          this.#options.onWelcome();
        },
        (error: unknown) => {
          why = `the relay did not welcome the agent: ${wordsOf(error)}`;
          socket.terminate();
        },
      );
    });
    socket.on("message", (content, isBinary) => {
      if (isBinary) return; // No channel is open, so no bytes are for us.
      const text = textOf(content);
      if (text !== "pong") void peer.receive(text);
    });
    socket.on("close", (code, reason) => {
      watch?.();
      peer.close();
      if (this.#socket === socket) this.#socket = this.#peer = null;
      const steady = welcomed && performance.now() - openedAt > STEADY_MS;
      if (code === CLOSE_REPLACED) resolve({ kind: "replaced" });
      else if (code === CLOSE_TOKEN_GONE) resolve({ kind: "token_rejected" });
      else
        resolve({
          kind: "lost",
          why: code === 1006 ? why : `closed by the relay (${code} ${reason.toString()})`,
          steady,
        });
    });
    this.#socket = socket;
    return promise;
  }

  async #greet(peer: RpcPeer): Promise<void> {
    const late = AbortSignal.timeout(HANDSHAKE_MS);
    const tooLate = new Promise<never>((_, reject) => {
      late.addEventListener("abort", () => reject(new Error("no answer")));
    });
    const welcome = await Promise.race([peer.request("hello", rpcMethods.hello, this.#options.hello), tooLate]);
    say(`connected to ${this.#options.endpoint.host} for workspace ${welcome.workspace_id}`);
  }
}

/** Pings, and ends a connection that has gone silent: a lost network says nothing. Answers how to end this. */
function watchSilence(socket: WebSocket, pingMs: number): () => void {
  let heardAt = performance.now();
  socket.on("message", () => {
    heardAt = performance.now();
  });
  const pinging = setInterval(() => socket.send("ping", ignoreSendError), pingMs);
  const listening = setInterval(() => {
    if (performance.now() - heardAt > pingMs * PINGS_MISSED) socket.terminate();
  }, pingMs / 5);
  return () => {
    clearInterval(pinging);
    clearInterval(listening);
  };
}

function textOf(content: WebSocket.RawData): string {
  if (Array.isArray(content)) return Buffer.concat(content).toString("utf8");
  return Buffer.from(content instanceof ArrayBuffer ? new Uint8Array(content) : content).toString("utf8");
}

/** Doubles from `first` to `longest`. */
function backoff(first: number, longest: number, attempt: number): number {
  return Math.min(longest, first * 2 ** Math.min(attempt, 30));
}

/** Between half and all of it, so that agents do not come back all at once after an outage. */
function jittered(ms: number): number {
  return ms * (0.5 + Math.random() / 2);
}

function ignoreSendError(): void {
  // A send fails only on a socket that has closed, and its close event tells that.
}

function ignoreAbort(): void {
  // The wait was ended by stop(); the loop looks at the signal.
}
