import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { QueuedMessage } from "../../../src/contract/chats.ts";
import { beforeAt, livingWishes, wishedQueue, type QueueWish } from "../../../web/src/chat/queue/queue-order.ts";

const chatId = "0192f0c0-0000-7000-8000-000000000000";
const entry = (id: number, seq = id): QueuedMessage => ({
  id,
  seq,
  chat_id: chatId,
  content: [{ type: "text", text: `message ${id}` }],
  model_config_id: null,
  created_by: chatId,
  created_at: "2026-11-22T12:00:00.000Z",
});
const ids = (queue: readonly QueuedMessage[]) => queue.map(({ id }) => id);
const queue = [entry(1), entry(2), entry(3)];

describe("wishedQueue", () => {
  it("shows deletions and moves before the stream does", () => {
    expect(ids(wishedQueue(queue, [{ kind: "delete", id: 2, seq: 2 }]))).toEqual([1, 3]);
    expect(ids(wishedQueue(queue, [{ kind: "move", id: 3, seq: 3, before: 1 }]))).toEqual([3, 1, 2]);
    expect(ids(wishedQueue(queue, [{ kind: "move", id: 1, seq: 1, before: null }]))).toEqual([2, 3, 1]);
  });
  it("lets go of a wish as soon as its entry has another stamp", () => {
    const wishes: QueueWish[] = [
      { kind: "move", id: 3, seq: 3, before: 1 },
      { kind: "delete", id: 1, seq: 1 },
    ];
    const moved = [entry(3, 9), entry(1), entry(2)];
    expect(ids(wishedQueue(moved, wishes))).toEqual([3, 2]);
    expect(livingWishes(moved, wishes)).toEqual([wishes[1]]);
    expect(livingWishes(queue, wishes)).toBe(wishes);
  });
  it("puts an entry at the end when its neighbour is gone", () => {
    expect(ids(wishedQueue(queue, [{ kind: "move", id: 1, seq: 1, before: 99 }]))).toEqual([2, 3, 1]);
  });
});

describe("beforeAt", () => {
  it("moves nothing out of the list or onto itself", () => {
    expect(beforeAt([1, 2], 0, 0)).toBeUndefined();
    expect(beforeAt([1, 2], 0, -1)).toBeUndefined();
    expect(beforeAt([1, 2], 0, 2)).toBeUndefined();
  });
  it("names the neighbour by which the entry lands where it was wanted", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 8 }), fc.nat(7), fc.nat(7), (length, a, b) => {
        const [from, to] = [a % length, b % length];
        const whole = Array.from({ length }, (_each, index) => entry(index + 1));
        const before = beforeAt(ids(whole), from, to);
        fc.pre(before !== undefined);
        const moved = wishedQueue(whole, [{ kind: "move", id: from + 1, seq: from + 1, before: before ?? null }]);
        expect(ids(moved).indexOf(from + 1)).toBe(to);
      }),
    );
  });
});
