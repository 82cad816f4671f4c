/** A draft is null while nothing was changed: then the field shows what is saved, whatever a refetch brings. */
export function shownText(draft: string | null, saved: string): string {
  return draft ?? saved;
}

/** Spaces around it are not kept, so they are no change. */
export function isChanged(draft: string | null, saved: string): boolean {
  return draft !== null && draft.trim() !== saved;
}

/** The draft once `sent` is saved: what was typed meanwhile stays a draft. */
export function afterSave(draft: string | null, sent: string): string | null {
  return draft === sent ? null : draft;
}

/** How much of the room a text takes: bytes of UTF-8 without the spaces around it, as the server counts. */
export function promptBytes(text: string): number {
  return new TextEncoder().encode(text.trim()).length;
}

/** "1,204 of 32,768 bytes". */
export function bytesWords(bytes: number, limit: number): string {
  const number = new Intl.NumberFormat("en");
  return `${number.format(bytes)} of ${number.format(limit)} bytes`;
}
