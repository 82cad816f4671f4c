import type { Snippet } from "../contract/search.ts";

/**
 * How text becomes words, for the index, for a question and for the marks in a snippet: one rule for
 * the three, so that what is found is also what is marked.
 */

interface Word {
  folded: string;
  start: number;
  end: number;
}

/** What stands together in a question: one word, or several that must follow each other, as in `read-file`. */
export type Term = string[];

// Scripts that write without spaces: each character is a word, and a question for several is a phrase.
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[[\p{L}\p{N}\p{M}]--[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]]+/gv;
/** Accents of Latin, Greek and Cyrillic letters. Marks of other scripts are not ornaments. */
const ACCENTS = /[\u0300-\u036f]/g;
/** What some letters and numbers consist of besides: ½ is a 1, a stroke and a 2. */
const NO_WORD = /[^\p{L}\p{N}\p{M}]+/gu;
/** Nobody remembers more; it keeps a pasted page from becoming a question. */
const TERMS_MAX = 32;

const SNIPPET_LENGTH = 160;
const SNIPPET_LEAD = 40;
/** A common word in a long text: its first places are enough to choose from. */
const PLACES_MAX = 200;

export function wordsOf(text: string): Word[] {
  return [...text.matchAll(WORD)]
    .map((match) => ({ folded: fold(match[0]), start: match.index, end: match.index + match[0].length }))
    .filter((word) => word.folded !== "");
}

/** Case and accents make no difference. Empty for an accent that stands alone. */
function fold(word: string): string {
  return word.normalize("NFKD").replace(ACCENTS, "").normalize("NFKC").toLowerCase().replace(NO_WORD, "");
}

/** The terms of what a person typed. There is no syntax: whatever is no letter or number is a gap. */
export function termsOf(question: string): Term[] {
  const terms = question
    .split(/\s+/)
    .map((chunk) => wordsOf(chunk).map((word) => word.folded))
    .filter((term) => term.length > 0);
  return terms.slice(0, TERMS_MAX);
}

/** The terms as an FTS5 expression: all of them, each the beginning of what stands in the text. */
export function matchExpression(terms: readonly Term[]): string {
  // Words hold letters and numbers only, so nothing can end the quotes.
  return terms.map((term) => `"${term.join(" ")}" *`).join(" AND ");
}

/** The part of a text that says most of what was looked for; the beginning when the words are not in it. */
export function snippetOf(text: string, terms: readonly Term[]): Snippet {
  const flat = text.replace(/\s+/g, " ").trim();
  const places = placesOf(flat, terms);
  const from = windowStart(flat, places);
  const to = wordEnd(flat, Math.min(flat.length, from + SNIPPET_LENGTH));
  const before = from > 0 ? "…" : "";
  const marks = places
    .filter((place) => place.start >= from && place.end <= to)
    .map((place) => ({ start: place.start - from + before.length, end: place.end - from + before.length }));
  return { text: `${before}${flat.slice(from, to)}${to < flat.length ? "…" : ""}`, marks };
}

interface Place {
  term: number;
  start: number;
  end: number;
}

function placesOf(text: string, terms: readonly Term[]): Place[] {
  const words = wordsOf(text);
  const places: Place[] = [];
  for (let index = 0; index < words.length && places.length < PLACES_MAX; index++) {
    const term = terms.findIndex((candidate) => standsAt(candidate, words, index));
    const first = words[index];
    const last = words[index + (terms[term]?.length ?? 1) - 1];
    if (term === -1 || first === undefined || last === undefined) continue;
    places.push({ term, start: first.start, end: last.end });
    index += (terms[term]?.length ?? 1) - 1;
  }
  return places;
}

function standsAt(term: Term, words: readonly Word[], index: number): boolean {
  return term.every((wanted, offset) => {
    const word = words[index + offset]?.folded;
    if (word === undefined) return false;
    return offset === term.length - 1 ? word.startsWith(wanted) : word === wanted;
  });
}

/** Where most different terms stand close together; of equal ones the first. */
function windowStart(text: string, places: readonly Place[]): number {
  let best = { start: 0, terms: 0 };
  for (const [index, place] of places.entries()) {
    const within = places.slice(index).filter((other) => other.end <= place.start + SNIPPET_LENGTH - SNIPPET_LEAD);
    const terms = new Set(within.map((other) => other.term)).size;
    if (terms > best.terms) best = { start: place.start, terms };
  }
  if (best.start <= SNIPPET_LEAD || text.length <= SNIPPET_LENGTH) return 0;
  // At the beginning of a word, unless the text before is one long word.
  const space = text.indexOf(" ", best.start - SNIPPET_LEAD);
  return space === -1 || space >= best.start ? best.start : space + 1;
}

function wordEnd(text: string, at: number): number {
  if (at >= text.length) return text.length;
  const space = text.lastIndexOf(" ", at);
  if (space > at - SNIPPET_LEAD) return space;
  // Never between the halves of a surrogate pair.
  return /[\udc00-\udfff]/.test(text.charAt(at)) ? at - 1 : at;
}
