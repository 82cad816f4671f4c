import { env } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { ModelEvent } from "../../src/chats/engine/ports.ts";
import { chatMessages } from "../../src/chats/schema.ts";
import { problem } from "../../src/contract/common.ts";
import { modelPrices } from "../../src/contract/models.ts";
import { usageLimitConfig, usageLimitExceeded, usageLimitStatus } from "../../src/contract/usage.ts";
import { DEFAULT_ORGANIZATION_ID } from "../../src/organizations/schema.ts";
import { newId } from "../../src/platform/ids.ts";
import { periodStarts, selectSpendState } from "../../src/usage/limits.ts";
import { useModel } from "../chats/scripted-model.ts";
import { answeredChat, idleChat, messagesOf } from "../chats/support.ts";
import { getTestApp, type Client } from "../support/app.ts";
import { reportCases } from "../support/cases.ts";
import { soon } from "../support/soon.ts";

/** What each call of the model costs: 1,000 tokens of output at 10 dollars a million. */
const CALL_MICROS = 10_000;
const prices = modelPrices.parse({ output_price_per_million_tokens: "10" });
const counter = useModel(async function* () {
  yield { type: "text-delta", text: "Done." } satisfies ModelEvent;
  // Long enough that calls are under way side by side.
  await new Promise((resolve) => setTimeout(resolve, 20));
  yield { type: "finish", reason: "stop", usage: tokens(1_000) } satisfies ModelEvent;
}, prices);
const test = await getTestApp();
const { owner, clock } = test;

function tokens(output: number) {
  return {
    input_tokens: null,
    output_tokens: output,
    total_tokens: output,
    reasoning_tokens: null,
    cache_creation_tokens: null,
    cache_read_tokens: null,
    cache_creation_1h_tokens: null,
    web_search_requests: null,
  };
}

const LIMITS = "/api/v2/chats/usage-limits";
async function put(path: string, body: object, by: Client = owner): Promise<Response> {
  return by.request(`${LIMITS}${path}`, { method: "PUT", body });
}
async function limitEverybody(micros: number | null, period: "day" | "week" | "month" = "month"): Promise<void> {
  expect((await put("", { spend_limit_micros: micros, period })).status).toBe(200);
}
async function limitOf(person: Client, micros: number): Promise<void> {
  expect((await put(`/overrides/${person.userId}`, { spend_limit_micros: micros })).status).toBe(200);
}
const statusOf = async (person: Client) =>
  usageLimitStatus.parse(await (await person.request(`${LIMITS}/status`)).json());
const config = async () => usageLimitConfig.parse(await (await owner.request(LIMITS)).json());

/** A row of the ledger, as if a call of theirs had been booked then. */
async function spend(person: Client, chatId: string, micros: number, createdAt: number): Promise<void> {
  await test.db.insert(chatMessages).values({
    chatId,
    id: 1_000_000 + Math.floor(Math.random() * 1_000_000),
    ownerId: person.userId,
    organizationId: DEFAULT_ORGANIZATION_ID,
    rootChatId: chatId,
    kind: "compaction",
    role: "assistant",
    visibility: "model",
    contentVersion: 1,
    totalCostMicros: micros,
    deleted: true,
    version: 1,
    createdAt,
  });
}

describe("spend limits", () => {
  it("are off until an admin sets one, and are written down when they change", async () => {
    const person = await test.addUser("spender");
    expect(await config()).toMatchObject({
      spend_limit_micros: null,
      period: "month",
      updated_at: null,
      overrides: [],
    });
    expect(await statusOf(person)).toEqual({
      is_limited: false,
      current_spend: 0,
      reserved_micros: 0,
      period_start: null,
      period_end: null,
    });
    await limitEverybody(5_000_000, "week");
    await limitEverybody(5_000_000, "week");
    expect(await config()).toMatchObject({ spend_limit_micros: 5_000_000, period: "week" });
    expect(await statusOf(person)).toMatchObject({
      is_limited: true,
      source: "default",
      spend_limit_micros: 5_000_000,
    });
    await limitEverybody(null);
    expect(await config()).toMatchObject({ spend_limit_micros: null, period: "month" });
    const lines = await env.DB.prepare(
      "select diff from audit_logs where resource_type = 'usage_limit' order by time, id",
    ).all<{ diff: string }>();
    expect(lines.results.map(({ diff }) => JSON.parse(diff))).toEqual([
      { spend_limit_micros: { old: null, new: 5_000_000 }, period: { old: "month", new: "week" } },
      { spend_limit_micros: { old: 5_000_000, new: null }, period: { old: "week", new: "month" } },
    ]);
  });

  it.each([
    ["", { spend_limit_micros: 0 }],
    ["", { spend_limit_micros: -1 }],
    ["", { spend_limit_micros: 1, period: "year" }],
    ["/overrides/me", { spend_limit_micros: null }],
  ])("refuse what is none: %s %j", async (path, body) => {
    expect((await put(path, body)).status).toBe(400);
  });

  it("of a person come before the lowest of their groups, and those before everybody's", async () => {
    const person = await test.addUser("grouped");
    const groupIds = await Promise.all(
      ["low", "high"].map(async (name) => {
        const made = await owner.request(`/api/v2/organizations/${DEFAULT_ORGANIZATION_ID}/groups`, {
          method: "POST",
          body: { name },
        });
        const { id } = await made.json<{ id: string }>();
        await owner.request(`/api/v2/groups/${id}`, { method: "PATCH", body: { add_users: [person.userId] } });
        return id;
      }),
    );
    await limitEverybody(1_000);
    const limit = async () => {
      const { source, spend_limit_micros } = await statusOf(person);
      return [source, spend_limit_micros];
    };
    expect(await limit()).toEqual(["default", 1_000]);
    await put(`/group-overrides/${groupIds[1]}`, { spend_limit_micros: 9_000 });
    await put(`/group-overrides/${groupIds[0]}`, { spend_limit_micros: 3_000 });
    expect(await limit()).toEqual(["group", 3_000]);
    await put(`/group-overrides/${DEFAULT_ORGANIZATION_ID}`, { spend_limit_micros: 2_000 });
    expect(await limit()).toEqual(["group", 2_000]);
    await limitOf(person, 20_000);
    expect(await limit()).toEqual(["user", 20_000]);
    const shown = await config();
    expect(shown.overrides).toMatchObject([{ username: "grouped", spend_limit_micros: 20_000 }]);
    expect(shown.group_overrides).toHaveLength(3);
    expect(shown.group_overrides.find(({ group_id }) => group_id === groupIds[0])).toMatchObject({ member_count: 1 });

    const remove = async (path: string) => (await owner.request(`${LIMITS}${path}`, { method: "DELETE" })).status;
    expect(await remove("/overrides/grouped")).toBe(204);
    expect(await remove("/overrides/grouped")).toBe(404);
    expect(await remove("/overrides/nobody")).toBe(404);
    expect(await limit()).toEqual(["group", 2_000]);
    for (const id of [DEFAULT_ORGANIZATION_ID, ...groupIds]) expect(await remove(`/group-overrides/${id}`)).toBe(204);
    expect(await remove(`/group-overrides/${DEFAULT_ORGANIZATION_ID}`)).toBe(404);
    expect(await remove(`/group-overrides/${newId()}`)).toBe(404);
    expect(await limit()).toEqual(["default", 1_000]);
    await limitEverybody(null);
  });

  it("count what was spent in this period alone, of every kind, deleted messages too", async () => {
    const person = await test.addUser("calendar");
    const chat = await answeredChat(person);
    await limitEverybody(1_000_000, "day");
    const midnight = Date.UTC(
      new Date(clock.now).getUTCFullYear(),
      new Date(clock.now).getUTCMonth(),
      new Date(clock.now).getUTCDate(),
    );
    await spend(person, chat.id, 700_000, midnight - 1);
    expect(await statusOf(person)).toMatchObject({ current_spend: CALL_MICROS, reserved_micros: 0 });
    await spend(person, chat.id, 300, midnight);
    expect(await statusOf(person)).toMatchObject({
      current_spend: CALL_MICROS + 300,
      period_start: new Date(midnight).toISOString(),
    });
    await limitEverybody(null);
  });

  it("read from the index of the owner alone", async () => {
    const query = selectSpendState(test.db, owner.userId, periodStarts(clock.now)).toSQL();
    const plan = await env.DB.prepare(`explain query plan ${query.sql}`)
      .bind(...query.params)
      .all<{ detail: string }>();
    const ledger = plan.results.filter(({ detail }) => / m /.test(`${detail} `));
    expect(ledger.map(({ detail }) => detail)).toEqual([
      expect.stringMatching(
        /SEARCH m USING COVERING INDEX chat_messages_owner_usage \(owner_id=\? AND created_at>\?\)/,
      ),
    ]);
  });
});

describe("who has spent all of it", () => {
  it("is told so wherever a model would be called, and goes on once the limit is raised", async () => {
    const person = await test.addUser("broke");
    const chat = await answeredChat(person);
    await limitEverybody(CALL_MICROS);
    const [answer, question] = await messagesOf(person, chat.id);
    expect(answer?.role).toBe("assistant");
    const say = { content: [{ type: "text", text: "More" }] };
    const calls = counter.calls;
    const asks: [string, string, object?][] = [
      ["POST", "", say],
      ["POST", `/${chat.id}/messages`, say],
      ["PATCH", `/${chat.id}/messages/${question?.id}`, say],
      ["POST", `/${chat.id}/queue/1/promote`],
      ["POST", `/${chat.id}/title/regenerate`],
      ["POST", `/${chat.id}/compact`],
    ];
    for (const [method, path, body] of asks) {
      const response = await person.request(`/api/v2/chats${path}`, { method, body });
      expect([path, response.status]).toEqual([path, 409]);
      const refusal = await response.json();
      expect(problem.parse(refusal).title).toBe("The spend limit is reached.");
      expect(usageLimitExceeded.parse(refusal)).toMatchObject({ spent_micros: CALL_MICROS, limit_micros: CALL_MICROS });
    }
    expect(counter.calls).toBe(calls);
    // Others are not limited by it.
    await answeredChat(await test.addUser("thrifty"));
    await limitOf(person, 5 * CALL_MICROS);
    expect((await person.request(`/api/v2/chats/${chat.id}/messages`, { method: "POST", body: say })).status).toBe(200);
    expect(await idleChat(person, chat.id)).toMatchObject({ status: "waiting" });
    await limitEverybody(null);
  });

  it("is known by no figure to whom they have let in", async () => {
    const person = await test.addUser("host");
    const guest = await test.addUser("visitor");
    const chat = await answeredChat(person);
    const shares = { method: "PATCH", body: { user_roles: { visitor: "collaborator" } } };
    expect((await person.request(`/api/v2/chats/${chat.id}/shares`, shares)).status).toBe(200);
    await limitEverybody(CALL_MICROS);
    const body = { content: [{ type: "text", text: "More" }] };
    const response = await guest.request(`/api/v2/chats/${chat.id}/messages`, { method: "POST", body });
    expect(response.status).toBe(409);
    const refusal = (await response.json()) as object;
    expect(problem.parse(refusal)).toMatchObject({
      title: "The spend limit of this chat's owner is reached.",
      detail: expect.stringMatching(/^The next period begins on \d{4}-\d\d-01 at 00:00 UTC\.$/),
    });
    expect(Object.keys(refusal)).toContain("resets_at");
    expect(Object.keys(refusal).filter((name) => name.endsWith("_micros"))).toEqual([]);
    await limitEverybody(null);
  });

  it("gets the first answer to a message that was taken before", async () => {
    const person = await test.addUser("repeats");
    const chat = await answeredChat(person);
    await limitEverybody(2 * CALL_MICROS);
    const send = () =>
      person.request(`/api/v2/chats/${chat.id}/messages`, {
        method: "POST",
        body: { content: [{ type: "text", text: "Again" }] },
        headers: { "idempotency-key": "once" },
      });
    expect((await send()).status).toBe(200);
    await idleChat(person, chat.id);
    expect((await send()).status).toBe(200);
    await limitEverybody(null);
  });

  it("keeps a turn that is refused on its way, and when to go on", async () => {
    const person = await test.addUser("midway");
    const chat = await answeredChat(person);
    await limitEverybody(2 * CALL_MICROS);
    // Booked between the look of the request and that of the turn.
    await runInDurableObject(env.USERS.getByName(person.userId), (object) =>
      object.holdSpend({ ownerId: person.userId, chatId: "other", hold: "1", micros: CALL_MICROS, booked: [] }),
    );
    expect(await statusOf(person)).toMatchObject({ current_spend: CALL_MICROS, reserved_micros: CALL_MICROS });
    // The object sleeps and forgets nothing.
    await evictDurableObject(env.USERS.getByName(person.userId));
    expect(await statusOf(person)).toMatchObject({ reserved_micros: CALL_MICROS });
    const body = { content: [{ type: "text", text: "More" }] };
    await person.request(`/api/v2/chats/${chat.id}/messages`, { method: "POST", body });
    // Other calls may give back what is set aside for them, so the turn waits.
    await soon(async () => {
      const row = await runInDurableObject(env.CHATS.getByName(chat.id), (_, state) =>
        state.storage.sql.exec<{ retry: string | null }>("select retry from chat").one(),
      );
      expect(row.retry).toContain("set aside");
    });
    await spend(person, chat.id, CALL_MICROS, clock.now);
    const ended = await soon(async () => {
      const found = await idleChat(person, chat.id);
      expect(found.status).toBe("error");
      return found;
    });
    expect(ended.last_error_detail).toMatchObject({ kind: "usage_limit", retryable: false });
    // Whoever is in the chat reads this, and not only its owner.
    expect(Object.keys(ended.last_error_detail?.usage_limit ?? {})).toEqual(["resets_at"]);
    expect((await messagesOf(person, chat.id)).map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
    await limitEverybody(null);
  });
});

describe("fifty chats at once", () => {
  const statuses = async (person: Client) => {
    const all = await env.DB.prepare("select status, count(*) as chats from chats where owner_id = ? group by status")
      .bind(person.userId)
      .all<{ status: string; chats: number }>();
    return Object.fromEntries(all.results.map(({ status, chats }) => [status, chats]));
  };
  const begin = async (person: Client) => {
    const body = { content: [{ type: "text", text: "Hello" }] };
    const made = await Promise.all(
      Array.from({ length: 50 }, () => person.request("/api/v2/chats", { method: "POST", body })),
    );
    expect(made.filter(({ status }) => status !== 201 && status !== 409)).toEqual([]);
  };

  it("are never refused where all of them fit, and leave nothing set aside", async () => {
    const person = await test.addUser("fits");
    const chat = await answeredChat(person);
    await limitEverybody(51 * CALL_MICROS + 1);
    const object = env.USERS.getByName(person.userId);
    // What a chat's object does around a call of its model, without the chats.
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const chatId = `chat-${index}`;
        const ask = { chatId, hold: "1", micros: CALL_MICROS, booked: [] };
        const answer = await object.holdSpend({ ownerId: person.userId, ...ask });
        await spend(person, chat.id, CALL_MICROS, clock.now);
        await object.settleSpend({ chatId, holds: [{ hold: "1", micros: CALL_MICROS }] });
        return answer;
      }),
    );
    expect(answers.filter((answer) => answer !== null)).toEqual([]);
    expect(await statusOf(person)).toMatchObject({ current_spend: 51 * CALL_MICROS, reserved_micros: 0 });
    await limitEverybody(null);
  });

  it("do not pass the limit where each costs what was set aside for it", async () => {
    const person = await test.addUser("rush");
    await limitEverybody(10 * CALL_MICROS);
    const before = counter.calls;
    await begin(person);
    await soon(async () => {
      expect(await statusOf(person)).toMatchObject({ current_spend: 10 * CALL_MICROS, reserved_micros: 0 });
    });
    // Those that wait for what is set aside find it spent.
    await soon(async () => expect((await statuses(person)).waiting).toBe(10));
    expect(counter.calls - before).toBe(10);
    reportCases("limits under parallel calls: fifty chats at once", 50, []);
    await limitEverybody(null);
  });
});
