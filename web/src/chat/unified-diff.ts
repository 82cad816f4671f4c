/** A unified diff, read for showing: hunks with numbered lines, and their side-by-side arrangement. */

export interface DiffLine {
  readonly kind: "same" | "added" | "removed";
  readonly text: string;
  readonly before: number | null;
  readonly after: number | null;
}
export interface DiffHunk {
  readonly heading: string;
  readonly lines: readonly DiffLine[];
}
/** One line of the two columns; null where a side has nothing. */
export interface DiffPair {
  readonly before: DiffLine | null;
  readonly after: DiffLine | null;
}

const hunkHead = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/;

export function parseDiff(diff: string): DiffHunk[] {
  const hunks: { heading: string; lines: DiffLine[] }[] = [];
  let before = 0;
  let after = 0;
  // How much of the hunk is still to come: a removed line "-- x" looks like a file header otherwise.
  let beforeLeft = 0;
  let afterLeft = 0;
  for (const line of diff.replace(/\n$/, "").split("\n")) {
    const head = beforeLeft <= 0 && afterLeft <= 0 ? hunkHead.exec(line) : null;
    if (head !== null) {
      before = Number(head[1]);
      after = Number(head[3]);
      beforeLeft = head[2] === undefined ? 1 : Number(head[2]);
      afterLeft = head[4] === undefined ? 1 : Number(head[4]);
      hunks.push({ heading: head[5] ?? "", lines: [] });
      continue;
    }
    const hunk = hunks.at(-1);
    if (hunk === undefined || (beforeLeft <= 0 && afterLeft <= 0)) continue;
    const text = line.slice(1).replace(/\r$/, "");
    const sign = line[0];
    if (sign === "+") {
      hunk.lines.push({ kind: "added", text, before: null, after });
      after += 1;
      afterLeft -= 1;
    } else if (sign === "-") {
      hunk.lines.push({ kind: "removed", text, before, after: null });
      before += 1;
      beforeLeft -= 1;
    } else if (sign === " " || sign === undefined) {
      hunk.lines.push({ kind: "same", text, before, after });
      before += 1;
      after += 1;
      beforeLeft -= 1;
      afterLeft -= 1;
    }
    // "\ No newline at end of file" is no line of either side.
  }
  return hunks;
}

/** Removed lines stand beside the added ones that follow them. */
export function sideBySide(lines: readonly DiffLine[]): DiffPair[] {
  const pairs: DiffPair[] = [];
  let removed: DiffLine[] = [];
  let added: DiffLine[] = [];
  const flush = () => {
    for (let row = 0; row < Math.max(removed.length, added.length); row += 1) {
      pairs.push({ before: removed[row] ?? null, after: added[row] ?? null });
    }
    removed = [];
    added = [];
  };
  for (const line of lines) {
    if (line.kind === "removed") {
      if (added.length > 0) flush();
      removed.push(line);
    } else if (line.kind === "added") {
      added.push(line);
    } else {
      flush();
      pairs.push({ before: line, after: line });
    }
  }
  flush();
  return pairs;
}
