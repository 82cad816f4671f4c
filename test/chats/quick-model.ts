import type { EnginePorts, ModelPort, ResolvedModel } from "../../src/chats/engine/ports.ts";
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

/** Says one word at once. What models do has tests of its own. */
const quickModel: ModelPort = {
  resolve: async (configId) => ({ ...model, configId }),
  resolveDefault: async () => model,
  async *stream() {
    yield { type: "text-delta", text: "Done." };
    yield {
      type: "finish",
      reason: "stop",
      usage: {
        input_tokens: 3,
        output_tokens: 1,
        total_tokens: 4,
        reasoning_tokens: null,
        cache_creation_tokens: null,
        cache_read_tokens: null,
      },
    };
  },
};

/** From here on every chat of this test file talks to the quick model; its other ports stay real. */
export function useQuickModel(): void {
  const ports: unknown = Reflect.get(ChatObject.prototype, "ports");
  if (typeof ports !== "function") throw new Error("ChatObject builds its ports elsewhere now");
  Object.defineProperty(ChatObject.prototype, "ports", {
    value(this: ChatObject): EnginePorts {
      return { ...Reflect.apply(ports, this, []), models: quickModel };
    },
  });
}
