import type { EnginePorts, ModelEvent, ModelPort, ModelRequest, ResolvedModel } from "../../src/chats/engine/ports.ts";
import type { ModelPrices } from "../../src/contract/models.ts";
import { ChatObject } from "../../src/worker.ts";

const model: ResolvedModel = {
  configId: "00000000-0000-7000-8000-0000000000aa",
  provider: "test",
  model: "quick",
  displayName: "Quick",
  contextLimit: 100_000,
  compressionThreshold: 100,
  prices: null,
};

const usage = {
  input_tokens: 3,
  output_tokens: 1,
  total_tokens: 4,
  reasoning_tokens: null,
  cache_creation_tokens: null,
  cache_read_tokens: null,
  cache_creation_1h_tokens: null,
  web_search_requests: null,
};

type Answer = (request: ModelRequest) => Iterable<ModelEvent> | AsyncIterable<ModelEvent>;

/** Says one word. */
export const quickAnswer = (_request?: ModelRequest): ModelEvent[] => [
  { type: "text-delta", text: "Done." },
  { type: "finish", reason: "stop", usage },
];

/** Runs one command, and says a word when it has its result. */
export const runsOneCommand = (request: ModelRequest): ModelEvent[] => {
  if (request.messages.at(-1)?.role === "tool") return quickAnswer();
  const argsText = JSON.stringify({ command: "npm test" });
  return [
    { type: "tool-call", key: "0", toolName: "execute", argsText },
    { type: "finish", reason: "tool-calls", usage },
  ];
};

/**
 * From here on every chat of this test file talks to a model that answers at once; its other ports
 * stay real. What models do has tests of its own.
 */
export function useModel(answer: Answer = quickAnswer, prices: ModelPrices | null = null): { calls: number } {
  const counter = { calls: 0 };
  const scripted: ModelPort = {
    resolve: async (configId) => ({ ...model, configId, prices }),
    resolveDefault: async () => ({ ...model, prices }),
    resolveForTitle: async () => null,
    async *stream(request) {
      counter.calls++;
      yield* answer(request);
    },
  };
  const ports: unknown = Reflect.get(ChatObject.prototype, "ports");
  if (typeof ports !== "function") throw new Error("ChatObject builds its ports elsewhere now");
  Object.defineProperty(ChatObject.prototype, "ports", {
    value(this: ChatObject): EnginePorts {
      return { ...Reflect.apply(ports, this, []), models: scripted };
    },
  });
  return counter;
}
