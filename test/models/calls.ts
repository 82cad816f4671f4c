import { ModelError, type ModelEvent, type ModelRequest } from "../../src/chats/engine/ports.ts";
import type { ModelCallConfig } from "../../src/contract/models.ts";
import type { ModelOffer } from "../../src/models/offer.ts";
import { streamOffer } from "../../src/models/port.ts";
import type { ImplementedProvider } from "../../src/models/provider-names.ts";
import type { ProviderServer } from "../fixtures/provider-server/server.ts";
import { userSays } from "./workspace-double.ts";

export const KEY = "sk-test-0123456789";

/** Each API that has an adapter, with the provider that speaks it. */
export const apis = [
  { name: "Anthropic Messages", provider: "anthropic", options: {} },
  { name: "OpenAI Responses", provider: "openai", options: {} },
  { name: "OpenAI Chat Completions", provider: "openai", options: { api: "chat" } },
  { name: "OpenAI compatible", provider: "openai-compat", options: {} },
] as const satisfies { name: string; provider: ImplementedProvider; options: ModelCallConfig }[];

/** Whose calls come whole and without ids: what it shares with the others is tested beside. */
export const googleApi = { name: "Google Gemini", provider: "google", options: {} } as const;
export type Api = { provider: ImplementedProvider; options: ModelCallConfig };

const DISPLAY_NAMES = { anthropic: "Anthropic", google: "Google", openai: "OpenAI", "openai-compat": "Local" };
const MODELS = {
  anthropic: "claude-sonnet-4-5",
  google: "gemini-3-pro",
  openai: "gpt-5.1",
  "openai-compat": "claude-sonnet-4-5",
};

export function offerAt(baseUrl: string, { provider, options }: Api, overrides: Partial<ModelOffer> = {}): ModelOffer {
  return {
    id: "00000000-0000-7000-8000-000000000001",
    provider,
    providerDisplayName: DISPLAY_NAMES[provider],
    model: MODELS[provider],
    displayName: "Test model",
    contextLimit: 200_000,
    compressionThreshold: 70,
    options,
    source: "database",
    connect: async () => ({
      provider,
      displayName: DISPLAY_NAMES[provider],
      apiKey: KEY,
      baseUrl,
      trustedAddress: true,
    }),
    ...overrides,
  };
}

export function requestFor(text: string, overrides: Partial<ModelRequest> = {}): ModelRequest {
  return {
    configId: "any",
    messages: [userSays(text)],
    tools: [
      {
        name: "execute",
        description: "Runs a command",
        parameters: { type: "object", properties: { command: { type: "string" } }, required: ["command"] },
      },
    ],
    signal: new AbortController().signal,
    onBytes: () => undefined,
    ...overrides,
  };
}

export interface Outcome {
  events: ModelEvent[];
  text: string;
  reasoning: string;
  finish: Extract<ModelEvent, { type: "finish" }> | null;
  error: ModelError | null;
}

/** Runs one call to its end, good or bad. Anything but a ModelError is thrown on. */
export async function callModel(
  server: ProviderServer,
  api: Api,
  request: ModelRequest,
  overrides: Partial<ModelOffer> = {},
): Promise<Outcome> {
  const events: ModelEvent[] = [];
  let error: ModelError | null = null;
  try {
    for await (const event of streamOffer(offerAt(server.baseUrl, api, overrides), request, {}, Date.now)) {
      events.push(event);
    }
  } catch (thrown) {
    if (!(thrown instanceof ModelError)) throw thrown;
    error = thrown;
  }
  const last = events.at(-1);
  return {
    events,
    text: events.map((event) => (event.type === "text-delta" ? event.text : "")).join(""),
    reasoning: events.map((event) => (event.type === "reasoning-delta" ? event.text : "")).join(""),
    finish: last?.type === "finish" ? last : null,
    error,
  };
}
