import { calcPrice, extractUsage, findProvider } from "@pydantic/genai-prices";
import Decimal from "decimal.js";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { TokenUsage } from "../../src/contract/models.ts";
import type { Adapter } from "../../src/models/adapters/adapter.ts";
import { anthropicAdapter } from "../../src/models/adapters/anthropic.ts";
import { googleAdapter } from "../../src/models/adapters/google.ts";
import { openaiCompatAdapter } from "../../src/models/adapters/openai-compat.ts";
import { openaiAdapter } from "../../src/models/adapters/openai.ts";
import { unreportedUsage } from "../../src/models/usage.ts";
import { costMicros } from "../../src/usage/cost.ts";
import { listPrices } from "../../src/usage/price-book.ts";
import { apis, callModel, googleApi, KEY, offerAt, requestFor, type Api } from "../models/calls.ts";
import { startProviderServer, text, type ProviderServer, type Usage } from "../fixtures/provider-server/server.ts";
import { field } from "../fixtures/provider-server/wire.ts";
import { countCases } from "../support/cases.ts";

/**
 * Real answers in the formats of the providers, through the adapters: what a call costs is the same whether it was
 * streamed or not, and what an independent list of prices makes of the same body.
 */

let server: ProviderServer;
beforeAll(async () => {
  server = await startProviderServer();
});
beforeEach(() => server.reset());
afterAll(() => server.close());

const count = fc.nat(60_000);
const perhaps = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

/** What each provider can report, and by whose prices it is checked. */
const spoken: { name: string; api: Api; model: string; oracle: Oracle; usage: fc.Arbitrary<Usage> }[] = [
  {
    name: "Anthropic Messages",
    api: apis[0],
    model: "claude-sonnet-4-6",
    oracle: { provider: "anthropic", flavor: "default" },
    usage: fc
      .record({ input: count, output: count, cacheRead: perhaps(count), long: perhaps(count), short: count })
      .chain(({ long, short, ...usage }) =>
        perhaps(fc.nat(50)).map((webSearches) => ({
          ...withoutUndefined({ ...usage, webSearches }),
          ...(long === undefined ? {} : { cacheWrite: long + short, cacheWrite1h: long }),
        })),
      ),
  },
  {
    name: "OpenAI Responses",
    api: apis[1],
    model: "gpt-5.1",
    oracle: { provider: "openai", flavor: "responses" },
    usage: fc
      .record({ input: count, output: count, cacheRead: perhaps(count), cacheWrite: perhaps(count) })
      .map(withoutUndefined),
  },
  {
    name: "OpenAI Chat Completions",
    api: apis[2],
    model: "gpt-5.1",
    oracle: { provider: "openai", flavor: "chat" },
    usage: fc
      .record({ input: count, output: count, cacheRead: perhaps(count), cacheWrite: perhaps(count) })
      .map(withoutUndefined),
  },
  {
    name: "a compatible host",
    api: apis[3],
    model: "kimi-k2",
    oracle: null,
    usage: fc.record({ input: count, output: count, cacheRead: perhaps(count) }).map(withoutUndefined),
  },
  {
    name: "Google Gemini",
    api: googleApi,
    model: "gemini-2.5-pro",
    oracle: { provider: "google", flavor: "default" },
    usage: fc
      .record({ input: count, output: count, cacheRead: perhaps(count), toolInput: perhaps(fc.nat(10_000)) })
      .chain((usage) => perhaps(fc.nat(usage.output)).map((reasoning) => withoutUndefined({ ...usage, reasoning }))),
  },
];
type Oracle = { provider: string; flavor: string } | null;

describe.each(spoken)("$name", ({ name, api, model, oracle, usage: anyUsage }) => {
  const address = api.provider === "openai-compat" ? "https://api.moonshot.ai/v1" : "";
  const listed = listPrices({ provider: api.provider, baseUrl: address }, model);
  if (listed === null) throw new Error(`The price book does not know ${model}.`);
  const cost = (usage: TokenUsage | undefined) => (usage === undefined ? null : costMicros(usage, listed.prices));

  it("costs the same streamed and whole, and the last figure of a stream wins", async () => {
    await countCases(`${name}, streamed against whole`, async (compare) => {
      await fc.assert(
        fc.asyncProperty(anyUsage, perhaps(anyUsage), async (usage, firstUsage) => {
          const scenario = { parts: [text("Counted.")], usage };
          server.enqueue(
            firstUsage === undefined ? scenario : { ...scenario, firstUsage: sameKinds(usage, firstUsage) },
          );
          const streamed = await callModel(server, api, requestFor("x"), { model });
          server.enqueue(scenario);
          const { reported, body } = await callWhole(api, model);
          compare(streamed.finish?.usage, reported);
          compare(cost(streamed.finish?.usage), cost(reported));
          if (oracle !== null) compare(cost(reported), oracleMicros(oracle, model, body));
        }),
        { numRuns: 40 },
      );
    });
  });
});

describe("searches of OpenAI's own", () => {
  it("are counted, since its usage leaves them out, and have the price of the price book; an opened page has none", async () => {
    const model = "gpt-5.1";
    const prices = listPrices({ provider: "openai", baseUrl: "" }, model)?.prices ?? null;
    const usage: Usage = { input: 1_000_000, output: 0 };
    const costOf = async (searches: number) => {
      server.enqueue({ parts: [text("Found.")], usage: { ...usage, webSearches: searches } });
      const { finish } = await callModel(server, apis[1], requestFor("x"), { model });
      return [finish?.usage?.web_search_requests, costMicros(finish?.usage ?? unreportedUsage, prices)];
    };
    expect(await costOf(0)).toEqual([null, 1_250_000]);
    expect(await costOf(3)).toEqual([3, 1_280_000]);
    server.enqueue({ parts: [text("Found.")], usage: null });
    expect((await callModel(server, apis[1], requestFor("x"), { model })).finish?.usage).toEqual(unreportedUsage);
  });
});

/** An answer without a stream, as the adapter reads it and as it came. */
async function callWhole(api: Api, model: string): Promise<{ reported: TokenUsage; body: unknown }> {
  let body: unknown = null;
  const offer = offerAt(server.baseUrl, api, { model });
  const connection = await offer.connect?.();
  if (connection == null) throw new Error("There is nobody to call.");
  const adapter = adapterOf(api)({
    connection: { ...connection, apiKey: KEY },
    model,
    options: offer.options,
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      body = await response.clone().json();
      return response;
    },
  });
  const result = await adapter.model.doGenerate({
    prompt: [{ role: "user", content: [{ type: "text", text: "x" }] }],
    providerOptions: adapter.providerOptions,
  });
  return { reported: adapter.readUsage(JSON.parse(JSON.stringify(result.usage.raw))), body };
}

function adapterOf(api: Api): (target: Parameters<typeof anthropicAdapter>[0]) => Adapter {
  if (api.provider === "anthropic") return anthropicAdapter;
  if (api.provider === "google") return googleAdapter;
  return api.provider === "openai" ? openaiAdapter : openaiCompatAdapter;
}

/** What the package reads in the body and makes of it, in whole micro-dollars. It counts in binary fractions. */
function oracleMicros({ provider: id, flavor }: NonNullable<Oracle>, model: string, body: unknown): number {
  const provider = findProvider({ providerId: id });
  if (provider === undefined) throw new Error(`The package does not know ${id}.`);
  const { usage } = extractUsage(provider, { model, modelVersion: model, ...asObject(body) }, flavor);
  const price = calcPrice(usage, model, { provider });
  if (price === null) throw new Error(`The package does not know ${model}.`);
  return new Decimal(price.total_price).times(1_000_000).toDecimalPlaces(6).ceil().toNumber();
}

function asObject(value: unknown): object {
  return field(value, "usage") === undefined && field(value, "usageMetadata") === undefined ? {} : Object(value);
}

/** A first guess counts what the last figure counts: nobody takes a kind back. */
function sameKinds(usage: Usage, guess: Usage): Usage {
  return Object.fromEntries(Object.entries(guess).filter(([kind]) => kind in usage));
}

function withoutUndefined<T extends object>(usage: T): { [K in keyof T]: NonNullable<T[K]> } {
  return JSON.parse(JSON.stringify(usage));
}
