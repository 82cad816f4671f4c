import { vi } from "vitest";

/** Waits until a check passes; long enough for a machine that has much else to do. Answers what the check answers. */
export function soon<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 15_000, interval: 10 });
}
