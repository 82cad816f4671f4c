import { describe, expect, it } from "vitest";
import type { ToolCall } from "../../../web/src/chat/rows.ts";
import { agentOf } from "../../../web/src/chat/agents/agent-tools.ts";
import { summarize } from "../../../web/src/chat/tools/tool-summary.ts";

const chatId = "0192f0c0-0000-7000-8000-000000000001";
function tool(name: string, args: object, result: object | null, isError = false): ToolCall {
  const json = (value: object) => JSON.parse(JSON.stringify(value));
  return {
    kind: "tool",
    id: "call_1_0",
    name,
    messageId: 1,
    state: result === null ? "running" : isError ? "error" : "done",
    call: { type: "tool-call", tool_call_id: "call_1_0", tool_name: name, args: json(args) },
    draft: null,
    result:
      result === null
        ? null
        : { type: "tool-result", tool_call_id: "call_1_0", tool_name: name, result: json(result), is_error: isError },
    live: null,
    calledAt: null,
    answeredAt: null,
  };
}

describe("a call about a sub-agent", () => {
  it("knows its chat from the result of spawn and from the arguments of the others", () => {
    const spawned = tool("spawn_agent", { prompt: "Look.", title: "A look" }, { chat_id: chatId, title: "A look" });
    expect(agentOf(spawned)).toEqual({ chatId, title: "A look", task: "Look.", report: null });
    expect(agentOf(tool("wait_agent", { chat_id: chatId }, null))).toMatchObject({ chatId, report: null });
    const reported = tool("wait_agent", { chat_id: chatId }, { chat_id: chatId, title: "A look", report: "Fine." });
    expect(agentOf(reported)).toMatchObject({ title: "A look", report: "Fine." });
  });
  it("makes no link of an id that a model made up", () => {
    expect(agentOf(tool("wait_agent", { chat_id: "../../settings" }, { error: "no" }, true)).chatId).toBeNull();
  });
  it("is said in words", () => {
    expect(summarize(tool("spawn_agent", { title: "A look" }, null))).toMatchObject({
      verb: "Starting sub-agent",
      target: "A look",
      mark: "running…",
    });
    expect(summarize(tool("close_agent", { chat_id: chatId }, { title: "A look" }))).toMatchObject({
      verb: "Stopped",
      target: "A look",
    });
    expect(summarize(tool("wait_agent", { chat_id: chatId }, null))).toMatchObject({
      verb: "Waiting for",
      target: "a sub-agent",
    });
  });
});
