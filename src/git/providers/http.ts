import { z } from "zod";
import { retryTime } from "./rate-limit.ts";
import { GitProviderError, type GitProviderOptions } from "./provider.ts";
import { apiBaseOf } from "./urls.ts";

/** One request with its body. A provider answers in a second or so; a diff of megabytes takes a few. */
const REQUEST_MS = 10_000;
/** Of any answer: what is longer is not for reading, and an isolate has 128 MB for all it does. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** Of what a provider says of a failure. */
const MAX_ERROR_BYTES = 8 * 1024;
/** Who moved or renamed a repository leaves one behind; two in a row are rare. */
const MAX_REDIRECTS = 3;
/** Of one list: 1000 reviews, or pull requests, are more than anybody has. */
const MAX_PAGES = 10;

/** One page of an answer. */
export interface Page<T> {
  value: T;
  /** Whether a further page was offered. */
  more: boolean;
  /** How many items there are on all pages, where the provider says so. */
  total: number | null;
}

/**
 * Asks one provider's API. Null is what does not exist or may not be seen; all else that is not the answer is a
 * `GitProviderError`. Answers that came with a tag are kept, as far as they were read, and asked for conditionally.
 */
export interface ProviderHttp {
  json<T>(path: string, schema: z.ZodType<T>): Promise<Page<T> | null>;
  /** A list to its end, or to `until`; null when its first page is. `path` has a query already. */
  list<T>(path: string, schema: z.ZodType<T>, until?: (item: T) => boolean): Promise<T[] | null>;
  text(path: string, accept: string): Promise<string | null>;
}

export function providerHttp(options: GitProviderOptions, headers: Record<string, string>): ProviderHttp {
  const { answers, now, type } = options;
  const base = apiBaseOf(type, options.apiBaseUrl);
  const sent = {
    // GitHub refuses requests without one.
    "user-agent": "Tideline",
    ...headers,
    ...(options.token === null ? {} : { authorization: `Bearer ${options.token}` }),
  };

  /** Gives what `read` makes of the answer; its body is read, or dropped, before the time is up. */
  async function ask<T>(path: string, more: Record<string, string>, read: (response: Response) => Promise<T>) {
    const { signal, done } = timeLimit(options.signal);
    try {
      const response = await follow(base + path, { ...sent, ...more }, signal);
      if (response.ok || (response.status === 304 && "if-none-match" in more)) return await read(response);
      return refused(response, await readBody(response, MAX_ERROR_BYTES, "cut"));
    } catch (error) {
      if (error instanceof GitProviderError) throw error;
      const why = signal.aborted && !options.signal?.aborted ? "did not answer in time" : "could not be reached";
      throw new GitProviderError("network", `The provider ${why}.`, { cause: error });
    } finally {
      done();
    }
  }

  async function follow(url: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
    for (let hops = 0; ; hops++) {
      const response = await options.fetch(url, { headers, signal, redirect: "manual" });
      const location = response.headers.get("location");
      if (![301, 302, 307, 308].includes(response.status) || location === null) return response;
      await response.body?.cancel();
      const next = URL.canParse(location, url) ? new URL(location, url).href : "";
      // Our token goes with the request, so it goes nowhere but to the same API.
      if (hops === MAX_REDIRECTS || !next.startsWith(`${base}/`)) {
        throw new GitProviderError("bad_answer", "The provider sent us elsewhere.", { status: response.status });
      }
      url = next;
    }
  }

  /** Null for what is not there; throws for all else. */
  function refused({ status, headers }: Response, body: string): null {
    const retryAt = retryTime(type, { status, headers, body }, now());
    if (retryAt !== null) {
      throw new GitProviderError("rate_limit", "The provider takes no more requests for now.", { status, retryAt });
    }
    if (status === 401) throw new GitProviderError("unauthorized", "The provider does not take the token.", { status });
    if (status === 403 || status === 404 || status === 410 || status === 451) return null;
    // GitHub's word for a diff of too many lines or files.
    if (status === 406)
      throw new GitProviderError("too_large", "The provider does not show it for its size.", { status });
    throw new GitProviderError("bad_answer", `The provider answered ${status}. ${body}`.trim(), { status });
  }

  async function json<T>(path: string, schema: z.ZodType<T>): Promise<Page<T> | null> {
    const pageSchema = z.object({ value: schema, more: z.boolean(), total: z.number().nullable() });
    const kept = answers?.get(base + path) ?? null;
    const before = kept === null ? null : parsed(kept.body, pageSchema);
    return ask(path, before === null ? {} : { "if-none-match": kept?.etag ?? "" }, async (response) => {
      if (response.status === 304 && before !== null) return before;
      const value = parsed(await readBody(response, MAX_BODY_BYTES, "refuse"), schema);
      if (value === null) {
        throw new GitProviderError("bad_answer", "The provider's answer is not what it should be.", {
          status: response.status,
        });
      }
      const page = { value, more: hasNext(response.headers), total: totalOf(response.headers) };
      const etag = response.headers.get("etag");
      if (etag !== null) answers?.put(base + path, { etag, body: JSON.stringify(page) });
      return page;
    });
  }

  return {
    json,
    text: (path, accept) => ask(path, { accept }, (response) => readBody(response, MAX_BODY_BYTES, "refuse")),
    async list(path, schema, until = () => false) {
      const items: z.output<typeof schema>[] = [];
      for (let page = 1; page <= MAX_PAGES; page++) {
        const answer = await json(`${path}&page=${page}`, z.array(schema));
        if (answer === null) return page === 1 ? null : items;
        items.push(...answer.value);
        const seenAll = answer.value.length === 0 || (answer.total !== null && items.length >= answer.total);
        if (answer.value.some(until) || seenAll || (!answer.more && answer.total === null)) break;
      }
      return items;
    },
  };
}

/** Not `AbortSignal.timeout`, whose timer would go on and keep an object awake. */
function timeLimit(outer: AbortSignal | undefined): { signal: AbortSignal; done: () => void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error("Too slow")), REQUEST_MS);
  const stop = () => controller.abort(outer?.reason);
  if (outer?.aborted) stop();
  outer?.addEventListener("abort", stop);
  return {
    signal: controller.signal,
    done() {
      clearTimeout(timer);
      outer?.removeEventListener("abort", stop);
    },
  };
}

/** As text, no more of it in memory than `limit` and one chunk. What is longer is cut, or refused. */
async function readBody(response: Response, limit: number, tooLong: "cut" | "refuse"): Promise<string> {
  if (response.body === null) return "";
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (let bytes = 0; ;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    const room = limit - bytes;
    bytes += value.byteLength;
    text += decoder.decode(value.subarray(0, room), { stream: true });
    if (bytes <= limit) continue;
    await reader.cancel();
    if (tooLong === "cut") return text;
    throw new GitProviderError("too_large", "The provider's answer is larger than 4 MiB.", { status: response.status });
  }
}

/** Null for what is not JSON, or not of this shape. */
function parsed<T>(text: string, schema: z.ZodType<T>): T | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const result = schema.safeParse(json);
  return result.success ? result.data : null;
}

/** RFC 8288. Only whether there is one: addresses of ours are made here. */
function hasNext(headers: Headers): boolean {
  return /;\s*rel="?next"?/i.test(headers.get("link") ?? "");
}

function totalOf(headers: Headers): number | null {
  const total = headers.get("x-total") ?? headers.get("x-total-count");
  return total !== null && /^\d+$/.test(total) ? Number(total) : null;
}
