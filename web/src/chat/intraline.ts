import type { ColouredPiece } from "./highlight.ts";

/** From which to which character a line differs from its counterpart; null when marking it would not help. */
export function changedRange(text: string, other: string): readonly [number, number] | null {
  if (text === other) return null;
  const shortest = Math.min(text.length, other.length);
  let start = 0;
  while (start < shortest && text[start] === other[start]) start += 1;
  let end = 0;
  while (end < shortest - start && text[text.length - 1 - end] === other[other.length - 1 - end]) end += 1;
  const common = text.slice(0, start).trim().length + text.slice(text.length - end).trim().length;
  // Two lines that share little were not changed into each other.
  if (common < Math.max(text.trim().length, other.trim().length) / 2) return null;
  return start < text.length - end ? [start, text.length - end] : null;
}

export interface MarkedPiece extends ColouredPiece {
  readonly marked: boolean;
}

/** Cuts pieces at the ends of a range and marks those inside. */
export function markPieces(pieces: readonly ColouredPiece[], range: readonly [number, number] | null): MarkedPiece[] {
  const marked: MarkedPiece[] = [];
  let at = 0;
  for (const piece of pieces) {
    const cuts = range === null ? [] : range.map((edge) => Math.min(Math.max(edge - at, 0), piece.text.length));
    const edges = [0, ...cuts, piece.text.length];
    for (let index = 0; index + 1 < edges.length; index += 1) {
      const text = piece.text.slice(edges[index], edges[index + 1]);
      if (text !== "") marked.push({ text, color: piece.color, marked: range !== null && index === 1 });
    }
    at += piece.text.length;
  }
  return marked;
}
