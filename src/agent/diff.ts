const CONTEXT_LINES = 3;
const EDITS_MAX = 1000; // The search takes memory with the square of this; beyond it a diff tells a person little.

interface Step {
  kind: "same" | "removed" | "added";
  line: string;
}

export interface UnifiedDiff {
  diff: string;
  additions: number;
  deletions: number;
}

/** What changed in a file, as `diff -u` writes it. `before` is null for a file that did not exist. */
export function unifiedDiff(path: string, before: string | null, after: string): UnifiedDiff {
  const steps = compare(splitLines(before ?? ""), splitLines(after));
  const additions = steps.filter((step) => step.kind === "added").length;
  const deletions = steps.filter((step) => step.kind === "removed").length;
  const hunks = additions + deletions === 0 ? [] : hunksOf(steps);
  const header = `--- ${before === null ? "/dev/null" : `a/${path}`}\n+++ b/${path}\n`;
  return { diff: header + hunks.join(""), additions, deletions };
}

/** Lines with their line ends, so that a missing last one is a difference too. */
function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function compare(before: string[], after: string[]): Step[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before.at(-1 - end) === after.at(-1 - end)) end++;
  return [
    ...stepsOf("same", before.slice(0, start)),
    ...compareMiddle(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...stepsOf("same", before.slice(before.length - end)),
  ];
}

/**
 * The shortest way from one list to the other (E. Myers, An O(ND) difference algorithm, 1986). `reached` has,
 * for each diagonal k, the furthest place in `before` after some number of edits; the copies in `trail` lead back.
 */
function compareMiddle(before: string[], after: string[]): Step[] {
  const replaced = [...stepsOf("removed", before), ...stepsOf("added", after)];
  if (before.length === 0 || after.length === 0) return replaced;

  const most = Math.min(EDITS_MAX, before.length + after.length);
  const trail: Diagonals[] = [];
  const reached = new Diagonals(most + 1);
  reached.set(1, 0);
  for (let edits = 0; edits <= most; edits++) {
    trail.push(reached.copy(edits + 1));
    for (let k = -edits; k <= edits; k += 2) {
      let x = comesDown(reached, k, edits) ? reached.get(k + 1) : reached.get(k - 1) + 1;
      while (x < before.length && x - k < after.length && before[x] === after[x - k]) x++;
      reached.set(k, x);
      if (x >= before.length && x - k >= after.length) return walkBack(trail, before, after);
    }
  }
  return replaced;
}

function walkBack(trail: Diagonals[], before: string[], after: string[]): Step[] {
  const steps: Step[] = [];
  let x = before.length;
  let y = after.length;
  for (const [edits, reached] of [...trail.entries()].reverse()) {
    const k = x - y;
    const from = comesDown(reached, k, edits) ? k + 1 : k - 1;
    const fromX = edits === 0 ? 0 : reached.get(from);
    const fromY = edits === 0 ? 0 : fromX - from;
    while (x > fromX && y > fromY) {
      steps.push({ kind: "same", line: before[--x] ?? "" });
      y--;
    }
    if (x > fromX) steps.push({ kind: "removed", line: before[--x] ?? "" });
    else if (y > fromY) steps.push({ kind: "added", line: after[--y] ?? "" });
  }
  return steps.reverse();
}

/** Whether diagonal k is reached best by an added line (from k + 1) or by a removed one (from k - 1). */
function comesDown(reached: Diagonals, k: number, edits: number): boolean {
  return k === -edits || (k !== edits && reached.get(k - 1) < reached.get(k + 1));
}

/** Numbers by diagonal, from -size to size; -1 where nothing was reached. */
class Diagonals {
  readonly #size: number;
  readonly #values: Int32Array;

  constructor(size: number, values: Int32Array = new Int32Array(2 * size + 1).fill(-1)) {
    this.#size = size;
    this.#values = values;
  }

  get(k: number): number {
    return this.#values[k + this.#size] ?? -1;
  }

  set(k: number, value: number): void {
    this.#values[k + this.#size] = value;
  }

  copy(size: number): Diagonals {
    return new Diagonals(size, this.#values.slice(this.#size - size, this.#size + size + 1));
  }
}

function stepsOf(kind: Step["kind"], lines: string[]): Step[] {
  return lines.map((line) => ({ kind, line }));
}

function hunksOf(steps: Step[]): string[] {
  const hunks: string[] = [];
  let beforeLine = 1;
  let afterLine = 1;
  let index = 0;
  for (const [from, to] of changedRanges(steps)) {
    for (; index < from; index++) {
      beforeLine++; // Outside of hunks everything is the same.
      afterLine++;
    }
    const inside = steps.slice(from, to);
    const beforeCount = inside.filter((step) => step.kind !== "added").length;
    const afterCount = inside.filter((step) => step.kind !== "removed").length;
    hunks.push(
      `@@ -${range(beforeLine, beforeCount)} +${range(afterLine, afterCount)} @@\n` + inside.map(written).join(""),
    );
    beforeLine += beforeCount;
    afterLine += afterCount;
    index = to;
  }
  return hunks;
}

/** Pieces of steps around the changes, with their context; pieces that touch are one. */
function changedRanges(steps: Step[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const [index, step] of steps.entries()) {
    if (step.kind === "same") continue;
    const from = Math.max(0, index - CONTEXT_LINES);
    const to = Math.min(steps.length, index + 1 + CONTEXT_LINES);
    const last = ranges.at(-1);
    if (last && from <= last[1]) last[1] = to;
    else ranges.push([from, to]);
  }
  return ranges;
}

function range(line: number, count: number): string {
  if (count === 1) return String(line);
  return `${count === 0 ? line - 1 : line},${count}`;
}

function written(step: Step): string {
  const sign = step.kind === "same" ? " " : step.kind === "removed" ? "-" : "+";
  return step.line.endsWith("\n") ? sign + step.line : `${sign}${step.line}\n\\ No newline at end of file\n`;
}
