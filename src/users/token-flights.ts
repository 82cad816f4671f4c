import type { TokenAnswer } from "../external-auth/ports.ts";

/** Longer than a renewal may take, so that what it stored is what its callers get. */
const LIMIT_MS = 10_000;

/** Renewals that are on their way, by provider. */
export interface TokenFlights {
  /** The answer of the renewal that is on its way, or of the one that `start` begins. */
  join(providerId: string, start: () => Promise<TokenAnswer>): Promise<TokenAnswer>;
}

/**
 * One renewal at a time for each provider, with one answer for all who ask meanwhile. It belongs to none of them: who
 * began it may leave, and the others still get theirs. `keepAlive` holds the object awake until it has landed.
 */
export function createTokenFlights(
  keepAlive: (flight: Promise<unknown>) => void,
  limitMs: number = LIMIT_MS,
): TokenFlights {
  const flights = new Map<string, Promise<TokenAnswer>>();
  return {
    join(providerId, start) {
      const known = flights.get(providerId);
      if (known !== undefined) return known;
      const flight = withLimit(start(), limitMs).finally(() => flights.delete(providerId));
      flights.set(providerId, flight);
      keepAlive(flight);
      return flight;
    },
  };
}

async function withLimit(work: Promise<TokenAnswer>, limitMs: number): Promise<TokenAnswer> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<TokenAnswer>((resolve) => {
    const reason = "Renewing the access takes too long. Try again in a moment.";
    timer = setTimeout(() => resolve({ state: "unavailable", reason }), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
