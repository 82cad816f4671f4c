import type { Json } from "../../contract/common.ts";
import type { PromptMessage } from "../../chats/engine/ports.ts";

/** A tool call that was made in this turn, with what came of it. */
export interface Exchange {
  toolName: string;
  args: Json;
  result: Json;
  isError: boolean;
}

/** What the demo is to answer: the newest request, and what it has done about it so far. */
export interface Conversation {
  request: string;
  done: Exchange[];
}

/** Reads the conversation anew each time: the demo remembers nothing between calls. */
export function readConversation(messages: readonly PromptMessage[]): Conversation {
  const start = messages.findLastIndex(
    ({ role, parts }) => role === "user" && parts.some(({ type }) => type === "text"),
  );
  const request = (messages[start]?.parts ?? [])
    .map((part) => (part.type === "text" ? part.text : ""))
    .join("\n")
    .trim();
  const parts = messages.slice(start + 1).flatMap(({ parts: own }) => own);
  const results = parts.filter((part) => part.type === "tool-result");
  const done = parts
    .filter((part) => part.type === "tool-call")
    .map((call): Exchange => {
      const answer = results.find((result) => result.tool_call_id === call.tool_call_id);
      return {
        toolName: call.tool_name,
        args: call.args,
        result: answer?.result ?? { error: "The call has no result." },
        isError: answer === undefined || answer.is_error === true,
      };
    });
  return { request, done };
}

const ABOUT_TESTS = /\b(tests?|specs?|suite|npm test|failing|failures?)\b/i;
const WANTS_REPAIR =
  /\b(fix|repair|solve|resolve|correct|debug|find|why|green|pass(es|ing)?|fail(s|ed|ing)?|broken|red)\b/i;

/** Whether a person asks for what the demo can do. */
export function asksForRepair(request: string): boolean {
  return ABOUT_TESTS.test(request) && WANTS_REPAIR.test(request);
}
