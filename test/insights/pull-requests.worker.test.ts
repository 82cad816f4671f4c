import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { filter } from "../../src/access/filter.ts";
import { chatColumns } from "../../src/chats/shares.ts";
import { prInsights, type PrInsights } from "../../src/contract/insights.ts";
import { insightStatements } from "../../src/insights/records.ts";
import { DEMO_CONFIG_ID } from "../../src/models/demo/model.ts";
import { chatModelConfigs } from "../../src/models/schema.ts";
import { DEFAULT_ORGANIZATION_ID, organizations } from "../../src/organizations/schema.ts";
import { newId } from "../../src/platform/ids.ts";
import { getTestApp, type Client } from "../support/app.ts";
import { readActor } from "../../src/identity/actors.ts";
import { SQLiteAsyncDialect } from "drizzle-orm/sqlite-core";
import { storeWorld } from "./store.ts";
import { aCall, aChat, aDiff, type WorldChat } from "./world.ts";

const { db, owner, addUser, clock, anonymous } = await getTestApp();
const auditor = await addUser("insights-auditor", ["member", "auditor"]);
const member = await addUser("insights-member");

const DAY_MS = 86_400_000;
const URL_1 = "https://github.com/acme/app/pull/1";
const URL_2 = "https://github.com/acme/app/pull/2";

/** Each test has days of its own, so that no other test's chats are in its figures. */
let nextDay = Date.UTC(2021, 0, 4);
function freshDays(count = 10): { start: number; end: number; at: (day: number) => number } {
  const start = nextDay + count * DAY_MS;
  nextDay = start + count * DAY_MS;
  return { start, end: start + count * DAY_MS, at: (day) => start + day * DAY_MS };
}

const chat = (facts: Partial<WorldChat>) =>
  aChat({ ownerId: owner.userId, organizationId: DEFAULT_ORGANIZATION_ID, ...facts });
const iso = (instant: number) => new Date(instant).toISOString();

const PATH = "/api/v2/chats/insights/pull-requests";
async function insights(
  days: { start: number; end: number },
  more: Record<string, string> = {},
  client: Client = owner,
): Promise<PrInsights> {
  const query = new URLSearchParams({ start_date: iso(days.start), end_date: iso(days.end), ...more });
  const response = await client.request(`${PATH}?${query}`);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return prInsights.parse(JSON.parse(text));
}

describe("insights into pull requests", () => {
  it("sums the cost of several chats that refer to one pull request", async () => {
    const days = freshDays();
    const merged = aDiff({ url: URL_1, state: "merged", title: "Newer", additions: 10, deletions: 4 });
    await storeWorld(db, [
      chat({ createdAt: days.at(1), diff: { ...merged, title: "Older", additions: 3 }, calls: [aCall(2_000_000)] }),
      chat({ createdAt: days.at(2), diff: merged, calls: [aCall(1_000_000), aCall(500_000)] }),
    ]);
    const { summary, recent_prs } = await insights(days);
    expect(summary).toMatchObject({
      total_prs_created: 1,
      total_prs_merged: 1,
      total_cost_micros: 3_500_000,
      cost_per_merged_pr_micros: 3_500_000,
      total_additions: 10,
      total_deletions: 4,
    });
    expect(recent_prs).toMatchObject([{ pr_title: "Newer", cost_micros: 3_500_000, chat_count: 2 }]);
  });

  it("does not count a cost twice for different pull requests of one family", async () => {
    const days = freshDays();
    const parent = chat({ createdAt: days.at(1), diff: aDiff({ url: URL_1 }), calls: [aCall(1_000)] });
    await storeWorld(db, [
      parent,
      chat({ parentId: parent.id, createdAt: days.at(2), diff: aDiff({ url: URL_2 }), calls: [aCall(30)] }),
    ]);
    const { summary, recent_prs } = await insights(days);
    expect(summary).toMatchObject({ total_prs_created: 2, total_cost_micros: 1_030, sub_agents_cost_micros: 0 });
    expect(recent_prs.map((each) => [each.pr_url, each.cost_micros])).toEqual([
      [URL_2, 30],
      [URL_1, 1_000],
    ]);
  });

  it("counts a URL once that several chats have", async () => {
    const days = freshDays();
    const model = await addModel({ displayName: "Once" });
    const one = () => chat({ createdAt: days.at(3), modelId: model, diff: aDiff({ url: URL_1, repository: "h/a/b" }) });
    await storeWorld(db, [one(), one(), one()]);
    const found = await insights(days);
    expect(found.summary.total_prs_created).toBe(1);
    expect(found.time_series).toEqual([{ date: iso(days.at(3)), prs_created: 1, prs_merged: 0, prs_closed: 0 }]);
    expect(found.by_model).toMatchObject([{ display_name: "Once", total_prs: 1 }]);
    expect(found.by_repository).toMatchObject([{ repository: "h/a/b", total_prs: 1 }]);
    expect(found.recent_prs).toHaveLength(1);
  });
});

describe("what a pull request costs", () => {
  it("has sub-agents without one of their own in it, apart; siblings with their own pay into those", async () => {
    const days = freshDays();
    const parent = chat({ createdAt: days.at(1), diff: aDiff({ url: URL_1 }), calls: [aCall(1_000)] });
    const child = (facts: Partial<WorldChat>) => chat({ parentId: parent.id, createdAt: days.at(1) + 1, ...facts });
    await storeWorld(db, [
      parent,
      child({ calls: [aCall(200)] }),
      child({ diff: aDiff({ url: "https://github.com/acme/app/pull/3" }), calls: [aCall(40)] }),
      child({ diff: aDiff({ url: URL_2 }), calls: [aCall(5)] }),
      // A branch is no pull request yet.
      child({ diff: aDiff({ url: null, state: null }), calls: [aCall(100)] }),
    ]);
    const { recent_prs, summary } = await insights(days);
    const first = recent_prs.find(({ pr_url }) => pr_url === URL_1);
    expect(first).toMatchObject({
      cost_micros: 1_300,
      chats_cost_micros: 1_000,
      sub_agents_cost_micros: 300,
      chat_count: 1,
    });
    expect(summary).toMatchObject({ total_prs_created: 3, total_cost_micros: 1_345, chats_cost_micros: 1_045 });
  });

  it("is that of every model call: deleted, titles, failed attempts, outside the range, estimates; unpriced ones are told", async () => {
    const days = freshDays();
    const calls = [
      aCall(1, { deleted: true }),
      aCall(2, { kind: "title" }),
      aCall(4, { kind: "failed_attempt" }),
      aCall(8, { createdAt: days.start - 400 * DAY_MS }),
      aCall(16, { createdAt: days.end + DAY_MS }),
      aCall(0),
      aCall(null),
      aCall(null, { tokens: null }),
    ];
    const later = chat({ createdAt: days.end + DAY_MS, calls: [aCall(null), aCall(32)] });
    const reviewed = chat({ createdAt: days.at(0), diff: aDiff({ url: URL_1 }), calls });
    await storeWorld(db, [reviewed, { ...later, parentId: reviewed.id }]);
    const { summary, recent_prs } = await insights(days);
    expect(summary).toMatchObject({ total_cost_micros: 63, chats_cost_micros: 31, unpriced_call_count: 2 });
    expect(summary).toMatchObject({ sub_agents_unpriced_call_count: 1, merged_unpriced_call_count: 0 });
    expect(recent_prs).toMatchObject([{ cost_micros: 63, unpriced_call_count: 2 }]);
  });

  it("is zero, not missing, for chats without a call", async () => {
    const days = freshDays();
    await storeWorld(db, [chat({ createdAt: days.at(1), diff: aDiff() })]);
    expect((await insights(days)).recent_prs).toMatchObject([{ cost_micros: 0, unpriced_call_count: 0 }]);
  });

  it("is cut to whole micro-dollars per merged one, of which only the merged ones' cost is divided", async () => {
    const days = freshDays();
    const one = (url: string, state: "merged" | "closed", cost: number) =>
      chat({ createdAt: days.at(1), diff: aDiff({ url, state }), calls: [aCall(cost)] });
    await storeWorld(db, [one("a", "merged", 4), one("b", "merged", 1), one("c", "merged", 3), one("d", "closed", 99)]);
    const { summary } = await insights(days);
    expect(summary).toMatchObject({ total_cost_micros: 107, cost_per_merged_pr_micros: 2, merge_rate: 0.75 });
    expect(summary).toMatchObject({ total_prs_closed: 1 });
  });
});

describe("which pull requests there are", () => {
  it("an empty URL is none: each of those chats stands for itself, as one without a URL does", async () => {
    const days = freshDays();
    const one = (url: string | null) => chat({ createdAt: days.at(1), diff: aDiff({ url }), calls: [aCall(7)] });
    await storeWorld(db, [one(""), one(""), one(null), one(null)]);
    const { summary, recent_prs } = await insights(days);
    expect(summary).toMatchObject({ total_prs_created: 4, total_cost_micros: 28 });
    expect(recent_prs.every((each) => each.pr_url === undefined && each.cost_micros === 7)).toBe(true);
  });

  it("a branch without a state is not seen, and a chat without either is not", async () => {
    const days = freshDays();
    await storeWorld(db, [
      chat({ createdAt: days.at(1), diff: aDiff({ state: null }) }),
      chat({ createdAt: days.at(1) }),
    ]);
    const found = await insights(days);
    expect(found).toMatchObject({ time_series: [], by_model: [], by_repository: [], recent_prs: [] });
    expect(found.summary).toMatchObject({ total_prs_created: 0, merge_rate: 0, approval_rate: 0 });
    expect(found.summary).not.toHaveProperty("median_time_to_merge_ms");
  });

  it("the newest chat tells what it is, and of two of one moment the one with the larger id", async () => {
    const days = freshDays();
    const [low, high] = [newId(), newId()].toSorted();
    const at = (id: string | undefined, title: string, state: "open" | "merged") =>
      chat({ id: id ?? newId(), createdAt: days.at(5), diff: aDiff({ url: URL_1, title, state }) });
    await storeWorld(db, [at(high, "Larger", "merged"), at(low, "Smaller", "open")]);
    const { recent_prs, summary } = await insights(days);
    expect(recent_prs).toMatchObject([{ pr_title: "Larger", chat_id: high, state: "merged" }]);
    expect(summary.total_prs_merged).toBe(1);
  });

  it("begin with the start and end before the end", async () => {
    const days = freshDays();
    const one = (createdAt: number, url: string) => chat({ createdAt, diff: aDiff({ url }) });
    await storeWorld(db, [one(days.start, "first"), one(days.end - 1, "last"), one(days.end, "after")]);
    const { recent_prs } = await insights(days);
    expect(recent_prs.map(({ pr_url }) => pr_url)).toEqual(["last", "first"]);
  });

  it("lists the newest twenty, and counts all", async () => {
    const days = freshDays();
    const many = Array.from({ length: 23 }, (_, n) =>
      chat({ createdAt: days.start + n, diff: aDiff({ url: `${n}` }) }),
    );
    await storeWorld(db, many);
    const { recent_prs, summary } = await insights(days);
    expect([recent_prs.length, recent_prs[0]?.pr_url, recent_prs[19]?.pr_url]).toEqual([20, "22", "3"]);
    expect(summary.total_prs_created).toBe(23);
  });
});

describe("trends", () => {
  it("are against the time of the same length right before, in which the same pull request may be, too", async () => {
    const days = freshDays();
    const one = (createdAt: number, state: "open" | "merged", cost: number) =>
      chat({ createdAt, diff: aDiff({ url: URL_1, state }), calls: [aCall(cost)] });
    const length = days.end - days.start;
    await storeWorld(db, [
      one(days.start - length - 1, "merged", 1_000),
      one(days.start - length, "merged", 10),
      chat({ createdAt: days.start - 1, diff: aDiff({ url: URL_2 }) }),
      one(days.at(2), "merged", 500),
    ]);
    expect((await insights(days)).summary).toMatchObject({
      total_prs_created: 1,
      cost_per_merged_pr_micros: 500,
      prev_total_prs_created: 2,
      prev_total_prs_merged: 1,
      prev_merge_rate: 0.5,
      prev_cost_per_merged_pr_micros: 10,
    });
  });

  it("of a range that ends before it begins has nothing, and neither has the one before", async () => {
    const days = freshDays();
    await storeWorld(db, [chat({ createdAt: days.at(1), diff: aDiff() })]);
    const { summary } = await insights({ start: days.end, end: days.start });
    expect(summary).toMatchObject({ total_prs_created: 0, prev_total_prs_created: 0 });
  });
});

async function addModel(facts: Partial<typeof chatModelConfigs.$inferInsert>): Promise<string> {
  const id = newId();
  const row = {
    id,
    provider: "openai",
    model: `m-${id}`,
    enabled: true,
    contextLimit: 1,
    compressionThreshold: 1,
  } as const;
  await db.insert(chatModelConfigs).values({ ...row, options: {}, createdAt: 1, updatedAt: 1, ...facts });
  return id;
}

describe("models", () => {
  it("are those of the newest chat: deleted ones keep their name, the demo has its own, unknown ones are one row", async () => {
    const days = freshDays();
    const deleted = await addModel({ displayName: "", deleted: true, deletedAt: 1 });
    let count = 0;
    const one = (modelId: string, url = String(count++)) =>
      chat({ createdAt: days.at(1) + count, modelId, diff: aDiff({ url, state: "merged" }), calls: [aCall(5)] });
    await storeWorld(db, [one(newId()), one(newId()), one(DEMO_CONFIG_ID), one(deleted, "shared"), one(deleted)]);
    await storeWorld(db, [one(newId()), { ...one(deleted, "shared"), createdAt: days.at(2) }]);
    const { by_model, recent_prs } = await insights(days);
    expect(by_model.map((row) => [row.model_config_id, row.display_name, row.provider, row.total_prs])).toEqual([
      ["00000000-0000-0000-0000-000000000000", "Unknown", "unknown", 3],
      [deleted, `m-${deleted}`, "openai", 2],
      [DEMO_CONFIG_ID, "Scripted demo", "demo", 1],
    ]);
    expect(by_model[0]).toMatchObject({ merged_prs: 3, merge_rate: 1, cost_per_merged_pr_micros: 5 });
    expect(by_model[1]).toMatchObject({ total_cost_micros: 15, cost_per_merged_pr_micros: 7 });
    expect(recent_prs[0]).toMatchObject({ pr_url: "shared", model_display_name: `m-${deleted}` });
  });
});

describe("beyond the figures of the cards", () => {
  it("approval is of those whose reviews are known, and time to merge the one in the middle", async () => {
    const days = freshDays();
    const one = (url: string, facts: Parameters<typeof aDiff>[0]) =>
      chat({ createdAt: days.at(1), diff: aDiff({ url, ...facts }) });
    const took = (ms: number) => ({ state: "merged" as const, openedAt: 1_000, mergedAt: 1_000 + ms });
    await storeWorld(db, [
      one("a", { approved: true, repository: "github.com/a/a", ...took(10) }),
      one("b", { approved: false, repository: "github.com/a/a", ...took(40) }),
      one("c", { approved: true, repository: "github.com/b/b", ...took(21) }),
      one("d", { state: "merged", openedAt: 50, mergedAt: 40 }),
      one("e", { state: "closed", openedAt: 1, mergedAt: 100_000 }),
    ]);
    const { summary, by_repository } = await insights(days);
    expect(summary).toMatchObject({ approval_rate: 2 / 3, reviewed_count: 3, median_time_to_merge_ms: 21 });
    expect(by_repository.map((row) => [row.repository, row.total_prs, row.median_time_to_merge_ms])).toEqual([
      ["", 2, undefined],
      ["github.com/a/a", 2, 25],
      ["github.com/b/b", 1, 21],
    ]);
  });

  it("can be asked of one person, one organisation and one repository", async () => {
    const days = freshDays();
    const elsewhere = newId();
    await db
      .insert(organizations)
      .values({ id: elsewhere, name: "insights-elsewhere", displayName: "", createdAt: 1, updatedAt: 1 });
    const one = (url: string, facts: Partial<WorldChat>, repository: string | null = null) =>
      chat({ createdAt: days.at(1), diff: aDiff({ url, repository }), calls: [aCall(3)], ...facts });
    await storeWorld(db, [
      one("shared", {}, "github.com/a/a"),
      one("shared", { ownerId: member.userId }, "github.com/a/a"),
      one("far", { organizationId: elsewhere }),
    ]);
    const of = async (more: Record<string, string>) => {
      const { recent_prs } = await insights(days, more);
      return recent_prs.map((each) => [each.pr_url, each.cost_micros, each.chat_count]);
    };
    expect(await of({ owner_id: member.userId })).toEqual([["shared", 3, 1]]);
    expect(await of({ organization_id: elsewhere })).toEqual([["far", 3, 1]]);
    expect(await of({ repository: "github.com/a/a" })).toEqual([["shared", 6, 2]]);
    expect(await of({ repository: "" })).toEqual([["far", 3, 1]]);
    expect(await of({ owner_id: newId() })).toEqual([]);
  });

  it("has days of a time zone, also of one whose clocks change", async () => {
    const days = { start: Date.UTC(2026, 2, 28), end: Date.UTC(2026, 2, 31) };
    const one = (createdAt: number) => chat({ createdAt, diff: aDiff({ url: iso(createdAt) }) });
    await storeWorld(db, [one(Date.UTC(2026, 2, 28, 23, 30)), one(Date.UTC(2026, 2, 29, 22, 30))]);
    const dates = async (timezone: string) =>
      (await insights(days, { timezone })).time_series.map(({ date }) => date.slice(0, 16));
    expect(await dates("UTC")).toEqual(["2026-03-28T00:00", "2026-03-29T00:00"]);
    expect(await dates("Europe/Berlin")).toEqual(["2026-03-28T23:00", "2026-03-29T22:00"]);
  });
});

describe("the route", () => {
  it("is for who may read the deployment, who need not be able to read the chats", async () => {
    const days = freshDays();
    await storeWorld(db, [chat({ createdAt: days.at(1), diff: aDiff({ title: "Theirs" }) })]);
    expect((await insights(days, {}, owner)).recent_prs).toMatchObject([{ pr_title: "Theirs", chat_readable: true }]);
    expect((await insights(days, {}, auditor)).recent_prs).toMatchObject([{ chat_readable: false }]);
    expect((await member.request(PATH)).status).toBe(403);
    expect((await anonymous(PATH)).status).toBe(401);
    expect((await owner.request(PATH.replace("v2", "experimental"))).status).toBe(200);
  });

  it("takes the last 30 days when nothing is asked", async () => {
    const one = (before: number, url: string) =>
      chat({ createdAt: clock.now - before, diff: aDiff({ url, repository: "only/this/test" }) });
    await storeWorld(db, [one(30 * DAY_MS, "in"), one(30 * DAY_MS + 1, "before"), one(0, "not over yet")]);
    const response = await owner.request(`${PATH}?repository=only/this/test`);
    const { recent_prs, summary } = prInsights.parse(await response.json());
    expect(recent_prs.map(({ pr_url }) => pr_url)).toEqual(["in"]);
    expect(summary.prev_total_prs_created).toBe(1);
  });

  it.each(["start_date=yesterday", "end_date=2026-13-01T00:00:00Z", "timezone=Local", "owner_id=me", "limit=5"])(
    "answers a 400 that names what is wrong: %s",
    async (query) => {
      const response = await owner.request(`${PATH}?${query}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ errors: [{ parameter: query.split("=")[0] }] });
    },
  );

  it("finds chats by when they were made, and all that hangs on them by their ids", async () => {
    const actor = await readActor(db, owner.userId, { sessionId: null, keyId: null, scopes: ["all"] });
    if (actor === null) throw new Error("There is no owner");
    const question = { range: { from: 1, to: 2 }, ownerId: null, organizationId: null, repository: null };
    const dialect = new SQLiteAsyncDialect();
    const statements = insightStatements(question, filter(actor, "read", "chat", chatColumns));
    for (const [index, statement] of statements.entries()) {
      const { sql, params } = dialect.sqlToQuery(statement);
      const { results } = await env.DB.prepare(`explain query plan ${sql}`)
        .bind(...params)
        .all<{ detail: string }>();
      const plan = results.map((row) => row.detail).join("\n");
      expect(plan).toMatch(/SEARCH c USING INDEX chats_created \(created_at>\? AND created_at<\?\)/);
      expect(plan).toMatch(/SEARCH d USING INDEX sqlite_autoindex_chat_diff_statuses_1 \(chat_id=\?\)/);
      // The days need no costs.
      if (index !== 2) {
        expect(plan).toMatch(/SEARCH l USING INDEX sqlite_autoindex_chat_messages_1 \(chat_id=/);
        expect(plan).toMatch(/SEARCH child USING INDEX chats_root \(root_chat_id=\?\)/);
      }
      expect(plan).not.toMatch(/SCAN (c|d|l|child|chats|own)\b/);
    }
  });
});
