import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { filePort } from "../../src/chats/files.ts";
import { z } from "zod";
import { problem } from "../../src/contract/common.ts";
import { modelCatalogue, modelConfig, provider, testProviderResponse } from "../../src/contract/models.ts";
import { DEMO_CONFIG_ID } from "../../src/models/demo/model.ts";
import { resolveModelChoice } from "../../src/models/offers.ts";
import { modelPort } from "../../src/models/port.ts";
import { presetModelId } from "../../src/models/presets.ts";
import { chatModelConfigs, chatProviders } from "../../src/models/schema.ts";
import { ZERO_ID } from "../../src/platform/ids.ts";
import { getTestApp, type Client, type RequestOptions } from "../support/app.ts";

const test = await getTestApp();
const { db, owner, anonymous } = test;
const member = await test.addUser("grace");
const PROVIDERS = "/api/v2/chats/providers";
const CONFIGS = "/api/v2/chats/model-configs";
const MODELS = "/api/v2/chats/models";
const KEY = "sk-ant-very-secret-0123456789";

beforeEach(async () => {
  await db.batch([db.delete(chatModelConfigs), db.delete(chatProviders)]);
});

/** The owner's request with more in the environment. */
function requestIn(overrides: Partial<Env>, path: string, options: RequestOptions = {}): Promise<Response> {
  return anonymous(path, { ...options, headers: { cookie: owner.cookie, origin: "http://localhost" } }, overrides);
}

async function post(path: string, body: object, client: Client = owner): Promise<Response> {
  return client.request(path, { method: "POST", body });
}

async function patch(path: string, body: object): Promise<Response> {
  return owner.request(path, { method: "PATCH", body });
}

async function addProvider(body: object = {}) {
  const response = await post(PROVIDERS, { provider: "anthropic", api_key: KEY, ...body });
  expect(response.status).toBe(201);
  return provider.parse(await response.json());
}

async function addConfig(model: string, body: object = {}) {
  const response = await post(CONFIGS, { provider: "anthropic", model, context_limit: 200_000, ...body });
  expect(response.status).toBe(201);
  return modelConfig.parse(await response.json());
}

async function listConfigs(client: Client = owner) {
  return z.array(modelConfig).parse(await (await client.request(CONFIGS)).json());
}

async function listProviders() {
  return z.array(provider).parse(await (await owner.request(PROVIDERS)).json());
}

async function catalogue(overrides: Partial<Env> = {}) {
  return modelCatalogue.parse(await (await requestIn(overrides, MODELS)).json());
}

async function problemOf(response: Response) {
  return problem.parse(await response.json());
}

/** The names of the models that hold the default: one as long as there is a model. */
async function defaults(): Promise<string[]> {
  const rows = await db.select().from(chatModelConfigs);
  return rows.filter((row) => row.isDefault && !row.deleted).map((row) => row.model);
}

describe("providers", () => {
  it("are all listed, set up or not", async () => {
    await addProvider();
    const all = await listProviders();
    expect(all).toHaveLength(8);
    expect(all.find(({ provider: name }) => name === "anthropic")).toMatchObject({ source: "database", enabled: true });
    expect(all.find(({ provider: name }) => name === "azure")).toMatchObject({
      id: ZERO_ID,
      source: "supported",
      enabled: false,
      has_api_key: false,
      implemented: false,
      created_at: null,
    });
  });

  it("keep their key sealed and never show it", async () => {
    const created = await post(PROVIDERS, { provider: "anthropic", api_key: KEY });
    const shown = await created.text();
    const listed = await (await owner.request(PROVIDERS)).text();
    expect(shown + listed).not.toContain(KEY);
    expect(JSON.parse(shown)).toMatchObject({ has_api_key: true });
    const [row] = await db.select().from(chatProviders);
    expect(row?.sealedApiKey).toMatch(/^v1\./);
    expect(JSON.stringify(row)).not.toContain(KEY);
  });

  it("are for admins only", async () => {
    const { id } = await addProvider();
    const answers = [
      await member.request(PROVIDERS),
      await post(PROVIDERS, { provider: "openai" }, member),
      await member.request(`${PROVIDERS}/${id}`, { method: "PATCH", body: {} }),
      await member.request(`${PROVIDERS}/${id}`, { method: "DELETE" }),
      await post(`${PROVIDERS}/${id}/test`, {}, member),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    expect((await anonymous(PROVIDERS)).status).toBe(401);
  });

  it("come once each, and only those that are known", async () => {
    await addProvider();
    expect((await post(PROVIDERS, { provider: "anthropic" })).status).toBe(409);
    const unknown = await post(PROVIDERS, { provider: "skynet" });
    expect(unknown.status).toBe(400);
    expect((await problemOf(unknown)).errors?.[0]?.pointer).toBe("/provider");
  });

  it("keep on null or absent, clear on empty", async () => {
    const { id } = await addProvider({ display_name: "Claude", base_url: "https://example.com/v1" });
    const kept = provider.parse(
      await (await patch(`${PROVIDERS}/${id}`, { api_key: null, display_name: "", enabled: false })).json(),
    );
    expect(kept).toMatchObject({
      display_name: "Claude",
      base_url: "https://example.com/v1",
      has_api_key: true,
      enabled: false,
    });
    const cleared = provider.parse(await (await patch(`${PROVIDERS}/${id}`, { api_key: "", base_url: "" })).json());
    expect(cleared).toMatchObject({ base_url: "", has_api_key: false });
  });

  it("refuse addresses in private networks, unless this is allowed", async () => {
    for (const base_url of [
      "http://127.0.0.1:11434",
      "https://[::ffff:7f00:1]",
      "https://169.254.169.254",
      "ftp://x",
    ]) {
      const response = await post(PROVIDERS, { provider: "openai-compat", base_url });
      expect(response.status).toBe(400);
      expect((await problemOf(response)).errors?.[0]?.pointer).toBe("/base_url");
    }
    const { id } = await addProvider();
    expect((await patch(`${PROVIDERS}/${id}`, { base_url: "https://10.0.0.1" })).status).toBe(400);
    const body = { provider: "openai-compat", base_url: "http://127.0.0.1:11434/v1" };
    const allowed = await requestIn({ ALLOW_PRIVATE_PROVIDERS: "1" }, PROVIDERS, { method: "POST", body });
    expect(allowed.status).toBe(201);
  });

  it("refuse keys that no header can carry", async () => {
    const response = await post(PROVIDERS, { provider: "openai", api_key: "sk-1\nx-evil: 1" });
    expect(response.status).toBe(400);
    expect((await problemOf(response)).errors?.[0]?.pointer).toBe("/api_key");
  });

  it("take their models along when they are removed", async () => {
    const { id } = await addProvider();
    await addConfig("claude-a");
    expect((await owner.request(`${PROVIDERS}/${id}`, { method: "DELETE" })).status).toBe(204);
    expect((await owner.request(`${PROVIDERS}/${id}`, { method: "DELETE" })).status).toBe(404);
    const [row] = await db.select().from(chatModelConfigs);
    expect(row).toMatchObject({ deleted: true, isDefault: false });
    expect(await defaults()).toEqual([]);
  });

  it("of the environment show as such, and a row takes over", async () => {
    const overrides = { ANTHROPIC_API_KEY: "sk-env-0123456789", ANTHROPIC_BASE_URL: "https://env.example.com" };
    const read = async () => z.array(provider).parse(await (await requestIn(overrides, PROVIDERS)).json());
    expect((await read())[0]).toMatchObject({
      id: ZERO_ID,
      source: "env_preset",
      enabled: true,
      has_api_key: true,
      base_url: "https://env.example.com",
    });
    await addProvider({ api_key: "", enabled: false });
    expect((await read())[0]).toMatchObject({ source: "database", enabled: false, has_api_key: true });
    expect(await (await requestIn(overrides, PROVIDERS)).text()).not.toContain("sk-env");
  });

  it("do not send the environment's key to an address that was entered here", async () => {
    await addProvider({ api_key: "", base_url: "https://elsewhere.example.com" });
    const listed = await requestIn({ ANTHROPIC_API_KEY: "sk-env-0123456789" }, PROVIDERS);
    expect(z.array(provider).parse(await listed.json())[0]).toMatchObject({ has_api_key: false });
  });
});

describe("a provider's test call", () => {
  it("says what keeps it from working, by id and by name", async () => {
    const { id } = await addProvider({ api_key: "" });
    for (const which of [id, "anthropic"]) {
      const response = await post(`${PROVIDERS}/${which}/test`, {});
      expect(testProviderResponse.parse(await response.json())).toMatchObject({
        ok: false,
        kind: "config",
        message: "Anthropic has no API key. Set one in Settings, Providers.",
      });
    }
  });

  it("asks for a model where nobody knows one, and for a provider that is there", async () => {
    const body = { provider: "openai-compat", base_url: "http://127.0.0.1:41299" };
    const overrides = { ALLOW_PRIVATE_PROVIDERS: "1" };
    await requestIn(overrides, PROVIDERS, { method: "POST", body });
    expect((await post(`${PROVIDERS}/openai-compat/test`, {})).status).toBe(400);
    expect((await post(`${PROVIDERS}/google/test`, {})).status).toBe(404);
    expect((await post(`${PROVIDERS}/${ZERO_ID}/test`, {})).status).toBe(404);
    const tried = await requestIn(overrides, `${PROVIDERS}/openai-compat/test`, {
      method: "POST",
      body: { model: "m" },
    });
    expect(testProviderResponse.parse(await tried.json())).toMatchObject({ ok: false, kind: "network", model: "m" });
  });
});

describe("model configs", () => {
  it("need a provider that is set up", async () => {
    const response = await post(CONFIGS, { provider: "anthropic", model: "claude", context_limit: 1 });
    expect(response.status).toBe(400);
    expect((await problemOf(response)).title).toBe("Chat provider is not configured.");
    expect(await db.select().from(chatModelConfigs)).toEqual([]);
  });

  it("take prices as text or number and answer text, exactly as given", async () => {
    await addProvider();
    const { model_config } = await addConfig("claude", {
      model_config: { cost: { input_price_per_million_tokens: 0.25, output_price_per_million_tokens: " 15.10 " } },
    });
    expect(model_config.cost).toMatchObject({
      input_price_per_million_tokens: "0.25",
      output_price_per_million_tokens: "15.10",
      cache_read_price_per_million_tokens: null,
    });
  });

  it.each([
    ["/context_limit", { context_limit: 0 }],
    ["/compression_threshold", { compression_threshold: 101 }],
    ["/compression_threshold", { compression_threshold: -1 }],
    ["/model", { model: " " }],
    [
      "/model_config/cost/input_price_per_million_tokens",
      { model_config: { cost: { input_price_per_million_tokens: -1 } } },
    ],
    [
      "/model_config/cost/input_price_per_million_tokens",
      { model_config: { cost: { input_price_per_million_tokens: "NaN" } } },
    ],
  ])("refuse a wrong value of %s", async (pointer, body) => {
    await addProvider();
    const response = await post(CONFIGS, { provider: "anthropic", model: "claude", context_limit: 1_000, ...body });
    expect(response.status).toBe(400);
    expect((await problemOf(response)).errors?.[0]?.pointer).toBe(pointer);
  });

  it("come once for each provider and model", async () => {
    await addProvider();
    await addConfig("claude-a");
    const second = await addConfig("claude-b");
    expect((await post(CONFIGS, { provider: "anthropic", model: "claude-a", context_limit: 1 })).status).toBe(409);
    const renamed = await patch(`${CONFIGS}/${second.id}`, { model: "claude-a", is_default: true });
    expect(renamed.status).toBe(409);
    expect(await defaults()).toEqual(["claude-a"]);
  });

  it("are changed by admins only, and seen by others where enabled", async () => {
    await addProvider();
    const { id } = await addConfig("claude-a");
    await addConfig("claude-b", { enabled: false });
    expect((await listConfigs(member)).map(({ model }) => model)).toEqual(["claude-a"]);
    expect((await listConfigs()).map(({ model }) => model)).toEqual(["claude-a", "claude-b"]);
    const answers = [
      await post(CONFIGS, { provider: "anthropic", model: "x", context_limit: 1 }, member),
      await member.request(`${CONFIGS}/${id}`, { method: "PATCH", body: {} }),
      await member.request(`${CONFIGS}/${id}`, { method: "DELETE" }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
  });

  it("are 404 when unknown, and a plain no for those without a row", async () => {
    expect((await patch(`${CONFIGS}/${ZERO_ID}`, {})).status).toBe(404);
    expect((await owner.request(`${CONFIGS}/${ZERO_ID}`, { method: "DELETE" })).status).toBe(404);
    expect((await owner.request(`${CONFIGS}/nonsense`, { method: "DELETE" })).status).toBe(400);
    expect((await owner.request(`${CONFIGS}/${DEMO_CONFIG_ID}`, { method: "DELETE" })).status).toBe(409);
  });

  it("keep what a change leaves out", async () => {
    await addProvider();
    const { id } = await addConfig("claude", { display_name: "Claude", model_config: { temperature: 0.5 } });
    const changed = modelConfig.parse(await (await patch(`${CONFIGS}/${id}`, { context_limit: 5_000 })).json());
    expect(changed).toMatchObject({
      display_name: "Claude",
      context_limit: 5_000,
      compression_threshold: 70,
      model_config: { temperature: 0.5 },
    });
  });
});

describe("the default", () => {
  it("is always exactly one, whatever happens to it", async () => {
    await addProvider();
    const a = await addConfig("a");
    expect(a.is_default).toBe(true);
    const b = await addConfig("b");
    expect(b.is_default).toBe(false);
    const c = await addConfig("c", { is_default: true });
    expect(await defaults()).toEqual(["c"]);
    await patch(`${CONFIGS}/${b.id}`, { is_default: true });
    expect(await defaults()).toEqual(["b"]);
    // Stepping down hands over to another one.
    await patch(`${CONFIGS}/${b.id}`, { is_default: false });
    expect(await defaults()).toEqual(["a"]);
    await patch(`${CONFIGS}/${a.id}`, { enabled: false });
    expect(await defaults()).toEqual(["b"]);
    await owner.request(`${CONFIGS}/${b.id}`, { method: "DELETE" });
    expect(await defaults()).toEqual(["c"]);
    await owner.request(`${CONFIGS}/${c.id}`, { method: "DELETE" });
    expect(await defaults()).toEqual(["a"]);
    // The last one stays it, even against its will.
    await patch(`${CONFIGS}/${a.id}`, { is_default: false });
    expect(await defaults()).toEqual(["a"]);
    await owner.request(`${CONFIGS}/${a.id}`, { method: "DELETE" });
    expect(await defaults()).toEqual([]);
  });

  it("holds when many are made at once", async () => {
    await addProvider();
    const models = ["m1", "m2", "m3", "m4", "m5"];
    await Promise.all(models.map((model) => addConfig(model, { is_default: true })));
    expect(await defaults()).toHaveLength(1);
  });
});

describe("the catalogue", () => {
  it("offers the demo, labelled, where there is nothing else", async () => {
    const { providers } = await catalogue();
    expect(providers).toEqual([
      expect.objectContaining({ provider: "demo", display_name: "Scripted demo, no AI", available: true }),
    ]);
    expect(providers[0]?.models[0]).toMatchObject({
      model_config_id: DEMO_CONFIG_ID,
      scripted: true,
      is_default: true,
    });
  });

  it("is for everybody who is signed in", async () => {
    expect((await member.request(MODELS)).status).toBe(200);
    expect((await anonymous(MODELS)).status).toBe(401);
    expect((await member.request(`${MODELS}?x=1`)).status).toBe(400);
  });

  it("puts models of the environment in the demo's place, in order of preference", async () => {
    const { providers } = await catalogue({ OPENAI_API_KEY: "sk-1234567890", ANTHROPIC_API_KEY: "sk-1234567890" });
    expect(providers.map(({ provider: name }) => name)).toEqual(["anthropic", "openai"]);
    expect(providers[0]?.models[0]).toMatchObject({
      id: "anthropic:claude-sonnet-4-5",
      model_config_id: presetModelId("anthropic", "claude-sonnet-4-5"),
      is_default: true,
      scripted: false,
    });
  });

  it("says why a provider that is set up has no models to offer", async () => {
    await addProvider({ api_key: "" });
    await addConfig("claude");
    const { providers } = await catalogue();
    expect(providers.map(({ provider: name }) => name)).toEqual(["demo", "anthropic"]);
    expect(providers[1]).toMatchObject({ available: false, unavailable_reason: "missing_api_key", models: [] });
  });

  it("also answers under the older path", async () => {
    expect((await owner.request("/api/experimental/chats/models")).status).toBe(200);
  });
});

describe("resolveModelChoice", () => {
  const refused = (id: string | undefined) => expect(resolveModelChoice(db, env, id)).rejects;

  it("takes the default where nothing is asked for", async () => {
    expect(await resolveModelChoice(db, env, undefined)).toEqual({ id: DEMO_CONFIG_ID });
    await addProvider();
    await addConfig("a");
    const b = await addConfig("b", { is_default: true });
    expect(await resolveModelChoice(db, env, undefined)).toEqual({ id: b.id });
  });

  it("says what is wrong with a choice", async () => {
    await refused(ZERO_ID).toMatchObject({ status: 400, title: "Invalid model config ID." });
    const { id } = await addProvider();
    const a = await addConfig("a", { enabled: false });
    const b = await addConfig("b");
    await refused(a.id).toMatchObject({ status: 400, title: expect.stringContaining("is disabled") });
    await refused(DEMO_CONFIG_ID).toMatchObject({ status: 400 });
    await patch(`${PROVIDERS}/${id}`, { api_key: "" });
    await refused(b.id).toMatchObject({ status: 400, title: expect.stringContaining("no API key") });
    await patch(`${PROVIDERS}/${id}`, { api_key: KEY, enabled: false });
    await refused(b.id).toMatchObject({ status: 400, title: expect.stringContaining("is disabled") });
  });
});

describe("the port", () => {
  const port = (overrides: Partial<Env> = {}) => modelPort({ ...env, ...overrides }, db, Date.now, filePort(env.FILES));

  it("resolves rows, presets and the demo, and nothing that cannot be used", async () => {
    expect(await port().resolve(DEMO_CONFIG_ID, owner.userId)).toMatchObject({
      provider: "demo",
      compressionThreshold: 100,
    });
    const overrides = { ANTHROPIC_API_KEY: "sk-1234567890" };
    const preset = await port(overrides).resolveDefault(owner.userId);
    expect(preset).toMatchObject({ model: "claude-sonnet-4-5", contextLimit: 200_000 });
    expect(await port(overrides).resolve(DEMO_CONFIG_ID, owner.userId)).toBeNull();
    await addProvider();
    const { id } = await addConfig("claude", { model_config: { cost: { input_price_per_million_tokens: "3" } } });
    expect(await port().resolve(id, owner.userId)).toMatchObject({ prices: { input_price_per_million_tokens: "3" } });
    await owner.request(`${CONFIGS}/${id}`, { method: "DELETE" });
    expect(await port().resolve(id, owner.userId)).toBeNull();
  });

  it("streams the demo in the Worker's runtime", async () => {
    const request = {
      configId: DEMO_CONFIG_ID,
      messages: [{ role: "user" as const, parts: [{ type: "text" as const, text: "fix the failing test" }] }],
      tools: ["execute", "read_file", "edit_files"].map((name) => ({ name, description: name, parameters: {} })),
      signal: new AbortController().signal,
      onBytes: () => undefined,
    };
    const types = new Set<string>();
    for await (const event of port().stream(request)) types.add(event.type);
    expect([...types]).toEqual(["text-delta", "tool-call-start", "tool-call-delta", "tool-call", "finish"]);
  });
});
