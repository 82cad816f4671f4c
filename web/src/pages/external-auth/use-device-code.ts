import { useCallback, useEffect, useEffectEvent, useState } from "react";
import { externalAuthDevice, type ExternalAuthDevice } from "../../../../src/contract/external-auth.ts";
import { get, send } from "../../api/client.ts";
import { ApiError } from "../../api/error.ts";
import { deviceStep } from "./words.ts";

export type DeviceCodeState =
  | { step: "asking" }
  | { step: "waiting"; code: ExternalAuthDevice; until: number }
  | { step: "expired" }
  | { step: "denied" }
  | { step: "failed"; error: unknown };

/** RFC 8628, 3.5: five seconds more each time it is asked to. */
const SLOWER_SECONDS = 5;

/** A code to type in at a service, and whether it has been. */
export function useDeviceCode(id: string, onConnected: () => void): { state: DeviceCodeState; again: () => void } {
  const [state, setState] = useState<DeviceCodeState>({ step: "asking" });
  const [attempt, setAttempt] = useState(0);
  const connected = useEffectEvent(onConnected);

  useEffect(() => {
    const ended = new AbortController();
    const path = `/external-auth/${encodeURIComponent(id)}/device`;

    async function go(): Promise<void> {
      setState({ step: "asking" });
      const code = await get(path, externalAuthDevice, { signal: ended.signal });
      const until = Date.now() + code.expires_in * 1000;
      setState({ step: "waiting", code, until });
      let interval = code.interval;
      while (Date.now() < until) {
        await pause(interval * 1000, ended.signal);
        const step = await ask(path, code.device_code);
        if (ended.signal.aborted) return;
        if (step === "connected") return connected();
        if (step === "slower") interval += SLOWER_SECONDS;
        else if (step !== "wait") return setState({ step });
      }
      setState({ step: "expired" });
    }

    go().catch((error: unknown) => {
      // Left: there is nobody to tell.
      if (!ended.signal.aborted) setState({ step: "failed", error });
    });
    return () => ended.abort();
  }, [id, attempt]);

  return { state, again: useCallback(() => setAttempt((before) => before + 1), []) };
}

async function ask(path: string, deviceCode: string): Promise<"connected" | "wait" | "slower" | "expired" | "denied"> {
  try {
    await send("POST", path, { device_code: deviceCode });
    return "connected";
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // The network, or the service, comes back; the code is good until it ends.
    if (error.status === 0 || error.status >= 500) return "slower";
    const step = error.status === 400 ? deviceStep(error.detail) : "failed";
    if (step === "failed") throw error;
    return step;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
