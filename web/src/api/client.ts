import type { z } from "zod";
import { problem } from "../../../src/contract/common.ts";
import { ApiError } from "./error.ts";

const BASE = "/api/v2";

type Query = Record<string, string | number | boolean | undefined>;

interface CallOptions {
  query?: Query;
  signal?: AbortSignal;
  /** With the same key a repeated POST answers as the first did. */
  idempotencyKey?: string;
  /** The stamp of what is changed as this page saw it: changed meanwhile, the answer is 409. */
  ifMatch?: number;
  /** True where a 401 is an answer like any other, such as at sign-in. */
  anonymous?: boolean;
}

let onSignedOut: () => void = () => {};

/** Says what is to happen when the server no longer knows who this is. */
export function whenSignedOut(act: () => void): void {
  onSignedOut = act;
}

export function get<S extends z.ZodType>(path: string, schema: S, options: CallOptions = {}): Promise<z.output<S>> {
  return call("GET", path, undefined, schema, options);
}

export function post<S extends z.ZodType>(
  path: string,
  body: unknown,
  schema: S,
  options: CallOptions = {},
): Promise<z.output<S>> {
  return call("POST", path, body, schema, options);
}

export function patch<S extends z.ZodType>(
  path: string,
  body: unknown,
  schema: S,
  options: CallOptions = {},
): Promise<z.output<S>> {
  return call("PATCH", path, body, schema, options);
}

export function put<S extends z.ZodType>(
  path: string,
  body: unknown,
  schema: S,
  options: CallOptions = {},
): Promise<z.output<S>> {
  return call("PUT", path, body, schema, options);
}

export function del<S extends z.ZodType>(path: string, schema: S, options: CallOptions = {}): Promise<z.output<S>> {
  return call("DELETE", path, undefined, schema, options);
}

/** DELETE, or another call whose answer has nothing in it that matters. */
export async function send(method: "DELETE" | "PATCH" | "POST" | "PUT", path: string, body?: unknown): Promise<void> {
  await request(method, path, body, {});
}

/** A list, and whether the server has more after it (`Link: rel="next"`). */
export async function getPage<S extends z.ZodType>(
  path: string,
  schema: S,
  options: CallOptions = {},
): Promise<{ items: z.output<S>; hasMore: boolean }> {
  const response = await request("GET", path, undefined, options);
  const hasMore = /rel="?next"?/.test(response.headers.get("link") ?? "");
  return { items: await parse(response, schema), hasMore };
}

/** The address of a WebSocket of the API. */
export function socketUrl(path: string, query: Query = {}): string {
  const url = apiUrl(path, query);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

async function call<S extends z.ZodType>(
  method: string,
  path: string,
  body: unknown,
  schema: S,
  options: CallOptions,
): Promise<z.output<S>> {
  return parse(await request(method, path, body, options), schema);
}

async function request(method: string, path: string, body: unknown, options: CallOptions): Promise<Response> {
  const headers = new Headers({ accept: "application/json" });
  if (body !== undefined) headers.set("content-type", "application/json");
  if (options.idempotencyKey !== undefined) headers.set("idempotency-key", options.idempotencyKey);
  if (options.ifMatch !== undefined) headers.set("if-match", `"${options.ifMatch}"`);
  let response: Response;
  try {
    response = await fetch(apiUrl(path, options.query ?? {}), {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw new ApiError(0, "No connection", {
      detail: "The server could not be reached. Check the connection and try again.",
      cause,
    });
  }
  if (response.ok) return response;
  const error = await readError(response);
  if (response.status === 401 && options.anonymous !== true) onSignedOut();
  throw error;
}

async function parse<S extends z.ZodType>(response: Response, schema: S): Promise<z.output<S>> {
  const parsed = schema.safeParse(await readJson(response));
  if (parsed.success) return parsed.data;
  throw new ApiError(response.status, "Unexpected answer", {
    detail: "The server answered in a way that this page does not know. It may have been updated: reload the page.",
    requestId: response.headers.get("x-request-id") ?? undefined,
    cause: parsed.error,
  });
}

async function readError(response: Response): Promise<ApiError> {
  const seconds = Number(response.headers.get("retry-after"));
  const retryAfter = seconds > 0 ? seconds : null;
  const body = problem.safeParse(await readJson(response));
  if (body.success) return ApiError.ofProblem(body.data, retryAfter);
  return new ApiError(response.status, "The server failed", {
    detail: "The server could not answer. Nothing more is known; trying again in a moment is safe.",
    requestId: response.headers.get("x-request-id") ?? undefined,
    retryAfter,
  });
}

/** Something in front of the Worker may answer with a page: then there is no JSON, and that is no crash. */
async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function apiUrl(path: string, query: Query): URL {
  const url = new URL(BASE + path, location.origin);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}
