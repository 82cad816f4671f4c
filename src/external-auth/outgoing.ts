import type { z } from "zod";

/** Longer than a provider takes, shorter than a person waits. */
export const REQUEST_MS = 10_000;
/** Of an answer. What is larger is no answer to what was asked. */
const ANSWER_MAX_BYTES = 1_000_000;

/** What came back: its status, headers and text; or that nothing did. */
export type ProviderAnswer = { status: number; headers: Headers; text: string } | { status: null; reason: string };

/**
 * One request to an address of the configuration, which was checked when it was read. It carries secrets, so it goes
 * nowhere else: a redirect is an answer like any other.
 */
export async function askProvider(url: string, init: RequestInit, limitMs = REQUEST_MS): Promise<ProviderAnswer> {
  const headers = new Headers(init.headers);
  headers.set("accept", "application/json");
  // GitHub refuses requests without one.
  headers.set("user-agent", "Tideline");
  const signal = AbortSignal.timeout(Math.max(1, limitMs));
  try {
    const response = await fetch(url, { ...init, headers, redirect: "manual", signal });
    return {
      status: response.status,
      headers: response.headers,
      text: (await response.text()).slice(0, ANSWER_MAX_BYTES),
    };
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === "TimeoutError";
    return { status: null, reason: isLate ? "it took too long" : "it could not be reached" };
  }
}

/** What is said in an answer; null when it is not JSON, or not what was asked for. */
export function parseAnswer<S extends z.ZodType>(schema: S, text: string): z.output<S> | null {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  return schema.safeParse(content).data ?? null;
}
