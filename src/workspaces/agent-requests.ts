import type { z } from "zod";
import { rpcMethods, type RpcMethod } from "../contract/workspace.ts";
import type { Json } from "../contract/common.ts";

/** An agent that is connected answers at once; one that does not in this time is treated as away. */
export const REQUEST_LIMIT_MS = 10_000;

export type RequestParams<M extends RpcMethod> = z.input<(typeof rpcMethods)[M]["params"]>;
type RequestResults = { [M in RpcMethod]: z.output<(typeof rpcMethods)[M]["result"]> };
export type RequestResult<M extends RpcMethod> = RequestResults[M];

/** The same table, typed so that a method picks its own result. */
const methods: { [M in RpcMethod]: { result: z.ZodType<RequestResults[M]> } } = rpcMethods;

/** `lost`: the socket closed first, or the time was up. The caller may repeat: the agent's journal knows the call. */
export type RequestOutcome<M extends RpcMethod> =
  | { state: "answered"; result: RequestResult<M> }
  | { state: "refused"; message: string }
  | { state: "lost"; why: "closed" | "timeout" };

interface OpenRequest<Socket> {
  socket: Socket;
  settle: (answer: { result?: Json; error?: string } | "closed" | "timeout") => void;
}

/**
 * Requests to agents that wait for their answer, in memory: a waiting RPC keeps the object awake, and
 * when the object is lost the caller's RPC fails with it. Ids begin with text that is new in each
 * instance, so that an answer to an instance that is gone settles nothing.
 */
export class AgentRequests<Socket extends { send(text: string): void }> {
  readonly #open = new Map<string, OpenRequest<Socket>>();
  readonly #instance: string;
  #last = 0;

  constructor(instance: string) {
    this.#instance = instance;
  }

  send<M extends RpcMethod>(
    socket: Socket,
    method: M,
    params: RequestParams<M>,
    limitMs: number = REQUEST_LIMIT_MS,
  ): Promise<RequestOutcome<M>> {
    const id = `${this.#instance}-${++this.#last}`;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#open.get(id)?.settle("timeout"), limitMs);
      this.#open.set(id, {
        socket,
        settle: (answer) => {
          clearTimeout(timer);
          this.#open.delete(id);
          resolve(outcome(method, answer));
        },
      });
      try {
        socket.send(JSON.stringify({ id, method, params }));
      } catch {
        this.#open.get(id)?.settle("closed"); // send() throws only on a socket that has closed.
      }
    });
  }

  /** Takes an answer from a socket. One to a question that this socket was not asked is dropped. */
  answer(socket: Socket, id: number | string, answer: { result?: Json; error?: string }): void {
    const request = this.#open.get(String(id));
    if (request?.socket === socket) request.settle(answer);
  }

  /** The socket has closed: its open requests will not be answered. */
  lose(socket: Socket): void {
    for (const request of [...this.#open.values()]) {
      if (request.socket === socket) request.settle("closed");
    }
  }
}

function outcome<M extends RpcMethod>(
  method: M,
  answer: { result?: Json; error?: string } | "closed" | "timeout",
): RequestOutcome<M> {
  if (answer === "closed" || answer === "timeout") return { state: "lost", why: answer };
  if (answer.error !== undefined) return { state: "refused", message: answer.error };
  const result = methods[method].result.safeParse(answer.result);
  if (!result.success) return { state: "refused", message: `The agent's answer to ${method} has another shape.` };
  return { state: "answered", result: result.data };
}
