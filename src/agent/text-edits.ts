import { ToolError } from "./tool-error.ts";

export interface TextEdit {
  search: string;
  replace: string;
  replace_all?: boolean | undefined;
}

/**
 * A text after all edits, one after the other. In a file whose lines all end in CRLF, edits may be written
 * with LF and the file keeps its ends. Throws a ToolError that names the file when an edit does not fit.
 */
export function applyEdits(shown: string, text: string, edits: TextEdit[]): string {
  const crlf = endsLinesInCrlf(text);
  let edited = crlf ? toLf(text) : text;
  for (const [index, edit] of edits.entries()) {
    const search = crlf ? toLf(edit.search) : edit.search;
    const replace = crlf ? toLf(edit.replace) : edit.replace;
    const name = edits.length === 1 ? "the search text" : `the search text of edit ${index + 1}`;
    if (search === replace) throw new ToolError(`${shown}: ${name} and its replacement are the same.`);
    const pieces = edited.split(search);
    const found = pieces.length - 1;
    if (found === 0)
      throw new ToolError(`${shown}: ${name} does not occur (0 matches). Read the file and copy it exactly.`);
    if (found > 1 && !edit.replace_all) {
      throw new ToolError(
        `${shown}: ${name} occurs ${found} times. Add surrounding lines so that it occurs once, or set replace_all.`,
      );
    }
    edited = pieces.join(replace);
  }
  return crlf ? edited.replaceAll("\n", "\r\n") : edited;
}

function endsLinesInCrlf(text: string): boolean {
  const lineFeeds = text.split("\n").length - 1;
  return lineFeeds > 0 && text.split("\r\n").length - 1 === lineFeeds;
}

function toLf(text: string): string {
  return text.replaceAll("\r\n", "\n");
}
