import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { takeOutput, takeResult } from "../../../src/chats/engine/calls.ts";
import type { ChatContext } from "../../../src/chats/engine/context.ts";
import { interruptTurn } from "../../../src/chats/engine/interrupt.ts";
import { ModelError, type ModelEvent } from "../../../src/chats/engine/ports.ts";
import type { Timeline } from "../../../src/contract/timeline.ts";
import {
  create,
  createWorld,
  finish,
  Hold,
  pass,
  says,
  send,
  settle,
  TestViewer,
  text,
  toolCall,
  wake,
  type World,
} from "./support.ts";

const shown = (timeline: Timeline) => ({
  status: timeline.status,
  lastError: timeline.lastError,
  retry: timeline.retry,
  title: timeline.title,
  usage: timeline.usage,
  queue: timeline.queue,
  messages: timeline.messages,
  hasMore: timeline.hasMore,
  previews: [...timeline.previews]
    .sort(([a], [b]) => a - b)
    .map(([id, preview]) => [id, { ...preview, role: undefined }]),
});

function fresh(context: ChatContext): TestViewer {
  const viewer = new TestViewer();
  viewer.connect(context);
  return viewer;
}

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

  it("closes a socket that sends anything but acknowledgements", async () => {
    const world = createWorld();
    world.scripts.push(says(text("One"), finish()));
    const context = wake(world);
    create(context);
    const viewer = fresh(context);
    context.fanout.receive(viewer, "{");
    expect(viewer.closed).toBeNull();
    context.fanout.receive(viewer, "x".repeat(2_000));
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

// One schedule: what people, the model, the workspace and the network do, in any order.
type Act =
  | { do: "say"; words: string }
  | { do: "tool" }
  | { do: "finish" }
  | { do: "fail" }
  | { do: "result" }
  | { do: "output"; words: string }
  | { do: "send" }
  | { do: "interrupt" }
  | { do: "pass"; ms: number }
  | { do: "die" }
  | { do: "connect"; viewer: number }
  | { do: "disconnect"; viewer: number }
  | { do: "lose"; viewer: number }
  | { do: "slow"; viewer: number };

const viewerIndex = fc.integer({ min: 0, max: 2 });
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("say" as const), words: fc.string({ unit: "binary", maxLength: 40 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("tool" as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("finish" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("fail" as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("result" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("output" as const), words: fc.string({ maxLength: 40 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("send" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("interrupt" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 40_000 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("die" as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("connect" as const), viewer: viewerIndex }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("disconnect" as const), viewer: viewerIndex }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("lose" as const), viewer: viewerIndex }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("slow" as const), viewer: viewerIndex }) },
);

/** The model of a schedule: says what the schedule tells it to, while a call is open. */
function createPuppet() {
  let events: (ModelEvent | "fail")[] = [];
  let awake: () => void = () => undefined;
  let calls = 0;

  function script(world: World) {
    events = [];
    return async function* (request: { signal: AbortSignal }) {
      world.scripts.push(script(world));
      for (;;) {
        const event = events.shift();
        if (event === "fail")
          throw new ModelError({ kind: "network", provider: "test", status: null, retryable: true, message: "Cut." });
        if (event !== undefined) yield event;
        if (event?.type === "finish") return;
        if (request.signal.aborted) throw new Error("aborted");
        if (events.length > 0) continue;
        await new Promise<void>((resolve) => {
          awake = resolve;
          request.signal.addEventListener("abort", () => resolve());
        });
      }
    };
  }

  return {
    script,
    say(event: ModelEvent | "fail"): void {
      events.push(event);
      awake();
    },
    nextKey: () => `k${calls++}`,
  };
}

class CutViewer extends TestViewer {
  online = false;
  /** Frames that the network swallows before the socket is seen to be dead. */
  losing = false;
  override send(frame: string): void {
    if (!this.online) throw new Error("The socket is closed.");
    if (!this.losing) super.send(frame);
  }
}

describe("exact resume", () => {
  it("ends every viewer in the state of an undisturbed one", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 60 }), async (schedule) => {
        const world = createWorld();
        const puppet = createPuppet();
        world.scripts.push(puppet.script(world));
        let context = wake(world);
        create(context);
        await settle();
        const viewers = [new CutViewer(), new CutViewer(), new CutViewer()];
        const online = (viewer: CutViewer) => {
          context.fanout.leave(viewer);
          viewer.online = true;
          viewer.losing = false;
          viewer.acknowledges = true;
          viewer.connect(context, { since: viewer.timeline.ready ? viewer.timeline.cursor : null });
        };
        const offline = (viewer: CutViewer) => {
          viewer.online = false;
          viewer.acknowledges = false;
          context.fanout.leave(viewer);
        };
        const offsets = new Map<string, number>();
        for (const step of schedule) {
          switch (step.do) {
            case "say":
              if (step.words !== "") puppet.say({ type: "text-delta", text: step.words });
              break;
            case "tool":
              for (const event of toolCall(puppet.nextKey(), "execute", { command: "x" })) puppet.say(event);
              break;
            case "finish":
              puppet.say(finish());
              break;
            case "fail":
              puppet.say("fail");
              break;
            case "result": {
              const callId = [...world.agent.journal].find(([, call]) => call.state === "running")?.[0];
              if (callId === undefined) break;
              world.agent.journal.set(callId, { state: "done", runs: 1, tool: "", args: null });
              takeResult(context, { callId, agentId: "agent-1", result: { ok: true }, isError: false });
              break;
            }
            case "output": {
              const callId = [...world.agent.journal].find(([, call]) => call.state === "running")?.[0];
              if (callId === undefined) break;
              const offset = offsets.get(callId) ?? 0;
              takeOutput(context, { callId, agentId: "agent-1", offset, text: step.words });
              offsets.set(callId, offset + step.words.length);
              break;
            }
            case "send":
              send(context, "More");
              break;
            case "interrupt":
              interruptTurn(context);
              break;
            case "pass":
              await pass(world, context, step.ms);
              break;
            case "die":
              for (const viewer of viewers) offline(viewer);
              context = wake(world);
              break;
            case "connect":
              online(viewers[step.viewer] ?? new CutViewer());
              break;
            case "disconnect":
              offline(viewers[step.viewer] ?? new CutViewer());
              break;
            case "lose": {
              const viewer = viewers[step.viewer];
              if (viewer !== undefined) viewer.losing = true;
              break;
            }
            case "slow": {
              const viewer = viewers[step.viewer];
              if (viewer !== undefined) viewer.acknowledges = false;
              break;
            }
          }
          await settle();
        }
        context.stream.flush();
        for (const viewer of viewers) online(viewer);
        await settle();
        const expected = shown(fresh(context).timeline);
        for (const viewer of viewers) expect(shown(viewer.timeline)).toEqual(expected);
        expect(viewers.every((viewer) => viewer.gaps === 0)).toBe(true);
        expect([...world.agent.journal.values()].every((call) => call.runs === 1)).toBe(true);
        expect(world.aborted).toEqual([]);
      }),
      {
        numRuns: Number(process.env["RUNS"] ?? 60),
        ...(process.env["SEED"] ? { seed: Number(process.env["SEED"]) } : {}),
      },
    );
  });
});
