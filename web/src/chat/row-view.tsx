import { Brain, ChevronRight, Square } from "lucide-react";
import type { ReactNode } from "react";
import { memo, useState } from "react";
import { CopyButton } from "../ui/copy-button.tsx";
import { cx } from "../ui/cx.ts";
import { counted } from "../shell/names.ts";
import { placeMark } from "./keep-place.ts";
import { Markdown } from "./markdown.tsx";
import { PersonMessage } from "./person-message.tsx";
import { type Reasoning, type Row, runMilliseconds } from "./rows.ts";
import { safeHref } from "./safe-href.ts";
import { sameRow } from "./same-row.ts";
import { StepFacts, TurnFacts } from "./step-facts.tsx";
import { ToolCard } from "./tools/tool-card.tsx";
import { SummaryMarker } from "./summary-marker.tsx";
import { duration } from "./words.ts";

/** What the person opened and closed, by tool call or run; it outlives rows that scroll out of sight. */
export interface Folds {
  readonly opened: ReadonlyMap<string, boolean>;
  toggle(id: string, open: boolean): void;
}

interface RowViewProps {
  row: Row;
  folds: Folds;
}

export const RowView = memo(function RowView({ row, folds }: RowViewProps): ReactNode {
  switch (row.kind) {
    case "person":
      return <PersonMessage message={row.message} />;
    case "prose":
      return (
        <article
          data-testid={row.first ? `message-${row.messageId}` : undefined}
          aria-label="Agent"
          className="group/row relative pb-4 text-md"
        >
          <Markdown text={row.text} streaming={row.streaming} />
          {row.step !== null && <StepFacts step={row.step} className="gutter gutter-prose absolute" />}
        </article>
      );
    case "run":
      return <Run row={row} folds={folds} />;
    case "summary":
      return (
        <SummaryMarker
          tool={row.tool}
          open={folds.opened.get(row.key) ?? false}
          onToggle={(open) => folds.toggle(row.key, open)}
        />
      );
    case "sources":
      return <Sources sources={row.sources} />;
    case "ending":
      return <Ending row={row} />;
  }
}, sameProps);

function sameProps(a: RowViewProps, b: RowViewProps): boolean {
  return a.folds === b.folds && sameRow(a.row, b.row);
}

function Run({ row, folds }: { row: Extract<Row, { kind: "run" }>; folds: Folds }): ReactNode {
  const tools = row.items.filter((item) => item.kind === "tool");
  const folding = row.over && tools.length > 1;
  const open = !folding || (folds.opened.get(row.key) ?? false);
  const failed = tools.filter((tool) => tool.state === "error").length;
  const milliseconds = runMilliseconds(row.steps);
  return (
    <section
      data-testid={row.first ? `message-${row.messageId}` : undefined}
      aria-label={folding ? counted(tools.length, "step") : undefined}
      className="pb-4"
    >
      {folding && (
        <button
          type="button"
          aria-expanded={open}
          onClick={() => folds.toggle(row.key, !open)}
          className="tabular -mx-2 flex min-h-7 items-center gap-2 rounded-md px-2 text-sm text-muted hover:bg-surface hover:text-ink"
        >
          <ChevronRight
            size={16}
            aria-hidden
            className={cx("shrink-0 text-faint transition-transform duration-100", open && "rotate-90")}
          />
          <span>
            {counted(tools.length, "step")}
            {milliseconds !== null && ` · ${duration(milliseconds)}`}
            {failed > 0 && <span className="text-faint"> · {failed} failed</span>}
          </span>
        </button>
      )}
      {open && (
        <div className={cx("flex flex-col", folding && "ml-2 border-l border-line pl-4")}>
          {row.items.map((item, index) => {
            const step = row.steps.find((each) => each.id === item.messageId);
            const headsStep = row.items[index - 1]?.messageId !== item.messageId;
            return (
              <div
                key={item.kind === "tool" ? item.id : item.key}
                {...placeMark}
                className="group/row relative min-w-0"
              >
                {item.kind === "tool" ? (
                  <ToolCard
                    tool={item}
                    latest={row.latest && index === row.items.length - 1}
                    opened={folds.opened.get(item.id) ?? null}
                    onToggle={folds.toggle}
                  />
                ) : (
                  <ReasoningLine
                    reasoning={item}
                    open={folds.opened.get(item.key) ?? false}
                    onToggle={(next) => folds.toggle(item.key, next)}
                  />
                )}
                {step !== undefined && headsStep && <StepFacts step={step} className="gutter absolute top-0.5" />}
              </div>
            );
          })}
        </div>
      )}
    </section>
  );
}

interface ReasoningLineProps {
  reasoning: Reasoning;
  open: boolean;
  onToggle: (open: boolean) => void;
}

function ReasoningLine({ reasoning, open, onToggle }: ReasoningLineProps): ReactNode {
  return (
    <div className="min-w-0">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => onToggle(!open)}
        className="group -mx-2 flex min-h-7 tool-line items-center gap-2 rounded-md px-2 py-1 text-left text-sm text-muted hover:bg-surface"
      >
        <span className="relative size-4 shrink-0 text-faint">
          <Brain size={16} aria-hidden className="group-hover:opacity-0 group-focus-visible:opacity-0" />
          <ChevronRight
            size={16}
            aria-hidden
            className={cx(
              "absolute inset-0 opacity-0 transition-transform duration-100 group-hover:opacity-100 group-focus-visible:opacity-100",
              open && "rotate-90",
            )}
          />
        </span>
        <span className={cx("shrink-0", reasoning.streaming && "animate-breathe")}>
          {reasoning.streaming ? "Thinking…" : "Thought"}
        </span>
        {!open && <span className="min-w-0 truncate text-faint">{lastLine(reasoning.text)}</span>}
      </button>
      {open && (
        <div className="mt-1 mb-2 ml-2 border-l border-line-strong pl-4 text-base text-muted">
          <Markdown text={reasoning.text} streaming={reasoning.streaming} />
        </div>
      )}
    </div>
  );
}

/** A glimpse of where the thought is now. */
function lastLine(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return (lines.at(-1) ?? "").replaceAll(/[*_`#]/g, "").trim();
}

function Sources({ sources }: { sources: readonly { url: string; title: string }[] }): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <section className="pb-4 text-sm">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex min-h-7 items-center gap-1.5 text-muted hover:text-ink"
      >
        <ChevronRight size={14} aria-hidden className={cx("text-faint", open && "rotate-90")} />
        {counted(sources.length, "source")}
      </button>
      {open && (
        <ol className="list-decimal pl-6">
          {sources.map((source, index) => {
            const href = safeHref(source.url);
            const words = source.title === "" ? source.url : source.title;
            return (
              <li key={index} className="py-0.5">
                {href === null ? (
                  words
                ) : (
                  <a href={href} target="_blank" rel="noopener noreferrer nofollow" className="text-accent underline">
                    {words}
                  </a>
                )}
              </li>
            );
          })}
        </ol>
      )}
    </section>
  );
}

/** Under a finished turn: copy, and what it was and cost. The newest one is always in sight. */
function Ending({ row }: { row: Extract<Row, { kind: "ending" }> }): ReactNode {
  return (
    <footer
      className={cx(
        "group/row -mt-2 mb-2 flex min-h-7 items-center gap-2 transition-opacity duration-150",
        !row.newest &&
          !row.stopped &&
          "opacity-0 focus-within:opacity-100 hover:opacity-100 pointer-coarse:opacity-100",
      )}
    >
      {row.text !== "" && <CopyButton text={row.text} label="Copy answer" className="-ml-1.5" />}
      {row.stopped && (
        <span data-testid="stopped-mark" className="inline-flex shrink-0 items-center gap-1 text-xs text-warning">
          <Square size={10} fill="currentColor" aria-hidden />
          {row.text === "" && row.steps.length === 0 ? "Stopped before an answer" : "Stopped"}
        </span>
      )}
      <TurnFacts steps={row.steps} />
    </footer>
  );
}
