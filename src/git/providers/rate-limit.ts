import type { GitProviderType } from "../../contract/git.ts";

/** For who refuses and does not say until when; GitHub asks for at least a minute. */
const UNSAID_WAIT_MS = 60_000;
/** The widest window of the three is an hour: what is far above that is a mistake of somebody's. */
const LONGEST_WAIT_MS = 24 * 60 * 60_000;

/**
 * When to come back, if this is a refusal for asking too often; else null. `Retry-After` goes before the end of the
 * window, which only counts when nothing is left of it.
 */
export function retryTime(
  type: GitProviderType,
  { status, headers, body }: { status: number; headers: Headers; body: string },
  now: number,
): number | null {
  // GitHub also says 403, which has other reasons, too.
  const may = status === 429 || (type === "github" && status === 403);
  if (!may) return null;
  const [remaining, reset] =
    type === "github"
      ? [headers.get("x-ratelimit-remaining"), headers.get("x-ratelimit-reset")]
      : ["0", headers.get("ratelimit-reset")];
  const said = afterDelay(headers.get("retry-after"), now) ?? (remaining === "0" ? atSecond(reset, now) : null);
  if (said !== null) return Math.min(said, now + LONGEST_WAIT_MS);
  const isLimit = status === 429 || remaining === "0" || /rate limit/i.test(body);
  return isLimit ? now + UNSAID_WAIT_MS : null;
}

/** RFC 9110, 10.2.3: seconds, or a date. */
function afterDelay(text: string | null, now: number): number | null {
  if (text === null) return null;
  const at = /^\s*\d+\s*$/.test(text) ? now + Math.max(1, Number(text)) * 1000 : Date.parse(text);
  return at > now ? at : null;
}

function atSecond(text: string | null, now: number): number | null {
  const at = Number(text ?? "") * 1000;
  return at > now ? at : null;
}
