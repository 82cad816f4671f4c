import { env } from "cloudflare:workers";
import { and, desc, eq, sql } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { auditLogs } from "../../src/audit/schema.ts";
import { chatStub } from "../../src/chats/object.ts";
import { chatMessages } from "../../src/chats/schema.ts";
import { chatExport } from "../../src/contract/chat-export.ts";
import { modelConfig, modelPricesResponse, type ModelPrices } from "../../src/contract/models.ts";
import { recomputeResponse, unpricedModelsResponse, type RecomputeResponse } from "../../src/contract/usage.ts";
import { costMicros } from "../../src/usage/cost.ts";
import { unpricedCalls } from "../../src/usage/priced-models.ts";
import { readRepricedPage, repricedRows, ROWS_PER_CALL, tellChats, writeCosts } from "../../src/usage/repricing.ts";
import { newId } from "../../src/platform/ids.ts";
import { runBatch } from "../../src/platform/d1.ts";
import { answeredChat, messagesOf } from "../chats/support.ts";
import { useModel } from "../chats/scripted-model.ts";
import { countCases } from "../support/cases.ts";
import { getTestApp } from "../support/app.ts";

useModel();
const { owner, addUser, db } = await getTestApp();
const ann = await addUser("ann");
const auditor = await addUser("auditor", ["member", "auditor"]);

const api = (path: string) => `/api/v2/chats/${path}`;
await owner.request(api("providers"), { method: "POST", body: { provider: "anthropic", api_key: "sk-test" } });

async function addModel(cost?: Partial<ModelPrices>) {
  const body = { provider: "anthropic", model: `model-${newId()}`, context_limit: 1000, is_default: true };
  const model_config = cost === undefined ? {} : { cost };
  const response = await owner.request(api("model-configs"), { method: "POST", body: { ...body, model_config } });
  return modelConfig.parse(await response.json());
}

async function setPrices(id: string, cost: Partial<ModelPrices>): Promise<void> {
  const response = await owner.request(api(`model-configs/${id}`), {
    method: "PATCH",
    body: { model_config: { cost } },
  });
  expect(response.status).toBe(200);
}

const always = { start_date: "2020-01-01T00:00:00Z", end_date: "2100-01-01T00:00:00Z" };

async function recompute(modelId: string, more: object = {}): Promise<RecomputeResponse> {
  const body = { model_config_id: modelId, ...always, ...more };
  const response = await owner.request(api("cost/recompute"), { method: "POST", body });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return recomputeResponse.parse(JSON.parse(text));
}

/** Call after call until it is done. */
async function recomputeAll(modelId: string, more: object = {}): Promise<RecomputeResponse[]> {
  const answers: RecomputeResponse[] = [];
  for (let cursor: string | null = null; ;) {
    const answer: RecomputeResponse = await recompute(modelId, { ...more, cursor });
    answers.push(answer);
    cursor = answer.cursor;
    if (cursor === null) return answers;
  }
}

const ledger = (modelId: string) =>
  db.select().from(chatMessages).where(eq(chatMessages.modelConfigId, modelId)).orderBy(chatMessages.id);
const calls = async (modelId: string) => (await ledger(modelId)).filter(({ role }) => role === "assistant");
const usageOf = async (chatId: string) => {
  const answer = await chatStub(env.CHATS, chatId).exportPage({ afterId: 0 });
  if (!answer.ok) throw new Error(answer.refusal.title);
  return answer.value.usage;
};

/** A call that left no message, as a title is. */
async function bookCall(chatId: string, modelId: string, id: number, more: object = {}): Promise<void> {
  await db.insert(chatMessages).values({
    ...{ chatId, id, ownerId: ann.userId, rootChatId: chatId, kind: "title", role: "assistant", visibility: "model" },
    ...{ contentVersion: 1, version: 1, createdAt: Date.now(), modelConfigId: modelId, inputTokens: 1_000, ...more },
  });
}

describe("pricing past calls", () => {
  it("says in a preview what it then does, in the ledger and in the chat, and leaves a line in the audit log", async () => {
    const model = await addModel();
    const chat = await answeredChat(ann);
    expect(await usageOf(chat.id)).toMatchObject({ total_cost_micros: null, unpriced_calls: 1 });
    await bookCall(chat.id, model.id, 900);
    await setPrices(model.id, { input_price_per_million_tokens: "2", output_price_per_million_tokens: "10" });

    const preview = await recompute(model.id);
    expect(preview).toEqual({
      dry_run: true,
      examined: 2,
      changed: 2,
      newly_priced: 2,
      cost_before_micros: 0,
      cost_after_micros: 16 + 2_000,
      untold_chat_count: 0,
      cursor: null,
    });
    expect((await calls(model.id)).map((row) => row.totalCostMicros)).toEqual([null, null]);

    expect(await recompute(model.id, { dry_run: false })).toEqual({ ...preview, dry_run: false });
    const rows = await calls(model.id);
    expect(rows.map((row) => row.totalCostMicros)).toEqual([16, 2_000]);
    expect(rows.map((row) => row.repricedAt !== null)).toEqual([true, true]);
    const [answer] = await messagesOf(ann, chat.id);
    expect(answer?.total_cost_micros).toBe(16);
    expect(await usageOf(chat.id)).toMatchObject({ total_cost_micros: 2_016, unpriced_calls: 0 });

    const [line] = await db.select().from(auditLogs).orderBy(desc(auditLogs.id)).limit(1);
    expect(line).toMatchObject({ action: "write", resourceType: "usage", resourceId: model.id, userId: owner.userId });
    expect(line?.diff).toEqual({ calls: { new: 2 }, cost_micros: { old: 0, new: 2_016 } });
  });

  it("changes nothing when it is repeated, and heals a chat that has not heard of it", async () => {
    const model = await addModel();
    const chat = await answeredChat(ann);
    await setPrices(model.id, { input_price_per_million_tokens: "1" });
    await recompute(model.id, { dry_run: false });
    expect(await recompute(model.id, { dry_run: false })).toMatchObject({ changed: 0, newly_priced: 0, cursor: null });
    expect(await usageOf(chat.id)).toMatchObject({ total_cost_micros: 3, unpriced_calls: 0 });

    const [answer] = await messagesOf(ann, chat.id);
    const lost = { id: answer?.id ?? 0, beforeMicros: 3, costMicros: null };
    await chatStub(env.CHATS, chat.id).repriced([lost, lost]);
    expect(await usageOf(chat.id)).toMatchObject({ total_cost_micros: 0, unpriced_calls: 1 });
    await recompute(model.id, { dry_run: false });
    expect(await usageOf(chat.id)).toMatchObject({ total_cost_micros: 3, unpriced_calls: 0 });
  });

  it("writes nothing where the prices have changed since the costs were made", async () => {
    const model = await addModel({ input_price_per_million_tokens: "1" });
    await answeredChat(ann);
    const prices = { ...NO_PRICES, input_price_per_million_tokens: "1" };
    const repricing = {
      ...{ model: { id: model.id, prices, storedOptions: "{}" }, from: 0, to: Date.parse(always.end_date) },
      ...{ onlyUnpriced: true, after: null },
    };
    const { rows } = await readRepricedPage(db, repricing);
    expect(rows).toHaveLength(1);
    expect(await writeCosts(db, repricing, rows, Date.now(), sql`select 1`)).toBeNull();
    expect((await calls(model.id)).map((row) => row.totalCostMicros)).toEqual([null]);
  });

  it("says how many chats could not be told", async () => {
    const model = await addModel({ input_price_per_million_tokens: "1" });
    const chat = await answeredChat(ann);
    await bookCall(chat.id, model.id, 900);
    const away = { getByName: () => ({ repriced: () => Promise.reject(new Error("away")) }) };
    const page = await readRepricedPage(db, {
      ...{ model: { id: model.id, prices: NO_PRICES, storedOptions: null }, from: 0, to: Date.parse(always.end_date) },
      ...{ onlyUnpriced: true, after: null },
    });
    const rows = page.rows.map((row) => ({ ...row, changes: true, costMicros: 1 }));
    expect(await tellChats(away as unknown as Env["CHATS"], rows)).toBe(1);
    expect(await tellChats(env.CHATS, [])).toBe(0);
  });

  it("keeps prices of their time unless it is asked to change them", async () => {
    const model = await addModel({ input_price_per_million_tokens: "7" });
    const chat = await answeredChat(ann);
    await bookCall(chat.id, model.id, 900, { totalCostMicros: 7_000 });
    expect(await recompute(model.id)).toMatchObject({ examined: 1, changed: 1, cost_after_micros: 21 });
    await setPrices(model.id, { input_price_per_million_tokens: "1" });
    const all = { only_unpriced: false, dry_run: false };
    expect(await recompute(model.id, all)).toMatchObject({
      ...{ examined: 2, changed: 2, newly_priced: 1, cost_before_micros: 7_000, cost_after_micros: 1_003 },
    });
    expect((await ledger(model.id)).at(-1)?.totalCostMicros).toBe(1_000);
  });

  it("keeps the new price when the chat writes the row again", async () => {
    const model = await addModel({ input_price_per_million_tokens: "1" });
    const chat = await answeredChat(ann);
    await recompute(model.id, { dry_run: false });
    await db
      .update(chatMessages)
      .set({ totalCostMicros: 5 })
      .where(and(eq(chatMessages.chatId, chat.id), eq(chatMessages.totalCostMicros, 3)));
    const [, question] = await messagesOf(ann, chat.id);
    const edit = { content: [{ type: "text", text: "Anew" }] };
    await ann.request(api(`${chat.id}/messages/${question?.id}`), { method: "PATCH", body: edit });
    const rows = await ledger(model.id);
    expect(rows.filter((row) => row.deleted && row.role === "assistant").map((row) => row.totalCostMicros)).toEqual([
      5,
    ]);
  });

  it("goes on where it stopped, and two at once agree", async () => {
    const model = await addModel({ input_price_per_million_tokens: "1" });
    const chat = await answeredChat(ann);
    const count = ROWS_PER_CALL + 100;
    await runBatch(db, [
      sql`insert into chat_messages (chat_id, id, owner_id, root_chat_id, kind, role, visibility, content_version,
          version, created_at, model_config_id, input_tokens)
        with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})
        select ${chat.id}, 1000 + i, ${ann.userId}, ${chat.id}, 'failed_attempt', 'assistant', 'model', 1, 1,
          ${Date.now()} + i / 500, ${model.id}, i from n`,
    ]);
    const preview = await recomputeAll(model.id);
    expect(preview.map((page) => page.examined)).toEqual([ROWS_PER_CALL, 101]);
    const total = 3 + (count * (count + 1)) / 2;
    const sum = (pages: RecomputeResponse[]) => pages.reduce((all, page) => all + page.cost_after_micros, 0);
    expect(sum(preview)).toBe(total);
    const both = await Promise.all([1, 2].map(() => recomputeAll(model.id, { dry_run: false })));
    expect(sum(both.flat())).toBe(total);
    expect((await ledger(model.id)).reduce((all, row) => all + (row.totalCostMicros ?? 0), 0)).toBe(total);
  });

  it("makes of any usage what the cost rule makes of it", async () => {
    const tokens = fc.option(fc.nat(100_000), { nil: null });
    const price = fc.option(
      fc.nat(99_999).map((digits) => `${digits / 1_000}`),
      { nil: null },
    );
    const chat = await answeredChat(ann);
    let id = 100;
    await countCases("pricing past calls, against the cost rule", async (compare) => {
      const row = fc.record({
        ...{ input_tokens: tokens, output_tokens: tokens, cache_read_tokens: tokens, cache_creation_tokens: tokens },
        ...{ cache_creation_1h_tokens: tokens, web_search_requests: fc.option(fc.nat(9), { nil: null }) },
      });
      const prices = fc.record({
        input_price_per_million_tokens: price,
        output_price_per_million_tokens: price,
        cache_read_price_per_million_tokens: price,
        cache_write_price_per_million_tokens: price,
        cache_write_1h_price_per_million_tokens: price,
        web_search_price_per_thousand_requests: price,
      });
      const samples = fc.sample(fc.tuple(fc.array(row, { minLength: 1, maxLength: 12 }), prices), 12);
      for (const [rows, cost] of samples.filter(([, given]) => Object.values(given).some((one) => one !== null))) {
        const model = await addModel(cost);
        for (const usage of rows) {
          id += 1;
          await bookCall(chat.id, model.id, id, {
            ...{ inputTokens: usage.input_tokens, outputTokens: usage.output_tokens },
            ...{ cacheReadTokens: usage.cache_read_tokens, cacheCreationTokens: usage.cache_creation_tokens },
            ...{ cacheCreation1hTokens: usage.cache_creation_1h_tokens, webSearchRequests: usage.web_search_requests },
          });
        }
        await recompute(model.id, { dry_run: false });
        const expected = rows.map((usage) =>
          usage.input_tokens === null &&
          usage.output_tokens === null &&
          usage.cache_read_tokens === null &&
          usage.cache_creation_tokens === null
            ? null
            : costMicros({ ...usage, total_tokens: null, reasoning_tokens: null }, cost),
        );
        const priced = await ledger(model.id);
        for (const [index, one] of priced.entries()) compare(one.totalCostMicros, expected[index]);
      }
    });
  });

  it.each([
    [{ model_config_id: newId() }, 400],
    [{ end_date: "2019-01-01T00:00:00Z" }, 400],
    [{ start_date: "yesterday" }, 400],
    [{ cursor: "nowhere" }, 400],
    [{ cursor: `1.${newId()}.x` }, 400],
    [{ dry_run: "no" }, 400],
  ])("refuses %j with %i", async (more, status) => {
    const model = await addModel({ input_price_per_million_tokens: "1" });
    const body = { model_config_id: model.id, ...always, ...more };
    expect((await owner.request(api("cost/recompute"), { method: "POST", body })).status).toBe(status);
  });

  it("wants prices first, and is for those who may change settings", async () => {
    const model = await addModel();
    const body = { model_config_id: model.id, ...always };
    expect((await owner.request(api("cost/recompute"), { method: "POST", body })).status).toBe(409);
    await setPrices(model.id, { cache_read_price_per_million_tokens: null });
    expect((await owner.request(api("cost/recompute"), { method: "POST", body })).status).toBe(409);
    for (const who of [ann, auditor]) {
      expect((await who.request(api("cost/recompute"), { method: "POST", body })).status).toBe(403);
    }
  });
});

describe("unpriced models", () => {
  const recent = "?start_date=2025-01-01T00:00:00Z&end_date=2030-01-01T00:00:00Z";
  const read = async (query = recent) =>
    unpricedModelsResponse.parse(await (await auditor.request(api(`cost/unpriced-models${query}`))).json()).models;

  it("are those with calls that have no price, and those that could have", async () => {
    const used = await addModel();
    await answeredChat(ann);
    const idle = await addModel();
    const priced = await addModel({ input_price_per_million_tokens: "1", output_price_per_million_tokens: "1" });
    const half = await addModel({ input_price_per_million_tokens: "1" });
    const found = new Map((await read()).map((model) => [model.model_config_id, model]));
    expect(found.get(used.id)).toMatchObject({
      ...{ display_name: used.model, provider: "anthropic", model: used.model, editable: true, has_prices: false },
      ...{ unpriced_call_count: 1, last_used_at: expect.any(String), suggestion: null },
    });
    expect(found.get(idle.id)).toMatchObject({ unpriced_call_count: 0, last_used_at: null });
    expect(found.has(priced.id)).toBe(false);
    expect(found.get(half.id)).toMatchObject({ has_prices: false });
    const earlier = await read("?start_date=2020-01-01T00:00:00Z&end_date=2020-01-02T00:00:00Z");
    expect(earlier.find((model) => model.model_config_id === used.id)?.unpriced_call_count).toBe(0);
    expect((await ann.request(api("cost/unpriced-models"))).status).toBe(403);
  });

  it("stay in the list when they are deleted, since their calls were paid for", async () => {
    const model = await addModel();
    await answeredChat(ann);
    await owner.request(api(`model-configs/${model.id}`), { method: "DELETE" });
    expect((await read()).find((one) => one.model_config_id === model.id)).toMatchObject({
      ...{ editable: false, unpriced_call_count: 1 },
    });
  });

  it("are read along an index alone, as are the rows that are priced anew", async () => {
    const range = { from: 0, to: 1 };
    const model = { id: newId(), prices: { ...NO_PRICES }, storedOptions: null };
    const after = { created_at: 0, chat_id: newId(), id: 1 };
    const plans = await runBatch(db, [
      sql`explain query plan ${unpricedCalls(range)}`,
      sql`explain query plan ${repricedRows({ model, ...range, onlyUnpriced: true, after })}`,
    ]);
    const [counted, walked] = plans.map((plan) => JSON.stringify(plan.results));
    expect(counted).toContain("COVERING INDEX chat_messages_usage (created_at>? AND created_at<?)");
    expect(walked).toContain("INDEX chat_messages_usage (created_at>? AND created_at<?)");
  });
});

const NO_PRICES = {
  input_price_per_million_tokens: null,
  output_price_per_million_tokens: null,
  cache_read_price_per_million_tokens: null,
  cache_write_price_per_million_tokens: null,
  cache_write_1h_price_per_million_tokens: null,
  web_search_price_per_thousand_requests: null,
};

describe("list prices", () => {
  const suggestionFor = async (provider: string, model: string) => {
    const query = new URLSearchParams({ provider, model });
    const response = await owner.request(api(`model-prices?${query}`));
    expect(response.status).toBe(200);
    return modelPricesResponse.parse(await response.json()).suggestion;
  };

  it("are offered for models that the book knows, and for no others", async () => {
    expect(await suggestionFor("anthropic", "claude-sonnet-4-5-20250929")).toMatchObject({
      prices: { input_price_per_million_tokens: "3", cache_write_1h_price_per_million_tokens: "6" },
      as_of: expect.stringMatching(/^20/),
      dearer_above_tokens: 200_000,
    });
    expect(await suggestionFor("anthropic", "claude-of-tomorrow")).toBeNull();
    expect(await suggestionFor("nobody", "claude-sonnet-4-5")).toBeNull();
  });

  it("of a compatible host are those of its address", async () => {
    expect(await suggestionFor("openai-compat", "kimi-k2")).toBeNull();
    const body = { provider: "openai-compat", base_url: "https://api.moonshot.ai/v1", api_key: "sk-test" };
    expect((await owner.request(api("providers"), { method: "POST", body })).status).toBe(201);
    expect(await suggestionFor("openai-compat", "kimi-k2")).not.toBeNull();
  });

  it("want both names, and a right to read settings", async () => {
    expect((await owner.request(api("model-prices?provider=anthropic"))).status).toBe(400);
    expect((await ann.request(api("model-prices?provider=anthropic&model=x"))).status).toBe(403);
  });
});

it("keeps the counts that have prices of their own through an export", async () => {
  await addModel();
  const chat = await answeredChat(ann);
  const file = chatExport.parse(await (await ann.request(api(`${chat.id}/export`))).json());
  const answer = file.messages.find(({ role }) => role === "assistant");
  expect(answer?.usage).toMatchObject({ cache_creation_1h_tokens: null, web_search_requests: null });
});
