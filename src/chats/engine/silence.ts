import type { ModelCall } from "./context.ts";
import { ModelError } from "./ports.ts";

/** Providers send keep-alives far more often; a call without a byte for so long is dead. */
const SILENCE_MS = 120_000;
/** Before its first byte a model may think, or load. */
const SILENCE_BEFORE_FIRST_MS = 10 * 60_000;
const SILENCE_CHECK_MS = 5_000;

/** Ends a call on which nothing comes any more. Bytes count, not content: keep-alives are life. */
export function watchSilence(call: Pick<ModelCall, "controller">) {
  let lastByteAt = Date.now();
  let any = false;
  let expired = false;
  const timer = setInterval(() => {
    if (Date.now() - lastByteAt < (any ? SILENCE_MS : SILENCE_BEFORE_FIRST_MS)) return;
    expired = true;
    call.controller.abort();
  }, SILENCE_CHECK_MS);
  return {
    onBytes: () => {
      any = true;
      lastByteAt = Date.now();
    },
    expired: () => expired,
    stop: () => clearInterval(timer),
  };
}

export function silenceProblem(provider: string): ModelError {
  return new ModelError({
    kind: "timeout",
    provider,
    status: null,
    retryable: true,
    message: "The provider stopped sending in the middle of its answer.",
  });
}
