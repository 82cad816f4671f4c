const DAY_MS = 24 * 60 * 60 * 1000;

/** How many nights lie between two days, each written as `2026-05-01`. */
export function nightsBetween(arrival, departure) {
  const nights = (midnight(departure) - midnight(arrival)) / DAY_MS;
  if (nights < 1) {
    throw new RangeError("A stay has at least one night");
  }
  return nights;
}

/** Midnight UTC, so that no stay gains or loses an hour when the clocks change. */
function midnight(day) {
  const time = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(time)) {
    throw new RangeError(`Not a day: ${day}`);
  }
  return time;
}
