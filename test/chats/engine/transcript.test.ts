import { describe, expect, it } from "vitest";
import {
  insertMessages,
  newMessage,
  parseContent,
  toWireMessage,
  UnreadableContentError,
  type MessageRow,
} from "../../../src/chats/engine/transcript.ts";
import { readState } from "../../../src/chats/engine/state.ts";
import {
  CHAT_ID,
  create,
  createWorld,
  finish,
  MODEL_ID,
  OWNER_ID,
  says,
  send,
  settle,
  text,
  USAGE,
  wake,
} from "./support.ts";

async function idleChat() {
  const world = createWorld();
  world.scripts.push(says(text("Hi"), finish()));
  const context = wake(world);
  create(context);
  await settle();
  return { world, context };
}

const message = (id: number, modelConfigId: string | null, role: MessageRow["role"] = "assistant"): MessageRow =>
  newMessage({
    id,
    seq: id,
    createdAt: 1,
    role,
    content: [{ type: "text", text: `m${id}` }],
    contentVersion: 1,
    visibility: "both",
    modelConfigId,
  });

describe("insertMessages", () => {
  it("batch insert of several messages: order, ids, nulls stay null and zeros zero, tokens, cost", async () => {
    const { world } = await idleChat();
    insertMessages(world.storage, [
      newMessage({
        id: 100,
        seq: 100,
        createdAt: 1,
        role: "user",
        content: [{ type: "text", text: "q" }],
        contentVersion: 1,
        visibility: "both",
        modelConfigId: MODEL_ID,
        createdBy: OWNER_ID,
      }),
      newMessage({
        id: 101,
        seq: 101,
        createdAt: 2,
        role: "assistant",
        content: [{ type: "text", text: "a" }],
        contentVersion: 1,
        visibility: "both",
        modelConfigId: MODEL_ID,
        usage: { ...USAGE, output_tokens: 0 },
        totalCostMicros: 0,
        runtimeMs: 7,
      }),
      message(102, null, "tool"),
    ]);
    const rows = world.storage.exec<MessageRow>("select * from messages where id >= 100 order by id");
    expect(rows.map((row) => [row.id, row.role])).toEqual([
      [100, "user"],
      [101, "assistant"],
      [102, "tool"],
    ]);
    expect(rows[0]).toMatchObject({
      created_by: OWNER_ID,
      input_tokens: null,
      total_cost_micros: null,
      runtime_ms: null,
    });
    expect(rows[1]).toMatchObject({
      created_by: null,
      input_tokens: 100,
      output_tokens: 0,
      cache_creation_tokens: 0,
      cache_read_tokens: null,
      total_cost_micros: 0,
      runtime_ms: 7,
    });
    expect(rows[2]).toMatchObject({ created_by: null, model_config_id: null, total_cost_micros: null });
  });

  it("moves the chat's model to the last one named in the batch, and null leaves it alone", async () => {
    const { world } = await idleChat();
    insertMessages(world.storage, [message(100, "first"), message(101, "second"), message(102, null, "tool")]);
    expect(readState(world.storage)?.last_model_config_id).toBe("second");
    insertMessages(world.storage, [message(103, null, "tool")]);
    expect(readState(world.storage)?.last_model_config_id).toBe("second");
  });

  it("does not write the chat's model when it is the same", async () => {
    const { world } = await idleChat();
    world.storage.exec("create table writes (at integer)");
    world.storage.exec(
      "create trigger spy after update of last_model_config_id on chat begin insert into writes values (1); end",
    );
    insertMessages(world.storage, [message(100, MODEL_ID)]);
    expect(world.storage.exec("select * from writes")).toHaveLength(0);
    insertMessages(world.storage, [message(101, "other")]);
    expect(world.storage.exec("select * from writes")).toHaveLength(1);
  });

  it("refuses what breaks the rules of a row", async () => {
    const { world } = await idleChat();
    const refused = (change: Partial<MessageRow>) => () =>
      insertMessages(world.storage, [{ ...message(200, null), ...change }]);
    expect(refused({ created_by: OWNER_ID })).toThrow(/CHECK/);
    expect(refused({ runtime_ms: 0 })).toThrow(/CHECK/);
    expect(refused({ role: "tool", runtime_ms: 5 })).toThrow(/CHECK/);
    expect(() =>
      world.storage.exec(
        "insert into messages (id, seq, role, visibility, content, created_at) values (200, 200, 'tool', 'both', '[]', 1)",
      ),
    ).toThrow(/content_version/);
  });
});

describe("content", () => {
  it("of an unknown version is an error for a prompt and readable words in a list", () => {
    const row = { ...message(1, null), content_version: 9 };
    expect(() => parseContent(row)).toThrow(UnreadableContentError);
    expect(toWireMessage(CHAT_ID, row).content).toEqual([{ type: "text", text: expect.stringContaining("version 9") }]);
  });

  it("of an unknown version ends a turn in words instead of being left out of its prompt", async () => {
    const { world, context } = await idleChat();
    world.storage.exec("update messages set content_version = 9 where role = 'assistant'");
    const calls = world.requests.length;
    send(context, "Go on");
    await settle();
    const [answer] = world.storage.exec<MessageRow>("select * from messages where content_version = 9");
    expect(readState(world.storage)).toMatchObject({
      status: "error",
      last_error: `Message ${answer?.id} has content of version 9, which this version of Tideline cannot read.`,
    });
    expect(world.requests).toHaveLength(calls);
  });

  it("keeps signatures from clients", () => {
    const row = newMessage({
      id: 1,
      seq: 1,
      createdAt: 1,
      role: "assistant",
      content: [{ type: "reasoning", text: "hm", provider_metadata: { signature: "secret" } }],
      contentVersion: 1,
      visibility: "both",
      modelConfigId: null,
    });
    expect(JSON.stringify(toWireMessage(CHAT_ID, row))).not.toContain("secret");
    expect(JSON.stringify(parseContent(row))).toContain("secret");
  });
});
