import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toWireMessage, type MessageRow } from "../../../src/chats/engine/transcript.ts";
import { anySchedule, applyLatePage, connect, setTheStage, type CutViewer, type Stage } from "./resume-schedule.ts";
import { CHAT_ID, fresh, settle, shown } from "./support.ts";

// CI goes through 500; RUNS=2000 SEED=42 npm run test:resume goes further, or replays what a failure printed.
const RUNS = Number(process.env["RUNS"] ?? (process.env["CI"] === undefined ? 100 : 500));
const seed = process.env["SEED"] === undefined ? {} : { seed: Number(process.env["SEED"]) };

/** What the record holds from the viewer's oldest message on: nothing more, nothing less, in order. */
function record({ world }: Stage, fromId: number) {
  return world.storage
    .exec<MessageRow>(
      "select * from messages where id >= ? and deleted = 0 and visibility in ('user', 'both') order by id",
      fromId,
    )
    .map((row) => toWireMessage(CHAT_ID, row));
}

function expectWhole(stage: Stage, viewer: CutViewer): void {
  const { messages: expected, hasMore: _, ...others } = shown(fresh(stage.context).timeline);
  const { messages, hasMore: viewerHasMore, ...viewerOthers } = shown(viewer.timeline);
  expect(viewerOthers).toEqual(others);
  expect(messages).toEqual(record(stage, messages[0]?.id ?? 0));
  // A viewer that says that it has all, has all.
  const oldest = viewerHasMore ? (messages[0]?.id ?? Infinity) : 0;
  expect(messages.filter((message) => message.id >= (expected[0]?.id ?? 0))).toEqual(
    expected.filter((message) => message.id >= oldest),
  );
  if (!viewerHasMore) expect(messages).toEqual(record(stage, 0));
}

describe("exact resume", () => {
  it(`ends every viewer in the state of an undisturbed one (${RUNS} schedules)`, { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(0, 0, 70), anySchedule, async (olderMessages, schedule) => {
        const stage = await setTheStage(olderMessages);
        for (const act of schedule) {
          await act(stage);
          await settle();
        }
        stage.context.stream.flush();
        for (const viewer of stage.viewers) {
          connect(stage, viewer);
          await settle();
          while (viewer.latePages.length > 0) applyLatePage(viewer);
          expectWhole(stage, viewer);
        }
        expect(stage.viewers.every((viewer) => viewer.gaps === 0)).toBe(true);
        expect([...stage.world.agent.journal.values()].every((call) => call.runs === 1)).toBe(true);
        expect(stage.world.aborted).toEqual([]);
      }),
      { numRuns: RUNS, ...seed },
    );
  });
});
