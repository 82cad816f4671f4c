import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { modelCallConfig, type ModelCallConfig } from "../../src/contract/models.ts";
import { toModelEvents } from "../../src/models/stream.ts";
import { unreportedUsage } from "../../src/models/usage.ts";
import { field } from "../fixtures/provider-server/wire.ts";
import { startProviderServer, type ProviderServer } from "../fixtures/provider-server/server.ts";
import { callModel, requestFor, type Api } from "./calls.ts";

let server: ProviderServer;
beforeAll(async () => {
  server = await startProviderServer();
});
afterEach(() => server.reset());
afterAll(() => server.close());

/** What the provider gets of a call with these options. */
async function sent(provider: Api["provider"], options: ModelCallConfig, tools = true): Promise<unknown> {
  const request = requestFor("scenario:text", tools ? {} : { tools: [] });
  const { error } = await callModel(server, { provider, options: {} }, request, {
    options: modelCallConfig.parse(options),
  });
  expect(error).toBeNull();
  return server.requests.at(-1)?.body;
}

describe("the options of a model config", () => {
  it("reach Anthropic", async () => {
    const body = await sent("anthropic", {
      provider_options: {
        anthropic: {
          thinking: { budget_tokens: 2_048 },
          disable_parallel_tool_use: true,
          web_search_enabled: true,
          blocked_domains: ["example.com"],
        },
      },
    });
    expect(body).toMatchObject({
      thinking: { type: "enabled", budget_tokens: 2_048 },
      tool_choice: { disable_parallel_tool_use: true },
    });
    expect(field(body, "tools")).toContainEqual(
      expect.objectContaining({ type: "web_search_20250305", blocked_domains: ["example.com"] }),
    );
  });

  it("reach OpenAI Responses, which keeps nothing unless it is told to", async () => {
    const body = await sent("openai", {
      provider_options: {
        openai: {
          reasoning_effort: "low",
          text_verbosity: "high",
          parallel_tool_calls: false,
          max_tool_calls: 3,
          user: "ada",
          metadata: { team: "tides" },
          web_search_enabled: true,
          search_context_size: "low",
          allowed_domains: ["example.com"],
        },
      },
    });
    expect(body).toMatchObject({
      reasoning: { effort: "low" },
      text: { verbosity: "high" },
      parallel_tool_calls: false,
      max_tool_calls: 3,
      user: "ada",
      metadata: { team: "tides" },
      store: false,
    });
    expect(field(body, "tools")).toContainEqual({
      type: "web_search",
      filters: { allowed_domains: ["example.com"] },
      search_context_size: "low",
    });
    expect(await sent("openai", { provider_options: { openai: { store: true } } })).toMatchObject({ store: true });
  });

  it("reach Chat Completions and servers that speak like it", async () => {
    const chat = { api: "chat", presence_penalty: 0.5, frequency_penalty: -0.5 } as const;
    const openai = { max_completion_tokens: 99, service_tier: "flex", prompt_cache_key: "k" } as const;
    expect(await sent("openai", { ...chat, provider_options: { openai } })).toMatchObject({
      max_completion_tokens: 99,
      prompt_cache_key: "k",
      service_tier: "flex",
    });
    const openaicompat = { user: "ada", reasoning_effort: "low" };
    expect(await sent("openai-compat", { ...chat, provider_options: { openaicompat } })).toMatchObject({
      user: "ada",
      reasoning_effort: "low",
      presence_penalty: 0.5,
      frequency_penalty: -0.5,
    });
  });

  it("offer no search to a call without tools, such as a summary", async () => {
    const options = { provider_options: { anthropic: { web_search_enabled: true } } };
    expect(field(await sent("anthropic", options, false), "tools")).toBeUndefined();
  });

  it("are refused where nobody would read them", () => {
    const wrong = [
      { openai: { temprature: 1 } },
      { azure: {} },
      { anthropic: { allowed_domains: ["a.example"], blocked_domains: ["b.example"] } },
      { anthropic: { thinking: { budget_tokens: 1 } } },
      { google: { safety_settings: [{ category: "HARM_CATEGORY_OTHER", threshold: "OFF" }] } },
    ];
    for (const provider_options of wrong) {
      expect([provider_options, modelCallConfig.safeParse({ provider_options }).success]).toEqual([
        provider_options,
        false,
      ]);
    }
  });
});

describe("a search that the provider runs", () => {
  it("leaves its sources in the answer, and no call that anybody here would run", async () => {
    const search = { id: "s1", toolName: "web_search", providerExecuted: true } as const;
    const parts: LanguageModelV4StreamPart[] = [
      { type: "tool-input-start", ...search },
      { type: "tool-input-delta", id: "s1", delta: '{"query":"tide"}' },
      { type: "tool-input-end", id: "s1" },
      {
        type: "tool-call",
        toolCallId: "s1",
        toolName: "web_search",
        input: '{"query":"tide"}',
        providerExecuted: true,
      },
      { type: "source", sourceType: "url", id: "1", url: "https://example.com/tide", title: "Tides" },
      { type: "text-delta", id: "t", delta: "Twice a day." },
      { type: "finish", usage: NO_USAGE, finishReason: { unified: "stop", raw: "end_turn" } },
    ];
    const events = [];
    const reading = {
      parts: new ReadableStream<LanguageModelV4StreamPart>({
        start(controller) {
          for (const part of parts) controller.enqueue(part);
          controller.close();
        },
      }),
      signal: new AbortController().signal,
      readUsage: () => unreportedUsage,
      onUsage: () => undefined,
    };
    for await (const event of toModelEvents(reading)) events.push(event);
    expect(events).toMatchObject([
      { type: "source", url: "https://example.com/tide", title: "Tides" },
      { type: "text-delta", text: "Twice a day." },
      { type: "finish", reason: "stop" },
    ]);
  });
});

const NO_USAGE = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
};
