import { describe, expect, it } from "vitest";
import type { TokenUsage } from "../../../src/contract/models.ts";
import { enqueueCall } from "../../../src/chats/engine/outbox.ts";
import { takePrices } from "../../../src/chats/engine/repriced.ts";
import { readState, readUsage } from "../../../src/chats/engine/state.ts";
import { exportPage } from "../../../src/chats/engine/transfer.ts";
import type { MessageRow } from "../../../src/chats/engine/transcript.ts";
import {
  create,
  createWorld,
  finish,
  fresh,
  says,
  settle,
  shown,
  TestViewer,
  text,
  USAGE,
  wake,
  type World,
} from "./support.ts";

const searched: TokenUsage = {
  ...USAGE,
  cache_creation_tokens: 70,
  cache_creation_1h_tokens: 40,
  web_search_requests: 2,
};

async function answeredChat() {
  const world = createWorld();
  world.scripts.push(says(text("Hi"), finish("stop", searched)));
  const context = wake(world);
  create(context);
  await settle();
  await context.drain();
  const row = world.storage.exec<MessageRow>("select * from messages where role = 'assistant'")[0];
  if (row === undefined) throw new Error("Nobody answered.");
  return { world, context, row };
}

function usage(world: World) {
  const state = readState(world.storage);
  return state === null ? null : readUsage(state);
}

describe("counts with prices of their own", () => {
  it("are in the message's row, on the wire, in the ledger and in an export, with what they cost", async () => {
    const { world, context, row } = await answeredChat();
    const counts = { cache_creation_1h_tokens: 40, web_search_requests: 2 };
    expect(row).toMatchObject(counts);
    const viewer = fresh(context);
    expect(viewer.timeline.messages.at(-1)?.usage).toMatchObject(counts);
    expect([...world.d1.ledger.values()].find(({ role }) => role === "assistant")).toMatchObject(counts);
    expect(exportPage(context, 0).messages.at(-1)?.usage).toMatchObject(counts);
    expect(usage(world)?.last).toMatchObject(counts);
  });
});

describe("new prices of past calls", () => {
  it("are on the message and in the chat's total, once, and viewers see them", async () => {
    const { world, context, row } = await answeredChat();
    const viewer = new TestViewer();
    viewer.connect(context);
    const before = usage(world)?.total_cost_micros ?? 0;
    const price = { id: row.id, beforeMicros: row.total_cost_micros, costMicros: 5_000 };
    takePrices(context, [price]);
    takePrices(context, [price]);
    expect(usage(world)?.total_cost_micros).toBe(before - (row.total_cost_micros ?? 0) + 5_000);
    expect(viewer.timeline.messages.at(-1)?.total_cost_micros).toBe(5_000);
    expect(shown(viewer.timeline)).toEqual(shown(fresh(context).timeline));
    // The ledger knows already.
    expect(world.storage.exec("select * from outbox")).toEqual([]);
  });

  it("of calls that left no message move the total by the difference, whenever they were booked", async () => {
    const { world, context } = await answeredChat();
    const before = usage(world);
    const call = {
      ...USAGE,
      ...{ chat_id: "c", id: 900, kind: "title" as const, role: "assistant" as const, visibility: "model" as const },
      ...{ content_version: 1, created_by: null, model_config_id: null, context_limit: null, estimated: false },
      ...{ total_cost_micros: 30, runtime_ms: null, compressed: false, deleted: false, version: 1, created_at: 1 },
    };
    enqueueCall(context, call, null);
    // What the ledger says was there before counts only where the chat does not know.
    takePrices(context, [{ id: 900, beforeMicros: 777, costMicros: 100 }]);
    takePrices(context, [{ id: 900, beforeMicros: 777, costMicros: 100 }]);
    expect(usage(world)?.total_cost_micros).toBe((before?.total_cost_micros ?? 0) + 70);
    takePrices(context, [{ id: 901, beforeMicros: null, costMicros: 8 }]);
    takePrices(context, [{ id: 901, beforeMicros: null, costMicros: 8 }]);
    expect(usage(world)?.total_cost_micros).toBe((before?.total_cost_micros ?? 0) + 78);
  });

  it("change nothing for viewers where the message is deleted, and still what was paid", async () => {
    const { world, context, row } = await answeredChat();
    world.storage.exec("update messages set deleted = 1 where id = ?", row.id);
    const viewer = new TestViewer();
    viewer.connect(context);
    const messages = viewer.timeline.messages.length;
    takePrices(context, [{ id: row.id, beforeMicros: row.total_cost_micros, costMicros: 9 }]);
    expect(viewer.timeline.messages).toHaveLength(messages);
    expect(usage(world)?.total_cost_micros).toBe(9);
  });
});
