/**
 * Text that a markdown parser may choke on: parsers go back and forth over long runs of markers, over
 * lines without an end and over books. A model, or a file that it repeats, can write such text; shown
 * plainly it harms nobody.
 */

const WHOLE_MAX_LENGTH = 100_000;
const LINE_MAX_LENGTH = 20_000;
const MARKERS = /[[\]*_`<>~(){}!|\\#]{400}/;

export function isHeavy(text: string): boolean {
  if (text.length > WHOLE_MAX_LENGTH) return true;
  if (text.length > LINE_MAX_LENGTH && longestLine(text) > LINE_MAX_LENGTH) return true;
  return MARKERS.test(text);
}

function longestLine(text: string): number {
  let longest = 0;
  let start = 0;
  for (;;) {
    const end = text.indexOf("\n", start);
    longest = Math.max(longest, (end === -1 ? text.length : end) - start);
    if (end === -1) return longest;
    start = end + 1;
  }
}

/** Characters that turn the reading direction of what follows them, and so can make text say something else. */
const DIRECTION_MARKS = /[\u202a-\u202e\u2066-\u2069]/g;

export function withoutDirectionMarks(text: string): string {
  return text.replace(DIRECTION_MARKS, "");
}
