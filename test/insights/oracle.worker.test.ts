import { env } from "cloudflare:workers";
import { isDeepStrictEqual } from "node:util";
import { sql } from "drizzle-orm";
import { expect, it } from "vitest";
import { pullRequestStates } from "../../src/contract/git.ts";
import type { InsightQuestion } from "../../src/insights/pull-requests.ts";
import { readInsights } from "../../src/insights/records.ts";
import { ledgerKinds } from "../../src/contract/usage.ts";
import { UNKNOWN_MODEL, type ModelName } from "../../src/models/names.ts";
import { organizations } from "../../src/organizations/schema.ts";
import { openDatabase } from "../../src/platform/d1.ts";
import { newId } from "../../src/platform/ids.ts";
import { reportCases } from "../support/cases.ts";
import { insertPerson } from "../workspaces/support.ts";
import { expectedInsights } from "./oracle.ts";
import { storeWorld } from "./store.ts";
import { aCall, aChat, aDiff, type WorldCall, type WorldChat, type WorldDiff } from "./world.ts";

const WORLDS = 200;
const DAY_MS = 86_400_000;
/** Worlds lie behind one another in time, so that they may share the tables, and clocks change within some. */
const WORLD_DAYS = 12;
const FIRST_DAY = Date.UTC(2020, 0, 1);

const db = openDatabase(env.DB);
const people = await Promise.all([insertPerson(), insertPerson()]);
const houses = [newId(), newId()];
await db
  .insert(organizations)
  .values(houses.map((id, index) => ({ id, name: `insights-${index}`, displayName: "", createdAt: 1, updatedAt: 1 })));
/** Two of the models have a name. */
const models = new Map<string, ModelName>(
  ["Alpha", "Beta"].map((displayName) => [newId(), { displayName, provider: "anthropic", model: displayName }]),
);
const modelIds = [...models.keys(), newId(), newId()];

/** mulberry32: the same numbers for the same seed. */
function randomFrom(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (count: number) => Math.floor(next() * count);
  return {
    below,
    chance: (share: number) => next() < share,
    one<T>(values: readonly T[]): T {
      const chosen = values[below(values.length)];
      if (chosen === undefined) throw new Error("Nothing to choose from");
      return chosen;
    },
    some: <T>(most: number, make: () => T) => Array.from({ length: below(most + 1) }, make),
  };
}

/** Few addresses, people and moments, so that chats share them often and ranges end where chats begin. */
function makeWorld(seed: number): { world: WorldChat[]; question: InsightQuestion; timeZone: string } {
  const random = randomFrom(seed);
  // As much again in between, since the range before one reaches back that far.
  const beginning = FIRST_DAY + seed * 2 * WORLD_DAYS * DAY_MS;
  const moments = random.some(9, () => beginning + random.below(WORLD_DAYS * 96) * 900_000 + random.below(2));
  const moment = () => (moments.length === 0 ? beginning : random.one(moments));
  const repositories = [null, "github.com/acme/app", "gitlab.com/acme/site"];

  const diff = (): WorldDiff =>
    aDiff({
      url: random.one([null, "", "https://a/1", "https://a/1", "https://a/2", "https://b/3"]),
      number: random.chance(0.5) ? random.below(100) : null,
      state: random.chance(0.2) ? null : random.one(pullRequestStates),
      title: `Title ${random.below(100)}`,
      draft: random.chance(0.3),
      additions: random.below(50),
      deletions: random.below(50),
      approved: random.one([null, true, false]),
      changesRequested: random.chance(0.3),
      repository: random.one(repositories),
      openedAt: random.one([null, beginning, beginning + random.below(1_000)]),
      mergedAt: random.one([null, beginning + 500, beginning + random.below(100_000)]),
    });
  const call = (): WorldCall =>
    aCall(random.chance(0.25) ? null : random.below(1_000), {
      kind: random.one(ledgerKinds),
      deleted: random.chance(0.3),
      tokens: random.chance(0.3) ? null : random.below(3),
      createdAt: random.chance(0.2) ? 1 : moment(),
    });
  const chat = (facts: Partial<WorldChat> = {}): WorldChat =>
    aChat({
      ownerId: random.one(people).userId,
      organizationId: random.one(houses),
      createdAt: moment(),
      modelId: random.one(modelIds),
      diff: random.chance(0.6) ? diff() : null,
      calls: random.some(3, call),
      ...facts,
    });

  const roots = random.some(12, chat);
  const children = roots.flatMap(({ id, ownerId, organizationId }) =>
    random.some(2, () => chat({ parentId: id, ownerId, organizationId })),
  );
  const from = random.chance(0.6) ? beginning + random.below(5) * DAY_MS : moment();
  const to = random.chance(0.6) ? beginning + WORLD_DAYS * DAY_MS : moment();
  return {
    world: [...roots, ...children],
    question: {
      // Now and then the wrong way round.
      range: random.chance(0.9) ? { from: Math.min(from, to), to: Math.max(from, to) } : { from, to },
      ownerId: random.chance(0.15) ? random.one(people).userId : null,
      organizationId: random.chance(0.15) ? random.one(houses) : null,
      repository: random.chance(0.15) ? (random.one(repositories) ?? "") : null,
    },
    timeZone: random.one(["UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe"]),
  };
}

it(`says what a slow oracle says, in ${WORLDS} made-up worlds of chats, sub-agents, pull requests and calls`, async () => {
  const reader = people[0].userId;
  const disagreements: unknown[] = [];
  let pullRequests = 0;
  for (let seed = 0; seed < WORLDS; seed++) {
    const { world, question, timeZone } = makeWorld(seed);
    await storeWorld(db, world);
    const found = await readInsights(db, question, {
      nameOf: (id) => models.get(id) ?? UNKNOWN_MODEL,
      timeZone,
      readable: sql`chats.owner_id = ${reader}`,
    });
    const canRead = (chat: WorldChat) => chat.ownerId === reader;
    const expected = expectedInsights(world, question, { models, timeZone, canRead });
    if (!isDeepStrictEqual(found, expected)) disagreements.push({ seed, found, expected });
    pullRequests += expected.summary.total_prs_created;
  }
  reportCases("insights against the oracle", WORLDS, disagreements);
  // Worlds in which nothing comes of anything prove nothing.
  expect(pullRequests).toBeGreaterThan(WORLDS);
});
