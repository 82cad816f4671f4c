import { z } from "zod";
import { json, type Json } from "../contract/common.ts";
import { RPC_FRAME_MAX_BYTES, rpcAnswer, type RpcMethod } from "../contract/workspace.ts";
import { say, wordsOf } from "./say.ts";

/** A method as the contract describes it. */
interface Shape<Params, Result> {
  params: z.ZodType<Params>;
  result: z.ZodType<Result>;
}

/** Answers a request whose parameters have not been checked yet. */
export type RequestAnswer = (params: Json) => Promise<object>;

/** The methods that the relay may call. */
export type RequestTable = ReadonlyMap<string, RequestAnswer>;

/** Binds a method of the contract to the function that answers it. */
export function answering<Params, Result extends object>(
  method: RpcMethod,
  shape: Shape<Params, Result>,
  answer: (params: Params) => Promise<Result> | Result,
): [string, RequestAnswer] {
  return [
    method,
    async (params) => {
      const checked = shape.params.safeParse(params);
      if (!checked.success) throw new Error(`Wrong parameters for ${method}: ${checked.error.issues[0]?.message}`);
      return answer(checked.data);
    },
  ];
}

const envelope = z.object({
  id: z.union([z.int(), z.string()]).optional(),
  method: z.string().optional(),
  params: json.optional(),
});

interface OpenRequest {
  resolve: (result: Json) => void;
  reject: (error: Error) => void;
}

/** One end of a connection: requests both ways and notifications, over text frames. */
export class RpcPeer {
  readonly #send: (text: string) => void;
  readonly #answers: RequestTable;
  readonly #open = new Map<number | string, OpenRequest>();
  #lastId = 0;

  constructor(send: (text: string) => void, answers: RequestTable) {
    this.#send = send;
    this.#answers = answers;
  }

  /** Rejects when the other end refuses or the connection closes first. */
  async request<Params, Result>(method: RpcMethod, shape: Shape<Params, Result>, params: Params): Promise<Result> {
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<Json>();
    this.#open.set(id, answer);
    this.#send(JSON.stringify({ id, method, params }));
    return shape.result.parse(await answer.promise);
  }

  notify(method: string, params: object): void {
    const text = JSON.stringify({ method, params });
    // The relay would close the connection over it, again and again.
    if (Buffer.byteLength(text) > RPC_FRAME_MAX_BYTES) return say(`a ${method} frame was too large to send`);
    this.#send(text);
  }

  /** Takes a text frame. What is not one is said and dropped: a newer relay may know more than this agent. */
  async receive(text: string): Promise<void> {
    const value = parse(text);
    const frame = envelope.safeParse(value);
    if (!frame.success) return say("a frame from the relay could not be read");
    const { id, method, params } = frame.data;
    if (method !== undefined && id !== undefined) return this.#answer(id, method, params ?? {});
    if (method === undefined) return this.#settle(value);
  }

  /** The connection is gone: nobody will answer. */
  close(): void {
    for (const request of this.#open.values()) request.reject(new Error("The connection closed."));
    this.#open.clear();
  }

  async #answer(id: number | string, method: string, params: Json): Promise<void> {
    const answer = this.#answers.get(method);
    try {
      if (!answer) throw new Error(`This agent does not know ${method}.`);
      this.#send(JSON.stringify({ id, result: await answer(params) }));
    } catch (error) {
      this.#send(JSON.stringify({ id, error: { message: wordsOf(error) } }));
    }
  }

  #settle(value: unknown): void {
    const answer = rpcAnswer.safeParse(value);
    if (!answer.success) return say("an answer from the relay could not be read");
    const { id, result, error } = answer.data;
    const request = this.#open.get(id);
    this.#open.delete(id);
    if (error) request?.reject(new Error(error.message));
    else request?.resolve(result ?? null);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Not JSON is no frame: the caller says so.
  }
}
