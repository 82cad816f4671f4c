import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { filter } from "../../src/access/filter.ts";
import { insertChat, readCreation, readStoredChat, selectChats, type ChatPage } from "../../src/chats/records.ts";
import { chats } from "../../src/chats/schema.ts";
import { chatColumns } from "../../src/chats/shares.ts";
import { selectUnborn, selectWorking } from "../../src/chats/sweep.ts";
import { newId } from "../../src/platform/ids.ts";
import { DEFAULT_ORGANIZATION_ID } from "../../src/organizations/schema.ts";
import { db, insertPerson } from "../workspaces/support.ts";

const owner = await insertPerson();
const readable = filter(owner, "read", "chat", { owner: chats.ownerId, organization: chats.organizationId });
const everything: ChatPage = {
  seenBy: owner.userId,
  ownerId: owner.userId,
  readable,
  archived: null,
  after: null,
  offset: 0,
  limit: 50,
};

function newChat(change: Partial<Parameters<typeof insertChat>[1]> = {}) {
  return {
    id: newId(),
    ownerId: owner.userId,
    organizationId: DEFAULT_ORGANIZATION_ID,
    workspaceId: null,
    lastModelConfigId: newId(),
    title: "A chat",
    createdAt: 1_000,
    ...change,
  };
}

describe("a page of chats", () => {
  it.each([
    ["the first page", everything],
    ["a page after a cursor", { ...everything, after: { id: newId(), updatedAt: 5 } }],
    ["archived ones", { ...everything, archived: true, offset: 20 }],
  ])("comes out of the index in order: %s", async (_, page) => {
    const { sql, params } = selectChats(db, page).toSQL();
    const { results } = await env.DB.prepare(`explain query plan ${sql}`)
      .bind(...params)
      .all<{ detail: string }>();
    const plan = results.map((row) => row.detail).join("\n");
    expect(plan).toMatch(/SEARCH chats USING INDEX chats_owner \(owner_id=\?/);
    expect(plan).not.toContain("TEMP B-TREE");
    if (page.after) expect(plan).toContain("updated_at");
  });

  it("that were shared with somebody is found from the shares, without a look at what was not", async () => {
    const shared = { ...everything, ownerId: null, readable: filter(owner, "read", "chat", chatColumns) };
    const { sql, params } = selectChats(db, shared).toSQL();
    const { results } = await env.DB.prepare(`explain query plan ${sql}`)
      .bind(...params)
      .all<{ detail: string }>();
    const plan = results.map((row) => row.detail).join("\n");
    expect(plan).toMatch(/SEARCH chats USING INDEX chats_root/);
    expect(plan).toMatch(/SEARCH s USING (COVERING )?INDEX chat_shares_subject \(subject_id=\?/);
    expect(plan).not.toMatch(/SCAN (chats|s)\b/);
  });
});

describe("what the sweep looks for", () => {
  it.each([
    ["chats that were never born", selectUnborn(db, 5)],
    ["chats that work in silence", selectWorking(db, 5)],
  ])("is read from its index: %s", async (_, query) => {
    const { sql, params } = query.toSQL();
    const { results } = await env.DB.prepare(`explain query plan ${sql}`)
      .bind(...params)
      .all<{ detail: string }>();
    expect(results[0]?.detail).toContain("USING INDEX chats_working (status=?");
  });
});

describe("insertChat", () => {
  it("writes the chat and its key together, once for two that race", async () => {
    const [one, two] = [newChat(), newChat()];
    const creation = { key: newId(), bodyHash: "h" };
    const inserted = await Promise.all([insertChat(db, one, creation), insertChat(db, two, creation)]);
    expect(inserted.toSorted()).toEqual([false, true]);
    const winner = inserted[0] ? one : two;
    const loser = inserted[0] ? two : one;
    expect(await readStoredChat(db, loser.id)).toBeNull();
    expect(await readStoredChat(db, winner.id)).toMatchObject({
      ...winner,
      rootChatId: winner.id,
      status: "pending",
      version: 0,
      archived: false,
      updatedAt: 1_000,
    });
    expect(await readCreation(db, owner.userId, creation.key)).toMatchObject({
      chat: { id: winner.id },
      bodyHash: "h",
    });
    expect(await readCreation(db, newId(), creation.key)).toBeNull();
  });

  it("stays out of lists until its object has spoken", async () => {
    const chat = newChat();
    expect(await insertChat(db, chat, null)).toBe(true);
    const listed = await selectChats(db, everything);
    expect(listed.map((row) => row.id)).not.toContain(chat.id);
  });
});
