import type { ReactNode } from "react";
import { memo, useMemo } from "react";
import { CopyButton } from "../../ui/copy-button.tsx";
import { cx } from "../../ui/cx.ts";
import { CodeLine } from "../code-lines.tsx";
import { languageOfPath, type ColouredPiece } from "../highlight.ts";
import { changedRange, markPieces } from "../intraline.ts";
import { parseDiff, sideBySide, type DiffHunk, type DiffLine } from "../unified-diff.ts";
import { useColoured } from "../use-coloured.ts";
import { Panel } from "./panel.tsx";

interface ChangedFile {
  path: string;
  diff: string;
  additions: number;
  deletions: number;
}

/** What was changed: side by side where there is room, one below the other where there is not (chat.css). */
export function DiffView({ files }: { files: readonly ChangedFile[] }): ReactNode {
  return (
    <div className="diff-breakout flex flex-col gap-2">
      {files.map((file) => (
        <FileDiff key={file.path} file={file} />
      ))}
    </div>
  );
}

const FileDiff = memo(function FileDiff({ file }: { file: ChangedFile }): ReactNode {
  const hunks = useMemo(() => parseDiff(file.diff), [file.diff]);
  const changes = useMemo(() => changedRanges(hunks), [hunks]);
  // Both sides are coloured as one text each, so that strings and comments over several lines come out right.
  const before = useSide(hunks, "removed", file.path, changes);
  const after = useSide(hunks, "added", file.path, changes);
  const colours = (line: DiffLine): readonly ColouredPiece[] =>
    (line.kind === "removed" ? before.get(line) : after.get(line)) ?? [{ text: line.text, color: undefined }];
  return (
    <Panel
      label={`Changes in ${file.path}`}
      head={
        <div className="flex h-8 items-center gap-2 border-b border-line pr-1 pl-3 text-xs">
          <span className="min-w-0 truncate font-mono text-muted" title={file.path}>
            {file.path}
          </span>
          <span className="tabular shrink-0 text-success">+{file.additions}</span>
          <span className="tabular shrink-0 text-danger">−{file.deletions}</span>
          <span className="flex-1" />
          <CopyButton text={file.diff} label="Copy diff" className="size-6 text-faint" />
        </div>
      }
    >
      {hunks.length === 0 && <p className="px-3 py-2 text-sm text-muted">No lines changed.</p>}
      {hunks.map((hunk, index) => (
        <div key={index} className="border-t border-line first:border-t-0">
          {hunk.heading !== "" && (
            <p className="truncate border-b border-line px-3 py-0.5 font-mono text-xs text-faint">{hunk.heading}</p>
          )}
          <UnifiedHunk hunk={hunk} colours={colours} />
          <SplitHunk hunk={hunk} colours={colours} />
        </div>
      ))}
    </Panel>
  );
});

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
  colours: (line: DiffLine) => readonly ColouredPiece[];
}

const marks: Record<DiffLine["kind"], string> = { same: " ", added: "+", removed: "−" };
const spoken: Record<DiffLine["kind"], string> = { same: "", added: "added: ", removed: "removed: " };
const numberCell = "tabular w-px px-2 text-right align-top text-faint select-none";

function UnifiedHunk({ hunk, colours }: HunkProps): ReactNode {
  return (
    <table className="diff-unified w-full border-collapse font-mono text-sm leading-5">
      <tbody>
        {hunk.lines.map((line, index) => (
          <tr key={index} className={`diff-${line.kind}`}>
            <td className={numberCell}>{line.before}</td>
            <td className={cx(numberCell, "pl-0")}>{line.after}</td>
            <DiffText line={line} colours={colours} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function SplitHunk({ hunk, colours }: HunkProps): ReactNode {
  const pairs = useMemo(() => sideBySide(hunk.lines), [hunk]);
  return (
    <table className="diff-split w-full table-fixed border-collapse font-mono text-sm leading-5">
      <colgroup>
        <col className="w-12" />
        <col />
        <col className="w-12" />
        <col />
      </colgroup>
      <tbody>
        {pairs.map((pair, index) => (
          <tr key={index}>
            <td className={cx(numberCell, pair.before?.kind === "removed" && "diff-removed")}>{pair.before?.before}</td>
            <DiffSide line={pair.before} colours={colours} />
            <td className={cx(numberCell, "border-l border-line", pair.after?.kind === "added" && "diff-added")}>
              {pair.after?.after}
            </td>
            <DiffSide line={pair.after} colours={colours} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function DiffSide({ line, colours }: { line: DiffLine | null; colours: HunkProps["colours"] }): ReactNode {
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
