import { ChevronDown, ChevronRight, Plus } from "lucide-react";
import type { KeyboardEvent, ReactNode } from "react";
import { memo, useMemo, useState } from "react";
import { HunkHeading, SplitHunk, UnifiedHunk, useColouredDiff, type LineExtras } from "../chat/diff-hunks.tsx";
import type { DiffLine } from "../chat/unified-diff.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { ChangedLines } from "./changed-lines.tsx";
import type { ChangedFile } from "./changed-files.ts";
import { CommentEditor } from "./comment-editor.tsx";
import { excerptOf, lineNumber, type DiffSideName, type LineComment } from "./line-comments.ts";
import type { LineComments } from "./use-line-comments.ts";

/** More changed lines than anybody reads in passing: drawn when asked for. */
const LARGE_LINES = 800;

export type DiffLayout = "unified" | "split";

interface FileSectionProps {
  file: ChangedFile;
  layout: DiffLayout;
  open: boolean;
  onOpen: (path: string, open: boolean) => void;
  /** Null where nothing can be said of lines: somebody only reads the chat. */
  comments: LineComments | null;
}

const changeWords = { added: "New", deleted: "Deleted", renamed: "Renamed", modified: null } as const;

/** One file of a diff under its own head. */
export const FileSection = memo(function FileSection(props: FileSectionProps): ReactNode {
  const { file, open, onOpen } = props;
  const word = changeWords[file.change];
  const Chevron = open ? ChevronDown : ChevronRight;
  return (
    <section aria-label={file.path} data-testid="changed-file" className="border-b border-line">
      <div className="flex h-9 items-center gap-2 bg-surface pr-1 pl-1.5">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => onOpen(file.path, !open)}
          className="flex h-full min-w-0 flex-1 items-center gap-1.5 rounded-md text-left focus-visible:outline-offset-[-2px]"
        >
          <Chevron size={14} aria-hidden className="shrink-0 text-faint" />
          <span className="min-w-0 truncate font-mono text-sm" title={file.path}>
            {file.oldPath !== null && (
              <>
                <bdi className="text-faint">{file.oldPath}</bdi> <span className="sr-only">became</span>
                <span aria-hidden>→</span>{" "}
              </>
            )}
            <bdi>{file.path}</bdi>
          </span>
        </button>
        {word !== null && <Badge>{word}</Badge>}
        {!file.binary && <ChangedLines additions={file.additions} deletions={file.deletions} />}
        <CopyButton text={file.path} label="Copy path" className="size-6 shrink-0 text-faint" />
      </div>
      {open && <FileBody {...props} />}
    </section>
  );
});

function FileBody({ file, layout, comments }: FileSectionProps): ReactNode {
  const lines = file.additions + file.deletions;
  const [anyway, setAnyway] = useState(false);
  if (file.binary) return <Remark>A binary file: there are no lines to show.</Remark>;
  if (file.diff === "") return <Remark>{file.change === "renamed" ? "Moved, with nothing changed." : "Empty."}</Remark>;
  if (lines > LARGE_LINES && !anyway) {
    return (
      <Remark>
        {lines.toLocaleString("en")} lines changed.{" "}
        <Button size="sm" onClick={() => setAnyway(true)}>
          Show them
        </Button>
      </Remark>
    );
  }
  return <FileLines file={file} layout={layout} comments={comments} />;
}

function Remark({ children }: { children: ReactNode }): ReactNode {
  return <p className="flex flex-wrap items-center gap-3 px-4 py-3 text-sm text-muted">{children}</p>;
}

interface OpenEditor {
  side: DiffSideName;
  start: number;
  end: number;
}

function FileLines({ file, layout, comments }: Pick<FileSectionProps, "file" | "layout" | "comments">): ReactNode {
  const { hunks, colours } = useColouredDiff(file.diff, file.path);
  const [editor, setEditor] = useState<OpenEditor | null>(null);
  const own = useMemo(
    () => (comments?.list ?? []).filter((comment) => comment.path === file.path),
    [comments, file.path],
  );
  const extras = useMemo<LineExtras | undefined>(() => {
    if (comments === null) return undefined;
    const inEditor = (side: DiffSideName, number: number) =>
      editor?.side === side && number >= editor.start && number <= editor.end;
    return {
      number: (side, number) => (
        <LineButton
          number={number}
          chosen={inEditor(side, number)}
          onChoose={(further) => setEditor((open) => chosenLines(open, side, number, further))}
        />
      ),
      below: (line) => {
        const here = own.filter(
          (comment) => lineNumber(line, comment.side) === comment.end && isOn(line, comment.side),
        );
        const opens = editor !== null && isOn(line, editor.side) && lineNumber(line, editor.side) === editor.end;
        if (here.length === 0 && !opens) return null;
        return (
          <>
            {here.map((comment) => (
              <Said key={comment.id} comment={comment} onRemove={() => comments.remove(comment.id)} />
            ))}
            {opens && (
              <CommentEditor
                lines={editor.start === editor.end ? `Line ${editor.start}` : `Lines ${editor.start}–${editor.end}`}
                onCancel={() => setEditor(null)}
                onAdd={(text) => {
                  const excerpt = excerptOf(hunks, editor.side, editor.start, editor.end);
                  comments.add({ path: file.path, ...editor, excerpt, text });
                  setEditor(null);
                }}
              />
            )}
          </>
        );
      },
    };
  }, [comments, editor, own, hunks, file.path]);

  const Hunk = layout === "split" ? SplitHunk : UnifiedHunk;
  return (
    // Arrow keys go from number to number, so that a long file is one stop of Tab.
    <div
      onKeyDown={walkNumbers}
      role="group"
      tabIndex={comments === null ? undefined : 0}
      aria-label={`Lines of ${file.path}`}
      className="focus-visible:outline-offset-[-2px]"
    >
      {hunks.map((hunk, index) => (
        <div key={index} className="border-t border-line">
          <HunkHeading hunk={hunk} />
          <Hunk hunk={hunk} colours={colours} extras={extras} />
        </div>
      ))}
    </div>
  );
}

/** A removed line is of the side before; every other one is looked at on the side after. */
function isOn(line: DiffLine, side: DiffSideName): boolean {
  return (line.kind === "removed") === (side === "before");
}

function chosenLines(open: OpenEditor | null, side: DiffSideName, number: number, further: boolean): OpenEditor {
  if (!further || open === null || open.side !== side) return { side, start: number, end: number };
  return { side, start: Math.min(open.start, number), end: Math.max(open.end, number) };
}

interface LineButtonProps {
  number: number;
  chosen: boolean;
  /** `further`: from what is chosen to here. */
  onChoose: (further: boolean) => void;
}

function LineButton({ number, chosen, onChoose }: LineButtonProps): ReactNode {
  return (
    <button
      type="button"
      data-line-number
      tabIndex={-1}
      aria-label={`Comment on line ${number}`}
      aria-pressed={chosen}
      title="Comment. With Shift, on all lines up to here."
      onClick={(event) => onChoose(event.shiftKey)}
      className="group/line relative -mx-1 min-w-6 rounded-sm px-1 text-right hover:bg-accent hover:text-accent-ink focus-visible:bg-accent focus-visible:text-accent-ink aria-pressed:bg-accent-soft aria-pressed:text-accent-strong"
    >
      {number}
      <Plus
        size={12}
        aria-hidden
        className="absolute top-1 left-0 opacity-0 group-hover/line:opacity-100 group-focus-visible/line:opacity-100"
      />
    </button>
  );
}

function walkNumbers(event: KeyboardEvent<HTMLDivElement>): void {
  const steps: Partial<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };
  const step = steps[event.key];
  if (step === undefined || !(event.target instanceof HTMLElement)) return;
  const numbers = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-line-number]")];
  // Down from the group itself leads to its first number.
  const from = event.target === event.currentTarget ? -1 : numbers.indexOf(event.target);
  if (from === -1 && event.target !== event.currentTarget) return;
  event.preventDefault();
  const next = numbers[from + step];
  next?.focus();
  if (event.shiftKey) next?.dispatchEvent(new MouseEvent("click", { bubbles: true, shiftKey: true }));
}

function Said({ comment, onRemove }: { comment: LineComment; onRemove: () => void }): ReactNode {
  return (
    <div className="flex items-start gap-3 border-y border-line bg-accent-soft px-3 py-2 font-sans text-base">
      <p dir="auto" className="min-w-0 flex-1 wrap-anywhere whitespace-pre-wrap">
        {comment.text}
      </p>
      <Button size="sm" variant="ghost" onClick={onRemove}>
        Remove
      </Button>
    </div>
  );
}
