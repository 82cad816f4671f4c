/** Round steps: 1, 2 and 5 times a power of ten. */
const STEPS = [1, 2, 5, 10];

/**
 * Where the lines of a scale from 0 stand, at most five and 0 among them, the last one at or above `max`. `whole`
 * where there are no halves of what is counted.
 */
export function scaleTicks(max: number, whole = true): number[] {
  const rough = Math.max(max, whole ? 1 : Number.MIN_VALUE) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = STEPS.find((each) => each * power >= rough * (1 - 1e-9)) ?? 10;
  const step = whole ? Math.max(1, factor * power) : factor * power;
  const count = Math.max(1, Math.ceil(max / step - 1e-9));
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

/** Which of so many points are named below, when there is room for `room` names: evenly, counted from the last. */
export function namedPoints(count: number, room: number): number[] {
  const every = Math.max(1, Math.ceil(count / Math.max(1, room)));
  return Array.from({ length: count }, (_, index) => index).filter((index) => (count - 1 - index) % every === 0);
}
