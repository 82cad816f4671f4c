import { sql } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { z } from "zod";
import { problem } from "../../src/contract/common.ts";
import {
  costCallsResponse,
  costDailyResponse,
  costSummary,
  costUsersResponse,
  type UsageTotals,
} from "../../src/contract/usage.ts";
import { NO_MODEL_ID } from "../../src/models/names.ts";
import { DEFAULT_ORGANIZATION_ID } from "../../src/organizations/schema.ts";
import { newId } from "../../src/platform/ids.ts";
import type { Client } from "../support/app.ts";
import type { Row } from "./oracle.ts";
import { FIRST, people, surroundings, test, titleOf, trees, writeLedger, type Chat } from "./world.ts";

/* Who sees which figures, in which form, by which question. That they are right is shown in summaries.worker.test.ts. */

const { anonymous, db } = test;
const RANGE = `start_date=${new Date(FIRST).toISOString()}&end_date=${new Date(FIRST + 7 * 86_400_000).toISOString()}`;
const [alpha = "", beta = ""] = surroundings.organizations.map(({ id }) => id);

const chatOf = (who: Client, organizationId: string): Chat => {
  const chat = trees.find((one) => one.ownerId === who.userId && one.organizationId === organizationId);
  if (chat === undefined) throw new Error("There is no such chat");
  return chat;
};

let lastId = 0;
function row(chat: Chat, change: Partial<Row> = {}): Row {
  const place = {
    chat_id: chat.id,
    root_chat_id: chat.root,
    owner_id: chat.ownerId,
    organization_id: chat.organizationId,
  };
  return {
    ...place,
    ...{ id: ++lastId, kind: "message", role: "assistant", model_config_id: null, created_at: FIRST + lastId * 1000 },
    ...{ input_tokens: 100, output_tokens: 10, reasoning_tokens: null, cache_read_tokens: null },
    ...{ cache_creation_tokens: null, total_cost_micros: 1_000, runtime_ms: 5, estimated: false, deleted: false },
    ...change,
  };
}

async function get(who: Client, path: string): Promise<Response> {
  return who.request(`/api/v2/chats/cost/${path}`);
}

async function read<T extends z.ZodType>(who: Client, path: string, schema: T): Promise<z.infer<T>> {
  const response = await get(who, path);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return schema.parse(JSON.parse(text));
}

async function csv(who: Client, path: string, headers: Record<string, string> = {}): Promise<Record<string, string>[]> {
  const response = await who.request(`/api/v2/chats/cost/${path}`, { headers });
  expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8");
  const [head = "", ...lines] = (await response.text()).trimEnd().split("\r\n");
  const cells = (line: string) => line.slice(1, -1).split('","');
  const names = cells(head);
  return lines.map((line) => Object.fromEntries(cells(line).map((cell, index) => [names[index] ?? "", cell])));
}

const { owner, auditor, ann, bob, cleo, dan, eve } = people;

beforeAll(() => {
  test.clock.now = FIRST + 6 * 86_400_000;
});

beforeEach(async () => {
  await writeLedger(db, [
    row(chatOf(ann, alpha), { total_cost_micros: 5_000 }),
    row(chatOf(bob, alpha), { total_cost_micros: 300 }),
    row(chatOf(bob, beta), { total_cost_micros: 40 }),
  ]);
});

describe("who sees what somebody spent", () => {
  const sees = async (who: Client, whose: string) => {
    const response = await get(who, `${whose}/summary`);
    return response.status === 200 ? costSummary.parse(await response.json()).total_cost_micros : response.status;
  };

  it("is they themselves, by every name, and whoever may read usage everywhere", async () => {
    for (const name of ["me", bob.userId, "bob", "BOB"]) expect(await sees(bob, name)).toBe(340);
    const { user } = await read(owner, `${bob.userId}/summary`, costSummary);
    expect(user).toMatchObject({ id: bob.userId, username: "bob", name: "Bob_the_Builder" });
    expect(await sees(auditor, "bob")).toBe(340);
    expect(await sees(owner, bob.userId)).toBe(340);
  });

  it("is an admin of an organisation, as far as it was spent there", async () => {
    expect(await sees(cleo, "bob")).toBe(300);
    expect(await sees(dan, "bob")).toBe(40);
    // What was spent stays visible when somebody leaves.
    await db.run(sql`delete from organization_members where user_id = ${bob.userId} and organization_id = ${alpha}`);
    expect(await sees(cleo, "bob")).toBe(300);
    await db.run(sql`insert into organization_members values (${alpha}, ${bob.userId}, '[]', 1, 1)`);
  });

  it("is nobody else, who cannot tell either whether there is such a person", async () => {
    const said = async (who: Client, whose: string) => {
      const response = await get(who, `${whose}/daily`);
      const { request_id: _, ...body } = problem.parse(await response.json());
      return body;
    };
    for (const who of [bob, cleo]) {
      const unknown = await said(who, "nobody-at-all");
      expect(unknown.status).toBe(403);
      for (const whose of ["eve", eve.userId, newId()]) expect(await said(who, whose)).toEqual(unknown);
    }
    expect(await sees(ann, "cleo")).toBe(403);
    expect(await sees(owner, "nobody-at-all")).toBe(404);
    expect((await anonymous("/api/v2/chats/cost/me/summary")).status).toBe(401);
  });

  it("is true of those who are gone, by id", async () => {
    await db.run(sql`update users set deleted = 1 where id = ${ann.userId}`);
    expect(await sees(auditor, ann.userId)).toBe(5_000);
    expect(await sees(auditor, "ann")).toBe(404);
    await db.run(sql`update users set deleted = 0 where id = ${ann.userId}`);
  });
});

describe("who sees what everybody spent", () => {
  const total = async (who: Client, query: string) =>
    (await read(who, `summary?${RANGE}&${query}`, costSummary)).total_cost_micros;

  it("is whoever may read usage, and admins of organisations for theirs", async () => {
    expect(await total(owner, "")).toBe(5_340);
    expect(await total(auditor, `organization_id=${alpha}`)).toBe(5_300);
    expect(await total(cleo, "")).toBe(5_300);
    expect(await total(cleo, `organization_id=${alpha}`)).toBe(5_300);
    expect(await total(dan, "")).toBe(40);
  });

  it("is nobody else, and nobody beyond their organisations", async () => {
    for (const path of ["summary", "users", "models", "organizations", "groups", "daily"]) {
      expect((await get(bob, path)).status, path).toBe(403);
    }
    const red = surroundings.groups.find(({ name }) => name === "red")?.id ?? "";
    for (const query of [
      `organization_id=${alpha}`,
      `organization_id=${newId()}`,
      `group_id=${red}`,
      `group_id=${newId()}`,
    ]) {
      expect((await get(dan, `users?${query}`)).status, query).toBe(403);
    }
    expect(await total(cleo, `group_id=${red}`)).toBe(5_300);
  });

  it("is told when an organisation or a group is not there", async () => {
    for (const name of ["organization_id", "group_id"]) {
      const response = await get(owner, `users?${name}=${newId()}`);
      expect(problem.parse(await response.json())).toMatchObject({ status: 400, errors: [{ parameter: name }] });
    }
    expect(await total(owner, `organization_id=${DEFAULT_ORGANIZATION_ID}`)).toBe(0);
  });

  it("does not come with titles of chats that they may not read", async () => {
    const titles = async (who: Client) =>
      (await read(who, `summary?${RANGE}`, costSummary)).by_chat.map((one) => one.chat_title);
    const expected = [chatOf(ann, alpha), chatOf(bob, alpha), chatOf(bob, beta)].map(({ root }) => titleOf(root));
    expect(await titles(owner)).toEqual(expected);
    expect(await titles(auditor)).toEqual(["", "", ""]);
    const { by_chat: bobs } = await read(bob, `me/summary?${RANGE}`, costSummary);
    expect(bobs.map((one) => one.chat_title)).toEqual(expected.slice(1));
  });
});

describe("questions", () => {
  it("that are not understood are refused, each by its name", async () => {
    const refused: [string, string][] = [
      ["me/summary?start_date=yesterday", "start_date"],
      ["me/summary?start_date=2026-02-02T00:00:00Z&end_date=2026-02-01T00:00:00Z", "end_date"],
      ["me/summary?start_date=2001-02-02T00:00:00Z", "end_date"],
      ["me/summary?from=2026-01-01", "from"],
      ["me/daily?timezone=Local", "timezone"],
      ["me/daily?timezone=Mars/Olympus", "timezone"],
      ["me/daily?timezone=%2B02:00", "timezone"],
      ["me/calls?cursor=abc", "cursor"],
      ["me/calls?kind=tea", "kind"],
      ["me/calls?limit=0", "limit"],
      ["users?offset=-1", "offset"],
      ["users?offset=2147483648", "offset"],
      ["users?limit=1001", "limit"],
      ["summary?format=xml", "format"],
    ];
    for (const [path, parameter] of refused) {
      const response = await get(owner, path);
      expect(problem.parse(await response.json()), path).toMatchObject({ status: 400, errors: [{ parameter }] });
    }
  });

  it("about the last 30 days need no dates", async () => {
    const { start_date, end_date } = await read(ann, "me/summary", costSummary);
    expect(Date.parse(end_date)).toBe(test.clock.now);
    expect(Date.parse(end_date) - Date.parse(start_date)).toBe(30 * 86_400_000);
  });

  it("begin with their start and end before their end", async () => {
    const chat = chatOf(ann, alpha);
    const at = (created_at: number, total_cost_micros: number) => row(chat, { created_at, total_cost_micros });
    await writeLedger(db, [
      at(FIRST - 1, 1),
      at(FIRST, 10),
      at(FIRST + 7 * 86_400_000 - 1, 100),
      at(FIRST + 7 * 86_400_000, 1_000),
    ]);
    expect((await read(ann, `me/summary?${RANGE}`, costSummary)).total_cost_micros).toBe(110);
  });

  it("about people find a part of either name, every sign literally", async () => {
    await writeLedger(
      db,
      [ann, bob, cleo, eve].map((who) => row(trees.find((one) => one.ownerId === who.userId) ?? chatOf(who, ""))),
    );
    const names = async (text: string) =>
      (await read(owner, `users?${RANGE}&username=${encodeURIComponent(text)}`, costUsersResponse)).users.map(
        (one) => one.username,
      );
    expect(await names("")).toEqual(["ann", "bob", "Cleo", "eve"]);
    expect(await names(" ANN ")).toEqual(["ann", "eve"]);
    expect(await names("%")).toEqual(["ann"]);
    expect(await names("_")).toEqual(["bob"]);
    expect(await names("cle")).toEqual(["Cleo"]);
    expect(await names("nobody")).toEqual([]);
  });

  it("about people come in pages that know how many there are, past the end, too", async () => {
    const page = (query: string) => read(owner, `users?${RANGE}&${query}`, costUsersResponse);
    const shown = async (query: string) => {
      const { users, count } = await page(query);
      return [users.map((one) => one.username), count];
    };
    expect(await shown("limit=1")).toEqual([["ann"], 2]);
    expect(await shown("limit=1&offset=1")).toEqual([["bob"], 2]);
    expect(await shown("limit=0")).toEqual([["ann", "bob"], 2]);
    expect(await shown("limit=-5&offset=2")).toEqual([[], 2]);
    expect(await shown("offset=2147483647")).toEqual([[], 2]);
    expect(await shown("username=nobody&offset=3")).toEqual([[], 0]);
    expect(await shown(`model_config_id=${newId()}`)).toEqual([[], 0]);
  });

  it("about calls find those of a chat with its sub-agents, a model or a kind", async () => {
    const [first, second] = [
      chatOf(ann, alpha),
      trees.filter((one) => one.ownerId === ann.userId)[1] ?? chatOf(ann, ""),
    ];
    const child = trees.find((one) => one.root === first.id && one.id !== first.id) ?? first;
    const model = newId();
    await writeLedger(db, [
      row(first, { total_cost_micros: 1 }),
      row(child, { total_cost_micros: 2, deleted: true }),
      row(second, { total_cost_micros: null, model_config_id: model, input_tokens: null }),
      row(second, { kind: "title", total_cost_micros: 4, estimated: true }),
      row(second, { role: "user", input_tokens: null, output_tokens: null, total_cost_micros: null, runtime_ms: null }),
    ]);
    const costs = async (query: string) =>
      (await read(ann, `me/calls?${RANGE}&${query}`, costCallsResponse)).calls.map((call) => call.total_cost_micros);
    expect(await costs("")).toEqual([4, null, 2, 1]);
    expect(await costs(`root_chat_id=${first.root}`)).toEqual([2, 1]);
    expect(await costs(`model_config_id=${model}`)).toEqual([null]);
    expect(await costs("kind=title")).toEqual([4]);
    expect(await costs(`model_config_id=${NO_MODEL_ID}`)).toEqual([4, 2, 1]);
    const summed = async (query: string) => {
      const { total_cost_micros, unpriced_call_count } = await read(ann, `me/summary?${RANGE}&${query}`, costSummary);
      return [total_cost_micros, unpriced_call_count];
    };
    expect(await summed(`root_chat_id=${first.root}`)).toEqual([3, 0]);
    expect(await summed(`root_chat_id=${second.root}`)).toEqual([4, 1]);
    expect(await summed(`root_chat_id=${second.root}&model_config_id=${model}`)).toEqual([0, 1]);
    expect(await summed(`organization_id=${beta}`)).toEqual([0, 0]);
    const { calls } = await read(ann, `me/calls?${RANGE}`, costCallsResponse);
    expect(calls.map(({ kind, deleted, estimated, input_tokens }) => [kind, deleted, estimated, input_tokens])).toEqual(
      [
        ["title", false, true, 100],
        ["message", false, false, null],
        ["message", true, false, 100],
        ["message", false, false, 100],
      ],
    );
  });

  it("about days are answered with the clocks of the zone, also where they change", async () => {
    const { days, timezone } = await read(
      owner,
      "daily?start_date=2026-03-28T12:00:00Z&end_date=2026-03-30T12:00:00Z&timezone=Europe/Berlin",
      costDailyResponse,
    );
    expect(timezone).toBe("Europe/Berlin");
    expect(days.map(({ date, start, end }) => [date, (Date.parse(end) - Date.parse(start)) / 3_600_000])).toEqual([
      ["2026-03-28", 24],
      ["2026-03-29", 23],
      ["2026-03-30", 24],
    ]);
  });
});

describe("limits", () => {
  it("are told with one's own summary while there are any", async () => {
    expect((await read(ann, "me/summary", costSummary)).usage_limit).toBeUndefined();
    await db.run(
      sql`insert into usage_limits (one, default_limit_micros, period, updated_at) values (1, 9000, 'month', 1)`,
    );
    const { usage_limit } = await read(ann, "me/summary", costSummary);
    expect(usage_limit).toMatchObject({
      is_limited: true,
      spend_limit_micros: 9_000,
      current_spend: 5_000,
      source: "default",
    });
    expect((await read(cleo, "bob/summary", costSummary)).usage_limit).toBeUndefined();
    await db.run(sql`delete from usage_limits`);
  });
});

describe("CSV", () => {
  it("has the figures of the JSON, to the last micro-dollar", async () => {
    const { users } = await read(owner, `users?${RANGE}`, costUsersResponse);
    const lines = await csv(owner, `users?${RANGE}`, { accept: "text/csv" });
    expect(lines.map((line) => [line["username"], line["total_cost_micros"], line["total_cost_usd"]])).toEqual([
      ["ann", "5000", "0.005000"],
      ["bob", "340", "0.000340"],
    ]);
    for (const [index, line] of lines.entries()) {
      const figures: UsageTotals = users[index] ?? expect.fail("A line too many");
      expect(line["total_input_tokens"]).toBe(String(figures.total_input_tokens));
      expect(line["total_runtime_ms"]).toBe(String(figures.total_runtime_ms));
    }
  });

  it("comes of every table, named after its range", async () => {
    const heads = { "summary?breakdown=model": "model_config_id", "summary?breakdown=chat": "root_chat_id" };
    const more = { "users?": "user_id", "models?": "model_config_id", "daily?": "date" };
    const teams = { "organizations?": "user_count", "groups?": "user_count" };
    const own = { "me/summary?breakdown=chat": "chat_title", "me/daily?": "date", "me/calls?": "created_at" };
    for (const [path, column] of Object.entries({ ...heads, ...more, ...teams, ...own })) {
      const lines = await csv(owner, `${path}&${RANGE}&format=csv`);
      if (!path.startsWith("me/")) expect(Object.keys(lines[0] ?? {}), path).toContain(column);
    }
    const response = await get(owner, `users?${RANGE}&format=csv`);
    expect(response.headers.get("content-disposition")).toBe(
      'attachment; filename="usage-by-person-2026-03-01-2026-03-08.csv"',
    );
  });

  it("leaves what is not known empty, and runs nothing in a spreadsheet", async () => {
    const chat = chatOf(ann, alpha);
    await db.run(sql`update chats set title = '=1+1' where id = ${chat.id}`);
    await writeLedger(db, [row(chat, { total_cost_micros: null, input_tokens: null, output_tokens: 0 })]);
    const [call] = await csv(ann, `me/calls?${RANGE}&format=csv`);
    expect(call).toMatchObject({ total_cost_micros: "", total_cost_usd: "", input_tokens: "", output_tokens: "0" });
    const [line] = await csv(ann, `me/summary?${RANGE}&breakdown=chat&format=csv`);
    expect(line?.["chat_title"]).toBe("'=1+1");
    await db.run(sql`update chats set title = ${titleOf(chat.id)} where id = ${chat.id}`);
  });

  it("has every call once, however many there are and however many at one moment", async () => {
    const chats = trees.filter((one) => one.ownerId === ann.userId);
    const rows = Array.from({ length: 2_345 }, (_, index) =>
      row(chats[index % chats.length] ?? chatOf(ann, alpha), {
        id: Math.floor(index / chats.length) + 1,
        created_at: FIRST + (index % 3),
      }),
    );
    await writeLedger(db, rows);
    const lines = await csv(ann, `me/calls?${RANGE}&format=csv`);
    expect(lines).toHaveLength(2_345);
    expect(new Set(lines.map((line) => `${line["chat_id"]}/${line["id"]}`)).size).toBe(2_345);
  });

  it("is asked for by Accept only where it is wanted most", async () => {
    for (const accept of ["*/*", "application/json, text/csv;q=0.5", "text/html"]) {
      const response = await owner.request("/api/v2/chats/cost/users", { headers: { accept } });
      expect(response.headers.get("content-type"), accept).toContain("application/json");
    }
  });
});
