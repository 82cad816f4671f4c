import { DEFAULT_ORGANIZATION_ID } from "../../../src/organizations/schema.ts";
import { newId } from "../../../src/platform/ids.ts";
import type { StagedRow } from "./stage-rows.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

const models = [
  { provider: "anthropic", model: "claude-sonnet-4-5", display_name: "Claude Sonnet 4.5", price: 3 },
  { provider: "openai", model: "gpt-5.1", display_name: "GPT-5.1", price: 1.25 },
  { provider: "google", model: "gemini-2.5-pro", display_name: "Gemini 2.5 Pro", price: 0.02 },
  { provider: "openai-compat", model: "harbour-7b", display_name: "Harbour 7B", price: null },
].map((model) => ({ ...model, id: newId() }));

const titles = [
  "Keep the harbour's clock in step with the tide tables",
  "Say which port is taken when the server cannot start",
  "Retry uploads that were cut off half way",
  "Sort search results by how well they fit",
  "Show times in the reader's own time zone",
  "Stop the importer from reading a file twice",
];

/** Titles and names that a table must bear. */
export const hostile = {
  long: `Teach the scheduler ${"to wait for the tide, ".repeat(13)}and then to sail`,
  markup: '<img src=x onerror="document.title=`owned`">',
  turned: "\u202Eevil\u202C",
};

const people = [
  ["grace", "Grace Hopper"],
  ["linus", "Linus"],
  ["mallory", hostile.markup],
  ["trent", hostile.turned],
  ...Array.from({ length: 28 }, (_, index) => [`crew${index + 1}`, `Member of the crew ${index + 1}`]),
].map(([username = "", name = ""]) => ({ id: newId(), username, name }));

export const grace = people[0]?.id ?? "";
/** One of Grace's: it has a sub-agent, a deleted message and every kind of call. */
export const tideChat = newId();

const times = (at: number) => ({ created_at: at, updated_at: at });

/** A month of a small company: the owner, Grace, who spends most, and a crew who spend a little. */
export function usageRows(ownerId: string, now: number): Record<string, StagedRow[]> {
  const chats: StagedRow[] = [];
  const calls: StagedRow[] = [];

  function addChat(id: string, whose: string, title: string, root: string, at: number): void {
    const place = { owner_id: whose, organization_id: DEFAULT_ORGANIZATION_ID, root_chat_id: root };
    const parent_chat_id = root === id ? null : root;
    chats.push({ id, ...place, parent_chat_id, title, status: "waiting", last_model_config_id: "", ...times(at) });
  }

  function addCalls(chat: string, whose: string, root: string, at: number, count: number, which: number): void {
    const model = models[which % models.length];
    for (let call = 0; call < count; call += 1) {
      const seed = calls.length * 7_919 + call * 104_729;
      const tokens = {
        input: 40 + (seed % 3_000),
        output: 200 + (seed % 2_400),
        read: (seed % 90) * 1_000,
        write: seed % 9_000,
      };
      const price = model?.price ?? null;
      const weighed = tokens.input + tokens.output * 5 + tokens.read * 0.1 + tokens.write * 1.25;
      calls.push({
        chat_id: chat,
        id: call + 1,
        owner_id: whose,
        organization_id: DEFAULT_ORGANIZATION_ID,
        root_chat_id: root,
        kind: "message",
        role: "assistant",
        visibility: "both",
        content_version: 1,
        model_config_id: model?.id ?? null,
        input_tokens: tokens.input,
        output_tokens: tokens.output,
        cache_read_tokens: tokens.read,
        cache_creation_tokens: tokens.write,
        total_cost_micros: price === null ? null : Math.ceil(weighed * price),
        estimated: 0,
        runtime_ms: 2_000 + (seed % 60_000),
        deleted: 0,
        version: 1,
        created_at: at + call * MINUTE_MS,
      });
    }
  }

  // Never before the range nor after now.
  const daysAgo = (days: number) => now - Math.round(days * DAY_MS) - 20 * MINUTE_MS;
  for (let index = 0; index < 24; index += 1) {
    const id = newId();
    const at = daysAgo((index * index * 0.31) % 28);
    addChat(id, index % 3 === 0 ? ownerId : grace, titles[index % titles.length] ?? "", id, at);
    addCalls(id, index % 3 === 0 ? ownerId : grace, id, at, 4 + (index % 9), index % 7 < 4 ? 0 : index % 7 < 6 ? 1 : 2);
  }
  for (const [index, { id: whose }] of people.entries()) {
    const id = newId();
    addChat(
      id,
      whose,
      index === 2 ? hostile.markup : index === 3 ? hostile.long : (titles[index % titles.length] ?? ""),
      id,
      daysAgo(index % 9),
    );
    addCalls(id, whose, id, daysAgo(index % 9), 1 + (index % 3), index === 5 ? 3 : 2);
  }
  const long = newId();
  addChat(long, ownerId, hostile.long, long, daysAgo(1));
  addCalls(long, ownerId, long, daysAgo(1), 3, 3);

  const helper = newId();
  addChat(tideChat, grace, "Why the tide tables are off by an hour", tideChat, daysAgo(2));
  addChat(helper, grace, "Read the tables", tideChat, daysAgo(2));
  const before = calls.length;
  addCalls(tideChat, grace, tideChat, daysAgo(2), 6, 0);
  addCalls(helper, grace, tideChat, daysAgo(2), 2, 1);
  const special = [
    { kind: "title" },
    { deleted: 1 },
    { estimated: 1 },
    { kind: "failed_attempt", total_cost_micros: null },
  ];
  for (const [index, part] of special.entries()) Object.assign(calls[before + index] ?? {}, part);

  return {
    chat_model_configs: models.map(({ price: _price, ...model }) => ({
      ...model,
      ...{ enabled: 0, context_limit: 1_000, compression_threshold: 70, options: "{}" },
      ...times(1),
    })),
    users: people.map((person) => ({
      ...person,
      ...{ email: `${person.username}@example.com`, login_type: "none", roles: '["member"]' },
      ...times(1),
    })),
    organization_members: people.map(({ id }) => ({
      ...{ organization_id: DEFAULT_ORGANIZATION_ID, user_id: id, roles: "[]" },
      ...times(1),
    })),
    chats,
    chat_messages: calls,
  };
}
