/** What D1 says when the next try may well succeed (Cloudflare's list of D1 errors). */
const TRANSIENT_MESSAGES = [
  "Network connection lost",
  "storage caused object to be reset",
  "reset because its code was updated",
  "D1 DB is overloaded",
  "due to transient issue",
];
/** Query builder around driver around platform; more layers are a loop. */
const MAX_CAUSES = 5;

/**
 * Whether a failure is the platform's and passes: it is marked `retryable` or `overloaded` as errors of
 * Durable Objects are, or is one of D1's transient errors, itself or as the cause of another.
 */
export function isTransient(error: unknown): boolean {
  let current = error;
  for (let layer = 0; layer < MAX_CAUSES && current instanceof Error; layer++) {
    const { message } = current;
    if (isMarked(current) || TRANSIENT_MESSAGES.some((transient) => message.includes(transient))) return true;
    current = current.cause;
  }
  return false;
}

function isMarked(error: Error & { retryable?: unknown; overloaded?: unknown }): boolean {
  return error.retryable === true || error.overloaded === true;
}
