import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  costCallsResponse,
  costDailyResponse,
  costModelsResponse,
  costSummary,
  costTeamsResponse,
  costUsersResponse,
  type CostSummary,
} from "../../src/contract/usage.ts";
import type { z } from "zod";
import { countCases, type Compare } from "../support/cases.ts";
import * as oracle from "./oracle.ts";
import {
  administers,
  anyLedger,
  anyRange,
  modelNames,
  people,
  surroundings,
  test,
  titleOf,
  writeLedger,
  type Person,
} from "./world.ts";

/* Ledgers at random, and every figure that routes answer beside what the oracle says of the same rows. */

const LEDGERS = 60;
const zones = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "Asia/Kolkata",
  "Pacific/Auckland",
  "Africa/Cairo",
  "Asia/Beirut",
];

async function ask<T extends z.ZodType>(who: Person, path: string, schema: T): Promise<z.infer<T>> {
  const response = await people[who].request(`/api/v2/chats/cost/${path}`);
  const text = await response.text();
  expect(response.status, `${path}: ${text}`).toBe(200);
  return schema.parse(JSON.parse(text));
}

/** What `who` may read of the ledger. */
function readable(rows: readonly oracle.Row[], who: Person): oracle.Row[] {
  const organizations = administers[who];
  return rows.filter(
    (row) =>
      organizations === null || row.owner_id === people[who].userId || organizations.includes(row.organization_id),
  );
}

/** The same without what they spent elsewhere themselves. */
function ofTeams(rows: readonly oracle.Row[], who: Person): oracle.Row[] {
  const organizations = administers[who];
  return rows.filter((row) => organizations === null || organizations.includes(row.organization_id));
}

function expectSummary(compare: Compare, answer: CostSummary, rows: readonly oracle.Row[], who: Person): void {
  const { by_model, by_chat, chat_count, user: _user, start_date: _from, end_date: _to, ...figures } = answer;
  compare(figures, { ...oracle.totalsOf(rows), ...oracle.detailsOf(rows) });
  compare(
    by_model.map(({ provider: _provider, model: _model, ...row }) => row),
    oracle.byModel(rows).map((row) => ({ ...row, display_name: modelNames[row.model_config_id] })),
  );
  const roots = oracle.byChat(rows);
  const seesTitle = (root: string) =>
    who === "owner" || rows.some((row) => row.root_chat_id === root && row.owner_id === people[who].userId);
  compare(
    by_chat,
    roots.slice(0, 100).map((row) => ({
      ...row,
      chat_title: seesTitle(row.root_chat_id) ? titleOf(row.root_chat_id) : "",
    })),
  );
  compare(chat_count, roots.length);
}

async function checkPerson(compare: Compare, rows: readonly oracle.Row[], query: string, whose: Person, who: Person) {
  const own = readable(rows, who).filter((row) => row.owner_id === people[whose].userId);
  const path = `${people[whose].userId}`;
  expectSummary(compare, await ask(who, `${path}/summary?${query}`, costSummary), own, who);
  const listed: unknown[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const next: string = cursor === "" ? "" : `&cursor=${cursor}`;
    const page: z.infer<typeof costCallsResponse> = await ask(
      who,
      `${path}/calls?${query}&limit=11${next}`,
      costCallsResponse,
    );
    listed.push(
      ...page.calls.map(({ chat_id, id, total_cost_micros, deleted }) => ({ chat_id, id, total_cost_micros, deleted })),
    );
    cursor = page.next_cursor;
  }
  compare(
    listed,
    oracle
      .calls(own)
      .map(({ chat_id, id, total_cost_micros, deleted }) => ({ chat_id, id, total_cost_micros, deleted })),
  );
}

async function checkTeams(compare: Compare, rows: readonly oracle.Row[], query: string, who: Person, group: number) {
  const theirs = ofTeams(rows, who);
  const [summary, users, { models }, organizations, groups] = await Promise.all([
    ask(who, `summary?${query}`, costSummary),
    ask(who, `users?${query}`, costUsersResponse),
    ask(who, `models?${query}`, costModelsResponse),
    ask(who, `organizations?${query}`, costTeamsResponse),
    ask(who, `groups?${query}`, costTeamsResponse),
  ]);
  expectSummary(compare, summary, theirs, who);
  compare(
    users.users.map(({ avatar_url: _avatar, is_service_account: _service, ...row }) => row),
    oracle.byUser(theirs, surroundings),
  );
  compare(
    models.map(({ display_name: _display, provider: _provider, model: _model, ...row }) => row),
    oracle.byModel(theirs),
  );
  compare(organizations.teams.map(withoutDisplayName), oracle.byOrganization(theirs, surroundings));
  compare(groups.teams.map(withoutDisplayName), oracle.byGroup(theirs, surroundings));
  const team = surroundings.groups[group];
  if (team === undefined || administers[who]?.includes(team.organization_id) === false) return;
  const ofTeam = await ask(who, `summary?${query}&group_id=${team.id}`, costSummary);
  expectSummary(compare, ofTeam, oracle.ofGroup(theirs, team), who);
}

const withoutDisplayName = <T extends { display_name: string }>({ display_name: _display, ...rest }: T) => rest;

describe("figures over the ledger", () => {
  it("are what a slow and obvious oracle says, whoever asks and about whatever ledger", async () => {
    await countCases("cost summaries", async (compare) => {
      await fc.assert(
        fc.asyncProperty(
          anyLedger,
          anyRange,
          fc.constantFrom<Person>("owner", "auditor", "cleo", "dan"),
          fc.constantFrom<Person>("ann", "bob", "cleo", "dan", "eve"),
          fc.constantFrom(...zones),
          fc.nat({ max: surroundings.groups.length - 1 }),
          async (ledger, { from, to }, admin, whose, zone, group) => {
            await writeLedger(test.db, ledger);
            const rows = oracle.within(ledger, from, to);
            const query = `start_date=${new Date(from).toISOString()}&end_date=${new Date(to).toISOString()}`;
            await Promise.all([
              checkPerson(compare, rows, query, whose, whose),
              checkPerson(compare, rows, query, "bob", admin),
              checkTeams(compare, rows, query, admin, group),
            ]);
            const { days } = await ask(admin, `daily?${query}&timezone=${zone}`, costDailyResponse);
            compare(
              days.map(({ start: _start, end: _end, ...day }) => day),
              oracle.byDay(ofTeams(rows, admin), from, to, zone),
            );
          },
        ),
        { numRuns: LEDGERS, endOnFailure: true },
      );
    });
  });
});
