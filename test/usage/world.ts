import fc from "fast-check";
import { sql } from "drizzle-orm";
import { chats } from "../../src/chats/schema.ts";
import { ledgerKinds } from "../../src/contract/usage.ts";
import { DEMO_CONFIG_ID } from "../../src/models/demo/model.ts";
import { chatModelConfigs } from "../../src/models/schema.ts";
import { groupMembers, groups, organizationMembers } from "../../src/organizations/schema.ts";
import { runBatch, selectFromJson, type Database } from "../../src/platform/d1.ts";
import { newId } from "../../src/platform/ids.ts";
import { newOrganization } from "../organizations/support.ts";
import { getTestApp, type SignedIn } from "../support/app.ts";
import type { Row, Surroundings } from "./oracle.ts";

/* People in three organisations with trees of chats, and ledgers at random over them. */

export const test = await getTestApp();
const { db, owner, addUser } = test;
const times = { createdAt: 1, updatedAt: 1 };

/** What somebody is in the three organisations; null where they are no member. */
type Standing = readonly [null | "member" | "admin", null | "member" | "admin", null | "member" | "admin"];

const houses: { id: string; name: string }[] = [];
for (const name of ["alpha", "beta", "gamma"]) houses.push({ id: (await newOrganization(owner, name)).id, name });

async function addPerson(username: string, name: string, standing: Standing): Promise<SignedIn> {
  const person = await addUser(username);
  await db.run(sql`update users set name = ${name} where id = ${person.userId}`);
  await db.run(sql`delete from organization_members where user_id = ${person.userId}`);
  for (const [index, role] of standing.entries()) {
    const house = houses[index];
    if (role === null || house === undefined) continue;
    await db.insert(organizationMembers).values({
      ...{ organizationId: house.id, userId: person.userId, ...times },
      roles: role === "admin" ? ["organization-admin"] : [],
    });
  }
  return person;
}

export const people = {
  owner,
  auditor: await addUser("auditor", ["member", "auditor"]),
  ann: await addPerson("ann", "Ann 100%", ["member", null, null]),
  bob: await addPerson("bob", "Bob_the_Builder", ["member", "member", null]),
  cleo: await addPerson("Cleo", "", ["admin", "member", null]),
  dan: await addPerson("dan", "Daniel", [null, "admin", "admin"]),
  eve: await addPerson("eve", "ANNABEL", [null, null, "member"]),
};
export type Person = keyof typeof people;
/** In whose organisations. */
const homes: Record<string, number[]> = { ann: [0], bob: [0, 1], cleo: [0, 1], dan: [1, 2], eve: [2] };
const spenders = (["ann", "bob", "cleo", "dan", "eve"] as const).map((name) => people[name]);

/** The organisations whose usage each may read beyond their own rows; null = all. */
export const administers: Record<Person, string[] | null> = {
  owner: null,
  auditor: null,
  ann: [],
  bob: [],
  cleo: [houses[0]?.id ?? ""],
  dan: [houses[1]?.id ?? "", houses[2]?.id ?? ""],
  eve: [],
};

const teams = [
  { id: newId(), name: "red", house: 0, members: ["ann", "bob"] as const },
  { id: newId(), name: "blue", house: 0, members: ["bob", "cleo"] as const },
  { id: newId(), name: "green", house: 1, members: ["bob"] as const },
  { id: newId(), name: "nobody", house: 1, members: [] as const },
];
await db
  .insert(groups)
  .values([...teams.map(({ id, name, house }) => ({ id, name, organizationId: houses[house]?.id ?? "", ...times }))]);
for (const { id, members } of teams) {
  for (const name of members) {
    await db.insert(groupMembers).values({ groupId: id, userId: people[name].userId, createdAt: 1 });
  }
}

const [config, deletedConfig, unknownConfig] = [newId(), newId(), newId()];
await db.insert(chatModelConfigs).values(
  [config, deletedConfig].map((id, index) => ({
    ...{ id, provider: "anthropic" as const, model: `model-${index}`, displayName: index === 0 ? "Sonnet" : "" },
    ...{ enabled: true, contextLimit: 1000, compressionThreshold: 70, options: {}, deleted: index === 1 },
    ...times,
  })),
);
/** What each is called. */
export const modelNames: Record<string, string> = {
  [config]: "Sonnet",
  [deletedConfig]: "model-1",
  [unknownConfig]: "Unknown",
  [DEMO_CONFIG_ID]: "Scripted demo",
  "00000000-0000-0000-0000-000000000000": "Unknown",
};
const models = [config, config, deletedConfig, unknownConfig, DEMO_CONFIG_ID, null];

/** Two roots for each person and organisation, the first with two sub-agents. */
export interface Chat {
  id: string;
  root: string;
  ownerId: string;
  organizationId: string;
}
export const trees: Chat[] = spenders.flatMap(({ username, userId }) =>
  (homes[username.toLowerCase()] ?? []).flatMap((house) => {
    const place = { ownerId: userId, organizationId: houses[house]?.id ?? "" };
    const [first, second, child, other] = [newId(), newId(), newId(), newId()];
    return [
      { id: first, root: first, ...place },
      { id: second, root: second, ...place },
      { id: child, root: first, ...place },
      { id: other, root: first, ...place },
    ];
  }),
);
export const titleOf = (root: string) => `Chat ${root.slice(-4)}`;
for (const { id, root, ownerId, organizationId } of trees) {
  await db.insert(chats).values({
    ...{ id, ownerId, organizationId, rootChatId: root, parentChatId: id === root ? null : root, title: titleOf(id) },
    ...{ status: "waiting", lastModelConfigId: "", version: 1, ...times },
  });
}

export const surroundings: Surroundings = {
  people: spenders.map(({ userId, username }) => ({
    ...{ id: userId, username },
    name: { ann: "Ann 100%", bob: "Bob_the_Builder", dan: "Daniel", eve: "ANNABEL" }[username] ?? "",
  })),
  organizations: houses,
  groups: [
    ...houses.map(({ id }, index) => ({
      ...{ id, name: "Everyone", organization_id: id },
      members: spenders
        .filter(({ username }) => homes[username.toLowerCase()]?.includes(index))
        .map((one) => one.userId),
    })),
    ...teams.map(({ id, name, house, members }) => ({
      ...{ id, name, organization_id: houses[house]?.id ?? "" },
      members: members.map((member) => people[member].userId),
    })),
  ],
};

const HOUR = 3_600_000;
/** The clocks of Europe and of America change in these weeks. */
export const FIRST = Date.UTC(2026, 2, 1);
const WEEKS = 6;

const count = fc.oneof(
  { weight: 2, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 200_000 }) },
);
const instant = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: FIRST, max: FIRST + WEEKS * 7 * 24 * HOUR }) },
  // Where days and ranges begin and end.
  { weight: 1, arbitrary: fc.integer({ min: 0, max: WEEKS * 7 * 24 }).map((hour) => FIRST + hour * HOUR) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: WEEKS * 7 * 24 }).map((hour) => FIRST + hour * HOUR - 1) },
);

const figures = fc.record({
  chat: fc.constantFrom(...trees),
  model_config_id: fc.constantFrom(...models),
  created_at: instant,
  input_tokens: count,
  output_tokens: count,
  reasoning_tokens: count,
  cache_read_tokens: count,
  cache_creation_tokens: count,
  total_cost_micros: fc.oneof(count, fc.constant(1_000_000_000_000)),
  runtime_ms: fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 100_000 })),
  estimated: fc.boolean(),
  deleted: fc.boolean(),
  kind: fc.oneof(
    { weight: 3, arbitrary: fc.constant("message" as const) },
    { weight: 1, arbitrary: fc.constantFrom(...ledgerKinds) },
  ),
  role: fc.oneof(
    { weight: 4, arbitrary: fc.constant("assistant" as const) },
    { weight: 1, arbitrary: fc.constantFrom("user" as const, "tool" as const) },
  ),
});

/** A ledger; what people and tools say costs nothing, and only answers have a time. */
export const anyLedger: fc.Arbitrary<Row[]> = fc.array(figures, { maxLength: 60, size: "max" }).map((rows) =>
  rows.map(({ chat, ...row }, index): Row => {
    const place = { chat_id: chat.id, root_chat_id: chat.root, id: index + 1 };
    const whose = { owner_id: chat.ownerId, organization_id: chat.organizationId };
    if (row.role === "assistant") return { ...row, ...place, ...whose };
    const nothing = { input_tokens: null, output_tokens: null, reasoning_tokens: null, cache_read_tokens: null };
    const none = { ...nothing, cache_creation_tokens: null, total_cost_micros: null, runtime_ms: null };
    return { ...row, ...none, kind: "message", ...place, ...whose };
  }),
);

/** Ranges that lie in, over and beside it, some of them empty. */
export const anyRange = fc.tuple(instant, instant).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));

const names = [
  ...["chat_id", "id", "owner_id", "organization_id", "root_chat_id", "kind", "role", "visibility", "content_version"],
  ...["model_config_id", "input_tokens", "output_tokens", "reasoning_tokens", "cache_creation_tokens"],
  ...["cache_read_tokens", "total_cost_micros", "estimated", "runtime_ms", "compressed", "deleted", "version"],
  "created_at",
];

/** The ledger is this and nothing else. */
export async function writeLedger(database: Database, rows: readonly Row[]): Promise<void> {
  const written = rows.map((row) => ({ ...row, visibility: "both", content_version: 1, compressed: 0, version: 1 }));
  await runBatch(database, [
    sql`delete from chat_messages`,
    sql`insert into chat_messages (${sql.raw(names.join(", "))}) ${selectFromJson(written, names)}`,
  ]);
}
