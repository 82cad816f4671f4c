import { describe, expect, it } from "vitest";
import type { ChatMessage, MessagePart } from "../../../src/contract/chats.ts";
import type { StreamEvent } from "../../../src/contract/stream.ts";
import { applyFrame, emptyTimeline, type Timeline } from "../../../src/contract/timeline.ts";
import { newsBetween } from "../../../web/src/chat/news.ts";
import { type Row, timelineRows, type ToolCall } from "../../../web/src/chat/rows.ts";
import { sameRow } from "../../../web/src/chat/same-row.ts";
import { message } from "./fake-line.ts";

let stamp = 0;
function apply(timeline: Timeline, ...data: StreamEvent[]): Timeline {
  stamp += 1;
  return applyFrame(timeline, { type: "data", prev: 0, seq: stamp, data }).timeline;
}
const put = (each: ChatMessage): StreamEvent => ({ type: "message", message: each });
const status = (value: Timeline["status"]): StreamEvent => ({
  type: "status",
  status: value,
  last_error: null,
  last_error_detail: null,
  retry: null,
});
const user = (id: number, text: string): StreamEvent =>
  put(message(id, 1, { role: "user", content: [{ type: "text", text }] }));
const assistant = (id: number, ...content: MessagePart[]): StreamEvent =>
  put(message(id, 1, { content, runtime_ms: 500 }));
const call = (id: string, name = "read_file"): MessagePart => ({
  type: "tool-call",
  tool_call_id: id,
  tool_name: name,
  args: { path: id },
});
const result = (id: number, callId: string, value: object = {}, isError = false): StreamEvent =>
  put(
    message(id, 1, {
      role: "tool",
      content: [
        {
          type: "tool-result",
          tool_call_id: callId,
          tool_name: "read_file",
          result: JSON.parse(JSON.stringify(value)),
          is_error: isError,
        },
      ],
    }),
  );
const kinds = (rows: readonly Row[]) => rows.map((row) => row.kind);
const toolsOf = (rows: readonly Row[]): ToolCall[] =>
  rows.flatMap((row) => (row.kind === "run" ? row.items.filter((item) => item.kind === "tool") : []));

describe("timelineRows", () => {
  it("joins calls and results over messages, and runs over steps", () => {
    const timeline = apply(
      emptyTimeline(),
      user(1, "go"),
      assistant(2, { type: "text", text: "Looking." }, call("a"), call("b")),
      result(3, "a"),
      result(4, "b", { error: "no" }, true),
      assistant(5, { type: "reasoning", text: "hm" }, call("c")),
      result(6, "c"),
      assistant(7, { type: "text", text: "Done." }),
      status("waiting"),
    );
    const rows = timelineRows(timeline);
    expect(kinds(rows)).toEqual(["person", "prose", "run", "prose", "ending"]);
    expect(toolsOf(rows).map((tool) => [tool.id, tool.state])).toEqual([
      ["a", "done"],
      ["b", "error"],
      ["c", "done"],
    ]);
    const run = rows[2];
    expect(run?.kind === "run" && run.over && run.items.map((item) => item.kind)).toEqual([
      "tool",
      "tool",
      "reasoning",
      "tool",
    ]);
    expect(run?.kind === "run" && run.steps.map((step) => step.id)).toEqual([2, 5]);
  });

  it("joins a call in a message with the live output in a preview", () => {
    const timeline = apply(emptyTimeline(), status("running"), user(1, "go"), assistant(2, call("a", "execute")), {
      type: "message_part",
      message_id: 3,
      attempt: 1,
      role: "tool",
      index: 0,
      offset: 0,
      part: { type: "tool-result", tool_call_id: "a", tool_name: "execute", result_delta: "half of it" },
    });
    const [tool] = toolsOf(timelineRows(timeline));
    expect(tool).toMatchObject({ state: "running", live: { text: "half of it" } });
  });

  it("shows a call while it is being written", () => {
    const timeline = apply(emptyTimeline(), status("running"), user(1, "go"), {
      type: "message_part",
      message_id: 2,
      attempt: 1,
      role: "assistant",
      index: 0,
      offset: 0,
      part: { type: "tool-call", tool_call_id: "a", tool_name: "execute", args_delta: '{"command":"npm t' },
    });
    expect(toolsOf(timelineRows(timeline))[0]).toMatchObject({
      state: "writing",
      name: "execute",
      draft: { text: '{"command":"npm t' },
    });
  });

  it("keeps its rows when previews become messages", () => {
    const piece = (index: number, part: Extract<StreamEvent, { type: "message_part" }>["part"]): StreamEvent => ({
      type: "message_part",
      message_id: 2,
      attempt: 1,
      role: "assistant",
      index,
      offset: 0,
      part,
    });
    const open = apply(
      emptyTimeline(),
      status("running"),
      user(1, "go"),
      piece(0, { type: "text", text: "Looking." }),
      piece(1, { type: "tool-call", tool_call_id: "a", tool_name: "read_file", args_delta: "{" }),
    );
    const closed = apply(open, assistant(2, { type: "text", text: "Looking." }, call("a")));
    expect(timelineRows(closed).map((row) => row.key)).toEqual(timelineRows(open).map((row) => row.key));
  });

  it("leaves a call without a result as unanswered once nothing runs", () => {
    const timeline = apply(emptyTimeline(), user(1, "go"), assistant(2, call("a")), status("waiting"));
    expect(toolsOf(timelineRows(timeline))[0]?.state).toBe("unanswered");
  });

  it.each([
    [{ success: false, exit_code: 1 }, "error"],
    [{ success: true, exit_code: 0 }, "done"],
    [{ success: true, exit_code: -1, note: "still runs" }, "done"],
    [{ success: false, exit_code: -1 }, "error"],
  ])("calls the result %j %s", (value, state) => {
    const timeline = apply(emptyTimeline(), user(1, "go"), assistant(2, call("a")), result(3, "a", value));
    expect(toolsOf(timelineRows(timeline))[0]?.state).toBe(state);
  });

  it("gives edits a row of their own, so that a folded run leaves them in sight", () => {
    const timeline = apply(
      emptyTimeline(),
      user(1, "go"),
      assistant(2, call("a"), call("b"), call("c", "edit_files"), call("d")),
      status("waiting"),
    );
    const runs = timelineRows(timeline).filter((row) => row.kind === "run");
    expect(runs.map((run) => run.items.map((item) => (item.kind === "tool" ? item.id : "")))).toEqual([
      ["a", "b"],
      ["c"],
      ["d"],
    ]);
  });

  it("ends each finished turn, and not the one that runs", () => {
    const timeline = apply(
      emptyTimeline(),
      user(1, "one"),
      assistant(2, { type: "text", text: "First." }),
      user(3, "two"),
      assistant(4, { type: "text", text: "Second" }),
      status("running"),
    );
    expect(kinds(timelineRows(timeline))).toEqual(["person", "prose", "ending", "person", "prose"]);
  });

  it("skips blank parts and system messages", () => {
    const timeline = apply(
      emptyTimeline(),
      put(message(1, 1, { role: "system" })),
      user(2, "go"),
      assistant(3, { type: "text", text: " \n" }, { type: "reasoning", text: "" }, call("a")),
      status("waiting"),
    );
    expect(kinds(timelineRows(timeline))).toEqual(["person", "run", "ending"]);
  });
});

describe("a summary of the context", () => {
  const summarised = (id: number): StreamEvent[] => [
    put(
      message(id, 1, {
        model_config_id: null,
        total_cost_micros: null,
        content: [{ type: "tool-call", tool_call_id: `s${id}`, tool_name: "chat_summarized", args: {} }],
      }),
    ),
    result(id + 1, `s${id}`, { summary: "Short.", usage_percent: 75 }),
  ];
  it("is a row of its own and no step of the turn", () => {
    const timeline = apply(
      emptyTimeline(),
      user(1, "go"),
      assistant(2, call("a")),
      result(3, "a"),
      ...summarised(4),
      assistant(6, { type: "text", text: "Done." }),
      status("waiting"),
    );
    const rows = timelineRows(timeline);
    expect(kinds(rows)).toEqual(["person", "run", "summary", "prose", "ending"]);
    const ending = rows.at(-1);
    expect(ending?.kind === "ending" && ending.steps.map(({ id }) => id)).toEqual([2, 6]);
    expect(rows[2]?.kind === "summary" && rows[2].tool.result?.result).toMatchObject({ usage_percent: 75 });
  });
});

describe("a turn that was stopped", () => {
  const stopped = (timeline: Timeline) =>
    timelineRows(timeline).flatMap((row) => (row.kind === "ending" ? [row.stopped] : []));
  const cut = put(message(2, 1, { content: [{ type: "text", text: "I be" }], estimated: true }));
  it("is marked where the answer was cut, unless it failed and says so itself", () => {
    const timeline = apply(emptyTimeline(), user(1, "go"), cut);
    expect(stopped(apply(timeline, status("waiting")))).toEqual([true]);
    expect(stopped(apply(timeline, status("error")))).toEqual([false]);
  });
  it("is marked where a person stopped a tool", () => {
    const reason = { error: "Interrupted by a person before it produced a result." };
    const timeline = apply(emptyTimeline(), user(1, "go"), assistant(2, call("a")), result(3, "a", reason, true));
    expect(stopped(apply(timeline, status("waiting")))).toEqual([true]);
    expect(stopped(apply(timeline, assistant(4, { type: "text", text: "Well." }), status("waiting")))).toEqual([false]);
  });
  it("is marked before the first word, once it is over", () => {
    const timeline = apply(emptyTimeline(), user(1, "go"));
    expect(stopped(apply(timeline, status("pending")))).toEqual([]);
    expect(stopped(apply(timeline, status("waiting")))).toEqual([true]);
  });
});

describe("sameRow", () => {
  it("holds for rows that did not change, and only for those", () => {
    const before = apply(
      emptyTimeline(),
      status("running"),
      user(1, "go"),
      assistant(2, { type: "text", text: "Hi." }, call("a")),
    );
    const unrelated = apply(before, { type: "title", title: "other" });
    const answered = apply(before, result(3, "a"));
    const [old, same, changed] = [before, unrelated, answered].map((each) => timelineRows(each));
    expect(old?.map((row, index) => sameRow(row, same?.[index] ?? row))).toEqual([true, true, true]);
    expect(old?.map((row, index) => sameRow(row, changed?.[index] ?? row))).toEqual([true, true, false]);
  });
});

describe("newsBetween", () => {
  it("tells finished answers, tool results and the turn, in order, once", () => {
    const before = apply(emptyTimeline(), user(1, "go"), status("running"));
    const middle = apply(before, assistant(2, { type: "text", text: "I **look** at\n`it`." }, call("src/a.ts")));
    const after = apply(
      middle,
      result(3, "src/a.ts", { content: "", file_size: 1, total_lines: 9, lines_read: 9 }),
      status("waiting"),
    );
    expect(newsBetween(emptyTimeline(), before)).toEqual(["The agent is working"]);
    expect(newsBetween(before, middle)).toEqual(["I look at it."]);
    expect(newsBetween(middle, after)).toEqual(["Read src/a.ts: 9 lines", "The agent is done"]);
    expect(newsBetween(after, after)).toEqual([]);
  });

  it("tells each retry once, and a summary", () => {
    const running = apply(emptyTimeline(), user(1, "go"), status("running"));
    const retry = { attempt: 1, delay_ms: 1_000, retrying_at: "2026-11-22T12:00:01.000Z", error: "It is overloaded." };
    const retrying = { ...running, retry };
    expect(newsBetween(running, retrying)).toEqual(["It is overloaded. It is tried again"]);
    expect(newsBetween(retrying, { ...retrying })).toEqual([]);
    const summarised = apply(running, assistant(2, call("s", "chat_summarized")), result(3, "s", { summary: "x" }));
    expect(newsBetween(running, summarised)).toEqual(["What was said so far was summarised"]);
  });
});
