import fc from "fast-check";
import { applyPage } from "../../../src/contract/timeline.ts";
import type { MessagesResponse } from "../../../src/contract/chats.ts";
import { readMessages } from "../../../src/chats/engine/accept.ts";
import { allotId } from "../../../src/chats/engine/cells.ts";
import { takeOutput, takeResult } from "../../../src/chats/engine/calls.ts";
import { compactChat } from "../../../src/chats/engine/compaction.ts";
import type { ChatContext } from "../../../src/chats/engine/context.ts";
import { editMessage } from "../../../src/chats/engine/edit.ts";
import { interruptTurn } from "../../../src/chats/engine/interrupt.ts";
import { ModelError, type ModelEvent } from "../../../src/chats/engine/ports.ts";
import { deleteQueued, promoteQueued, updateQueued } from "../../../src/chats/engine/queue.ts";
import { readQueue } from "../../../src/chats/engine/state.ts";
import { insertMessages, newMessage, type MessageRow } from "../../../src/chats/engine/transcript.ts";
import {
  create,
  createWorld,
  finish,
  OWNER_ID,
  pass,
  send,
  settle,
  TestViewer,
  toolCall,
  wake,
  type World,
} from "./support.ts";

/** What people, the model, the workspace and the network do to one chat, in any order. */

/** A viewer whose line is cut, swallows frames or ends after so many of them. */
export class CutViewer extends TestViewer {
  online = false;
  losing = false;
  framesLeft = Infinity;
  latePages: MessagesResponse[] = [];

  override send(frame: string): void {
    if (!this.online || this.framesLeft <= 0) throw new Error("The socket is closed.");
    this.framesLeft -= 1;
    if (!this.losing) super.send(frame);
  }
}

export interface Stage {
  world: World;
  context: ChatContext;
  viewers: CutViewer[];
  model: ReturnType<typeof createPuppet>;
  outputs: Map<string, number>;
}

export async function setTheStage(olderMessages: number): Promise<Stage> {
  const world = createWorld();
  const model = createPuppet();
  world.scripts.push(model.script(world));
  const context = wake(world);
  create(context);
  model.say({ type: "text-delta", text: "Hello" });
  model.say(finish());
  await settle();
  insertOlder(context, olderMessages);
  const viewers = [new CutViewer(), new CutViewer(), new CutViewer()];
  return { world, context, viewers, model, outputs: new Map() };
}

/** Messages that were there before: more than a snapshot holds. */
function insertOlder(context: ChatContext, count: number): void {
  const rows = Array.from({ length: count }, (_, index) =>
    newMessage({
      id: allotId(context),
      seq: context.stamps.next(),
      createdAt: 1,
      role: "user",
      content: [{ type: "text", text: `older ${index}` }],
      contentVersion: 1,
      visibility: "both",
      modelConfigId: null,
      createdBy: OWNER_ID,
    }),
  );
  insertMessages(context.storage, rows);
}

/** Says what the schedule tells it to, while a call is open. */
function createPuppet() {
  let events: (ModelEvent | "fail")[] = [];
  let awake: () => void = () => undefined;
  let calls = 0;

  function script(world: World) {
    events = [];
    return async function* (request: { signal: AbortSignal; tools: unknown[] }) {
      world.scripts.push(script(world));
      if (request.tools.length === 0) {
        yield { type: "text-delta" as const, text: "A summary." };
        yield finish();
        return;
      }
      for (;;) {
        const event = events.shift();
        if (event === "fail") throw cut();
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

const cut = () => new ModelError({ kind: "network", provider: "test", status: null, retryable: true, message: "Cut." });

export function connect({ context }: Stage, viewer: CutViewer, framesLeft = Infinity): void {
  context.fanout.leave(viewer);
  Object.assign(viewer, { online: true, losing: false, acknowledges: true, framesLeft });
  viewer.connect(context, { since: viewer.timeline.ready ? viewer.timeline.cursor : null });
}

function disconnect({ context }: Stage, viewer: CutViewer): void {
  Object.assign(viewer, { online: false, acknowledges: false });
  context.fanout.leave(viewer);
}

function runningCall({ world }: Stage): string | undefined {
  return [...world.agent.journal].find(([, call]) => call.state === "running")?.[0];
}

function readOlderPage({ context }: Stage, viewer: CutViewer): void {
  const oldest = viewer.timeline.messages[0]?.id;
  if (oldest !== undefined) viewer.latePages.push(readMessages(context, { beforeId: oldest, limit: 10 }));
}

export function applyLatePage(viewer: CutViewer): void {
  const page = viewer.latePages.shift();
  // The web reads a page for its oldest message; one that fits no more is dropped there, too.
  const oldest = viewer.timeline.messages[0]?.id ?? 0;
  const fits = page !== undefined && (page.messages[0]?.id ?? 0) < oldest && viewer.timeline.ready;
  if (fits) viewer.timeline = applyPage(viewer.timeline, page);
}

type Act = (stage: Stage) => void | Promise<void>;

function act(weight: number, name: string, run: Act): { weight: number; arbitrary: fc.Arbitrary<Act> } {
  return { weight, arbitrary: fc.constant(named(name, run)) };
}

/** With a name that a counterexample shows. */
function named(name: string, run: Act): Act {
  return Object.assign(run, { [fc.toStringMethod]: () => name });
}

function withArgument<T>(
  weight: number,
  name: string,
  values: fc.Arbitrary<T>,
  run: (stage: Stage, value: T) => void | Promise<void>,
) {
  return {
    weight,
    arbitrary: values.map((value) => named(`${name}(${JSON.stringify(value)})`, (stage) => run(stage, value))),
  };
}

const viewerOf = (run: (stage: Stage, viewer: CutViewer) => void) => (stage: Stage, index: number) => {
  const viewer = stage.viewers[index];
  if (viewer !== undefined) run(stage, viewer);
};
const anyViewer = fc.integer({ min: 0, max: 2 });
const nth = fc.nat({ max: 10 });

const queued = ({ context }: Stage, index: number) => {
  const queue = readQueue(context.storage);
  return queue[index % Math.max(1, queue.length)];
};

export const anySchedule: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    // Any text: lone surrogates, emoji that the provider cuts in half, control characters.
    withArgument(6, "say", fc.string({ unit: "binary", minLength: 1, maxLength: 40 }), ({ model }, text) =>
      model.say({ type: "text-delta", text }),
    ),
    act(2, "cut an emoji", ({ model }) => {
      model.say({ type: "text-delta", text: "\ud83c" });
      model.say({ type: "text-delta", text: "\udf0a" });
    }),
    act(1, "say much", ({ model }) => model.say({ type: "text-delta", text: "much ".repeat(20_000) })),
    act(2, "think", ({ model }) => model.say({ type: "reasoning-delta", text: "hm" })),
    act(2, "call a tool", ({ model }) => {
      for (const event of toolCall(model.nextKey(), "execute", { command: "x" })) model.say(event);
    }),
    act(3, "finish", ({ model }) => model.say(finish())),
    act(1, "finish full", ({ model }) => model.say(finish("stop", { ...finishUsage, input_tokens: 150_000 }))),
    act(1, "fail", ({ model }) => model.say("fail")),
    act(3, "result", (stage) => {
      const callId = runningCall(stage);
      if (callId === undefined) return;
      stage.world.agent.journal.set(callId, { state: "done", runs: 1, tool: "", args: null });
      takeResult(stage.context, { callId, agentId: "agent-1", result: { ok: true }, isError: false });
    }),
    withArgument(2, "output", fc.string({ maxLength: 40 }), (stage, text) => {
      const callId = runningCall(stage);
      if (callId === undefined) return;
      const offset = stage.outputs.get(callId) ?? 0;
      takeOutput(stage.context, { callId, agentId: "agent-1", offset, text });
      stage.outputs.set(callId, offset + text.length);
    }),
    act(3, "send", ({ context }) => void send(context, "More")),
    act(1, "interrupt", ({ context }) => interruptTurn(context)),
    act(1, "compact", ({ context }) => void compactChat(context)),
    withArgument(1, "edit", nth, ({ context }, index) => {
      const own = context.storage.exec<MessageRow>(
        "select * from messages where role = 'user' and visibility = 'both' and deleted = 0 order by id desc limit 12",
      );
      const row = own[index % Math.max(1, own.length)];
      if (row === undefined) return;
      editMessage(context, { messageId: row.id, content: [{ type: "text", text: "Anew" }], editorId: OWNER_ID });
    }),
    withArgument(1, "promote", nth, (stage, index) => {
      const entry = queued(stage, index);
      if (entry !== undefined) promoteQueued(stage.context, { id: entry.id, ifSeq: entry.seq });
    }),
    withArgument(1, "edit queued", nth, (stage, index) => {
      const entry = queued(stage, index);
      if (entry === undefined) return;
      updateQueued(stage.context, {
        id: entry.id,
        ifSeq: entry.seq,
        content: [{ type: "text", text: "Other" }],
        beforeId: null,
      });
    }),
    withArgument(1, "delete queued", nth, (stage, index) => {
      deleteQueued(stage.context, queued(stage, index)?.id ?? 0);
    }),
    withArgument(2, "pass", fc.integer({ min: 0, max: 40_000 }), (stage, ms) => pass(stage.world, stage.context, ms)),
    act(1, "die", (stage) => {
      for (const viewer of stage.viewers) disconnect(stage, viewer);
      stage.context = wake(stage.world);
    }),
    withArgument(
      3,
      "connect",
      anyViewer,
      viewerOf((stage, viewer) => connect(stage, viewer)),
    ),
    withArgument(
      2,
      "connect and be cut",
      fc.tuple(anyViewer, fc.integer({ min: 0, max: 6 })),
      (stage, [index, frames]) => {
        const viewer = stage.viewers[index];
        if (viewer !== undefined) connect(stage, viewer, frames);
      },
    ),
    withArgument(2, "disconnect", anyViewer, viewerOf(disconnect)),
    withArgument(
      2,
      "lose frames",
      anyViewer,
      viewerOf((_stage, viewer) => {
        viewer.losing = true;
      }),
    ),
    withArgument(
      1,
      "read slowly",
      anyViewer,
      viewerOf((_stage, viewer) => {
        viewer.acknowledges = false;
      }),
    ),
    withArgument(2, "read a page", anyViewer, viewerOf(readOlderPage)),
    withArgument(
      2,
      "get the page late",
      anyViewer,
      viewerOf((_stage, viewer) => applyLatePage(viewer)),
    ),
  ),
  { minLength: 5, maxLength: 60 },
);

const finishUsage = {
  input_tokens: 100,
  output_tokens: 20,
  total_tokens: 120,
  reasoning_tokens: null,
  cache_creation_tokens: null,
  cache_read_tokens: null,
  cache_creation_1h_tokens: null,
  web_search_requests: null,
};
