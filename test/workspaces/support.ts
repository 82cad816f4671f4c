import { env } from "cloudflare:workers";
import type { Actor } from "../../src/access/actor.ts";
import { createRouter } from "../../src/access/router.ts";
import type { ToolReportRpc } from "../../src/chats/engine/ports.ts";
import type { Json } from "../../src/contract/common.ts";
import { readActor } from "../../src/identity/actors.ts";
import { DEFAULT_ORGANIZATION_ID, organizationMembers } from "../../src/organizations/schema.ts";
import { openDatabase } from "../../src/platform/d1.ts";
import { newId } from "../../src/platform/ids.ts";
import { Problem, problemResponse } from "../../src/platform/problem.ts";
import { ChatObject } from "../../src/worker.ts";
import { workspaceRoutes } from "../../src/workspaces/routes.ts";
import { soon } from "../support/soon.ts";

export const db = openDatabase(env.DB);

/** A person in D1 and the actor that a login would make of them. */
export async function insertPerson(siteRoles: Actor["siteRoles"] = ["member"]): Promise<Actor> {
  const id = newId();
  const now = Date.now();
  await env.DB.prepare(
    `insert into users (id, username, email, login_type, roles, created_at, updated_at) values (?, ?, ?, 'password', ?, ?, ?)`,
  )
    .bind(id, `p${id}`, `${id}@example.com`, JSON.stringify(siteRoles), now, now)
    .run();
  await db.insert(organizationMembers).values({
    organizationId: DEFAULT_ORGANIZATION_ID,
    userId: id,
    roles: [],
    createdAt: now,
    updatedAt: now,
  });
  const actor = await readActor(db, id, { sessionId: null, keyId: null, scopes: ["all"] });
  if (actor === null) throw new Error("Nobody was inserted");
  return actor;
}

/** The workspace routes as this person meets them. */
export function workspacesAs(actor: Actor | null) {
  const app = createRouter();
  app.use(async (c, next) => {
    c.set("actor", actor);
    c.set("db", db);
    c.set("clock", Date.now);
    c.set("requestId", "test");
    await next();
  });
  app.route("/", workspaceRoutes);
  app.onError((error) => {
    if (error instanceof Problem) return problemResponse(error, "test");
    throw error;
  });
  return async (path: string, init: { method?: string; body?: unknown; headers?: Record<string, string> } = {}) =>
    app.request(
      `https://tideline.example${path}`,
      {
        method: init.method ?? (init.body === undefined ? "GET" : "POST"),
        headers: { ...(init.body === undefined ? {} : { "content-type": "application/json" }), ...init.headers },
        ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
      },
      env,
    );
}

export interface Frame {
  id?: number | string;
  method?: string;
  params?: Json;
  result?: Json;
  error?: { message: string };
}

/** The other end of an agent's socket. */
export class TestAgent {
  readonly frames: Frame[] = [];
  closed: { code: number; reason: string } | null = null;
  readonly #socket: WebSocket;
  readonly #answers = new Map<string, (params: Json | undefined) => Json>();

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", (event) => {
      if (typeof event.data !== "string") return;
      const frame: Frame = event.data === "pong" ? { method: "pong" } : JSON.parse(event.data);
      const answer = frame.method === undefined ? undefined : this.#answers.get(frame.method);
      if (answer) this.send({ id: frame.id, result: answer(frame.params) });
      else this.frames.push(frame);
    });
    socket.addEventListener("close", (event) => {
      this.closed = { code: event.code, reason: event.reason };
    });
    socket.accept();
  }

  /** Answers every request of this method by itself. */
  on(method: string, answer: (params: Json | undefined) => Json): void {
    this.#answers.set(method, answer);
  }

  send(frame: Frame | string): void {
    this.#socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  sendBytes(bytes: ArrayBuffer): void {
    this.#socket.send(bytes);
  }

  close(): void {
    this.#socket.close(1000, "bye");
  }

  /** The next request of this method that was not taken yet. */
  async next(method: string): Promise<Frame> {
    return soon(() => {
      const at = this.frames.findIndex((frame) => frame.method === method);
      if (at < 0) throw new Error(`No ${method} yet`);
      const [frame] = this.frames.splice(at, 1);
      if (!frame) throw new Error("taken");
      return frame;
    });
  }

  async answer(method: string, result: Json): Promise<Frame> {
    const request = await this.next(method);
    this.send({ id: request.id, result });
    return request;
  }

  async hello(bootId = "boot-1"): Promise<Json> {
    const id = `hello-${newId()}`;
    this.send({
      id,
      method: "hello",
      params: {
        protocol: 1,
        version: "0.1.0",
        boot_id: bootId,
        os: "linux",
        arch: "x64",
        hostname: "box",
        directory: "/work/project",
      },
    });
    return soon(() => {
      const frame = this.frames.find((candidate) => candidate.id === id);
      if (frame?.result === undefined) throw new Error("No welcome yet");
      return frame.result;
    });
  }

  async whenClosed(): Promise<{ code: number; reason: string }> {
    return soon(() => {
      if (!this.closed) throw new Error("Still open");
      return this.closed;
    });
  }
}

/** Dials in with a token; throws unless the server takes the socket. */
export async function dial(token: string, headers: Record<string, string> = {}): Promise<TestAgent> {
  const response = await workspacesAs(null)("/workspaceagents/me/rpc", {
    headers: { upgrade: "websocket", authorization: `Bearer ${token}`, ...headers },
  });
  if (!response.webSocket) throw new Error(`Refused: ${response.status}`);
  return new TestAgent(response.webSocket);
}

export type Reports = {
  results: Parameters<ToolReportRpc["toolResult"]>[0][];
  outputs: Parameters<ToolReportRpc["toolOutput"]>[0][];
};

/** Takes the place of every chat as the receiver of results and output; `take` decides about a result. */
export function receiveReports(take: () => boolean = () => true): Reports {
  const reports: Reports = { results: [], outputs: [] };
  const receiver: ToolReportRpc = {
    async toolResult(report) {
      reports.results.push(report);
      return take();
    },
    async toolOutput(report) {
      reports.outputs.push(report);
    },
  };
  for (const [name, value] of Object.entries(receiver)) {
    Object.defineProperty(ChatObject.prototype, name, { value, configurable: true, writable: true });
  }
  return reports;
}
