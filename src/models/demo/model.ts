import type { ModelEvent, ModelRequest, PromptMessage } from "../../chats/engine/ports.ts";
import { DEMO_PROVIDER, type TokenUsage } from "../../contract/models.ts";
import type { ModelOffer } from "../offer.ts";
import { unreportedUsage } from "../usage.ts";
import { asksForRepair, readConversation } from "./conversation.ts";
import { HOW_TO_ADD_A_MODEL, nextRepairStep, type Step } from "./repair.ts";

export const DEMO_CONFIG_ID = "0198c2a0-0000-7000-8000-000000000de3";

/**
 * A scripted stand-in for a model, so that everything works before anybody has a key. It says what it
 * is wherever it shows.
 */
export const demoModel: ModelOffer = {
  id: DEMO_CONFIG_ID,
  provider: DEMO_PROVIDER,
  providerDisplayName: "Scripted demo, no AI",
  model: "scripted-demo",
  displayName: "Scripted demo",
  contextLimit: 100_000,
  // It reads its own turn only; a summary would gain nothing.
  compressionThreshold: 100,
  options: {
    cost: {
      input_price_per_million_tokens: "0",
      output_price_per_million_tokens: "0",
      cache_read_price_per_million_tokens: "0",
      cache_write_price_per_million_tokens: "0",
      cache_write_1h_price_per_million_tokens: null,
      web_search_price_per_thousand_requests: null,
    },
  },
  source: "demo",
  connect: null,
};

const LABEL = "**Scripted demo, no AI.**";
const NEEDED_TOOLS = ["execute", "read_file", "edit_files"];
/** Faster than people read, slow enough to be seen to stream. */
const CHARACTERS_PER_SECOND = 150;
const TICK_MS = 40;
/** The usual rule of thumb for English and code. */
const CHARACTERS_PER_TOKEN = 4;

/** One call of the demo. `charactersPerSecond` is for tests. Throws the signal's reason when aborted. */
export async function* streamDemo(
  request: ModelRequest,
  { charactersPerSecond = CHARACTERS_PER_SECOND }: { charactersPerSecond?: number } = {},
): AsyncGenerator<ModelEvent> {
  const step = demoStep(request);
  const pace = pacer(request, charactersPerSecond);
  for await (const text of pace(step.text)) yield { type: "text-delta", text };
  for (const [index, { toolName, args }] of step.calls.entries()) {
    const key = `call-${index}`;
    const argsText = JSON.stringify(args);
    yield { type: "tool-call-start", key, toolName };
    for await (const argsDelta of pace(argsText)) yield { type: "tool-call-delta", key, argsDelta };
    yield { type: "tool-call", key, toolName, argsText };
  }
  const reason = step.calls.length > 0 ? "tool-calls" : "stop";
  yield { type: "finish", reason, usage: estimatedUsage(request, step) };
}

/** What the demo says and calls next. */
export function demoStep({ messages, tools }: Pick<ModelRequest, "messages" | "tools">): Step {
  const { request, done } = readConversation(messages);
  if (done.length > 0) return withoutTools(tools) ?? nextRepairStep(done);
  const step = asksForRepair(request) ? (withoutTools(tools) ?? nextRepairStep(done)) : introduction();
  return { ...step, text: `${LABEL} ${step.text}` };
}

function withoutTools(tools: ModelRequest["tools"]): Step | null {
  const offered = new Set(tools.map(({ name }) => name));
  if (NEEDED_TOOLS.every((name) => offered.has(name))) return null;
  const text =
    "I would run the tests and look for the fault, but this chat has no workspace. Choose one below the message box, and ask again.";
  return { text, calls: [] };
}

function introduction(): Step {
  const text = `I am a script that stands in until a model is set up, and cannot answer questions.

What I can do: ask me to **fix the failing test**, with a workspace chosen, and I drive the real tools through it. I run the tests, read the code, change it and run them again.

${HOW_TO_ADD_A_MODEL}`;
  return { text, calls: [] };
}

/** Cuts text into what fits a tick, and waits a tick after each piece. */
function pacer({ signal, onBytes }: ModelRequest, charactersPerSecond: number) {
  const size = Math.max(1, Math.round((charactersPerSecond * TICK_MS) / 1000));
  return async function* pieces(text: string): AsyncGenerator<string> {
    const characters = Array.from(text);
    for (let at = 0; at < characters.length; at += size) {
      signal.throwIfAborted();
      onBytes();
      yield characters.slice(at, at + size).join("");
      await wait(TICK_MS, signal);
    }
  };
}

function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", stop, { once: true });
  });
}

function estimatedUsage({ messages }: ModelRequest, step: Step): TokenUsage {
  const input = tokensIn(promptText(messages));
  const output = tokensIn(step.text + JSON.stringify(step.calls));
  return { ...unreportedUsage, input_tokens: input, output_tokens: output, total_tokens: input + output };
}

function promptText(messages: readonly PromptMessage[]): string {
  return messages.map(({ parts }) => JSON.stringify(parts)).join("");
}

function tokensIn(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}
