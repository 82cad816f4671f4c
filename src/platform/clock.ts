/** Milliseconds since 1970, UTC. Tests pass their own. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();

/** An instant as it stands on the wire: RFC 3339, UTC, milliseconds. */
export function toWireTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

export function toWireTimeOrNull(milliseconds: number | null): string | null {
  return milliseconds === null ? null : toWireTime(milliseconds);
}
