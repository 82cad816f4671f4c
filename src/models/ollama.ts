import { z } from "zod";
import type { Clock } from "../platform/clock.ts";
import { log } from "../platform/log.ts";

/** How long a list of models counts as fresh: a model pulled just now shows up at the next look. */
const FRESH_MS = 30_000;
/** A list is no reason to keep a person waiting. */
const TIMEOUT_MS = 2_000;
/** What Ollama's own first page tells people to run. */
const FALLBACK_MODEL = "llama3.2";

const tags = z.object({ models: z.array(z.object({ name: z.string() })) });

/** The newest list of this isolate: every model call asks for it. */
let latest: { address: string; readAt: number; models: string[] } | null = null;

/**
 * `OLLAMA_HOST` as people write it (`localhost`, `0.0.0.0:11434`, a URL) as an address to call; null when
 * it is none.
 */
export function ollamaAddress(host: string): string | null {
  const hasScheme = host.includes("://");
  const text = hasScheme ? host : `http://${host.startsWith(":") ? `127.0.0.1${host}` : host}`;
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  // Ollama listens on this port when none is given; with a scheme the scheme's port counts, as in its own client.
  if (!hasScheme && !/:\d+\/?$/.test(text)) url.port = "11434";
  // People set it to where the server listens; nothing can be called there.
  if (url.hostname === "0.0.0.0") url.hostname = "127.0.0.1";
  return url.origin;
}

/** The models that the Ollama at this address has; one well-known name when it does not answer. */
export async function ollamaModels(address: string, clock: Clock): Promise<string[]> {
  if (latest?.address === address && clock() - latest.readAt < FRESH_MS) return latest.models;
  const read = await readModels(address);
  const known = latest?.address === address ? latest.models : [FALLBACK_MODEL];
  latest = { address, readAt: clock(), models: read ?? known };
  return latest.models;
}

async function readModels(address: string): Promise<string[] | null> {
  try {
    const response = await fetch(`${address}/api/tags`, {
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`Status ${response.status}`);
    const names = tags.parse(await response.json()).models.map(({ name }) => name);
    // Models that only make embeddings cannot chat.
    const chatting = names.filter((name) => !name.includes("embed"));
    return chatting.length > 0 ? chatting : null;
  } catch (error) {
    log.warn("ollama.unreachable", { address, error });
    return null;
  }
}
