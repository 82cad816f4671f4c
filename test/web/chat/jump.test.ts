import { describe, expect, it } from "vitest";
import type { MessagePart } from "../../../src/contract/chats.ts";
import type { StreamEvent } from "../../../src/contract/stream.ts";
import { applyFrame, applyPage, emptyTimeline, type Timeline } from "../../../src/contract/timeline.ts";
import { rowOf, whereabouts } from "../../../web/src/chat/jump/whereabouts.ts";
import { timelineRows } from "../../../web/src/chat/rows.ts";
import { message } from "./fake-line.ts";

const words = (text: string): MessagePart => ({ type: "text", text });
const call = (id: string): MessagePart => ({ type: "tool-call", tool_call_id: id, tool_name: "execute", args: {} });
const result = (id: string): MessagePart => ({
  type: "tool-result",
  tool_call_id: id,
  tool_name: "execute",
  result: {},
});

function snapshot(...data: StreamEvent[]): Timeline {
  return applyFrame(emptyTimeline(), { type: "data", prev: 0, seq: 1, data }).timeline;
}
const put = (id: number, role: "user" | "assistant" | "tool", ...content: MessagePart[]): StreamEvent => ({
  type: "message",
  message: message(id, 1, { role, content }),
});

/** The end of a long turn; what came before message 6 is on older pages. */
const newest = snapshot(
  { type: "history", has_more: true },
  put(6, "assistant", words("I look."), call("a"), words("And I see.")),
  put(7, "tool", result("a")),
  put(8, "assistant", call("b")),
  put(9, "tool", result("b")),
  put(11, "assistant", words("Done.")),
);

describe("where a message is", () => {
  it("is not known before the chat is", () => {
    expect(whereabouts(emptyTimeline(), 6)).toBe("unknown");
  });
  it("is here, or further back while there are older pages", () => {
    expect(whereabouts(newest, 8)).toBe("loaded");
    expect(whereabouts(newest, 5)).toBe("further-back");
  });
  it("is gone when it would have to be among what is loaded, was deleted, or is older than the first", () => {
    expect(whereabouts(newest, 10)).toBe("gone");
    expect(whereabouts(newest, 12)).toBe("gone");
    const edited = applyFrame(newest, {
      type: "data",
      prev: 1,
      seq: 2,
      data: [{ type: "messages_deleted", ids: [11] }],
    });
    expect(whereabouts(edited.timeline, 11)).toBe("gone");
    expect(whereabouts(snapshot(put(6, "user", words("Hi."))), 5)).toBe("gone");
  });
});

describe("the row of a message", () => {
  const rows = timelineRows(newest);
  const keyOf = (id: number) => rows[rowOf(rows, id)]?.key;
  it("is the one with its words, else the one with its calls", () => {
    expect(keyOf(6)).toBe("m6.0");
    expect(keyOf(8)).toBe(
      rows.find((row) => row.kind === "run" && row.items.some((item) => item.messageId === 8))?.key,
    );
    expect(keyOf(11)).toBe("m11.0");
  });
  it("is the one before it for what has none of its own", () => {
    expect(keyOf(9)).toBe(keyOf(8));
  });
  it("is none for what is older than all rows", () => {
    expect(rowOf(rows, 2)).toBe(-1);
  });
});

describe("an older page", () => {
  it("keeps the key of a run of steps that it brings the beginning of, page after page", () => {
    const steps = snapshot(
      { type: "history", has_more: true },
      put(6, "assistant", call("c")),
      put(8, "assistant", call("d")),
    );
    const older = (id: number, callId: string) => ({
      messages: [message(id, 1, { content: [call(callId)] })],
      queued_messages: [],
      has_more: true,
      seq: 1,
      epoch: "",
    });
    const twoPages = applyPage(steps, older(4, "b"));
    const threePages = applyPage(twoPages, older(2, "a"));
    const [before, once, twice] = [timelineRows(steps), timelineRows(twoPages, [6]), timelineRows(threePages, [4, 6])];
    expect(once.map((row) => row.key)).toEqual(before.map((row) => row.key));
    expect(twice.map((row) => row.key)).toEqual(before.map((row) => row.key));
    const [run] = twice;
    expect(run?.kind === "run" && run.items.map((item) => item.messageId)).toEqual([2, 4, 6, 8]);
  });

  it("leaves the rows below it as they are, though it brings the beginning of their turn", () => {
    const page = {
      messages: [
        message(5, 1, { content: [words("First.")] }),
        message(4, 1, { role: "user", content: [words("Go.")] }),
      ],
      queued_messages: [],
      has_more: false,
      seq: 1,
      epoch: "",
    };
    const before = timelineRows(newest).map((row) => row.key);
    const after = timelineRows(applyPage(newest, page)).map((row) => row.key);
    expect(after).toEqual(["m4", "m5.0", ...before]);
  });
});
