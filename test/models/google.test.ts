import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { unreportedUsage } from "../../src/models/usage.ts";
import { field, items } from "../fixtures/provider-server/wire.ts";
import { startProviderServer, text, toolCall, type ProviderServer } from "../fixtures/provider-server/server.ts";
import { callModel, googleApi, KEY, requestFor } from "./calls.ts";
import { userSays } from "./workspace-double.ts";

let server: ProviderServer;
beforeAll(async () => {
  server = await startProviderServer();
});
afterEach(() => server.reset());
afterAll(() => server.close());

const call = (scenario: string) => callModel(server, googleApi, requestFor(`scenario:${scenario}`));

describe("Google Gemini", () => {
  it("streams text and finishes with usage, with the key in a header alone", async () => {
    const outcome = await call("text");
    expect(outcome.text).toBe("The tide turns twice a day.");
    expect(outcome.finish).toMatchObject({
      reason: "stop",
      usage: { input_tokens: 100, output_tokens: 20, total_tokens: 120, cache_creation_tokens: null },
    });
    expect(server.requests[0]).toMatchObject({ api: "google", asked: { model: "gemini-3-pro" } });
    expect(server.requests[0]?.headers["x-goog-api-key"]).toBe(KEY);
    expect(JSON.stringify(server.requests[0]?.body)).not.toContain(KEY);
  });

  it("tells parallel calls apart, which have no ids", async () => {
    const { events, finish } = await call("parallel-tools");
    const calls = events.filter((event) => event.type === "tool-call");
    expect(calls.map(({ argsText }) => JSON.parse(argsText))).toEqual([
      { command: "echo one" },
      { command: "echo two" },
    ]);
    expect(new Set(calls.map(({ key }) => key)).size).toBe(2);
    expect(finish?.reason).toBe("tool-calls");
  });

  it("counts cached tokens apart, and thoughts as part of what was written", async () => {
    server.enqueue({ parts: [text("x")], usage: { input: 10, output: 30, cacheRead: 90, reasoning: 12 } });
    expect((await call("text")).finish?.usage).toEqual({
      ...unreportedUsage,
      input_tokens: 10,
      output_tokens: 30,
      total_tokens: 130,
      reasoning_tokens: 12,
      cache_read_tokens: 90,
    });
    server.enqueue({ parts: [text("x")], usage: null });
    expect((await call("text")).finish?.usage).toEqual(unreportedUsage);
  });

  it("sends the signature of a call back with it", async () => {
    server.enqueue({ parts: [toolCall("execute", { command: "ls" }, "one")] });
    const { events } = await call("text");
    const made = events.find((event) => event.type === "tool-call");
    expect(made?.providerMetadata).toMatchObject({ google: { thoughtSignature: "signature-one" } });
    const request = requestFor("x", {
      messages: [
        userSays("List it"),
        {
          role: "assistant",
          parts: [
            {
              type: "tool-call",
              tool_call_id: "call_1_0",
              tool_name: "execute",
              args: { command: "ls" },
              ...(made?.providerMetadata === undefined ? {} : { provider_metadata: made.providerMetadata }),
            },
          ],
        },
        {
          role: "tool",
          parts: [{ type: "tool-result", tool_call_id: "call_1_0", tool_name: "execute", result: { output: "a" } }],
        },
      ],
    });
    await callModel(server, googleApi, request);
    expect(JSON.stringify(server.requests.at(-1)?.body)).toContain('"thoughtSignature":"signature-one"');
  });

  it("says what went wrong in the words of the others", async () => {
    const kinds = [];
    for (const scenario of [
      "auth",
      "rate-limit",
      "unavailable",
      "unknown-model",
      "cut",
      "late-overload",
      "malformed",
    ]) {
      kinds.push([scenario, (await call(scenario)).error?.kind]);
    }
    expect(kinds).toEqual([
      ["auth", "auth"],
      ["rate-limit", "rate_limit"],
      ["unavailable", "overloaded"],
      ["unknown-model", "config"],
      ["cut", "network"],
      ["late-overload", "overloaded"],
      ["malformed", "generic"],
    ]);
    server.enqueue({
      fail: { status: 400, errorType: "INVALID_ARGUMENT", message: "API key not valid. Please pass a valid API key." },
    });
    expect((await call("text")).error?.kind).toBe("auth");
  });

  it("passes its own options on, and searches only where tools stay usable", async () => {
    const options = {
      temperature: 0.5,
      top_k: 7,
      provider_options: {
        google: { thinking_config: { thinking_budget: 512, include_thoughts: true }, web_search_enabled: true },
      },
    };
    for (const model of ["gemini-3-pro", "gemini-2.5-flash"]) {
      await callModel(server, googleApi, requestFor("scenario:text"), { options, model });
    }
    const [newer, older] = server.requests.map(({ body }) => body);
    expect(field(newer, "generationConfig")).toMatchObject({
      temperature: 0.5,
      topK: 7,
      thinkingConfig: { thinkingBudget: 512, includeThoughts: true },
    });
    expect(JSON.stringify(field(newer, "tools"))).toContain("googleSearch");
    expect(JSON.stringify(field(newer, "tools"))).toContain("execute");
    expect(JSON.stringify(field(older, "tools"))).not.toContain("googleSearch");
    expect(items(field(older, "tools"))).toHaveLength(1);
  });
});
