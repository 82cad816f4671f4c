/** What this browser remembers between visits. Where storage is full or switched off, it forgets. */

const PREFIX = "tideline.";

export function remembered(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null; // storage is switched off
  }
}

/** Null or "" forgets. */
export function remember(name: string, value: string | null): void {
  try {
    if (value === null || value === "") localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    // Storage is full or switched off: then it lasts as long as the page does.
  }
}
