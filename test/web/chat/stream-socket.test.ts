import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import type { StreamEvent } from "../../../src/contract/stream.ts";
import { applyFrame, emptyTimeline, type Timeline } from "../../../src/contract/timeline.ts";
import { openStream, readFrame } from "../../../web/src/chat/stream-socket.ts";
import { CHAT_ID, FakeClock, fakePorts, frame, hello, message, text } from "./fake-line.ts";

function start(overrides: Parameters<typeof fakePorts>[1] = {}) {
  const clock = new FakeClock();
  const { ports, sockets } = fakePorts(clock, overrides);
  const stream = openStream(CHAT_ID, ports);
  const line = (index = sockets.length - 1) => {
    const socket = sockets[index];
    if (socket === undefined) throw new Error(`no socket ${index}`);
    return socket;
  };
  return { clock, sockets, stream, line };
}

/** Opens the newest socket and brings it up to `seq` with one message per stamp. */
function goLive(of: ReturnType<typeof start>, seq: number): void {
  const { events } = of.line();
  events.open();
  events.text(hello(seq));
  events.text(
    frame(
      0,
      seq,
      ...Array.from({ length: seq }, (_, n) => ({ type: "message" as const, message: message(n + 1, n + 1) })),
    ),
  );
  of.clock.advance(20);
}

describe("a chat's stream", () => {
  it("connects without a cursor, goes live, and comes back with one", () => {
    const of = start();
    expect(of.line().path).toBe(`/api/v2/chats/${CHAT_ID}/stream`);
    expect(of.line().query.has("since")).toBe(false);
    goLive(of, 3);
    expect(of.stream.state()).toMatchObject({ connection: "live", timeline: { cursor: 3, ready: true } });

    of.line().events.closed(1006);
    of.clock.advance(1_000);
    expect(of.sockets).toHaveLength(2);
    expect(of.line().query.get("since")).toBe("3");
    expect(of.line().query.get("epoch")).toBe("first");
  });

  it("carries a message and brings its answer", async () => {
    const of = start();
    const words = { content: [{ type: "text" as const, text: "Ahoy" }] };
    expect(await of.stream.send("early", words)).toBeNull();
    goLive(of, 1);
    const answer = of.stream.send("k", words);
    expect(of.line().sent.map((text) => JSON.parse(text))).toContainEqual({ type: "send", key: "k", message: words });
    const sent = { type: "sent", key: "k", response: { queued: false, message: message(2, 2) } };
    of.line().events.text(JSON.stringify({ ...sent, key: "another" }));
    of.line().events.text(JSON.stringify(sent));
    expect(await answer).toEqual(sent);
    expect(of.stream.state().timeline.cursor).toBe(1);
    const long = { content: [{ type: "text" as const, text: "x".repeat(70_000) }] };
    expect(await of.stream.send("long", long)).toBeNull();
  });

  it("says when it cannot tell what became of a message: the line was lost, or nobody answered", async () => {
    const of = start();
    goLive(of, 1);
    const words = { content: [{ type: "text" as const, text: "Ahoy" }] };
    const lost = of.stream.send("lost", words);
    of.line().events.closed(1006);
    expect(await lost).toBeNull();
    of.clock.advance(1_000);
    goLive(of, 1);
    const unanswered = of.stream.send("unanswered", words);
    of.clock.advance(10_000);
    expect(await unanswered).toBeNull();
  });

  it("publishes many frames once per animation frame", () => {
    const of = start();
    goLive(of, 1);
    const listener = vi.fn();
    of.stream.subscribe(listener);
    for (let seq = 2; seq <= 50; seq += 1)
      of.line().events.text(frame(seq - 1, seq, { type: "title", title: `${seq}` }));
    expect(listener).not.toHaveBeenCalled();
    of.clock.advance(16);
    expect(listener).toHaveBeenCalledTimes(1);
    expect(of.stream.state().timeline.title).toBe("50");
  });

  it("acknowledges the UTF-8 bytes it received, after a second or 64 KiB, and pongs never", () => {
    const of = start();
    of.line().events.open();
    const first = hello(1);
    const second = frame(0, 1, { type: "title", title: "Ebbe und Flut – 潮" });
    of.line().events.text(first);
    of.line().events.text(second);
    expect(of.line().sent).toEqual([]);
    of.clock.advance(1_000);
    const bytes = Buffer.byteLength(first) + Buffer.byteLength(second);
    expect(of.line().sent).toEqual([JSON.stringify({ type: "ack", bytes })]);

    of.line().events.text("pong");
    of.clock.advance(2_000);
    expect(of.line().sent).toHaveLength(1);

    const large = frame(1, 2, { type: "title", title: "x".repeat(70_000) });
    of.line().events.text(large);
    expect(of.line().sent.at(-1)).toBe(JSON.stringify({ type: "ack", bytes: bytes + large.length }));
  });

  it("pings every 25 s and gives up a line that does not answer", () => {
    const of = start();
    goLive(of, 1);
    of.clock.advance(25_000);
    expect(of.line().sent).toContain("ping");
    of.line().events.text("pong");
    of.clock.advance(11_000);
    expect(of.line().closedByClient).toBe(false);
    of.clock.advance(25_000);
    expect(of.line(0).closedByClient).toBe(true);
    expect(of.sockets).toHaveLength(2);
  });

  it("reconnects at a gap with its own cursor once, then from the start", () => {
    const of = start();
    goLive(of, 2);
    of.line().events.text(frame(5, 6, { type: "title", title: "too new" }));
    expect(of.line(0).closedByClient).toBe(true);
    expect(of.line(1).query.get("since")).toBe("2");
    of.line(1).events.open();
    of.line(1).events.text(frame(5, 6, { type: "title", title: "too new" }));
    expect(of.sockets).toHaveLength(3);
    expect(of.line(2).query.has("since")).toBe(false);
  });

  it("shows what it had until a snapshot is complete", () => {
    const of = start();
    goLive(of, 2);
    of.line().events.text(
      text({ type: "data", data: [{ type: "reset" }, { type: "message", message: message(9, 30) }] }),
    );
    of.clock.advance(20);
    expect(of.stream.state().timeline.messages.map((each) => each.id)).toEqual([1, 2]);
    of.line().events.text(text({ type: "data", seq: 30, data: [{ type: "message", message: message(10, 31) }] }));
    of.clock.advance(20);
    expect(of.stream.state().timeline.messages.map((each) => each.id)).toEqual([9, 10]);
  });

  it("shows older messages at once, and never in one breath with what came in below", () => {
    const of = start();
    const { events } = of.line();
    events.open();
    events.text(hello(3));
    events.text(frame(0, 3, { type: "message", message: message(3, 3) }, { type: "history", has_more: true }));
    of.clock.advance(20);
    events.text(frame(3, 4, { type: "message", message: message(4, 4) }));
    const seen: number[][] = [];
    of.stream.subscribe(() => seen.push(of.stream.state().timeline.messages.map(({ id }) => id)));
    of.stream.addPage({
      messages: [message(1, 1), message(2, 2)],
      queued_messages: [],
      has_more: false,
      seq: 4,
      epoch: "first",
    });
    expect(of.stream.state()).toMatchObject({ cuts: [3], timeline: { hasMore: false } });
    of.clock.advance(20);
    expect(seen).toEqual([
      [1, 2, 3],
      [1, 2, 3, 4],
    ]);
  });

  it("says that there is trouble only after two seconds, and stops saying so when live", () => {
    const of = start();
    goLive(of, 1);
    of.line().events.closed(1006);
    of.clock.advance(500);
    expect(of.stream.state()).toMatchObject({ connection: "reconnecting", troubled: false });
    of.clock.advance(2_000);
    expect(of.stream.state().troubled).toBe(true);
    goLive(of, 1);
    expect(of.stream.state()).toMatchObject({ connection: "live", troubled: false });
  });

  it("backs off up to 20 s and connects at once when nudged", async () => {
    const of = start();
    goLive(of, 1);
    for (let failure = 0; failure < 12; failure += 1) {
      of.line().events.closed(1006);
      await Promise.resolve();
      await Promise.resolve();
      of.clock.advance(20_000);
    }
    const tried = of.sockets.length;
    of.line().events.closed(1006);
    await Promise.resolve();
    await Promise.resolve();
    of.clock.advance(14_000);
    expect(of.sockets).toHaveLength(tried);
    of.stream.nudge();
    expect(of.sockets).toHaveLength(tried + 1);
  });

  it("checks a live line quickly when nudged", () => {
    const of = start();
    goLive(of, 1);
    of.clock.advance(1_000);
    of.stream.nudge();
    expect(of.line().sent.at(-1)).toBe("ping");
    of.clock.advance(4_000);
    expect(of.line(0).closedByClient).toBe(true);
  });

  it.each([
    [4401, "signed-out"],
    [4403, "access-lost"],
    [4404, "access-lost"],
  ] as const)("ends for good at close code %i", (code, denied) => {
    const of = start();
    goLive(of, 1);
    of.line().events.closed(code);
    of.clock.advance(60_000);
    expect(of.stream.state()).toMatchObject({ connection: "denied", denied });
    expect(of.sockets).toHaveLength(1);
  });

  it("keeps nothing of a chat that was taken away, and says so at once", () => {
    const of = start();
    goLive(of, 1);
    of.clock.advance(20);
    expect(of.stream.state().timeline.ready).toBe(true);
    const problem = { type: "about:blank", title: "Gone", status: 403, request_id: "", message: "Gone" };
    of.line().events.text(text({ type: "error", data: problem }));
    of.clock.advance(20);
    expect(of.stream.state()).toMatchObject({ denied: "access-lost", timeline: { ready: false, messages: [] } });
    of.stream.nudge();
    of.clock.advance(60_000);
    expect(of.sockets).toHaveLength(1);
  });

  it("asks over HTTP why an upgrade was refused", async () => {
    const of = start({ probe: () => Promise.resolve("not-found") });
    of.line().events.closed(1006);
    await Promise.resolve();
    await Promise.resolve();
    of.clock.advance(60_000);
    expect(of.stream.state()).toMatchObject({ connection: "denied", denied: "not-found" });
    expect(of.sockets).toHaveLength(1);
  });

  it("asks after a policy close, and comes back when the chat may still be read", async () => {
    const of = start();
    goLive(of, 1);
    of.line().events.closed(1008);
    await Promise.resolve();
    await Promise.resolve();
    of.clock.advance(1_000);
    expect(of.sockets).toHaveLength(2);
  });

  it("takes an error frame's word for it", () => {
    const of = start();
    of.line().events.open();
    const problem = { type: "about:blank", title: "Not found", status: 404, request_id: "r", message: "Not found" };
    of.line().events.text(text({ type: "error", data: problem }));
    of.clock.advance(60_000);
    expect(of.stream.state().denied).toBe("not-found");
    expect(of.sockets).toHaveLength(1);
  });

  it("says offline when the browser is", () => {
    let online = true;
    const of = start({ online: () => online });
    goLive(of, 1);
    online = false;
    of.line().events.closed(1006);
    of.clock.advance(20);
    expect(of.stream.state().connection).toBe("offline");
  });

  it("sends, opens and publishes nothing after it was closed", () => {
    const of = start();
    goLive(of, 1);
    const listener = vi.fn();
    of.stream.subscribe(listener);
    of.stream.close();
    expect(of.line().closedByClient).toBe(true);
    of.line().events.closed(1006);
    of.clock.advance(120_000);
    expect(of.sockets).toHaveLength(1);
    expect(listener).not.toHaveBeenCalled();
  });

  it("reads the chat anew when it is sent something unreadable", () => {
    const silent = vi.spyOn(console, "error").mockImplementation(() => {});
    const of = start();
    goLive(of, 2);
    of.line().events.text('{"type":"data","data":[{"type":"title"}]}');
    of.clock.advance(1_000);
    expect(of.line(1).query.has("since")).toBe(false);
    expect(silent).toHaveBeenCalledOnce();
    silent.mockRestore();
  });
});

describe("readFrame", () => {
  it("leaves out events of kinds that came later than this page", () => {
    const read = readFrame('{"type":"data","prev":1,"seq":2,"data":[{"type":"weather"},{"type":"title","title":"t"}]}');
    expect(read).toEqual({ type: "data", prev: 1, seq: 2, data: [{ type: "title", title: "t" }] });
  });
  it.each(["", "null", "[]", '{"type":"data","data":[{"type":"title"}]}', '{"type":"data"}'])("refuses %s", (junk) => {
    expect(readFrame(junk)).toBeNull();
  });
});

/** A chat whose events are kept by stamp, served from any cursor. */
function serve(history: readonly StreamEvent[], since: number): string[] {
  const frames = [hello(history.length)];
  for (let seq = since + 1; seq <= history.length; seq += 1) {
    const event = history[seq - 1];
    if (event !== undefined) frames.push(frame(seq - 1, seq, event));
  }
  return frames;
}

const words = ["The ", "tide ", "comes ", "in ", "twice ", "a ", "day."];
function turns(count: number): StreamEvent[] {
  const events: StreamEvent[] = [];
  for (let turn = 0; turn < count; turn += 1) {
    const id = turn + 1;
    let offset = 0;
    for (const word of words) {
      events.push({
        type: "message_part",
        message_id: id,
        attempt: 1,
        role: "assistant",
        index: 0,
        offset,
        part: { type: "text", text: word },
      });
      offset += word.length;
    }
    events.push({ type: "message", message: message(id, events.length + 1) });
    if (turn % 3 === 2) events.push({ type: "messages_deleted", ids: [id - 1] });
  }
  return events;
}

describe("after any cuts, losses and repeats", () => {
  it("ends in the state of an undisturbed viewer", () => {
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ kind: fc.constant("deliver" as const), count: fc.integer({ min: 1, max: 12 }) }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("cut" as const), count: fc.constant(0) }) },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant("lose" as const), count: fc.integer({ min: 1, max: 3 }) }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("repeat" as const), count: fc.constant(1) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 12 }), (steps, count) => {
        const history = turns(count);
        const of = start();
        let waiting: string[] = [];
        let served = -1;
        let last: string | null = null;
        const attend = () => {
          if (served === of.sockets.length - 1) return;
          served = of.sockets.length - 1;
          of.line().events.open();
          waiting = serve(history, Number(of.line().query.get("since") ?? 0));
        };
        const deliver = (frames: number) => {
          for (let n = 0; n < frames; n += 1) {
            attend();
            const next = waiting.shift();
            if (next === undefined) return;
            last = next;
            of.line().events.text(next);
          }
        };
        for (const { kind, count: frames } of steps) {
          attend();
          if (kind === "deliver") deliver(frames);
          else if (kind === "lose") waiting.splice(1, frames);
          else if (kind === "repeat" && last !== null) of.line().events.text(last);
          else if (kind === "cut") of.line().events.closed(1006);
          of.clock.advance(25_000);
        }
        // The line holds from now on.
        for (let n = 0; n < 4; n += 1) {
          deliver(1_000);
          of.clock.advance(25_000);
        }
        let expected: Timeline = emptyTimeline();
        for (const each of serve(history, 0)) {
          const parsed = readFrame(each);
          if (parsed !== null) expected = applyFrame(expected, parsed).timeline;
        }
        const { cursor, messages, previews, deleted } = of.stream.state().timeline;
        expect({ cursor, messages, previews, deleted }).toEqual({
          cursor: expected.cursor,
          messages: expected.messages,
          previews: expected.previews,
          deleted: expected.deleted,
        });
        of.stream.close();
      }),
      { numRuns: 300 },
    );
  });
});
