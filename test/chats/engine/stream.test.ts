import { SEND_FRAME_MAX_LENGTH } from "../../../src/contract/stream.ts";
import { describe, expect, it } from "vitest";
import { takeOutput } from "../../../src/chats/engine/calls.ts";
import {
  create,
  createWorld,
  finish,
  fresh,
  Hold,
  pass,
  says,
  send,
  settle,
  shown,
  TestViewer,
  text,
  toolCall,
  wake,
} from "./support.ts";

describe("the stream", () => {
  it("shows the same to all viewers, whenever they came", async () => {
    const world = createWorld();
    const hold = new Hold();
    world.scripts.push(async function* () {
      yield* text("One ");
      await hold.passed;
      yield* text("two");
      yield finish();
    });
    const context = wake(world);
    create(context);
    const early = fresh(context);
    await settle();
    context.stream.flush();
    const late = fresh(context);
    expect(late.timeline.previews.size).toBe(1);
    expect(shown(late.timeline)).toEqual(shown(early.timeline));
    hold.letGo();
    await settle();
    expect(early.timeline.messages.map((message) => message.role)).toEqual(["user", "assistant"]);
    expect(early.timeline.previews.size).toBe(0);
    expect(shown(late.timeline)).toEqual(shown(early.timeline));
    expect(early.gaps + late.gaps).toBe(0);
  });

  it("sends only what is missing after a cursor", async () => {
    const world = createWorld();
    world.scripts.push(says(text("One"), finish()), says(text("Two"), finish()));
    const context = wake(world);
    create(context);
    const viewer = fresh(context);
    await settle();
    const cursor = viewer.timeline.cursor;
    context.fanout.leave(viewer);
    send(context, "next");
    await settle();
    viewer.frames = [];
    viewer.connect(context, { since: cursor });
    const events = viewer.frames.flatMap((frame) => (frame.type === "data" ? frame.data : []));
    expect(events.some((event) => event.type === "reset")).toBe(false);
    expect(events.filter((event) => event.type === "message")).toHaveLength(2);
    expect(shown(viewer.timeline)).toEqual(shown(fresh(context).timeline));
  });

  it("gives a snapshot to a cursor that it cannot know", async () => {
    const world = createWorld();
    world.scripts.push(says(text("One"), finish()));
    const context = wake(world);
    create(context);
    await settle();
    const viewer = new TestViewer();
    viewer.connect(context, { since: 1_000_000 });
    expect(viewer.frames[1]).toMatchObject({ type: "data", data: [{ type: "reset" }, {}, {}, {}, {}, {}, {}, {}] });
    expect(viewer.timeline.messages).toHaveLength(2);
  });

  it("lets a slow reader fall behind, catches it up in order, and cuts one off that takes nothing", async () => {
    const world = createWorld();
    const words = "x".repeat(20_000);
    world.scripts.push(says(...Array.from({ length: 40 }, () => text(words)), finish()));
    const context = wake(world);
    create(context);
    const slow = new TestViewer();
    slow.acknowledges = false;
    slow.connect(context);
    const dead = new TestViewer();
    dead.acknowledges = false;
    dead.connect(context);
    await settle();
    expect(slow.timeline.status).toBe("running");
    const received = slow.frames.length;
    slow.acknowledges = true;
    slow.acknowledge();
    await settle();
    expect(slow.frames.length).toBeGreaterThan(received);
    expect(slow.gaps).toBe(0);
    expect(shown(slow.timeline)).toEqual(shown(fresh(context).timeline));
    await pass(world, context, 61_000);
    expect(dead.closed).toBe(1013);
    expect(slow.closed).toBeNull();
  });

  it("closes a socket that sends anything but acknowledgements and messages", async () => {
    const world = createWorld();
    world.scripts.push(says(text("One"), finish()));
    const context = wake(world);
    create(context);
    const viewer = fresh(context);
    context.fanout.receive(viewer, "{");
    expect(viewer.closed).toBeNull();
    const message = { content: [{ type: "text", text: "More" }] };
    expect(context.fanout.receive(viewer, JSON.stringify({ type: "send", key: "k", message }))).toEqual({
      type: "send",
      key: "k",
      message,
    });
    // What is wrong with a message is for whoever takes it to say; one without a key cannot be answered.
    expect(context.fanout.receive(viewer, '{"type":"send","key":"k","message":7}')).not.toBeNull();
    expect(context.fanout.receive(viewer, '{"type":"send","message":7}')).toBeNull();
    expect(viewer.closed).toBeNull();
    context.fanout.receive(viewer, "x".repeat(SEND_FRAME_MAX_LENGTH + 1));
    expect(viewer.closed).toBe(1008);
  });

  it("keeps the tail of a tool's live output and survives a sleep with it", async () => {
    const world = createWorld();
    world.scripts.push(
      says(toolCall("a", "execute", { command: "loop" }), finish("tool-calls")),
      says(text("ok"), finish()),
    );
    const context = wake(world);
    create(context);
    await settle();
    const [callId = ""] = [...world.agent.journal.keys()];
    let offset = 0;
    for (let line = 0; line < 100; line += 1) {
      const piece = `${line}:${"o".repeat(1_000)}\n`;
      takeOutput(context, { callId, agentId: "agent-1", offset, text: piece });
      takeOutput(context, { callId, agentId: "agent-1", offset, text: piece });
      offset += piece.length;
    }
    context.stream.flush();
    context.stream.checkpoint();
    const viewer = fresh(wake(world));
    const [preview] = [...viewer.timeline.previews.values()];
    const part = preview?.parts[0];
    expect(part?.text.length).toBeLessThanOrEqual(34_000);
    expect((part?.start ?? 0) + (part?.text.length ?? 0)).toBe(offset);
    expect(part?.text.endsWith(`99:${"o".repeat(1_000)}\n`)).toBe(true);
  });
});
