/** Times and sizes in the words a person reads. */

/** "0.4 s", "12 s", "2 min 05 s", "1 h 02 min". */
export function duration(ms: number): string {
  if (ms < 50) return "<0.1 s";
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${twoDigits(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

/** Whole seconds, for clocks that tick. */
export function ticking(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  return seconds < 60 ? `${seconds} s` : duration(seconds * 1_000);
}

/** "870", "3.4k", "128k", "1.2M". */
export function count(value: number): string {
  if (value < 1_000) return String(value);
  if (value < 10_000) return `${trimZero((value / 1_000).toFixed(1))}k`;
  if (value < 999_500) return `${Math.round(value / 1_000)}k`;
  return `${trimZero((value / 1_000_000).toFixed(1))}M`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

function trimZero(text: string): string {
  return text.replace(/\.0$/, "");
}
