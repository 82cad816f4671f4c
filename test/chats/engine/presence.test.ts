import { describe, expect, it, vi } from "vitest";
import type { ChatContext } from "../../../src/chats/engine/context.ts";
import { presenceChanged, watching } from "../../../src/chats/engine/presence.ts";
import { endWatching, recheckViewers } from "../../../src/chats/engine/viewing.ts";
import { helloOf } from "../../../src/chats/engine/accept.ts";
import { create, createWorld, finish, says, send, settle, shown, TestViewer, text, wake } from "./support.ts";

async function opened() {
  const world = createWorld();
  world.scripts.push(says(text("One"), finish()), says(text("Two"), finish()));
  const context = wake(world);
  create(context);
  await settle();
  return { world, context };
}

/** People by short names; on the wire they are ids. */
const idOf = (name: string) => `01900000-0000-7000-8000-${name.padEnd(12, "0").replaceAll(/[^0-9a-f]/g, "f")}`;
const names = ["ann", "bob", "carl", "dora"];
const nameOf = (id: string) => names.find((name) => idOf(name) === id) ?? id;

/** As the object does it. */
function join(context: ChatContext, name: string, viewer = new TestViewer(), since: number | null = null) {
  const before = watching(context);
  const userId = idOf(name);
  context.fanout.join(viewer, { userId, sessionId: userId, since }, helloOf(context));
  presenceChanged(context, before, true);
  return viewer;
}

const lists = (viewer: TestViewer) =>
  viewer.frames.flatMap((frame) =>
    frame.type === "data"
      ? frame.data.flatMap((event) =>
          event.type === "presence" ? [event.people.map((person) => nameOf(person.id))] : [],
        )
      : [],
  );
/** The list goes out in a timer of its own. */
const told = () => vi.waitFor(settle).then(() => new Promise((resolve) => setTimeout(resolve, 5)));

describe("presence", () => {
  it("is told to nobody who is alone, however many tabs they have", async () => {
    const { context } = await opened();
    const [one, two] = [join(context, "ann"), join(context, "ann")];
    await told();
    expect([lists(one), lists(two)]).toEqual([[], []]);
  });

  it("names each person once, to all, and takes no place in the order of what happens", async () => {
    const { context } = await opened();
    const ann = join(context, "ann");
    const { cursor } = ann.timeline;
    join(context, "ann");
    const bob = join(context, "bob");
    await told();
    expect(lists(ann)).toEqual([["ann", "bob"]]);
    expect(bob.timeline.watching.map((person) => nameOf(person.id))).toEqual(["ann", "bob"]);
    expect(ann.timeline.cursor).toBe(cursor);
    send(context, "More");
    await settle();
    expect([ann.gaps, bob.gaps]).toEqual([0, 0]);
    expect(shown(ann.timeline)).toEqual(shown(bob.timeline));
  });

  it("goes out once a second at most, as it then is", async () => {
    const { context, world } = await opened();
    const ann = join(context, "ann");
    join(context, "bob");
    await told();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const [carl, dora] = [join(context, "carl"), join(context, "dora")];
      vi.advanceTimersByTime(900);
      await settle();
      expect(lists(ann)).toHaveLength(1);
      world.now.ms += 1_000;
      vi.advanceTimersByTime(200);
      await settle();
      expect(lists(ann).at(-1)).toEqual(["ann", "bob", "carl", "dora"]);
      expect(lists(ann)).toHaveLength(2);
      world.now.ms += 1_000;
      await endWatching(context, carl);
      await endWatching(context, dora);
      vi.advanceTimersByTime(0);
      await settle();
      expect(lists(ann).at(-1)).toEqual(["ann", "bob"]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("says that the last other has gone, whether they left or were shut out", async () => {
    const { context, world } = await opened();
    const ann = join(context, "ann");
    join(context, "bob");
    await told();
    world.mayRead = (userId) => userId !== idOf("bob");
    world.now.ms += 1_000;
    await recheckViewers(context, {});
    await told();
    expect(lists(ann)).toEqual([["ann", "bob"], ["ann"]]);
  });

  it("is told anew to whoever comes back, and forgotten by whoever comes back alone", async () => {
    const { context, world } = await opened();
    const ann = join(context, "ann");
    const bob = join(context, "bob");
    await told();
    world.now.ms += 1_000;
    await endWatching(context, ann);
    await told();
    world.now.ms += 1_000;
    join(context, "ann", ann, ann.timeline.cursor);
    expect(ann.timeline.watching).toEqual([]);
    await told();
    expect(ann.timeline.watching.map((person) => nameOf(person.id))).toEqual(["bob", "ann"]);
    world.now.ms += 1_000;
    await endWatching(context, ann);
    await endWatching(context, bob);
    await told();
    world.now.ms += 1_000;
    join(context, "ann", ann, ann.timeline.cursor);
    await told();
    expect(ann.timeline.watching).toEqual([]);
  });
});
