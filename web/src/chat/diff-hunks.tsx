import type { ReactNode } from "react";
import { Fragment, useCallback, useMemo } from "react";
import { cx } from "../ui/cx.ts";
import { CodeLine } from "./code-lines.tsx";
import { languageOfPath, type ColouredPiece } from "./highlight.ts";
import { changedRange, markPieces } from "./intraline.ts";
import { parseDiff, sideBySide, type DiffHunk, type DiffLine } from "./unified-diff.ts";
import { useColoured } from "./use-coloured.ts";

/** The lines of one file's diff, below each other or side by side, in their colours. */

type Colours = (line: DiffLine) => readonly ColouredPiece[];

/** What stands at the numbers of lines and below them, where they can be talked about. */
export interface LineExtras {
  /** In place of the bare number. */
  number: (side: "before" | "after", number: number) => ReactNode;
  /** A row of its own under the line; null where there is none. */
  below: (line: DiffLine) => ReactNode;
}

export interface ColouredDiff {
  hunks: readonly DiffHunk[];
  colours: Colours;
}

export function useColouredDiff(diff: string, path: string): ColouredDiff {
  const hunks = useMemo(() => parseDiff(diff), [diff]);
  const changes = useMemo(() => changedRanges(hunks), [hunks]);
  // Both sides are coloured as one text each, so that strings and comments over several lines come out right.
  const before = useSide(hunks, "removed", path, changes);
  const after = useSide(hunks, "added", path, changes);
  const colours = useCallback(
    (line: DiffLine): readonly ColouredPiece[] =>
      (line.kind === "removed" ? before.get(line) : after.get(line)) ?? [{ text: line.text, color: undefined }],
    [before, after],
  );
  return { hunks, colours };
}

type Ranges = ReadonlyMap<DiffLine, readonly [number, number]>;

/** Where a line differs from the one that it replaced or was replaced by. */
function changedRanges(hunks: readonly DiffHunk[]): Ranges {
  const ranges = new Map<DiffLine, readonly [number, number]>();
  for (const { before, after } of hunks.flatMap((hunk) => sideBySide(hunk.lines))) {
    if (before === null || after === null || before === after) continue;
    const removed = changedRange(before.text, after.text);
    const added = changedRange(after.text, before.text);
    if (removed !== null) ranges.set(before, removed);
    if (added !== null) ranges.set(after, added);
  }
  return ranges;
}

function useSide(
  hunks: readonly DiffHunk[],
  own: "added" | "removed",
  path: string,
  changes: Ranges,
): ReadonlyMap<DiffLine, readonly ColouredPiece[]> {
  const lines = useMemo(
    () => hunks.flatMap((hunk) => hunk.lines.filter((line) => line.kind === "same" || line.kind === own)),
    [hunks, own],
  );
  const text = useMemo(() => lines.map((line) => line.text).join("\n"), [lines]);
  const coloured = useColoured(text, languageOfPath(path));
  return useMemo(
    () => new Map(lines.map((line, index) => [line, markPieces(coloured[index] ?? [], changes.get(line) ?? null)])),
    [lines, coloured, changes],
  );
}

interface HunkProps {
  hunk: DiffHunk;
  colours: Colours;
  className?: string;
  extras?: LineExtras;
}

export function HunkHeading({ hunk }: { hunk: DiffHunk }): ReactNode {
  if (hunk.heading === "") return null;
  return <p className="truncate border-b border-line px-3 py-0.5 font-mono text-xs text-faint">{hunk.heading}</p>;
}

const marks: Record<DiffLine["kind"], string> = { same: " ", added: "+", removed: "−" };
const spoken: Record<DiffLine["kind"], string> = { same: "", added: "added: ", removed: "removed: " };
const numberCell = "tabular w-px px-2 text-right align-top text-faint select-none";

export function UnifiedHunk({ hunk, colours, className, extras }: HunkProps): ReactNode {
  return (
    <table className={cx("w-full border-collapse font-mono text-sm leading-5", className)}>
      <tbody>
        {hunk.lines.map((line, index) => (
          <Fragment key={index}>
            <tr className={`diff-${line.kind}`}>
              <NumberCell line={line} side="before" extras={line.kind === "removed" ? extras : undefined} />
              <NumberCell line={line} side="after" extras={extras} className="pl-0" />
              <DiffText line={line} colours={colours} />
            </tr>
            <BelowRow lines={[line]} extras={extras} span={3} />
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

function NumberCell({
  line,
  side,
  extras,
  className,
}: { line: DiffLine | null; side: "before" | "after"; className?: string } & Pick<HunkProps, "extras">): ReactNode {
  const number = line?.[side] ?? null;
  return (
    <td className={cx(numberCell, className)}>
      {number === null || extras === undefined ? number : extras.number(side, number)}
    </td>
  );
}

function BelowRow({
  lines,
  extras,
  span,
}: { lines: readonly (DiffLine | null)[]; span: number } & Pick<HunkProps, "extras">): ReactNode {
  if (extras === undefined) return null;
  const shown = [...new Set(lines)].map((line) => (line === null ? null : extras.below(line)));
  if (shown.every((each) => each === null)) return null;
  return (
    <tr>
      <td colSpan={span} className="p-0">
        {shown.map((each, index) => (
          <Fragment key={index}>{each}</Fragment>
        ))}
      </td>
    </tr>
  );
}

export function SplitHunk({ hunk, colours, className, extras }: HunkProps): ReactNode {
  const pairs = useMemo(() => sideBySide(hunk.lines), [hunk]);
  return (
    <table className={cx("w-full table-fixed border-collapse font-mono text-sm leading-5", className)}>
      <colgroup>
        <col className="w-12" />
        <col />
        <col className="w-12" />
        <col />
      </colgroup>
      <tbody>
        {pairs.map((pair, index) => (
          <Fragment key={index}>
            <tr>
              <NumberCell
                line={pair.before}
                side="before"
                extras={pair.before?.kind === "removed" ? extras : undefined}
                className={pair.before?.kind === "removed" ? "diff-removed" : undefined}
              />
              <DiffSide line={pair.before} colours={colours} />
              <NumberCell
                line={pair.after}
                side="after"
                extras={extras}
                className={cx("border-l border-line", pair.after?.kind === "added" && "diff-added")}
              />
              <DiffSide line={pair.after} colours={colours} />
            </tr>
            <BelowRow lines={[pair.before, pair.after]} extras={extras} span={4} />
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

function DiffSide({ line, colours }: { line: DiffLine | null; colours: Colours }): ReactNode {
  if (line === null) return <td className="bg-raised/40" />;
  return <DiffText line={line} colours={colours} className={`diff-${line.kind}`} />;
}

function DiffText({
  line,
  colours,
  className,
}: { line: DiffLine; className?: string } & Pick<HunkProps, "colours">): ReactNode {
  return (
    <td className={cx("relative pr-3 pl-6 align-top wrap-anywhere whitespace-pre-wrap text-ink", className)}>
      <span
        aria-hidden
        className={cx("absolute left-1.5 select-none", line.kind === "added" ? "text-success" : "text-danger")}
      >
        {marks[line.kind]}
      </span>
      {spoken[line.kind] !== "" && <span className="sr-only">{spoken[line.kind]}</span>}
      <CodeLine pieces={colours(line)} />
    </td>
  );
}
