import { describe, expect, it } from "vitest";
import type { CreateMessageResponse } from "../../../src/contract/chats.ts";
import { ApiError } from "../../../web/src/api/error.ts";
import { openOutbox, sendEitherWay, type OutboxPorts, type OutgoingMessage } from "../../../web/src/chat/outgoing.ts";
import { FakeClock, message } from "./fake-line.ts";

/** A server that remembers keys as the real one does, and can be told how to answer next. */
function start(saved: string | null = null) {
  const clock = new FakeClock();
  const answers: (Error | CreateMessageResponse | "lost")[] = [];
  const posts: OutgoingMessage[] = [];
  const accepted = new Map<string, CreateMessageResponse>();
  let stored = saved;
  let keys = 0;
  const ports: OutboxPorts = {
    post: (outgoing) => {
      posts.push(outgoing);
      const told = answers.shift();
      if (told instanceof Error) return Promise.reject(told);
      const answer = (told === "lost" ? undefined : told) ??
        accepted.get(outgoing.key) ?? { queued: false, message: message(accepted.size + 1, 1) };
      accepted.set(outgoing.key, answer);
      // The server took it, but the answer never arrived.
      return told === "lost" ? Promise.reject(new ApiError(0, "No connection")) : Promise.resolve(answer);
    },
    newKey: () => `key-${(keys += 1)}`,
    load: () => stored,
    save: (text) => {
      stored = text;
    },
    after: clock.after,
  };
  const outbox = openOutbox(ports);
  const settle = async () => {
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  };
  return { clock, answers, posts, accepted, outbox, settle, stored: () => stored, ports };
}

describe("an outbox", () => {
  it("shows a message at once and until the stream has brought it", async () => {
    const of = start();
    of.outbox.send("hello", "model");
    expect(of.outbox.messages()).toMatchObject([
      { text: "hello", modelConfigId: "model", failure: null, messageId: null },
    ]);
    await of.settle();
    expect(of.outbox.messages()).toMatchObject([{ messageId: 1 }]);
    of.outbox.arrived((id) => id === 1);
    expect(of.outbox.messages()).toEqual([]);
    expect(of.stored()).toBeNull();
  });

  it("repeats a lost answer under the same key, so that nothing doubles", async () => {
    const of = start();
    of.answers.push("lost", "lost");
    of.outbox.send("once", null);
    for (let turn = 0; turn < 3; turn += 1) {
      await of.settle();
      of.clock.advance(5_000);
    }
    await of.settle();
    expect(of.posts.map((post) => post.key)).toEqual(["key-1", "key-1", "key-1"]);
    expect(of.accepted.size).toBe(1);
    expect(of.outbox.messages()).toMatchObject([{ messageId: 1, failure: null }]);
  });

  it("keeps the text and says why when the server refuses, and does not ask twice by itself", async () => {
    const of = start();
    of.answers.push(new ApiError(413, "Too long", { detail: "A message may have 1 MB of text." }));
    of.outbox.send("far too long", null);
    await of.settle();
    of.clock.advance(60_000);
    expect(of.posts).toHaveLength(1);
    expect(of.outbox.messages()).toMatchObject([{ text: "far too long", failure: "A message may have 1 MB of text." }]);
    expect(of.outbox.takeBack("key-1")).toEqual({ text: "far too long", files: [], comments: [] });
    expect(of.outbox.messages()).toEqual([]);
  });

  it("stops asking after a while, and sends again under the same key when told to", async () => {
    const of = start();
    of.answers.push(...Array.from({ length: 4 }, () => new ApiError(0, "No connection", { detail: "Not reached." })));
    of.outbox.send("hello", null);
    for (let turn = 0; turn < 6; turn += 1) {
      await of.settle();
      of.clock.advance(10_000);
    }
    expect(of.posts).toHaveLength(4);
    expect(of.outbox.messages()).toMatchObject([{ failure: "Not reached." }]);
    of.outbox.retry("key-1");
    await of.settle();
    expect(of.outbox.messages()).toMatchObject([{ messageId: 1, failure: null }]);
    expect(new Set(of.posts.map((post) => post.key))).toEqual(new Set(["key-1"]));
  });

  it("goes on after a reload with what had not arrived", async () => {
    const before = start();
    before.answers.push("lost");
    before.outbox.send("hello", null);
    await before.settle();
    before.outbox.close();

    const after = start(before.stored());
    await after.settle();
    expect(after.posts).toMatchObject([{ key: "key-1", text: "hello" }]);
    expect(after.outbox.messages()).toMatchObject([{ messageId: 1 }]);
  });

  it("leaves a queued message to the queue", async () => {
    const of = start();
    of.answers.push({ queued: true });
    of.outbox.send("next", null);
    await of.settle();
    expect(of.outbox.messages()).toEqual([]);
  });

  it.each(["not json", "{}", '[{"key":1}]'])("forgets what it cannot read: %s", (saved) => {
    expect(start(saved).outbox.messages()).toEqual([]);
  });
});

describe("the two ways of a message", () => {
  const response: CreateMessageResponse = { queued: false, message: message(1, 1) };
  const refused = (status: number) => {
    const problem = { type: "about:blank", title: "No", message: "No", status, request_id: "r" };
    return { type: "refused" as const, key: "k", problem, retry_after: 30 };
  };
  const overHttp = { queued: true };

  it("is the chat's line where it answers, with its refusals", async () => {
    const never = () => Promise.reject(new Error("HTTP was asked, too."));
    expect(await sendEitherWay(async () => ({ type: "sent", key: "k", response }), never)).toBe(response);
    const refusal = sendEitherWay(async () => refused(429), never);
    await expect(refusal).rejects.toMatchObject({ name: "ApiError", status: 429, retryAfter: 30 });
  });

  it.each([
    ["there is no line, or it was lost", null],
    ["the server asks for a request", refused(421)],
    ["the session has ended, to which HTTP has the answer", refused(401)],
  ])("is HTTP where %s", async (_, answer) => {
    expect(
      await sendEitherWay(
        async () => answer,
        async () => overHttp,
      ),
    ).toBe(overHttp);
  });
});
