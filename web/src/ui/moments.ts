const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "now", "5m", "3h", "2d", then the date; for places with little room. */
export function shortAge(at: number, now: number): string {
  const age = Math.max(0, now - at);
  if (age < MINUTE) return "now";
  if (age < HOUR) return `${Math.floor(age / MINUTE)}m`;
  if (age < DAY) return `${Math.floor(age / HOUR)}h`;
  if (age < 7 * DAY) return `${Math.floor(age / DAY)}d`;
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat("en-GB", {
    month: "short",
    day: "numeric",
    ...(sameYear ? {} : { year: "numeric" }),
  }).format(at);
}

/** "just now", "5 minutes ago", "in 3 days": for sentences. */
export function longAge(at: number, now: number): string {
  const difference = at - now;
  const size = Math.abs(difference);
  if (size < MINUTE) return difference > 0 ? "in a moment" : "just now";
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  if (size < HOUR) return words.format(Math.trunc(difference / MINUTE), "minute");
  if (size < DAY) return words.format(Math.trunc(difference / HOUR), "hour");
  if (size < 30 * DAY) return words.format(Math.trunc(difference / DAY), "day");
  if (size < 365 * DAY) return words.format(Math.trunc(difference / (30 * DAY)), "month");
  return words.format(Math.trunc(difference / (365 * DAY)), "year");
}

/** The exact moment in the reader's zone, said with the zone. */
export function exactMoment(at: number): string {
  return new Intl.DateTimeFormat("en-GB", {
    dateStyle: "medium",
    timeStyle: "long",
  }).format(at);
}

/** A wait in words: "42 seconds", "3 minutes". Rounded up, so that nobody comes back too early. */
export function waitWords(seconds: number): string {
  if (seconds < 90) return `${seconds} ${seconds === 1 ? "second" : "seconds"}`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
