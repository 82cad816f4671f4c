import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ModelError } from "../../src/chats/engine/ports.ts";
import { startProviderServer, type ProviderServer } from "../fixtures/provider-server/server.ts";
import { apis, callModel, KEY, offerAt, requestFor } from "./calls.ts";
import { streamOffer } from "../../src/models/port.ts";

let server: ProviderServer;
beforeAll(async () => {
  server = await startProviderServer();
});
afterEach(() => server.reset());
afterAll(() => server.close());

const NAMES = { anthropic: "Anthropic", openai: "OpenAI", "openai-compat": "Local" };

const classes = [
  { scenario: "auth", kind: "auth", retryable: false, status: 401, words: "API key" },
  { scenario: "rate-limit", kind: "rate_limit", retryable: true, status: 429, words: "how often" },
  { scenario: "overloaded", kind: "overloaded", retryable: true, status: 529, words: "overloaded" },
  { scenario: "unavailable", kind: "overloaded", retryable: true, status: 503, words: "overloaded" },
  { scenario: "server-error", kind: "generic", retryable: true, status: 500, words: "fault on its side" },
  { scenario: "bad-request", kind: "bad_request", retryable: false, status: 400, words: "tools.0.name" },
  { scenario: "context-length", kind: "context_length", retryable: false, status: 400, words: "larger context" },
  { scenario: "no-credit", kind: "config", retryable: false, status: 429, words: "credit" },
  { scenario: "unknown-model", kind: "config", retryable: false, status: 404, words: "does not know the model" },
  { scenario: "redirect", kind: "config", retryable: false, status: 302, words: "redirects" },
  { scenario: "cut", kind: "network", retryable: true, status: null, words: "connection" },
  { scenario: "cut-cleanly", kind: "network", retryable: true, status: null, words: "in the middle" },
  { scenario: "malformed", kind: "generic", retryable: true, status: null, words: "could not be read" },
  { scenario: "empty", kind: "generic", retryable: true, status: null, words: "empty answer" },
] as const;

describe.each(apis)("$name", (api) => {
  it.each(classes)("says $kind for $scenario", async ({ scenario, kind, retryable, status, words }) => {
    const { error } = await callModel(server, api, requestFor(`scenario:${scenario}`));
    expect(error?.detail).toMatchObject({ kind, retryable, status, provider: api.provider });
    expect(error?.message).toContain(words);
    // One call is one request: retries are the engine's, where they can be seen and stopped.
    expect(server.requests).toHaveLength(1);
  });

  it("says overloaded for an overload inside the stream", async () => {
    const { error, text } = await callModel(server, api, requestFor("scenario:late-overload"));
    expect(text).toBe("Begun, ");
    expect(error?.detail).toMatchObject({ kind: "overloaded", retryable: true });
  });

  it("names the provider and never the key", async () => {
    for (const scenario of ["auth", "rate-limit", "bad-request", "cut", "empty"]) {
      const { error } = await callModel(server, api, requestFor(`scenario:${scenario}`));
      expect(error?.message).toContain(NAMES[api.provider]);
      expect(`${error?.message} ${String(error?.cause)} ${JSON.stringify(error?.detail)}`).not.toMatch(/sk-|secret/);
    }
  });

  it("hides a key that the provider quotes", async () => {
    server.enqueue({ fail: { status: 400, message: `Bad field near ${KEY} and sk-other-1234567` } });
    const { error } = await callModel(server, api, requestFor("x"));
    expect(error?.message).toContain("[hidden]");
    expect(`${error?.message} ${String(error?.cause)}`).not.toContain("sk-");
  });

  it("passes on how long to wait", async () => {
    const { error } = await callModel(server, api, requestFor("scenario:rate-limit"));
    expect(error?.retryAfterMs).toBe(2_000);
    const at = new Date(Date.now() + 30_000).toUTCString();
    server.enqueue({ fail: { status: 503, headers: { "retry-after": at } } });
    const dated = await callModel(server, api, requestFor("x"));
    expect(dated.error?.retryAfterMs).toBeGreaterThan(25_000);
    expect(dated.error?.retryAfterMs).toBeLessThanOrEqual(30_000);
  });

  it("says network when nobody listens", async () => {
    const gone = await startProviderServer();
    await gone.close();
    const { error } = await callModel(gone, api, requestFor("x"));
    expect(error?.detail).toMatchObject({ kind: "network", retryable: true, status: null });
  });
});

it("keeps what an interrupted answer had cost by then", async () => {
  server.enqueue({ parts: [{ type: "text", text: "Begun" }, { type: "cut" }], usage: { input: 90, cacheRead: 10 } });
  const { error } = await callModel(server, apis[0], requestFor("x"));
  expect(error?.usage).toMatchObject({ input_tokens: 90, cache_read_tokens: 10 });
  // Anthropic's first count of the output is a guess, not a report.
  expect(error?.usage?.output_tokens).toBeNull();
});

it("says nothing of usage where nothing was reported", async () => {
  const { error } = await callModel(server, apis[1], requestFor("scenario:cut-cleanly"));
  expect(error?.usage).toBeNull();
});

it("says that an address from the environment is none", async () => {
  const offer = offerAt("not an address", apis[1]);
  const run = async () => {
    for await (const event of streamOffer(offer, requestFor("x"), {}, Date.now)) throw new Error(event.type);
  };
  await expect(run()).rejects.toMatchObject({ detail: { kind: "config", retryable: false } });
});

it("books an empty answer, which is paid for as well", async () => {
  const { error } = await callModel(server, apis[2], requestFor("scenario:empty"));
  expect(error?.usage).toMatchObject({ input_tokens: 100, output_tokens: 20 });
});

it("keeps the reason of whoever aborted", async () => {
  const why = new ModelError({
    kind: "timeout",
    provider: "anthropic",
    status: null,
    retryable: true,
    message: "Anthropic has been silent for 2 minutes.",
  });
  const stop = new AbortController();
  const ended = callModel(server, apis[0], requestFor("scenario:silent", { signal: stop.signal }));
  await server.held();
  stop.abort(why);
  expect((await ended).error).toBe(why);
});

it("calls no private address that was stored by a user", async () => {
  const untrusted = offerAt(server.baseUrl, apis[0]);
  const connection = await untrusted.connect?.();
  if (connection === undefined) throw new Error("no connection");
  const offer = { ...untrusted, connect: async () => ({ ...connection, trustedAddress: false }) };
  const run = async (env: { ALLOW_PRIVATE_PROVIDERS?: string }) => {
    const events = [];
    for await (const event of streamOffer(offer, requestFor("x"), env, Date.now)) events.push(event);
    return events;
  };
  await expect(run({})).rejects.toMatchObject({ detail: { kind: "config", retryable: false } });
  expect(server.requests).toHaveLength(0);
  expect((await run({ ALLOW_PRIVATE_PROVIDERS: "1" })).length).toBeGreaterThan(0);
});

it("says so when the stored key cannot be opened", async () => {
  const offer = { ...offerAt(server.baseUrl, apis[0]), connect: () => Promise.reject(new Error("Not a sealed text")) };
  const run = async () => {
    for await (const event of streamOffer(offer, requestFor("x"), {}, Date.now)) throw new Error(event.type);
  };
  await expect(run()).rejects.toMatchObject({ detail: { kind: "config" } });
});
