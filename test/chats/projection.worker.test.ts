import { env } from "cloudflare:workers";
import { and, eq } from "drizzle-orm";
import { describe, expect, it, vi } from "vitest";
import { credentialName } from "../../src/access/actor.ts";
import type { ChatRow, LedgerRow } from "../../src/chats/engine/ports.ts";
import { projectionPort } from "../../src/chats/projection.ts";
import { chatMessages, chats } from "../../src/chats/schema.ts";
import { newId } from "../../src/platform/ids.ts";
import { DEFAULT_ORGANIZATION_ID } from "../../src/organizations/schema.ts";
import { db, insertPerson } from "../workspaces/support.ts";

const person = await insertPerson();
const written = projectionPort(env, db);
/** Whose chats they all are. The root is that of the chat that the rows belong to. */
const port = {
  ...written,
  write(chat: ChatRow | null, ledger: LedgerRow[]) {
    const root_chat_id = chat?.root_chat_id ?? ledger[0]?.chat_id ?? "";
    return written.write(chat, ledger, {
      owner_id: person.userId,
      organization_id: DEFAULT_ORGANIZATION_ID,
      root_chat_id,
    });
  },
};

function chatRow(change: Partial<ChatRow> = {}): ChatRow {
  const id = change.id ?? newId();
  return {
    id,
    owner_id: person.userId,
    organization_id: DEFAULT_ORGANIZATION_ID,
    workspace_id: null,
    parent_chat_id: null,
    root_chat_id: id,
    last_model_config_id: newId(),
    title: "Fix the test",
    status: "running",
    last_error: null,
    last_error_detail: null,
    archived: false,
    version: 1,
    mode: null,
    archived_version: 0,
    created_at: 1_000,
    updated_at: 2_000,
    last_answer_id: null,
    ...change,
  };
}

function ledgerRow(chatId: string, id: number, change: Partial<LedgerRow> = {}): LedgerRow {
  return {
    chat_id: chatId,
    id,
    kind: "message",
    role: "assistant",
    visibility: "both",
    content_version: 1,
    created_by: null,
    model_config_id: null,
    input_tokens: null,
    output_tokens: null,
    total_tokens: null,
    reasoning_tokens: null,
    cache_creation_tokens: null,
    cache_read_tokens: null,
    cache_creation_1h_tokens: null,
    web_search_requests: null,
    context_limit: null,
    total_cost_micros: null,
    estimated: false,
    runtime_ms: null,
    compressed: false,
    deleted: false,
    version: 10,
    created_at: 3_000,
    ...change,
  };
}

const storedLedger = (chatId: string) =>
  db.select().from(chatMessages).where(eq(chatMessages.chatId, chatId)).orderBy(chatMessages.id);

async function storedChat(id: string) {
  const [row] = await db.select().from(chats).where(eq(chats.id, id));
  return row;
}

describe("the ledger", () => {
  it("keeps three rows of a batch as they are: order, ids, nulls, zeros, tokens and cost", async () => {
    const chat = chatRow();
    const model = newId();
    const answered = await port.write(chat, [
      ledgerRow(chat.id, 1, { role: "user", created_by: person.userId, version: 4 }),
      ledgerRow(chat.id, 2, {
        model_config_id: model,
        input_tokens: 12,
        output_tokens: 0,
        total_tokens: 12,
        cache_read_tokens: 7,
        cache_creation_1h_tokens: null,
        web_search_requests: null,
        context_limit: 200_000,
        total_cost_micros: 0,
        estimated: true,
        runtime_ms: 1_234,
        version: 9,
      }),
      ledgerRow(chat.id, 3, { role: "tool", visibility: "model", version: 8 }),
    ]);
    expect(answered).toMatchObject({ id: chat.id, title: "Fix the test", status: "running", version: 1 });
    const rows = await storedLedger(chat.id);
    expect(rows.map((row) => [row.id, row.role, row.version])).toEqual([
      [1, "user", 4],
      [2, "assistant", 9],
      [3, "tool", 8],
    ]);
    expect(rows[0]).toMatchObject({ createdBy: person.userId, modelConfigId: null, runtimeMs: null, deleted: false });
    expect(rows[1]).toEqual({
      chatId: chat.id,
      id: 2,
      ownerId: person.userId,
      organizationId: DEFAULT_ORGANIZATION_ID,
      rootChatId: chat.id,
      kind: "message",
      role: "assistant",
      visibility: "both",
      contentVersion: 1,
      createdBy: null,
      modelConfigId: model,
      inputTokens: 12,
      outputTokens: 0,
      totalTokens: 12,
      reasoningTokens: null,
      cacheCreationTokens: null,
      cacheReadTokens: 7,
      cacheCreation1hTokens: null,
      webSearchRequests: null,
      contextLimit: 200_000,
      totalCostMicros: 0,
      estimated: true,
      runtimeMs: 1_234,
      compressed: false,
      deleted: false,
      version: 9,
      createdAt: 3_000,
      repricedAt: null,
    });
    expect(rows[2]).toMatchObject({ visibility: "model", totalCostMicros: null, inputTokens: null });
  });

  it("is not changed by a repeat or by a late arrival: a deleted message stays deleted", async () => {
    const chat = chatRow();
    const first = ledgerRow(chat.id, 1, { version: 5 });
    await port.write(chat, [first]);
    await port.write(null, [ledgerRow(chat.id, 1, { version: 9, deleted: true, total_cost_micros: 40 })]);
    const after = await storedLedger(chat.id);
    await port.write(null, [first]);
    await port.write(null, [ledgerRow(chat.id, 1, { version: 9, total_cost_micros: 1 })]);
    expect(await storedLedger(chat.id)).toEqual(after);
    expect(after).toMatchObject([{ deleted: true, totalCostMicros: 40, version: 9 }]);
  });

  it("takes more rows than a statement has parameters, in one round trip", async () => {
    const chat = chatRow();
    const statement: D1PreparedStatement = Object.getPrototypeOf(env.DB.prepare("select 1"));
    const asked = [
      vi.spyOn(env.DB, "batch"),
      ...(["all", "raw", "run"] as const).map((way) => vi.spyOn(statement, way)),
    ];
    await port.write(
      chat,
      Array.from({ length: 1_500 }, (_, index) => ledgerRow(chat.id, index + 1)),
    );
    expect(asked.map(({ mock }) => mock.calls.length)).toEqual([1, 0, 0, 0]);
    vi.restoreAllMocks();
    expect(await db.$count(chatMessages, eq(chatMessages.chatId, chat.id))).toBe(1_500);
  });

  it("refuses a row without a content version, and the whole batch with it", async () => {
    const chat = chatRow();
    const { content_version: _, ...without } = ledgerRow(chat.id, 2);
    // @ts-expect-error The type demands it, too.
    const broken: LedgerRow = without;
    await expect(port.write(chat, [ledgerRow(chat.id, 1), broken])).rejects.toThrow(/content_version/);
    expect(await storedChat(chat.id)).toBeUndefined();
    await port.write(chat, []);
    await expect(
      env.DB.prepare(
        `insert into chat_messages (chat_id, id, kind, role, visibility, version, created_at)
         values (?, 1, 'message', 'user', 'both', 1, 0)`,
      )
        .bind(chat.id)
        .run(),
    ).rejects.toThrow(/NOT NULL constraint failed: chat_messages.content_version/);
  });

  it.each([
    ["an author of an assistant's message", { role: "assistant", created_by: "somebody" }],
    ["a run time of a tool's message", { role: "tool", runtime_ms: 5 }],
    ["a run time of nothing", { role: "assistant", runtime_ms: 0 }],
    ["a cost below zero", { total_cost_micros: -1 }],
    ["a role that is none", JSON.parse('{"role":"nobody"}')],
  ] satisfies [string, Partial<LedgerRow>][])("refuses %s", async (_, change) => {
    const chat = chatRow();
    await expect(port.write(chat, [ledgerRow(chat.id, 1, change)])).rejects.toThrow(/CHECK constraint failed/);
  });
});

describe("the chat's row", () => {
  it("follows newer versions only, and answers what stands there", async () => {
    const chat = chatRow({ version: 3 });
    await port.write(chat, []);
    const newer = { ...chat, version: 5, title: "Renamed", status: "error" as const, last_error: "No." };
    expect(await port.write({ ...newer, last_error_detail: detail }, [])).toMatchObject({
      title: "Renamed",
      last_error: "No.",
      last_error_detail: detail,
    });
    const late = await port.write({ ...chat, version: 4, title: "Late" }, [ledgerRow(chat.id, 1)]);
    expect(late).toMatchObject({ title: "Renamed", version: 5, status: "error" });
    expect(await storedLedger(chat.id)).toHaveLength(1);
  });

  it("leaves archiving to its own writer, but a child is born into its root's state", async () => {
    const root = chatRow();
    await port.write(root, []);
    await db.update(chats).set({ archived: true, archivedVersion: 7 }).where(eq(chats.id, root.id));
    await port.write({ ...root, version: 2, archived: false, archived_version: 0 }, []);
    expect(await storedChat(root.id)).toMatchObject({ archived: true, archivedVersion: 7, version: 2 });
    const child = chatRow({ parent_chat_id: root.id, root_chat_id: root.id });
    expect(await port.write(child, [])).toMatchObject({ archived: true });
    expect(await storedChat(child.id)).toMatchObject({ archivedVersion: 7 });
  });

  it("answers null when there is nothing to write", async () => {
    expect(await port.write(null, [])).toBeNull();
  });
});

describe("mayRead", () => {
  async function signedIn(change: { expiresAt?: number } = {}) {
    const who = await insertPerson();
    const session = newId();
    const later = Date.now() + 60_000;
    await env.DB.prepare(
      `insert into sessions (id, user_id, secret_hash, created_at, last_used_at, expires_at, absolute_expires_at)
       values (?, ?, 'x', 0, 0, ?, ?)`,
    )
      .bind(session, who.userId, change.expiresAt ?? later, later)
      .run();
    const chat = chatRow({ owner_id: who.userId });
    await port.write(chat, []);
    return { who, session, chatId: chat.id };
  }

  it("lets the owner with a living session, and nobody else", async () => {
    const { who, session, chatId } = await signedIn();
    const other = await signedIn();
    expect(await port.mayRead(who.userId, session, chatId)).toBe(true);
    expect(await port.mayRead(other.who.userId, other.session, chatId)).toBe(false);
    expect(await port.mayRead(who.userId, other.session, chatId)).toBe(false);
    expect(await port.mayRead(who.userId, "", chatId)).toBe(false);
    expect(await port.mayRead(who.userId, session, newId())).toBe(false);
  });

  it("ends with the session, and with the user", async () => {
    const expired = await signedIn({ expiresAt: Date.now() - 1 });
    expect(await port.mayRead(expired.who.userId, expired.session, expired.chatId)).toBe(false);
    const { who, session, chatId } = await signedIn();
    await env.DB.prepare(`update users set status = 'suspended' where id = ?`).bind(who.userId).run();
    expect(await port.mayRead(who.userId, session, chatId)).toBe(false);
    await env.DB.prepare(`update users set status = 'active' where id = ?`).bind(who.userId).run();
    expect(await port.mayRead(who.userId, session, chatId)).toBe(true);
    await env.DB.prepare(`delete from sessions where id = ?`).bind(session).run();
    expect(await port.mayRead(who.userId, session, chatId)).toBe(false);
  });

  it("knows API tokens by their name, their expiry and their scopes", async () => {
    const { who, chatId } = await signedIn();
    const insert = (id: string, scopes: string[], expiresAt: number) =>
      env.DB.prepare(
        `insert into api_keys (id, user_id, secret_hash, token_name, scopes, created_at, expires_at) values (?, ?, 'x', 'ci', ?, 0, ?)`,
      )
        .bind(id, who.userId, JSON.stringify(scopes), expiresAt)
        .run();
    const later = Date.now() + 60_000;
    await insert("good", ["all"], later);
    await insert("narrow", [], later);
    await insert("old", ["all"], 1);
    const may = (keyId: string) => port.mayRead(who.userId, credentialName({ sessionId: null, keyId }), chatId);
    expect(await may("good")).toBe(true);
    expect(await may("narrow")).toBe(false);
    expect(await may("old")).toBe(false);
    expect(await may("none")).toBe(false);
  });

  it("lets an owner of the site read what others own", async () => {
    const { chatId } = await signedIn();
    const admin = await insertPerson(["owner", "member"]);
    await env.DB.prepare(
      `insert into api_keys (id, user_id, secret_hash, token_name, scopes, created_at, expires_at) values ('adm', ?, 'x', 'ci', '["all"]', 0, ?)`,
    )
      .bind(admin.userId, Date.now() + 60_000)
      .run();
    expect(await port.mayRead(admin.userId, "key:adm", chatId)).toBe(true);
  });
});

const detail = {
  kind: "auth" as const,
  provider: "anthropic",
  status: 401,
  retryable: false,
  message: "The key is not valid.",
};

it("keeps (chat, id) apart between chats", async () => {
  const [one, two] = [chatRow(), chatRow()];
  await port.write(one, [ledgerRow(one.id, 1, { output_tokens: 1 })]);
  await port.write(two, [ledgerRow(two.id, 1, { output_tokens: 2 })]);
  const mine = await db
    .select()
    .from(chatMessages)
    .where(and(eq(chatMessages.chatId, one.id), eq(chatMessages.id, 1)));
  expect(mine).toMatchObject([{ outputTokens: 1 }]);
});
