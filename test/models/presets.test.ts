import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ollamaAddress } from "../../src/models/ollama.ts";
import { modelState } from "../../src/models/offers.ts";
import { environmentPresets, presetModelId } from "../../src/models/presets.ts";
import type { ProviderRow } from "../../src/models/providers.ts";
import type { ModelConfigRow } from "../../src/models/records.ts";
import { startProviderServer, type ProviderServer } from "../fixtures/provider-server/server.ts";

let server: ProviderServer;
beforeAll(async () => {
  server = await startProviderServer();
});
afterAll(() => server.close());

describe("ollamaAddress", () => {
  it.each([
    ["localhost", "http://localhost:11434"],
    ["127.0.0.1:8080", "http://127.0.0.1:8080"],
    ["0.0.0.0", "http://127.0.0.1:11434"],
    ["0.0.0.0:11434", "http://127.0.0.1:11434"],
    [":11500", "http://127.0.0.1:11500"],
    ["http://gpu.example.com:11434/", "http://gpu.example.com:11434"],
    ["https://ollama.example.com", "https://ollama.example.com"],
    ["host:80", "http://host"],
  ])("reads %s as %s", (host, address) => {
    expect(ollamaAddress(host)).toBe(address);
  });

  it("is null for what is no address", () => {
    expect(ollamaAddress("no host")).toBeNull();
  });
});

describe("environmentPresets", () => {
  it("are none without keys, and blank keys are none", async () => {
    expect(await environmentPresets({ ANTHROPIC_API_KEY: " ", OLLAMA_HOST: "" }, Date.now)).toEqual([]);
  });

  it("survive an Ollama host that is none", async () => {
    const presets = await environmentPresets({ OLLAMA_HOST: "no host", OPENAI_API_KEY: "sk-1" }, Date.now);
    expect(presets.map(({ provider }) => provider)).toEqual(["openai"]);
  });

  it("take Google's key under both of its names", async () => {
    const [preset] = await environmentPresets({ GEMINI_API_KEY: "g-1", GOOGLE_GENERATIVE_AI_API_KEY: "g-2" }, Date.now);
    expect(preset).toMatchObject({ provider: "google", displayName: "Google", apiKey: "g-1", baseUrl: "" });
    expect(preset?.models).toMatchObject([{ model: "gemini-2.5-pro", contextLimit: 200_000 }]);
    const env = { GEMINI_API_KEY: " ", GOOGLE_GENERATIVE_AI_API_KEY: "g-2", GEMINI_BASE_URL: " https://g.example/v1 " };
    expect(await environmentPresets(env, Date.now)).toMatchObject([{ apiKey: "g-2", baseUrl: "https://g.example/v1" }]);
  });

  it("ask Ollama for its models, and for new ones after a while", async () => {
    let now = 1_000_000;
    const [preset] = await environmentPresets({ OLLAMA_HOST: server.url }, () => now);
    expect(preset).toMatchObject({ provider: "openai-compat", displayName: "Ollama", apiKey: "" });
    expect(preset?.baseUrl).toBe(server.baseUrl);
    expect(preset?.models.map(({ model }) => model)).toEqual(["scripted:latest"]);
    expect(preset?.models[0]?.id).toBe(presetModelId("openai-compat", "scripted:latest"));
    now += 60_000;
    expect(await environmentPresets({ OLLAMA_HOST: server.url }, () => now)).toEqual([preset]);
  });

  it("name a well-known model where Ollama does not answer", async () => {
    const gone = await startProviderServer();
    await gone.close();
    const [preset] = await environmentPresets({ OLLAMA_HOST: gone.url }, Date.now);
    expect(preset?.models.map(({ model }) => model)).toEqual(["llama3.2"]);
  });
});

describe("modelState", () => {
  const unsealKey = async (sealed: string) => `opened ${sealed}`;
  const times = { createdBy: null, createdAt: 0, updatedAt: 0 };
  const row = (fields: Partial<ProviderRow>): ProviderRow => ({
    id: "p",
    provider: "anthropic",
    displayName: "",
    sealedApiKey: "sealed",
    baseUrl: "",
    enabled: true,
    ...times,
    ...fields,
  });
  const config = (fields: Partial<ModelConfigRow>): ModelConfigRow => ({
    id: "c",
    provider: "anthropic",
    model: "claude-sonnet-4-5",
    displayName: "",
    enabled: true,
    isDefault: true,
    contextLimit: 1_000,
    compressionThreshold: 70,
    options: {},
    deleted: false,
    deletedAt: null,
    updatedBy: null,
    ...times,
    ...fields,
  });

  async function stateWith(
    env: Parameters<typeof environmentPresets>[0],
    rows: ProviderRow[],
    configs: ModelConfigRow[],
  ) {
    const presets = await environmentPresets(env, Date.now);
    const state = modelState({ providers: rows, configs }, presets, unsealKey);
    return { ...state, models: state.offers.map(({ source, model }) => `${source}:${model}`) };
  }

  it("prefers an admin's default to the environment, and keeps both", async () => {
    const state = await stateWith({ OPENAI_API_KEY: "sk-1" }, [row({})], [config({ model: "claude-x" })]);
    expect(state.models).toEqual(["database:claude-x", "environment:gpt-5.1"]);
    expect(state.defaultOffer?.model).toBe("claude-x");
  });

  it("falls back to what can be used when the default cannot", async () => {
    const disabled = row({ enabled: false });
    const state = await stateWith({ OPENAI_API_KEY: "sk-1" }, [disabled], [config({})]);
    expect(state.models).toEqual(["environment:gpt-5.1"]);
    expect(state.defaultOffer?.model).toBe("gpt-5.1");
    expect((await stateWith({}, [disabled], [config({})])).models).toEqual(["demo:scripted-demo"]);
  });

  it("lets a row stand for the environment's model of the same name", async () => {
    const state = await stateWith({ ANTHROPIC_API_KEY: "sk-1" }, [], [config({ enabled: false })]);
    expect(state.models).toEqual(["demo:scripted-demo"]);
  });

  it("opens a stored key for its call only, and prefers it to the environment's", async () => {
    const env = { ANTHROPIC_API_KEY: "sk-env", ANTHROPIC_BASE_URL: "https://env.example.com" };
    const own = await stateWith(env, [row({})], [config({ model: "claude-x" })]);
    expect(await own.offers[0]?.connect?.()).toMatchObject({
      apiKey: "opened sealed",
      baseUrl: "https://env.example.com",
      trustedAddress: true,
    });
    const borrowed = await stateWith(env, [row({ sealedApiKey: "" })], [config({ model: "claude-x" })]);
    expect(await borrowed.offers[0]?.connect?.()).toMatchObject({ apiKey: "sk-env" });
  });

  it("does not offer Ollama's models at another server's address", async () => {
    const elsewhere = row({ provider: "openai-compat", baseUrl: "https://vllm.example.com/v1", sealedApiKey: "" });
    const state = await stateWith({ OLLAMA_HOST: server.url }, [elsewhere], []);
    expect(state.models).toEqual(["demo:scripted-demo"]);
  });

  it("calls nobody that this version has no adapter for", async () => {
    const state = await stateWith({}, [row({ provider: "azure" })], [config({ provider: "azure" })]);
    expect(state.models).toEqual(["demo:scripted-demo"]);
  });
});
