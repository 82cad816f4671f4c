/**
 * What this browser remembers between visits: sidebar width, last model, unsent text. Storage may be
 * switched off or full; then it lasts as long as the page, which is all that can be had.
 */

/** `public/theme.js` knows it, too. */
const PREFIX = "tideline.";
const fallback = new Map<string, string>();

export function remembered(name: string): string | null {
  // What storage did not take is newer than what it has.
  const own = fallback.get(name);
  if (own !== undefined) return own;
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null; // storage is switched off
  }
}

/** Null or "" forgets. */
export function remember(name: string, value: string | null): void {
  const forgets = value === null || value === "";
  fallback.delete(name);
  try {
    if (forgets) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    // Full or switched off.
    if (!forgets) fallback.set(name, value);
  }
}

/** What somebody wrote and did not send, by chat: theirs, and not for who signs in here next. */
const UNSENT = ["draft.", "outgoing."];

export function forgetUnsent(): void {
  for (const name of [...storedNames(), ...fallback.keys()]) {
    if (UNSENT.some((start) => name.startsWith(start))) remember(name, null);
  }
}

function storedNames(): string[] {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(PREFIX))
      .map((key) => key.slice(PREFIX.length));
  } catch {
    return []; // storage is switched off
  }
}
