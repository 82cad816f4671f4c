import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ModelEvent } from "../../src/chats/engine/ports.ts";
import { startProviderServer, toolCall, type ProviderServer } from "../fixtures/provider-server/server.ts";
import { streamOffer } from "../../src/models/port.ts";
import { unreportedUsage } from "../../src/models/usage.ts";
import { apis, callModel, KEY, offerAt, requestFor } from "./calls.ts";

let server: ProviderServer;
beforeAll(async () => {
  server = await startProviderServer();
});
afterEach(() => server.reset());
afterAll(() => server.close());

describe.each(apis)("$name", (api) => {
  const call = (scenario: string) => callModel(server, api, requestFor(`scenario:${scenario}`));

  it("streams text in pieces and finishes with usage", async () => {
    const { events, text, finish } = await call("text");
    expect(text).toBe("The tide turns twice a day.");
    expect(events.filter(({ type }) => type === "text-delta").length).toBeGreaterThan(1);
    expect(finish).toMatchObject({ reason: "stop", usage: { input_tokens: 100, output_tokens: 20 } });
    expect(server.requests).toHaveLength(1);
  });

  it("gives parallel calls with one id keys of their own, each with its own arguments", async () => {
    const { events, finish } = await call("parallel-tools");
    const calls = events.filter((event) => event.type === "tool-call");
    expect(calls.map(({ argsText }) => JSON.parse(argsText))).toEqual([
      { command: "echo one" },
      { command: "echo two" },
    ]);
    expect(new Set(calls.map(({ key }) => key)).size).toBe(2);
    for (const { key, argsText } of calls) {
      expect(events.find((event) => event.type === "tool-call-start" && event.key === key)).toBeDefined();
      expect(deltasOf(events, key)).toBe(argsText);
    }
    expect(finish?.reason).toBe("tool-calls");
  });

  it("puts arguments together that come a character at a time", async () => {
    const { events } = await call("small-pieces");
    const whole = events.find((event) => event.type === "tool-call");
    expect(whole?.argsText).toBe('{"command":"echo small pieces"}');
    expect(events.filter(({ type }) => type === "tool-call-delta").length).toBeGreaterThan(10);
  });

  it("leaves cached tokens out of the input, and counts them apart", async () => {
    const { finish } = await call("cached");
    expect(finish?.usage).toMatchObject({
      input_tokens: 10,
      output_tokens: 5,
      cache_read_tokens: 1_000,
      cache_creation_tokens: 200,
    });
  });

  it("keeps a reported 0 and what was not reported apart", async () => {
    server.enqueue({
      parts: [{ type: "text", text: "x" }],
      usage: { input: 7, output: 3, cacheRead: 0, reasoning: 0 },
    });
    const { finish } = await call("text");
    expect(finish?.usage).toMatchObject({
      input_tokens: 7,
      cache_read_tokens: 0,
      cache_creation_tokens: null,
      reasoning_tokens: 0,
    });
  });

  it("sends the output limit, its own or the config's or the call's", async () => {
    await call("text");
    await callModel(server, api, requestFor("scenario:text"), { options: { ...api.options, max_output_tokens: 77 } });
    await callModel(server, api, requestFor("scenario:text", { maxOutputTokens: 55 }));
    const usual = api.provider === "openai-compat" ? 8_192 : 32_000;
    expect(server.requests.map(({ body }) => outputLimit(body))).toEqual([usual, 77, 55]);
  });

  it("counts keep-alives as life", async () => {
    const silence = [{ type: "ping" }, { type: "sleep", ms: 40 }] as const;
    server.enqueue({ parts: [...silence, ...silence, ...silence, { type: "text", text: "x" }] });
    let chunks = 0;
    await callModel(server, api, requestFor("ping", { onBytes: () => (chunks += 1) }));
    expect(chunks).toBeGreaterThanOrEqual(3);
  });

  it("does not leave a call behind when it is aborted in the middle", async () => {
    server.enqueue({ parts: [{ type: "text", text: "Begun" }, { type: "hold" }] });
    const stop = new AbortController();
    const ended = callModel(server, api, requestFor("hold", { signal: stop.signal }));
    await server.held();
    stop.abort();
    const { error } = await ended;
    expect(error?.detail).toMatchObject({ kind: "aborted", retryable: false });
    await expect.poll(() => server.requests[0]?.state).toBe("aborted");
  });

  it("ends at once when it is aborted before a silent provider has said anything", async () => {
    const stop = new AbortController();
    const ended = callModel(server, api, requestFor("scenario:silent", { signal: stop.signal }));
    await server.held();
    stop.abort();
    expect((await ended).error?.kind).toBe("aborted");
  });

  it("stops the provider when the reader goes away", async () => {
    server.enqueue({ parts: [{ type: "text", text: "Begun, and more of it" }, { type: "hold" }] });
    for await (const event of streamOffer(offerAt(server.baseUrl, api), requestFor("x"), {}, Date.now)) {
      if (event.type === "text-delta") break;
    }
    await expect.poll(() => server.requests[0]?.state).toBe("aborted");
  });
});

describe("what a provider is sent", () => {
  it("is Anthropic's key, cache marks and nothing that looks like a chat of ours", async () => {
    const [anthropic] = apis;
    const messages = [
      { role: "system" as const, parts: [{ type: "text" as const, text: "You are kind." }] },
      { role: "user" as const, parts: [{ type: "text" as const, text: "scenario:text" }] },
    ];
    await callModel(server, anthropic, requestFor("", { messages }));
    const [request] = server.requests;
    expect(request?.headers["x-api-key"]).toBe(KEY);
    expect(request?.body).toMatchObject({
      stream: true,
      system: [{ text: "You are kind.", cache_control: { type: "ephemeral" } }],
      messages: [{ role: "user", content: [{ text: "scenario:text", cache_control: { type: "ephemeral" } }] }],
      tools: [{ name: "execute" }],
    });
  });

  it("tells OpenAI to keep nothing", async () => {
    await callModel(server, apis[1], requestFor("scenario:text"));
    expect(server.requests[0]?.body).toMatchObject({ store: false, stream: true });
    expect(server.requests[0]?.headers["authorization"]).toBe(`Bearer ${KEY}`);
  });

  it("asks compatible servers for usage", async () => {
    await callModel(server, apis[3], requestFor("scenario:text"));
    expect(server.requests[0]?.body).toMatchObject({ stream_options: { include_usage: true } });
  });
});

describe("reasoning", () => {
  it.each([apis[0], apis[1]])("comes with what $name wants to see again, and goes back with it", async (api) => {
    const first = await callModel(server, api, requestFor("scenario:reasoning"));
    expect(first.reasoning).toBe("Let me think.");
    const end = first.events.find((event) => event.type === "reasoning-end");
    expect(JSON.stringify(end?.providerMetadata)).toContain("sig-1");

    server.reset();
    const messages = [
      { role: "user" as const, parts: [{ type: "text" as const, text: "scenario:text" }] },
      {
        role: "assistant" as const,
        parts: [
          { type: "reasoning" as const, text: first.reasoning, provider_metadata: end?.providerMetadata },
          { type: "text" as const, text: first.text },
        ],
      },
      { role: "user" as const, parts: [{ type: "text" as const, text: "scenario:text" }] },
    ];
    await callModel(server, api, requestFor("", { messages }));
    expect(JSON.stringify(server.requests[0]?.body)).toContain("sig-1");
  });

  it("of a compatible server is shown", async () => {
    const { reasoning, text } = await callModel(server, apis[3], requestFor("scenario:reasoning"));
    expect([reasoning, text]).toEqual(["Let me think.", "Thought."]);
  });
});

it("tells interleaved calls of Chat Completions apart", async () => {
  server.enqueue({
    parts: [toolCall("execute", { command: "first" }, "a"), toolCall("execute", { command: "second" }, "b")],
    interleaved: true,
    pieceCharacters: 3,
  });
  const { events } = await callModel(server, apis[2], requestFor("x"));
  const calls = events.filter((event) => event.type === "tool-call");
  expect(calls.map(({ argsText }) => argsText)).toEqual(['{"command":"first"}', '{"command":"second"}']);
  for (const { key, argsText } of calls) expect(deltasOf(events, key)).toBe(argsText);
});

it("takes counts that no model can reach for no counts", async () => {
  server.enqueue({ parts: [{ type: "text", text: "x" }], usage: { input: Number.MAX_SAFE_INTEGER, output: 2e9 } });
  const { finish } = await callModel(server, apis[3], requestFor("x"));
  expect(finish?.usage).toMatchObject({ input_tokens: null, output_tokens: null });
});

it("reports no usage where a provider counted nothing", async () => {
  const { finish } = await callModel(server, apis[3], requestFor("scenario:no-usage"));
  expect(finish?.usage).toEqual(unreportedUsage);
});

function deltasOf(events: readonly ModelEvent[], key: string): string {
  return events.map((event) => (event.type === "tool-call-delta" && event.key === key ? event.argsDelta : "")).join("");
}

function outputLimit(body: unknown): unknown {
  const fields = Object.entries(body ?? {});
  return fields.find(([name]) => /^max(_output|_completion)?_tokens$/.test(name))?.[1];
}
